// Iterates over results as they come; a task that fails does not stop the others.
// prints: 3 good, 1 failed: Error: 13 brings bad luck
import { openAccountKey, Pool } from "@aegis-pool/sdk";

const account = await openAccountKey(); // `aegis account fund "1 AIS"` fills it
const pool = await Pool.connect(process.env.AEGIS_POOL ?? "http://127.0.0.1:7700", { account });
const program = (n) => {
  if (n === 13) throw new Error("13 brings bad luck");
  return n + 1;
};
let good = 0;
let bad = "";
for await (const result of await pool.map(program, [1, 2, 13, 3])) {
  if (result.ok) good++;
  else bad = result.log.trim();
}
console.log(`${good} good, 1 failed: ${bad}`);
