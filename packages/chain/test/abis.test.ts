import { compileOwn } from "@aegis-pool/contracts";
import type { Abi } from "viem";
import { expect, it } from "vitest";
import { aisAbi, depositsAbi, distributorAbi } from "../src/abis.js";

const compiled = compileOwn("AIS", "Distributor", "Deposits");

/** Each item as text: what the contract itself calls its types, and how it names what it returns, is left out. */
function itemsOf(abi: Abi): string[] {
  return abi.map((item) => {
    const typesOf = (list: "inputs" | "outputs") =>
      (
        (item as { [key in typeof list]?: readonly { type: string; name?: string; indexed?: boolean }[] })[list] ?? []
      ).map(({ type, name, indexed = false }) => `${type} ${indexed} ${list === "inputs" ? name : ""}`);
    const { name, stateMutability } = item as { name?: string; stateMutability?: string };
    return [item.type, name, typesOf("inputs").join(), typesOf("outputs").join(), stateMutability].join("|");
  });
}

const contracts: readonly [string, Abi][] = [
  ["AIS", aisAbi],
  ["Distributor", distributorAbi],
  ["Deposits", depositsAbi],
];
const abiOf = (name: string) => compiled[name]?.abi ?? [];
const isError = (item: string) => item.startsWith("error|");

it.each(contracts)("what we use of %s is what the compiler says of it", (name, abi) => {
  const own = new Set(itemsOf(abiOf(name)));
  const errors = new Set(contracts.flatMap(([other]) => itemsOf(abiOf(other))));
  const foreign = itemsOf(abi).filter((item) => !own.has(item));
  // a contract passes on what the token refuses with
  expect(foreign.filter((item) => !isError(item) || !errors.has(item))).toEqual([]);
});

it.each(contracts.slice(1))("whatever %s refuses with has a name for us", (name, abi) => {
  const known = new Set(itemsOf(abi));
  const inherited = /^error\|(Ownable|SafeERC20)/; // of which we know those that can come
  const own = itemsOf(abiOf(name)).filter((item) => isError(item) && !inherited.test(item));
  expect(own.filter((item) => !known.has(item))).toEqual([]);
});
