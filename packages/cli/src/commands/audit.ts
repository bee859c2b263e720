import { resolve } from "node:path";
import { formatAis } from "@aegis-pool/core";
import { writeAtomically } from "@aegis-pool/platform";
import { collectContracts, findingsTable, summary } from "@aegis-pool/workload-audit";
import type { Command } from "commander";
import { AuditReports, auditTerms, submitAudit } from "../audit-job.js";
import { exitCodes } from "../exit-codes.js";
import { drawnOn, followJob } from "../jobs/follow.js";
import { forgetJob, saveJob } from "../jobs/job-files.js";
import { findingsText } from "../terminal/findings.js";
import { createOutput } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { addJobOptions, connectToPay, type JobFlags, toJobOptions } from "./shared-options.js";

interface AuditFlags extends JobFlags {
  readonly sarif: string;
  readonly json?: boolean;
}

export function addAuditCommand(program: Command): void {
  addJobOptions(program.command("audit"))
    .description("Audit Solidity contracts on a pool, one task per file, into one SARIF report")
    .argument("<path...>", "files and folders of contracts")
    .option("--sarif <file>", "where the report goes", "audit.sarif")
    .option("--json", "findings as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis audit contracts/ --sarif audit.sarif")
    .action(audit);
}

async function audit(paths: string[], flags: AuditFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const contracts = await collectContracts(paths);
  const pool = await connectToPay(flags);
  const given = toJobOptions(flags);
  const options = {
    ...given,
    memory: given.memory ?? auditTerms.memory,
    timeLimitMs: given.timeLimitMs ?? auditTerms.timeLimitMs,
  };
  const title = `audit of ${contracts.length} contracts`;
  const progress = createProgress("Auditing", output.json);
  const job = await submitAudit(pool, contracts, {
    ...options,
    ...drawnOn(progress),
    onSaved: (saved) => saveJob(title, saved),
  });
  const reports = new AuditReports(contracts);
  const summed = await followJob(job, {
    output,
    progress,
    sink: (result) => reports.take(result),
    pool: Buffer.from(pool.client.key).toString("hex"),
  });
  await forgetJob(job.id);
  const sarif = reports.merged();
  await writeAtomically(flags.sarif, `${JSON.stringify(sarif, null, 2)}\n`, 0o644);
  for (const { path, why } of reports.failed) output.note(`Not audited: ${path}: ${why}`);
  const file = resolve(flags.sarif);
  output.result(
    {
      audited: reports.audited,
      failed: reports.failed,
      summary: summary(sarif),
      findings: findingsTable(sarif),
      sarif: file,
    },
    `${findingsText(sarif, 40)}\n${reports.audited} of ${contracts.length} contracts audited for ${formatAis(summed.spent)}. Report: ${file}`,
  );
  process.exitCode = summed.exitCode === exitCodes.ok && reports.failed.length > 0 ? exitCodes.failed : summed.exitCode;
}
