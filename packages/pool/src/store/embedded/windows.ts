// Written after the documentation of PostgreSQL and Node.js; not run: we have had no Windows machine.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { PostgresBinaries } from "./binaries.js";
import { databaseUser } from "./cluster.js";
import type { Place } from "./place.js";
import { plainEnvironment, runCommand } from "./run-command.js";
import { type Server, untilReady } from "./server.js";

/** A port of this machine alone, behind a random password: Windows' PostgreSQL has no private sockets that pg can use. */
export async function loopbackPlace(directory: string): Promise<Place> {
  const passwordFile = join(directory, "password");
  await writeFile(passwordFile, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" }).catch(unlessExists);
  const [password, port] = [await readFile(passwordFile, "utf8"), await freePort()];
  return {
    connection: { host: "127.0.0.1", port, user: databaseUser, database: "postgres", password },
    settings: { listen_addresses: "127.0.0.1", port: String(port), unix_socket_directories: "" },
    authentication: ["--auth=scram-sha-256", `--pwfile=${passwordFile}`],
    release: async () => {},
  };
}

/**
 * Starts PostgreSQL on Windows, stopping one that a killed pool left. Signals do not exist there; `pg_ctl` speaks to the
 * server instead. Nothing ends the server when the pool is killed: the next start does.
 */
export async function startOnWindows(
  { postgres, pgCtl }: PostgresBinaries,
  args: readonly string[],
  data: string,
  log: (line: string) => void,
): Promise<Server> {
  const stop = () => runCommand(pgCtl, ["stop", "-D", data, "-m", "fast", "-w"], {});
  await stop();
  const child = spawn(postgres, args, {
    env: plainEnvironment,
    stdio: ["ignore", "ignore", "pipe"],
    windowsHide: true,
  });
  return untilReady(child, data, log, async () => void (await stop()));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function unlessExists(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
