import { parseArgs } from "node:util";
import type { BaseError, Hex } from "viem";

const help = `Deploys what a pool settles with on a chain: AIS, Distributor, Deposits and Bonds.

  node contracts/dist/deploy-pool.js --url http://127.0.0.1:8545 --pool 4d1c…e9a0

  --url URL      the chain's JSON-RPC
  --pool HEX     the pool's Ed25519 key, 64 hexadecimal digits
  --key FILE     a private key, 0x and 64 hexadecimal digits, that only its owner may read; without it
                 the chain must hold an account's key itself, as local chains do
  --ais ADDRESS  share an AIS that there is already; without it the pool has one of its own
  --json         prints the addresses as JSON

The account posts roots and slashes bonds until it hands that on, and mints AIS where it has deployed it.
Exit codes: 0 deployed, 1 the chain did not answer or refused, 2 wrong arguments.
`;

class WrongArguments extends Error {}

interface Arguments {
  readonly url: string;
  readonly pool: Hex;
  readonly key: string | undefined;
  readonly ais: Hex | undefined;
  readonly json: boolean;
}

/** What was asked for; undefined where it is help. @throws WrongArguments */
function readArguments(): Arguments | undefined {
  const { help: helps, url, pool, key, ais, json = false } = parsed();
  if (helps) return undefined;
  if (url === undefined || !URL.canParse(url)) throw new WrongArguments(`--url is ${url}, but must be a URL`);
  if (pool === undefined || !/^[0-9a-fA-F]{64}$/.test(pool) || /^0+$/.test(pool)) {
    throw new WrongArguments(`--pool is ${pool}, but must be 64 hexadecimal digits, a key`);
  }
  if (ais !== undefined && !/^0x[0-9a-fA-F]{40}$/.test(ais)) {
    throw new WrongArguments(`--ais is ${ais}, but must be 0x and 40 hexadecimal digits, an address`);
  }
  return { url, pool: `0x${pool}`, key, ais: ais as Hex | undefined, json };
}

function parsed() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({ options: { url: text, pool: text, key: text, ais: text, json: flag, help: flag } }).values;
  } catch (error) {
    throw new WrongArguments((error as Error).message);
  }
}

async function deploy({ url, pool, key, ais: shared, json }: Arguments): Promise<void> {
  const { readEvmKey } = await import("@aegis-pool/chain");
  const signer = key === undefined ? undefined : await readEvmKey(key);
  const { ChainClient, deploySettlement } = await import("./index.js"); // viem takes a second, and a wrong argument none
  const client = await ChainClient.connect(url, signer);
  const { ais, distributor, deposits, bonds } = await deploySettlement(client, pool, shared);
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
