import { AegisError, snpProducts, type SnpProduct, tcbParts } from "@aegis-pool/core";
import type { AttestedOption, VerifyOption } from "@aegis-pool/sdk";
import { type Command, Option } from "commander";

/** How sure to be of results, or of the machines that they come from. */
export interface VerifyFlags {
  readonly verify?: "spot" | "attested";
  readonly measurement?: string[];
  readonly leastTcb?: string[];
}

export function addVerifyOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--verify <policy>",
        "spot, for js and wasm: have some results checked by other operators; attested: only confidential VMs (AMD SEV-SNP) that prove how they were started",
      ).choices(["spot", "attested"]),
    )
    .addOption(new Option("--measurement <hex...>", "with --verify attested: how they may have been started"))
    .addOption(
      new Option("--least-tcb <kind:part=n...>", "with --verify attested: the least firmware, such as Genoa:snp=23"),
    );
}

/** @throws {AegisError} `bad-argument` */
export function verifyOf({ verify, measurement, leastTcb }: VerifyFlags): VerifyOption | undefined {
  if (verify !== "attested") {
    const stray = measurement ? "--measurement" : leastTcb && "--least-tcb";
    if (stray)
      throw wrong(
        `${stray} says something of attested machines, and none are asked for.`,
        "Give --verify attested too.",
      );
    return verify;
  }
  if (!measurement) {
    throw wrong(
      "--verify attested does not say how machines may have been started.",
      "Give --measurement once for each, as `aegis doctor` shows it on such a machine, or as you compute it from its image.",
    );
  }
  return { policy: "attested", measurements: measurement, ...(leastTcb && { leastTcb: leastTcbOf(leastTcb) }) };
}

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
