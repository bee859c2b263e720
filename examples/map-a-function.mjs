// Runs a function on other people's machines, once for each input.
// prints: [1,4,9,16]
import { openAccountKey, Pool } from "@aegis-pool/sdk";

const account = await openAccountKey(); // `aegis account fund "1 AIS"` fills it
const pool = await Pool.connect(process.env.AEGIS_POOL ?? "http://127.0.0.1:7700", { account });
const job = await pool.map((n) => n * n, [1, 2, 3, 4]);
console.log(JSON.stringify(await job.values()));
