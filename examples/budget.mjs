// A budget is never exceeded: tasks beyond what it pays at their worst are refused, those before are done.
// prints: 2 done, budget-exceeded
import { openAccountKey, Pool } from "@aegis-pool/sdk";

const account = await openAccountKey(); // `aegis account fund "1 AIS"` fills it
const pool = await Pool.connect(process.env.AEGIS_POOL ?? "http://127.0.0.1:7700", { account });
// at most 1 SCU-second at 4,000 nAIS each, so a budget of 8,000 nAIS pays for two
const job = await pool.map((n) => n, [1, 2], { maxWork: 1_000_000, maxPrice: 4_000n, budget: 8_000n });
const done = (await job.values()).length;
const poor = await pool.map((n) => n, [1], { maxWork: 1_000_000, maxPrice: 4_000n, budget: 3_999n });
const code = await poor.values().catch((error) => error.code);
console.log(`${done} done, ${code}`);
