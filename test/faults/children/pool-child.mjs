// A pool with test money whose agents need not prove their speed. argv: directory, port, by how many ms its clock is ahead, and
// in JSON its `chain`, `database` and `epochMs`, where it has others than usual. Prints {"url": ...} once it is open.
import { pino } from "pino";
import { rewardDefaults } from "../../../packages/core/dist/index.js";
import { startPool } from "../../../packages/pool/dist/index.js";

process.on("disconnect", () => process.exit()); // the test run is gone
const [, , directory, port, aheadMs, more] = process.argv;
const { chain, database, epochMs } = JSON.parse(more);
const log = pino({ level: "silent" });
const pool = await startPool({
  directory,
  host: "127.0.0.1",
  port: Number(port),
  log,
  clock: () => Date.now() + Number(aheadMs),
  ratings: "off",
  testMoney: true,
  chain,
  database,
  rewards: epochMs && { ...rewardDefaults, epochMs },
});
process.stdout.write(`${JSON.stringify({ url: pool.url })}\n`);
