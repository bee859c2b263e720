import { type JsonValue } from "@aegis-pool/core";
import type { Job, JobListener, JobOptions, Pool, TaskResult } from "@aegis-pool/sdk";
import { jsProgram } from "@aegis-pool/sdk";
import { type AuditInput, loadAuditProgram, mergeReports, type SarifLog } from "@aegis-pool/workload-audit";

/** What one audit task may use: the compiler in it needs most of the memory. */
export const auditTerms = { memory: "768MiB", timeLimitMs: 120_000, outputBytes: 4 * 1024 * 1024 } as const;

/** Submits one audit task for each contract. What is audited, and under which names, the machines see only sealed. */
export async function submitAudit(
  pool: Pool,
  contracts: readonly AuditInput[],
  options: JobOptions & JobListener,
): Promise<Job<SarifLog>> {
  const program = jsProgram(await loadAuditProgram());
  return pool.map<SarifLog, JsonValue>(program, contracts, { ...auditTerms, ...options });
}

/** Collects the reports of an audit's tasks; those that failed are named. */
export class AuditReports {
  readonly #reports: SarifLog[] = [];
  readonly failed: { readonly path: string; readonly why: string }[] = [];
  readonly #contracts: readonly AuditInput[];

  constructor(contracts: readonly AuditInput[]) {
    this.#contracts = contracts;
  }

  take(result: TaskResult<unknown>): void {
    const path = this.#contracts[result.index]?.path ?? String(result.index);
    if (result.ok) this.#reports.push(result.value as SarifLog);
    else this.failed.push({ path, why: result.error.message });
  }

  get audited(): number {
    return this.#reports.length;
  }

  merged(): SarifLog {
    return mergeReports(this.#reports);
  }
}
