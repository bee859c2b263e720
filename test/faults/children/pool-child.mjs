// A pool with test money whose agents need not prove their speed. argv: directory, port, by how many ms its clock is ahead, and
// in JSON the chain that it settles on, where it does. Prints {"url": ...} once it is open.
import { pino } from "pino";
import { startPool } from "../../../packages/pool/dist/index.js";

process.on("disconnect", () => process.exit()); // the test run is gone
const [, , directory, port, aheadMs, chain] = process.argv;
const log = pino({ level: "silent" });
const pool = await startPool({
  directory,
  host: "127.0.0.1",
  port: Number(port),
  log,
  clock: () => Date.now() + Number(aheadMs),
  ratings: "off",
  testMoney: true,
  chain: chain && JSON.parse(chain),
});
process.stdout.write(`${JSON.stringify({ url: pool.url })}\n`);
