// Checks, without the pool, who ran a task and what it cost.
// prints: genuine: completed, charge = reward + fee: true
import { openAccountKey, Pool, verifyReceipt } from "@aegis-pool/sdk";

const account = await openAccountKey(); // `aegis account fund "1 AIS"` fills it
const pool = await Pool.connect(process.env.AEGIS_POOL ?? "http://127.0.0.1:7700", { account });
for await (const result of await pool.map((n) => n, [1])) {
  const { run, receipt } = verifyReceipt(result.receipt, pool.client.key);
  const sum = BigInt(receipt.reward) + BigInt(receipt.fee) === BigInt(receipt.charge);
  console.log(`genuine: ${run.outcome}, charge = reward + fee: ${sum}`);
}
