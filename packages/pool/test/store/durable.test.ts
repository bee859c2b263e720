import type { LedgerOperation } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { openBooks } from "../../src/open-books.js";
import { TracedSyncs, untraceable } from "./traced-syncs.js";

const why = untraceable();
if (why && process.env["AEGIS_REQUIRE_STRACE"] === "1") throw new Error(`AEGIS_REQUIRE_STRACE=1, but ${why}`);
if (why) console.warn(`skipped: what is acknowledged has been told to the disk: ${why}`);

/** When something was asked for and when it was acknowledged, in ms since 1970. */
interface Wait {
  readonly from: number;
  readonly to: number;
}

const now = () => performance.timeOrigin + performance.now();

async function timed(action: () => Promise<unknown>): Promise<Wait> {
  const from = now();
  await action();
  return { from, to: now() };
}

const hasSync = (syncs: readonly number[], { from, to }: Wait) => syncs.some((at) => at >= from && at <= to);

describe.skipIf(why)("money that is acknowledged", () => {
  it("has been told to the disk before: a sync of the server came back between question and answer, each time", async () => {
    const folder = await temporaryDirectory();
    const books = await openBooks(folder.path);
    try {
      await books.database.query("CREATE TABLE unsafe (id int)");
      const { rows } = await books.database.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      const traced = await TracedSyncs.start(rows[0]?.pid ?? 0, folder.path);
      const waits: Wait[] = [];
      for (let index = 1; index <= 20; index++) waits.push(await timed(() => books.apply(funding(index))));
      const unsafe = await timed(() => unsynced(books.database));
      const syncs = await traced.stop();
      expect(waits.filter((wait) => !hasSync(syncs, wait))).toEqual([]);
      expect(hasSync(syncs, unsafe)).toBe(false); // this is how a missing one would look
    } finally {
      await books.close();
      await folder.remove();
    }
  });
});

function funding(index: number): LedgerOperation {
  return { kind: "fund", key: String(index).padStart(32, "0"), requester: `requester:${"ab".repeat(32)}`, amount: 1n };
}

/** A commit that does not wait for the disk. */
async function unsynced(database: Awaited<ReturnType<typeof openBooks>>["database"]): Promise<void> {
  await database.query("BEGIN; SET LOCAL synchronous_commit = off; INSERT INTO unsafe VALUES (1); COMMIT");
}
