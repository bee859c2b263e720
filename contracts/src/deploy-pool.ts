import { parseArgs } from "node:util";
import type { BaseError, Hex } from "viem";

const help = `Deploys what a pool settles with on a chain: AIS, Distributor, Deposits and Bonds.

  node contracts/dist/deploy-pool.js --url http://127.0.0.1:8545 --pool 4d1c…e9a0

  --url URL    the chain's JSON-RPC; it must hold an account's key itself, as local chains do
  --pool HEX   the pool's Ed25519 key, 64 hexadecimal digits
  --json       prints the addresses as JSON

The account mints AIS, posts roots and slashes bonds until it hands that on.
Exit codes: 0 deployed, 1 the chain did not answer or refused, 2 wrong arguments.
`;

class WrongArguments extends Error {}

interface Arguments {
  readonly url: string;
  readonly pool: Hex;
  readonly json: boolean;
}

/** What was asked for; undefined where it is help. @throws WrongArguments */
function readArguments(): Arguments | undefined {
  const { help: helps, url, pool, json = false } = parsed();
  if (helps) return undefined;
  if (url === undefined || !URL.canParse(url)) throw new WrongArguments(`--url is ${url}, but must be a URL`);
  if (pool === undefined || !/^[0-9a-fA-F]{64}$/.test(pool) || /^0+$/.test(pool)) {
    throw new WrongArguments(`--pool is ${pool}, but must be 64 hexadecimal digits, a key`);
  }
  return { url, pool: `0x${pool}`, json };
}

function parsed() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({ options: { url: text, pool: text, json: flag, help: flag } }).values;
  } catch (error) {
    throw new WrongArguments((error as Error).message);
  }
}

async function deploy({ url, pool, json }: Arguments): Promise<void> {
  const { ChainClient, deploySettlement } = await import("./index.js"); // viem takes a second, and a wrong argument none
  const client = await ChainClient.connect(url);
  const { ais, distributor, deposits, bonds } = await deploySettlement(client, pool);
  const addresses = {
    ais: ais.address,
    distributor: distributor.address,
    deposits: deposits.address,
    bonds: bonds.address,
    owner: client.account,
  };
  if (json) return console.log(JSON.stringify(addresses));
  for (const [name, address] of Object.entries(addresses)) console.log(`${name.padEnd(11)}  ${address}`);
}

/** What went wrong, without the pages that viem's errors go on for. */
function reasonOf(error: unknown): string {
  const { shortMessage, details } = error as Partial<BaseError>;
  return shortMessage === undefined ? String(error) : `${shortMessage} ${details}`;
}

try {
  const asked = readArguments();
  if (asked) await deploy(asked);
  else console.log(help);
} catch (error) {
  const wrong = error instanceof WrongArguments;
  console.error(wrong ? `${error.message}. See --help.` : `The contracts are not all deployed: ${reasonOf(error)}`);
  process.exitCode = wrong ? 2 : 1;
}
