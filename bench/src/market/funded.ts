import { nanoAisPerAis } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { Account, Pool } from "@aegis-pool/sdk";

/** A pool with test money, met by a requester whose account has more than any benchmark spends. */
export async function connectFunded(url: string): Promise<Pool> {
  const account = createEd25519Signer();
  const pool = await Pool.connect(url, { account });
  await new Account(pool.client, account).fund(1_000_000n * nanoAisPerAis);
  return pool;
}
