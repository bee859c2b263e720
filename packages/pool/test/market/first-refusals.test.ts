import { fromHex, firstRefusalMs, type TaskManifest, toHex } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { termsOf } from "../../src/services/market/agent-terms.js";
import { Board } from "../../src/services/market/board.js";
import { BondedOperators } from "../../src/services/market/bonded-operators.js";
import { FirstRefusals } from "../../src/services/market/first-refusals.js";
import type { AgentSession, LiveTask } from "../../src/services/market/live.js";

const zeros = new Uint8Array(32);
const [bonded, plain] = ["b".repeat(64), "c".repeat(64)];
const gibibyte = 1024 ** 3;

/** A market with an agent of a bonded operator and one of another, which asks less. */
class Scene {
  readonly board = new Board();
  readonly sessions = new Map<string, AgentSession>();
  readonly refusals = new FirstRefusals(this.board);
  readonly operators: BondedOperators;

  constructor() {
    const transitions = { effects: { onRoom: () => undefined } };
    this.operators = new BondedOperators({ board: this.board, sessions: this.sessions, transitions } as never);
    for (const operator of [bonded, plain]) this.#connect(operator);
    this.board.matching.openJob(toHex(zeros));
  }

  #connect(operator: string): void {
    const offer = { class: "cpu", engines: ["js"], slots: 1, memoryBytes: gibibyte } as const;
    const operatorKey = present(fromHex(operator));
    const floorPrice = operator === bonded ? "2000" : "1000";
    const session = { id: operator.slice(0, 4), operatorKey, offer: { ...offer, floorPrice } } as never as AgentSession;
    this.sessions.set(session.id, session);
    this.board.matching.addAgent(termsOf(session, this.operators));
  }

  room(operator: string, room: number): void {
    this.board.matching.setRoom(operator.slice(0, 4), room);
  }

  submit(number: number, isForBonded: boolean): LiveTask {
    const requirements = { engine: "js" as const, memoryBytes: 2 ** 28, timeLimitMs: 1_000, outputBytes: 1_000 };
    const hashes = { job: zeros, pool: zeros, program: zeros, input: zeros, keys: zeros };
    const manifest: TaskManifest = { number, requirements, maxPrice: "4000", maxWork: 1, ...hashes };
    const rest = { manifestHash: zeros, age: number, state: "queued" as const, fence: 0 };
    const task = this.board.add({ manifest, isForBonded, ...rest });
    if (isForBonded) this.refusals.begin(task, 0);
    return task;
  }

  decide(): string[] {
    return this.board.matching.decide(0).map(({ number, agent }) => `${number} ${agent}`);
  }
}

describe("a new complex task", () => {
  it("goes to a bonded operator's agent, though another asks less", () => {
    const scene = new Scene();
    scene.operators.set(bonded, true);
    scene.room(bonded, 1);
    scene.room(plain, 1);
    scene.submit(1, true);
    scene.submit(2, false);
    expect(scene.decide()).toEqual(["1 bbbb", "2 cccc"]);
  });

  it("waits two seconds for such an agent, then is everybody's", () => {
    const scene = new Scene();
    scene.operators.set(bonded, true);
    scene.room(plain, 1);
    scene.submit(1, true);
    expect(scene.refusals.end(firstRefusalMs - 1)).toBe(false);
    expect(scene.decide()).toEqual([]);
    expect(scene.refusals.end(firstRefusalMs)).toBe(true);
    expect(scene.decide()).toEqual(["1 cccc"]);
  });

  it("that comes back from a lease is everybody's at once, and stays so", () => {
    const scene = new Scene();
    scene.operators.set(bonded, true);
    scene.room(bonded, 1);
    const task = scene.submit(1, true);
    expect(scene.decide()).toEqual(["1 bbbb"]);
    scene.board.move(task, "match", 0);
    scene.board.move(task, "decline", 1);
    scene.board.enqueue(task);
    scene.room(bonded, 0);
    scene.room(plain, 1);
    expect(scene.decide()).toEqual(["1 cccc"]);
    expect(scene.refusals.end(firstRefusalMs)).toBe(false);
  });

  it("is not the agent's any more whose operator has lost its standing", () => {
    const scene = new Scene();
    scene.operators.set(bonded, true);
    scene.operators.set(bonded, false);
    scene.room(bonded, 1);
    scene.submit(1, true);
    expect(scene.decide()).toEqual([]);
  });
});

it("bonded operators are here while an agent of one is connected", () => {
  const scene = new Scene();
  expect(scene.operators.areHere()).toBe(false);
  scene.operators.set(bonded, true);
  expect(scene.operators.areHere()).toBe(true);
  scene.sessions.delete("bbbb");
  expect(scene.operators.areHere()).toBe(false);
});
