import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { cheatsCommand } from "./cheats/command.js";
import { BadArgument, type StudyCommand } from "./command.js";
import { economicsCommand } from "./economics/command.js";

const studies: readonly StudyCommand[] = [cheatsCommand, economicsCommand];
const usage = `Usage: aegis simulate STUDY [options] (in a checkout also: npm run simulate -- STUDY [options])\n\n${studies.map((study) => `  ${study.usage}\n`).join("\n")}`;
const badCall = 2;

/** Plays a study, by its name and options, and prints what comes of it. @returns the exit code: 0, or 2 where that is no study or option */
export async function runStudy([name, ...args]: readonly string[]): Promise<number> {
  const study = studies.find((each) => each.name === name);
  if (!study) return complain(usage);
  try {
    const picture = await study.run(args, {
      print: (line) => void process.stdout.write(`${line}\n`),
      note: (line) => void process.stderr.write(`${study.name}: ${line}\n`),
    });
    if (picture !== undefined) await keep(study.name, picture);
    return 0;
  } catch (error) {
    if (!isBadCall(error)) throw error;
    return complain(`${error.message}\n\n${usage}`);
  }
}

async function keep(name: string, picture: string): Promise<void> {
  const file = new URL(`../../../docs/measurements/${name}.svg`, import.meta.url);
  await writeFile(file, picture);
  process.stderr.write(`written: ${fileURLToPath(file)}\n`);
}

/** Ours, or parseArgs' own. */
function isBadCall(error: unknown): error is Error {
  if (error instanceof BadArgument) return true;
  return error instanceof TypeError && String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
}

function complain(text: string): number {
  process.stderr.write(text);
  return badCall;
}
