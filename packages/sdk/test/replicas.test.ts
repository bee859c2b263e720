import { openStatement, readStatement, taskManifest } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { createJobSecret } from "../src/job/job-secret.js";
import { sealReplica, sealTasks } from "../src/job/seal-task.js";
import { jobTerms } from "../src/options.js";
import { program } from "./fixtures.js";

const secret = createJobSecret();
const context = {
  secret,
  pool: new Uint8Array(32).fill(1),
  terms: jobTerms(program, { verify: "spot" }),
  program: new Uint8Array(32).fill(2),
  shared: undefined,
};

describe("a replica's manifest", () => {
  it.each([1, 2, 5, 16])("looks like that of its first run, which was signed with %i others or alone", (tasks) => {
    const [first] = sealTasks(Array.from({ length: tasks }, String), context);
    if (!first) throw new Error("nothing is sealed");
    const { number, manifest } = sealReplica(first.manifest, context);
    const statement = openStatement(taskManifest, manifest, secret.signer.publicKey, primitives);
    expect(statement).toEqual({ ...readStatement(taskManifest, first.manifest), number });
    expect(number).not.toBe(first.number);
    expect(manifest.signature).toHaveLength(first.manifest.signature.length);
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
