// Runs a function on other people's machines, once for each input.
// prints: [1,4,9,16]
import { Pool } from "@aegis-pool/sdk";

const pool = await Pool.connect(process.env.AEGIS_POOL ?? "http://127.0.0.1:7700");
const job = await pool.map((n) => n * n, [1, 2, 3, 4]);
console.log(JSON.stringify(await job.values()));
