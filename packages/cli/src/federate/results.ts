import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "@aegis-pool/platform";
import { type PlanResult, resultFiles } from "@aegis-pool/plans";

/** Writes what came out of a run into a folder. @returns the files' paths */
export async function writeResult(folder: string, result: PlanResult, privacy: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = resultFiles(result, privacy);
  for (const [name, content] of files) await writeAtomically(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}
