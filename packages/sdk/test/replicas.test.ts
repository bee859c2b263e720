import { openStatement, readStatement, taskManifest } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { createJobSecret } from "../src/job/job-secret.js";
import { Replicas } from "../src/job/replicas.js";
import { sealReplica, sealTasks } from "../src/job/seal-task.js";
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
  const replicas = new Replicas({
    context,
    onSealed: () => Promise.resolve(++told.sealed > 0),
    onIdle: () => void told.idle++,
  });
  const tasks = sealTasks(["one", "two"], context);
  replicas.remember(tasks);
  return { replicas, told, numbers: tasks.map(({ number }) => number) as [number, number] };
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
    const { replicas, told, numbers } = replicasOf();
    expect(await replicas.replicate(numbers[0])).toBeDefined();
    replicas.ended(numbers[0]);
    expect(replicas.areOpen).toBe(true);
    expect(await replicas.replicate(numbers[0])).toBeDefined(); // a third run
    replicas.checked(numbers[0]);
    expect([replicas.areOpen, told]).toEqual([false, { sealed: 2, idle: 1 }]);
  });

  it("are made of no task whose result has come without a check, nor of one that is not the job's", async () => {
    const { replicas, numbers } = replicasOf();
    replicas.ended(numbers[1]);
    expect(await replicas.replicate(numbers[1])).toBeUndefined();
    expect(await replicas.replicate(1)).toBeUndefined();
    expect(replicas.areOpen).toBe(false);
  });

  it("are given up with the connection: the pool may never have heard of them", async () => {
    const { replicas, told, numbers } = replicasOf();
    await replicas.replicate(numbers[0]);
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
    expect(() => jobTerms(program, { verify: "maybe" as never })).toThrow(/verify is maybe; it must be "spot"/);
    expect(() => jobTerms(program, { verify: "spot", gang: 2 })).toThrow(/gang/);
    expect(() => jobTerms(program, { verify: "spot", operators: ["ab".repeat(32)] })).toThrow(/names the operators/);
  });
});
