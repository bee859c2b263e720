import { AegisError, snpProducts, type SnpProduct, tcbParts } from "@aegis-pool/core";
import type { AttestedOption, VerifyOption } from "@aegis-pool/sdk";
import { type Command, Option } from "commander";
import { parseJudged } from "./judged-policy.js";
import { parseWhole } from "./shared-options.js";

/** How sure to be of results, or of the machines that they come from. */
export interface VerifyFlags {
  readonly verify?: string;
  readonly certificateChain?: string;
  readonly measurement?: string[];
  readonly leastTcb?: string[];
}

export function addVerifyOptions(command: Command): Command {
  return command
    .option(
      "--verify <policy>",
      "have results checked. By other operators, for js and wasm: spot, quorum or quorum:3 (2 to 7 must agree), quorum:3:always. Here, for any engine: judged:3:1e-6 (3 operators, numbers alike to a millionth), exact-product. Or attested: only confidential VMs that prove how they were started",
    )
    .option(
      "--certificate-chain <id>",
      "with --verify quorum: have results signed for contracts on this chain, by its number",
    )
    .addOption(new Option("--measurement <hex...>", "with --verify attested: how they may have been started"))
    .addOption(
      new Option("--least-tcb <kind:part=n...>", "with --verify attested: the least firmware, such as Genoa:snp=23"),
    );
}

/** @throws {AegisError} `bad-argument` */
export function verifyOf({ verify, measurement, leastTcb, certificateChain }: VerifyFlags): VerifyOption | undefined {
  if (verify !== "attested") {
    const stray = measurement ? "--measurement" : leastTcb && "--least-tcb";
    if (stray)
      throw wrong(
        `${stray} says something of attested machines, and none are asked for.`,
        "Give --verify attested too.",
      );
    return replicatedOf(verify, certificateChain);
  }
  if (certificateChain !== undefined) throw chainAlone(certificateChain);
  if (!measurement) {
    throw wrong(
      "--verify attested does not say how machines may have been started.",
      "Give --measurement once for each, as `aegis doctor` shows it on such a machine, or as you compute it from its image.",
    );
  }
  return { policy: "attested", measurements: measurement, ...(leastTcb && { leastTcb: leastTcbOf(leastTcb) }) };
}

function replicatedOf(verify: string | undefined, chain: string | undefined): VerifyOption | undefined {
  const policy = verify === undefined ? undefined : parsePolicy(verify);
  if (chain === undefined) return policy;
  const isQuorum = policy === "quorum" || (typeof policy === "object" && policy.policy === "quorum");
  if (!isQuorum) throw chainAlone(chain);
  const certificateChain = parseWhole("--certificate-chain", chain, 1, Number.MAX_SAFE_INTEGER);
  return policy === "quorum" ? { policy, certificateChain } : { ...policy, certificateChain };
}

function parsePolicy(text: string): Exclude<VerifyOption, AttestedOption> {
  if (text === "spot" || text === "quorum" || text === "exact-product") return text;
  const judged = parseJudged(text);
  if (judged) return judged;
  const [, agreeing, always] = /^quorum(?::(\d+))?(?::(always))?$/.exec(text) ?? [];
  if (agreeing === undefined && always === undefined) throw badPolicy(text);
  return {
    policy: "quorum",
    agreeing: agreeing === undefined ? undefined : Number(agreeing),
    always: always !== undefined,
  };
}

const chainAlone = (chain: string) =>
  wrong(
    `--certificate-chain ${chain} needs operators that agree.`,
    "Give --verify quorum:2:always too: one signature of an agent proves nothing.",
  );

const badPolicy = (text: string) =>
  wrong(
    `--verify ${text} is no policy.`,
    "Give spot, attested, exact-product, quorum with how many operators must agree, such as quorum:3 (quorum:3:always for each task), or judged with how many run each task and how far numbers may be apart, such as judged:3:1e-6.",
  );

/** Such as `Genoa:bootLoader=10,snp=23`, once for each kind of processor. */
function leastTcbOf(given: readonly string[]): AttestedOption["leastTcb"] {
  const least: { [P in SnpProduct]?: Record<string, number> } = {};
  for (const text of given) {
    const [kind, parts = ""] = text.split(":");
    const product = snpProducts.find((known) => known.toLowerCase() === kind?.toLowerCase());
    const numbers = parts.split(",").map((part) => /^(\w+)=(\d{1,3})$/.exec(part));
    const names = numbers.map((match) => tcbParts.find((name) => name.toLowerCase() === match?.[1]?.toLowerCase()));
    if (!product || least[product] || names.includes(undefined)) throw badTcb(text);
    least[product] = Object.fromEntries(names.map((name, index) => [name, Number(numbers[index]?.[2])]));
  }
  return least;
}

function badTcb(text: string): AegisError {
  return wrong(
    `--least-tcb "${text}" is not of the form KIND:PART=NUMBER,...`,
    `Give it once for each kind (${snpProducts.join(", ")}), with parts of ${tcbParts.join(", ")}, such as Genoa:bootLoader=10,snp=23.`,
  );
}

function wrong(message: string, next: string): AegisError {
  return new AegisError({ code: "bad-argument", message, next });
}
