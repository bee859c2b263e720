// Compiles the contracts beside this file.
import { readFile } from "node:fs/promises";
import { compileContracts } from "@aegis-pool/contracts";

const read = (name) => readFile(new URL(name, import.meta.url), "utf8");

export async function compileOracle() {
  return compileContracts({
    "ResultOracle.sol": await read("ResultOracle.sol"),
    "Escrow.sol": await read("Escrow.sol"),
  });
}
