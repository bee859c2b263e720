// A pool with test money whose agents need not prove their speed. argv: directory, port. Prints {"url": ...} once it is open.
import { pino } from "pino";
import { startPool } from "../../../packages/pool/dist/index.js";

process.on("disconnect", () => process.exit()); // the test run is gone
const [, , directory, port] = process.argv;
const log = pino({ level: "silent" });
const pool = await startPool({
  directory,
  host: "127.0.0.1",
  port: Number(port),
  log,
  ratings: "off",
  testMoney: true,
});
process.stdout.write(`${JSON.stringify({ url: pool.url })}\n`);
