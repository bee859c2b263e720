import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Procedure } from "@aegis-pool/core";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow, type Place } from "../fixtures/canaries.js";
import { type FederatedSetting, federatedSetting, wholeStep } from "../fixtures/federated.js";
import { type RecordingProxy, startRecordingProxy } from "../fixtures/recording-proxy.js";
import { startTestPool, type TestPool } from "../fixtures/test-pool.js";

const [participants, length] = [6, 64];
/** What each participant adds; the last number stands for how many rows it has. Each is recognisable. */
const own = Array.from({ length: participants }, () =>
  Array.from({ length }, () => 1_000 + Math.floor(Math.random() * 9_000)),
);
const sum = own.reduce((all, values) => all.map((value, index) => value + (values[index] ?? 0)));

/** Numbers as they may stand in bytes: four neighbours from anywhere in the vector, as words, doubles, floats or text. */
function formsOf(values: readonly number[]): [string, Buffer][] {
  const forms: [string, Buffer][] = [];
  for (let start = 0; start + 4 <= values.length; start += 4) {
    const four = values.slice(start, start + 4);
    forms.push(["words", Buffer.from(Int32Array.from(four).buffer)]);
    forms.push(["big-endian words", Buffer.from(Int32Array.from(four).buffer).swap32()]);
    forms.push(["doubles", Buffer.from(Float64Array.from(four).buffer)]);
    forms.push(["floats", Buffer.from(Float32Array.from(four).buffer)]);
    forms.push(["text", Buffer.from(four.join(","))], ["spaced text", Buffer.from(four.join(", "))]);
    forms.push(["hexadecimal", Buffer.from(Buffer.from(Int32Array.from(four).buffer).toString("hex"))]);
  }
  return forms;
}

function found(values: readonly number[], places: readonly Place[]): string[] {
  const forms = formsOf(values);
  return places.flatMap(({ name, bytes }) =>
    forms.filter(([, pattern]) => bytes.includes(pattern)).map(([form]) => `${name} as ${form}`),
  );
}

let pool: TestPool;
let setting: FederatedSetting;
let wires: { members: RecordingProxy; participants: RecordingProxy };
let places: Place[];
let totals: number[][];

beforeAll(async () => {
  pool = await startTestPool("off", { committeeTrust: 0 });
  wires = { members: await startRecordingProxy(pool.url), participants: await startRecordingProxy(pool.url) };
  const urls = { members: wires.members.url, participants: wires.participants.url };
  setting = await federatedSetting(pool, { participants, wires: urls });
  const midway: Place[] = [];
  const looks: Promise<void>[] = [];
  const joined = own.map((values, place) =>
    setting.join(place, adding(values), {
      // while the uploads are there
      onEvent: ({ type }) => type === "uploaded" && looks.push(lookAround(midway)),
    }),
  );
  totals = await Promise.all(joined);
  await Promise.all(looks);
  places = [...midway];
  await lookAround(places);
  const streams = [...wires.members.streams(), ...wires.participants.streams()];
  places.push(...streams.map((bytes, index) => ({ name: `wire ${index}`, bytes })));
});

afterAll(async () => {
  await setting.stop();
  await Promise.all([wires.members.stop(), wires.participants.stop()]);
  await pool.stop();
});

function* adding(values: readonly number[]): Procedure<number[]> {
  const [summed] = yield wholeStep("canary", values);
  return [...(summed?.parts[0] ?? [])];
}

/** All that pool and members keep on their disks and in the database. */
async function lookAround(into: Place[]): Promise<void> {
  const folders = [pool.directory, ...setting.members.map(({ folder }) => folder), setting.folder];
  for (const folder of folders) into.push(...(await filesBelow(folder).catch(() => [])));
  into.push({ name: "pool's log", bytes: Buffer.from(JSON.stringify(pool.log)) });
  into.push(...(await everyRow()));
}

async function everyRow(): Promise<Place[]> {
  const client = new pg.Client(pool.database);
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    const dumped: Place[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM "${name}"`);
      const cells = rows.flatMap((row) => Object.values(row));
      const bytes = cells.map((cell) => (Buffer.isBuffer(cell) ? cell : Buffer.from(String(cell))));
      dumped.push({ name: `table ${name}`, bytes: Buffer.concat(bytes) });
    }
    return dumped;
  } finally {
    await client.end();
  }
}

describe("what a participant adds", () => {
  for (const place of own.keys()) {
    it(`stands nowhere outside participant ${place}: not on a wire, at the pool, or with a member`, () => {
      expect(found(own[place] ?? [], places)).toEqual([]);
    });
  }

  it("is part of what all of them get", () => {
    expect(totals).toEqual(own.map(() => sum));
  });

  it("would have been found: the sum of all is, on the wires and at the pool", () => {
    const where = found(sum, places).join("\n");
    expect(where).toContain("wire");
    expect(where).toContain("/sums/");
  });

  it("is masked where it is at the pool: six uploads of its length, none of them alike", async () => {
    const uploads = places.filter(({ name, bytes }) => name.includes("/round/") && bytes.length === length * 4);
    expect(new Set(uploads.map(({ bytes }) => bytes.toString("hex"))).size).toBeGreaterThanOrEqual(participants);
    expect(await readFile(join(setting.members[0]?.folder ?? "", "committee.log"), "utf8")).not.toBe("");
  });
});
