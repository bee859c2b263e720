import { readFile } from "node:fs/promises";
import { AegisError, type JsonValue, type TaskValue } from "@aegis-pool/core";
import { hasCode } from "@aegis-pool/platform";
import type { Command } from "commander";

/** Where a command's inputs are. */
export interface InputFlags {
  readonly input?: string[];
  readonly inputs?: string;
  readonly inputFile?: string[];
  readonly shared?: string;
}

export function addInputOptions(command: Command): Command {
  return command
    .option("--input <json...>", "one task for each JSON value")
    .option("--inputs <file>", "one task for each line of JSON in the file")
    .option("--input-file <file...>", "one task for each file, given as bytes")
    .option("--shared <file>", "a file that every task can read");
}

/** One value for each task. @throws {AegisError} `bad-argument` */
export async function readInputs(flags: InputFlags): Promise<TaskValue[]> {
  const values = (flags.input ?? []).map((text, index) => parseJson(text, `--input ${index + 1}`));
  const lines = flags.inputs === undefined ? [] : (await readGiven(flags.inputs)).toString("utf8").split("\n");
  const listed = lines.flatMap((line, index) => (line.trim() ? [parseJson(line, `${flags.inputs}:${index + 1}`)] : []));
  const files = await Promise.all((flags.inputFile ?? []).map((path) => readGiven(path)));
  const inputs: TaskValue[] = [...values, ...listed, ...files];
  if (inputs.length > 0) return inputs;
  throw new AegisError({
    code: "bad-argument",
    message: "There is no input, so there is nothing to run.",
    next: "Give --input JSON, --inputs FILE (a line each) or --input-file FILE.",
  });
}

function parseJson(text: string, where: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new AegisError({
      code: "bad-argument",
      message: `${where} is not JSON: ${text.slice(0, 80)}`,
      next: `Quote text twice, as in --input '"text"'.`,
    });
  }
}

/** What is in a file that was named. @throws {AegisError} `bad-argument` */
export async function readGiven(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const why = hasCode(cause, "ENOENT") ? "there is no such file" : "it cannot be read";
    throw new AegisError({ code: "bad-argument", message: `${path}: ${why}.`, next: "Check the path.", cause });
  }
}
