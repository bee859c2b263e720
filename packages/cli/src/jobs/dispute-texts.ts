import type { DisputeOutcome } from "@aegis-pool/sdk";

/** What came of a dispute, in plain words. */
export function describeDispute(index: number, verdict: DisputeOutcome["verdict"], value: unknown): string {
  const right = value === undefined ? "" : ` The right one: ${JSON.stringify(value)}`;
  return `Task ${index}: ${words[verdict]}${right}`;
}

const words: Readonly<Record<DisputeOutcome["verdict"], string>> = {
  right: "its result is right: six other operators got the same. You have paid for their runs.",
  wrong: "its result is WRONG. What it cost, and what it cost to find out, its operator owes you.",
  contradicted:
    "its agent has sent you another result than it had committed to. It is not paid, or owes you what it got.",
  nondeterministic: "the program gives each operator another result. Find out why with `aegis job check`.",
  unchecked: "too few operators are here, or the dispute was cut short. You can open it again.",
  held: "nothing has come of it yet.",
  final: "nothing has come of it.",
};
