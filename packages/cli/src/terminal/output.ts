import { styleText } from "node:util";
import { AegisError } from "@aegis-pool/core";

/** How a command talks: results on stdout, everything about the way there on stderr; with `--json` both are JSON. */
export interface Output {
  readonly json: boolean;
  /** A result: an object with `--json`, else the text. */
  result(value: unknown, text: string): void;
  /** A line about what is going on; not shown with `--json`. */
  note(text: string): void;
  error(error: unknown): void;
}

/** An output for the process's own streams. */
export function createOutput(json: boolean): Output {
  return {
    json,
    result: (value, text) => void process.stdout.write(`${json ? JSON.stringify(value, toJson) : text}\n`),
    note: (text) => void (json || process.stderr.write(`${text}\n`)),
    error: (error) => void process.stderr.write(`${describeError(error, json)}\n`),
  };
}

/** Bold, where the terminal shows it. */
export function bold(text: string): string {
  return process.stdout.isTTY ? styleText("bold", text) : text;
}

function describeError(error: unknown, json: boolean): string {
  const known = error instanceof AegisError ? error : undefined;
  const code = known?.code ?? "internal";
  const message = error instanceof Error ? error.message : String(error);
  const next = known?.next ?? "This should not happen: please report it with the command that led here.";
  if (json) return JSON.stringify({ error: { code, message, next } });
  return `aegis: ${message}\n       ${next} [${code}]`;
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
