// A pool process reduced to its database: starts it from dist, says so on standard output, and obeys standard input.
// argv: directory. Prints JSON lines: {pid, connection} | {error} | {acknowledged: n}.
import { createInterface } from "node:readline";
import pg from "pg";
import { startEmbeddedPostgres } from "../../../dist/store/embedded/start.js";

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const database = await startEmbeddedPostgres({ directory: process.argv[2] });
  say({ pid: database.pid, connection: database.connection });
  for await (const command of createInterface({ input: process.stdin })) {
    if (command === "insert forever") void insertForever(database.connection);
    if (command === "stop") {
      await database.stop();
      say({ stopped: true });
    }
  }
} catch (error) {
  say({ error: error.code, message: error.message });
}

async function insertForever(connection) {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query("CREATE TABLE IF NOT EXISTS kept (number integer)");
  for (let number = 0; ; number++) {
    await client.query("INSERT INTO kept VALUES ($1)", [number]);
    say({ acknowledged: number });
  }
}
