import { openStatement, readStatement, taskManifest } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { createJobSecret } from "../src/job/job-secret.js";
import { Replicas } from "../src/job/replicas.js";
import { sealReplica, sealTasks } from "../src/job/seal-task.js";
import { TaskNames } from "../src/job/task-names.js";
import { jobTerms } from "../src/options.js";
import { wasmProgram } from "../src/program.js";
import { program } from "./fixtures.js";

const secret = createJobSecret();
const context = {
  secret,
  pool: new Uint8Array(32).fill(1),
  terms: jobTerms(program, { verify: "spot" }),
  program: new Uint8Array(32).fill(2),
  shared: undefined,
};

/** Two tasks that may be checked, and what they tell. */
function replicasOf() {
  const told = { sealed: 0, idle: 0 };
  const names = new TaskNames();
  const [one, two] = sealTasks(["one", "two"], context);
  if (!one || !two) throw new Error("nothing is sealed");
  names.add([{ ...one, index: 0 }]);
  const replicas = new Replicas({
    context,
    find: (number) => names.find(number),
    onSealed: () => Promise.resolve(++told.sealed > 0),
    onIdle: () => void told.idle++,
  });
  const ask = (of: number, { manifest } = one, lesson = false) =>
    replicas.replicate({ type: "replicate", of, manifest, ...(lesson && { lesson }) });
  return { replicas, told, number: one.number, two, ask };
}

describe("a replica's manifest", () => {
  it.each([1, 2, 5, 16, 19])("looks like that of its first run, whichever of %i tasks that was", (tasks) => {
    for (const first of sealTasks(Array.from({ length: tasks }, String), context)) {
      const { number, manifest } = sealReplica(first.manifest, context);
      const statement = openStatement(taskManifest, manifest, secret.signer.publicKey, primitives);
      expect(statement).toEqual({ ...readStatement(taskManifest, first.manifest), number });
      expect(number).not.toBe(first.number);
      expect(manifest.signature).toHaveLength(first.manifest.signature.length);
    }
  });
});

describe("a job's replicas", () => {
  it("keep the job open until what the pool has asked for is checked", async () => {
    const { replicas, told, number, ask } = replicasOf();
    replicas.checking(number);
    expect(await ask(number)).toBeDefined();
    expect(replicas.areOpen).toBe(true);
    expect(await ask(number)).toBeDefined(); // a third run
    replicas.checked(number);
    expect([replicas.areOpen, told]).toEqual([false, { sealed: 2, idle: 1 }]);
  });

  it("keep the job open until a lesson is over too", async () => {
    const { replicas, told, number, ask } = replicasOf();
    replicas.checking(number);
    await ask(number, undefined, true);
    replicas.checked(number);
    expect(replicas.areOpen).toBe(true);
    replicas.taught(number);
    expect([replicas.areOpen, told.idle]).toEqual([false, 1]);
  });

  it("are made of no task that is not the job's, nor of another manifest than that task's", async () => {
    const { replicas, two, number, ask } = replicasOf();
    replicas.checking(two.number);
    expect(await ask(two.number, two)).toBeUndefined();
    expect(await ask(number, two)).toBeUndefined();
    expect(replicas.areOpen).toBe(false);
  });

  it("are given up with the connection: the pool may never have heard of them", async () => {
    const { replicas, told, number } = replicasOf();
    replicas.checking(number);
    replicas.lost();
    expect([replicas.areOpen, told.idle]).toEqual([false, 1]);
  });
});

describe("the option fuel", () => {
  it("makes a task of WebAssembly deterministic, and is refused where nothing counts it", () => {
    const { requirements } = jobTerms(wasmProgram(Uint8Array.of(1)), { fuel: 9e9 });
    expect(requirements).toMatchObject({ engine: "wasm", deterministic: true, fuel: 9e9 });
    expect(() => jobTerms(program, { fuel: 9e9 })).toThrow(/engine wasm alone/);
    expect(() => jobTerms(wasmProgram(Uint8Array.of(1)), { fuel: 0.5 })).toThrow(/fuel is 0.5; it must be .* from 1/);
  });
});

describe("the option verify", () => {
  it("makes a task deterministic, and is refused where nothing can be checked", () => {
    const { requirements } = context.terms;
    expect(requirements).toMatchObject({ deterministic: true, verification: { policy: "spot" } });
    expect(() => jobTerms(program, { verify: "maybe" as never })).toThrow(
      /verify is "maybe"; it must be "spot", "quorum"/,
    );
    expect(() => jobTerms(program, { verify: "spot", gang: 2 })).toThrow(/gang/);
    expect(() => jobTerms(program, { verify: "spot", operators: ["ab".repeat(32)] })).toThrow(/names the operators/);
  });
});
