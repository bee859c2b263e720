import { createHash, randomBytes, randomInt } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inUse } from "./directory-errors.js";
import { shortPath } from "./short-path.js";

/** A directory held by this process until it lets go or dies. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Holds `directory` for this process alone. A holder *listens on a socket* in it: the kernel closes the socket with the
 * process, however that dies, so there is nothing to go stale, and no process number that another may have by then. It
 * holds across containers that share the directory too, where process numbers mean nothing.
 *
 * Each contender listens under a name of its own first and looks at the others afterwards. So of two, at least the later
 * sees the other and withdraws; where both do, they try again after a random pause. A name is never used twice, so
 * removing a dead one cannot hit a living holder.
 *
 * It does not hold between machines that share a network file system. On Windows (not run there) the lock is a named pipe,
 * which only one process can make.
 * @throws {AegisError} `directory-in-use` where a living process holds it
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  if (process.platform === "win32") return lockByPipe(directory);
  const attempts = 5;
  const short = await shortPath(directory);
  for (let attempt = 1; ; attempt++) {
    const claim = await stake(short.path);
    const holder = await livingRival(short.path, claim.name);
    if (holder === undefined) return { release: () => withdraw(claim).then(() => short.release()) };
    await withdraw(claim);
    if (attempt === attempts) {
      await short.release();
      throw inUse(directory, `another pool (process ${processIn(holder)})`);
    }
    await delay(randomInt(5, 30));
  }
}

interface Claim {
  readonly name: string;
  readonly path: string;
  readonly server: Server;
}

const claimName = /^pool-(\d+)-[0-9a-f]{16}\.sock$/;

// Listens under a passing name first: whatever carries the final name can be reached, or is dead.
async function stake(directory: string): Promise<Claim> {
  const base = `pool-${process.pid}-${randomBytes(8).toString("hex")}`;
  const claim = {
    name: `${base}.sock`,
    path: join(directory, `${base}.sock`),
    server: createServer((s) => s.destroy()),
  };
  await listenAt(claim.server, join(directory, `${base}.tmp`));
  await rename(join(directory, `${base}.tmp`), claim.path);
  return claim;
}

async function lockByPipe(directory: string): Promise<DirectoryLock> {
  const name = createHash("sha256").update(resolve(directory).toLowerCase()).digest("hex");
  const server = createServer((socket) => socket.destroy());
  try {
    await listenAt(server, `\\\\.\\pipe\\aegis-pool-${name}`);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? inUse(directory, "another pool") : error;
  }
  return { release: () => new Promise((done) => server.close(() => done())) };
}

async function listenAt(server: Server, path: string): Promise<void> {
  await new Promise<void>((done, failed) => server.once("error", failed).listen(path, done));
  server.unref();
}

async function withdraw({ path, server }: Claim): Promise<void> {
  await rm(path, { force: true });
  await new Promise((done) => server.close(done));
}

async function livingRival(directory: string, own: string): Promise<string | undefined> {
  for (const name of await readdir(directory)) {
    if (name === own || !claimName.test(name)) continue;
    const path = join(directory, name);
    if (await listens(path)) return name;
    await rm(path, { force: true });
  }
  return undefined;
}

/** Whether a living process listens on the socket at `path`. In doubt (a full backlog, a lack of rights), yes. */
export function listens(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    const answer = (alive: boolean): void => {
      socket.destroy();
      done(alive);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      answer(!["ECONNREFUSED", "ENOENT"].includes(error.code ?? "")),
    );
  });
}

function processIn(name: string): string {
  return claimName.exec(name)?.[1] ?? "unknown";
}
