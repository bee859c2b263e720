import {
  feePercent,
  formatAis,
  formatScu,
  type SettlementStatement,
  type SettlementVerdict,
  type TaskEvent,
} from "@aegis-pool/core";
import type { LeaseEnd, OwnTask, VerifiedReceipt } from "@aegis-pool/sdk";

/** Why a task was paid, or not, in plain words. */
export function explainTask(number: number, { earning, ended, holder }: OwnTask): string {
  const lines = ended.map((lease) => explainEnd(lease));
  if (earning?.verified) lines.push(explainReceipt(earning.verified, earning.settlement));
  else if (earning) lines.push(`The pool's receipt is not genuine. ${earning.problem}`);
  if (holder) lines.push(`Agent ${holder.slice(0, 16)} has it now: it is paid when the pool takes its result.`);
  if (!earning && !holder) lines.push("So nothing was earned by it: only who brings the result is paid, by a receipt.");
  return [`Task ${number}`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function explainReceipt({ run, receipt }: VerifiedReceipt, settlement: SettlementStatement | undefined): string {
  const { work, price, charge, fee, reward, payment, fence } = receipt;
  const ran = `Lease ${fence}: ${run.outcome} after ${run.ranMs} ms of running.`;
  if (payment === "unfunded")
    return `${ran} Not paid: nothing was set aside for it, since it is older than this pool's ledger.`;
  const sum = `${formatScu(work)}-seconds at ${price} nAIS each, rounded up, are ${formatAis(BigInt(charge))}`;
  if (settlement) return `${ran} ${sum}. ${explainSettlement(settlement)}`;
  const parts = `less ${feePercent}% fee (${formatAis(BigInt(fee))}), ${formatAis(BigInt(reward))}`;
  if (payment === "held") return `${ran} ${sum}; ${parts} are held for you until the result is final, at most a day.`;
  return `${ran} ${sum}; ${parts} were paid to you.`;
}

/** Why what was held was paid, or not, and where it went. */
function explainSettlement({ verdict, reward, fee, refund, withheld }: SettlementStatement): string {
  const [kept, back] = [formatAis(BigInt(reward)), formatAis(BigInt(refund))];
  if (refund !== "0") return `Not paid: ${verdicts[verdict]}. ${back} went back to the requester.`;
  const less = withheld === "0" ? "" : ` and ${formatAis(BigInt(withheld))} that you owe for a wrong result`;
  return `${verdicts[verdict]}: less the fee (${formatAis(BigInt(fee))})${less}, ${kept} were paid to you.`;
}

const verdicts: Readonly<Record<SettlementVerdict, string>> = {
  agreed: "Other operators gave the same result",
  trusted: "Your agent has passed further checks since",
  accepted: "Nobody has looked at it in time, or its requester rejects too many results to be believed",
  nondeterministic: "The program gives each operator another result, which is nobody's fault",
  disproved: "other operators have shown that the result is wrong",
  silent: "your agent did not show what it had committed to within 30 s",
  contradicted: "your agent has sent the requester another result than it had committed to",
  rejected:
    "the requester, who compares this task's results, found it unlike the others; that says nothing of your agent",
  "failed-training": "others had agreed on another result before, and your agent was new",
};

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
