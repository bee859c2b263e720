// Gives every task of a job the same table: it is sealed and uploaded once.
// prints: ["zero","two","one"]
import { openAccountKey, Pool } from "@aegis-pool/sdk";

const account = await openAccountKey(); // `aegis account fund "1 AIS"` fills it
const pool = await Pool.connect(process.env.AEGIS_POOL ?? "http://127.0.0.1:7700", { account });
const job = await pool.map((index, { shared }) => shared.names[index], [0, 2, 1], {
  shared: { names: ["zero", "one", "two"] },
});
console.log(JSON.stringify(await job.values()));
