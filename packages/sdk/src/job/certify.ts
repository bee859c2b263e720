import { AegisError, type QuorumCertificate } from "@aegis-pool/core";
import type { PoolClient } from "../pool-client/pool-client.js";
import { noSuchTask } from "./job-ends.js";
import { Job } from "./job.js";
import type { SavedJob } from "./saved-job.js";

/**
 * The certificate of a task's result, of a job that was submitted before and asked for certificates: of all operators that have signed it.
 * @throws {AegisError} `bad-argument` where none were asked for, or the job has no such task; why the task has failed
 */
export async function certifyResult(client: PoolClient, saved: SavedJob, index: number): Promise<QuorumCertificate> {
  const tasks = saved.tasks.filter(({ of }) => of === undefined);
  if (!tasks.some((task) => task.index === index)) throw noSuchTask(index, tasks.length);
  if (!saved.plain) throw noCertificates();
  const job = await Job.resume({ client, payer: undefined }, saved, {}, { staysOpen: true });
  try {
    for await (const result of job) {
      if (result.index !== index) continue;
      if (!result.ok) throw result.error;
      if (result.certificate) return result.certificate;
    }
    throw noCertificates();
  } finally {
    job.cancel();
  }
}

const noCertificates = () =>
  new AegisError({
    code: "bad-argument",
    message: "The job asked for no certificates: its agents have signed nothing for contracts.",
    next: "Submit it with --verify quorum:2:always and --certificate-chain; then agents sign while they run.",
  });
