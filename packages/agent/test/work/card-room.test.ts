import { EventEmitter, once } from "node:events";
import { readStatement, runStatement } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import type { RunOutcome } from "../../src/engines/index.js";
import { table, type TableTask } from "./table.js";

const mebibyte = 1024 ** 2;
const offer = { slots: 1, memoryBytes: 256 * mebibyte, card: { thousandths: 500, memoryBytes: 1_000 * mebibyte } };

/** An agent that lends half a card, whose runs end when the test says so, by their input. */
async function cardTable() {
  const at = await table({ offer });
  const events = new EventEmitter();
  const running: string[] = [];
  at.engines.run = async (input): Promise<RunOutcome> => {
    const name = String(Buffer.from(input.subarray(1))).slice(1, -1);
    running.push(name);
    events.emit("begun");
    await once(events, name);
    running.splice(running.indexOf(name), 1);
    return { ok: true, output: input, log: "", wallMs: 3 };
  };
  const give = async (name: string, thousandths: number | "all", memoryBytes = 32 * mebibyte): Promise<TableTask> => {
    const card = thousandths === "all" ? {} : { card: { thousandths, memoryBytes: 0 } };
    const task = at.requester.task(name, { requirements: { ...at.requester.requirements, memoryBytes, ...card } });
    await at.pass(task);
    at.work.receive(await at.release(task));
    return task;
  };
  return {
    ...at,
    give,
    running,
    /** Waits until so many run. */
    runs: async (count: number) => {
      while (running.length !== count) await once(events, "begun");
    },
    end: (name: string) => void events.emit(name),
  };
}

describe("an agent that lends a card in parts", () => {
  it("runs as many tasks at once as have room on it, whatever it is sent, and the next when one has ended", async () => {
    const { give, runs, running, end, sent } = await cardTable();
    await give("one", 200);
    await give("two", 200);
    await give("too much", 200);
    await give("fits", 100);
    await runs(3);
    expect(running.toSorted()).toEqual(["fits", "one", "two"]);
    end("two");
    await sent.next("result");
    await runs(3);
    expect(running.toSorted()).toEqual(["fits", "one", "too much"]);
    for (const name of ["one", "fits", "too much"]) end(name);
  });

  it("runs no more of them than its memory is enough for", async () => {
    const { give, runs, running, end } = await cardTable();
    await give("large", 100, 200 * mebibyte);
    await give("too large", 100, 100 * mebibyte);
    await give("small", 100, 50 * mebibyte);
    await runs(2);
    expect(running.toSorted()).toEqual(["large", "small"]);
    for (const name of ["large", "small"]) end(name);
    await runs(1);
    end("too large");
  });

  it("runs a task that needs all of it alone", async () => {
    const { give, runs, running, end, sent } = await cardTable();
    await give("part", 50);
    const whole = await give("whole", "all");
    await give("beside", 50);
    await runs(2);
    expect(running.toSorted()).toEqual(["beside", "part"]);
    for (const name of ["part", "beside"]) {
      end(name);
      await sent.next("result");
    }
    await runs(1);
    await give("later", 50);
    expect(running).toEqual(["whole"]);
    end("whole");
    const { run } = await sent.next("result");
    expect(readStatement(runStatement, run)?.number).toBe(whole.lease.number);
    await runs(1);
    end("later");
  });

  it("holds each to its part of the card's time, and of its memory as much of what is lent", async () => {
    const { give, runs, engines, end } = await cardTable();
    await give("fifth", 200);
    await runs(1);
    end("fifth");
    await give("whole", "all");
    await runs(1);
    end("whole");
    expect(engines.limits.map(({ card }) => card)).toEqual([{ percent: 20, memoryBytes: 400 * mebibyte }, undefined]);
  });

  it("ends programs that are idle before another begins: the memory of the card that they keep is lent to it", async () => {
    const { give, runs, engines, end, sent } = await cardTable();
    await give("first", 200);
    await give("second", 200);
    await runs(2);
    for (const name of ["first", "second"]) {
      end(name);
      await sent.next("result");
    }
    expect(engines.closed).toBe(0);
    await give("third", 100);
    await runs(1);
    expect(engines.closed).toBe(2);
    end("third");
  });
});
