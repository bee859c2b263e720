import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { AegisError, type Requirements } from "@aegis-pool/core";
import { hasCode, writeAtomically } from "@aegis-pool/platform";
import { importJobSecret, parseSavedJob, type SavedJob } from "@aegis-pool/sdk";
import { aegisHome } from "../home.js";

/** A job that this user submitted and may go on with. */
export interface JobFile {
  /** The job's key in hexadecimal. */
  readonly id: string;
  /** What it runs, for its owner's eyes: the pool never learns it. */
  readonly title: string;
  readonly saved: SavedJob;
  /** When its last result came, ms since 1970; undefined: it is under way. */
  readonly endedAt: number | undefined;
}

/** A job whose results others have looked at is kept for so long after its end, in ms: they can be disputed and certified meanwhile. */
const endedKeptMs = 3 * 24 * 3_600_000;

/** Keeps what is needed to go on with a job in a file that only its owner can read. */
export async function saveJob(title: string, saved: SavedJob): Promise<void> {
  const { signer } = importJobSecret(saved.secret);
  const id = Buffer.from(signer.publicKey).toString("hex");
  await writeAtomically(pathOf(id), JSON.stringify({ title, ...saved }));
}

/** Every job on this machine. */
export async function listJobs(): Promise<JobFile[]> {
  const names = await readdir(folder()).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  const ids = names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => name.slice(0, 64));
  const jobs = await Promise.all(ids.map((id) => readJob(id)));
  const isOver = ({ endedAt = Infinity }: JobFile) => Date.now() - endedAt > endedKeptMs;
  await Promise.all(jobs.filter(isOver).map(({ id }) => forgetJob(id)));
  return jobs.filter((job) => !isOver(job));
}

/**
 * The job whose name begins with `prefix`.
 * @throws {AegisError} `job-unknown` where there is none, or more than one
 */
export async function findJob(prefix: string): Promise<JobFile> {
  const jobs = (await listJobs()).filter(({ id }) => id.startsWith(prefix));
  const [job] = jobs;
  if (job && jobs.length === 1) return job;
  throw new AegisError({
    code: "job-unknown",
    message:
      jobs.length === 0
        ? `No job on this machine begins with "${prefix}".`
        : `${jobs.length} jobs begin with "${prefix}".`,
    next: "`aegis job list` shows them.",
  });
}

export async function forgetJob(id: string): Promise<void> {
  await rm(pathOf(id), { force: true });
}

/** A job has ended: it is forgotten, or kept for a while where its results can still be disputed or certified; @returns whether it is kept. */
export async function endJob(id: string): Promise<boolean> {
  const file = (await listJobs()).find((job) => job.id === id);
  if (!file) return false; // another process has cancelled and forgotten it meanwhile
  const { title, saved } = file;
  const { verification } = saved.requirements as Partial<Requirements>;
  if (!verification) {
    await forgetJob(id);
    return false;
  }
  await writeAtomically(pathOf(id), JSON.stringify({ title, endedAt: Date.now(), ...saved }));
  return true;
}

async function readJob(id: string): Promise<JobFile> {
  const text = await readFile(pathOf(id), "utf8");
  const saved = parseSavedJob(text);
  const { title, endedAt } = JSON.parse(text) as { title?: unknown; endedAt?: unknown };
  return {
    id,
    title: typeof title === "string" ? title : "",
    saved,
    endedAt: typeof endedAt === "number" ? endedAt : undefined,
  };
}

const folder = () => join(aegisHome(), "jobs");
const pathOf = (id: string) => join(folder(), `${id}.json`);
