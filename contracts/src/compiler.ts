import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Abi, Hex } from "viem";

/** What solc says of one contract. */
export interface Compiled {
  readonly abi: Abi;
  readonly bytecode: Hex;
}

/** Our contracts, each in a file of its name; examples bring their own. */
const folder = new URL("../src/solidity/", import.meta.url);
const require = createRequire(import.meta.url);

/** The oldest EVM that the contracts are for: what later ones add, they do not need. */
const settings = {
  optimizer: { enabled: true, runs: 1_000 },
  evmVersion: "cancun",
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
} as const;

interface Answer {
  readonly errors?: readonly { readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<string, Readonly<Record<string, { abi: Abi; evm: { bytecode: { object: string } } }>>>
  >;
}

/**
 * Compiles Solidity with npm's solc. A file is imported as "@aegis-pool/contracts/NAME.sol"; OpenZeppelin's by its own name.
 * @param sources texts by the name of their file
 * @throws where solc has anything to say, a warning too
 */
export function compileContracts(sources: Readonly<Record<string, string>>): Readonly<Record<string, Compiled>> {
  const solc = require("solc") as { compile(input: string, callbacks: object): string };
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, { content }])),
    settings,
  };
  const answer = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as Answer;
  if (answer.errors?.length) throw new SyntaxError(answer.errors.map((error) => error.formattedMessage).join("\n"));
  const found = Object.values(answer.contracts).flatMap((contracts) => Object.entries(contracts));
  return Object.fromEntries(
    found.map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }] as const),
  );
}

function readImport(path: string): { contents: string } | { error: string } {
  const own = /^@aegis-pool\/contracts\/(\w+(?:\/\w+)?\.sol)$/.exec(path)?.[1];
  try {
    const file = own === undefined ? require.resolve(path) : fileURLToPath(new URL(own, folder));
    return { contents: readFileSync(file, "utf8") };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The contract of this name in one of our own files. */
export function compileOwn(...names: readonly string[]): Readonly<Record<string, Compiled>> {
  const imports = names.map((name) => `import "@aegis-pool/contracts/${name}.sol";`).join("\n");
  return compileContracts({ "all.sol": `// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.37;\n${imports}` });
}
