import { feePercent, formatAis, formatScu, type TaskEvent } from "@aegis-pool/core";
import type { LeaseEnd, OwnTask, VerifiedReceipt } from "@aegis-pool/sdk";

/** Why a task was paid, or not, in plain words. */
export function explainTask(number: number, { earning, ended, holder }: OwnTask): string {
  const lines = ended.map((lease) => explainEnd(lease));
  if (earning?.verified) lines.push(explainReceipt(earning.verified));
  else if (earning) lines.push(`The pool's receipt is not genuine. ${earning.problem}`);
  if (holder) lines.push(`Agent ${holder.slice(0, 16)} has it now: it is paid when the pool takes its result.`);
  if (!earning && !holder) lines.push("So nothing was earned by it: only who brings the result is paid, by a receipt.");
  return [`Task ${number}`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function explainReceipt({ run, receipt }: VerifiedReceipt): string {
  const { work, price, charge, fee, reward, payment, fence } = receipt;
  const ran = `Lease ${fence}: ${run.outcome} after ${run.ranMs} ms of running.`;
  if (payment === "unfunded")
    return `${ran} Not paid: nothing was set aside for it, since it is older than this pool's ledger.`;
  const sum = `${formatScu(work)}-seconds at ${price} nAIS each, rounded up, are ${formatAis(BigInt(charge))}`;
  return `${ran} ${sum}; less ${feePercent}% fee (${formatAis(BigInt(fee))}), ${formatAis(BigInt(reward))} were paid to you.`;
}

function explainEnd({ agent, fence, event, at }: LeaseEnd): string {
  const when = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return `Lease ${fence}, agent ${agent.slice(0, 16)}, ended ${when} UTC without a result: ${reasons[event] ?? event}.`;
}

const reasons: Partial<Record<TaskEvent, string>> = {
  decline: "the agent did not take the offer",
  dissolve: "another agent of the same gang was lost before all had begun",
  handBack: "the agent gave it back, or its connection was lost before it had begun",
  expire: "nothing was heard of it in time",
  silence: "the requester did not release the task's key in time, which is no fault of the agent",
  withhold: "the requester refused the agent",
  cancel: "the requester cancelled the job",
};
