import fc from "fast-check";
import { expect, it } from "vitest";
import { refusingFilter, type TaskGroup } from "../../../src/market/matching/filters.js";
import { Matching } from "../../../src/market/matching/matching.js";
import { known } from "../../fixtures.js";
import { anyScene, type Scene } from "./fixtures.js";

const stepNames = ["room", "gone", "wait", "leave", "open", "close", "decide"] as const;
const anySteps = fc.array(fc.tuple(fc.constantFrom(...stepNames), fc.nat(), fc.nat({ max: 3 })), { maxLength: 80 });

/** A market to which things happen, beside what must then be true of it. */
class History {
  /** What was leased twice, or beyond its room, or of a closed job, and pairs that were left though they could be matched. */
  readonly wrong: unknown[] = [];

  readonly #scene: Scene;
  readonly #matching = new Matching();
  readonly #rooms = new Map<string, number>();
  readonly #waiting = new Map<number, TaskGroup>();
  readonly #open = new Set<string>();
  #numbers = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  room(index: number, room: number): void {
    const terms = at(this.#scene.agents, index)?.terms;
    if (!terms) return;
    if (!this.#rooms.has(terms.agent)) this.#matching.addAgent(terms);
    this.#matching.setRoom(terms.agent, room);
    this.#rooms.set(terms.agent, room);
  }

  gone(index: number): void {
    const agent = at(this.#scene.agents, index)?.terms.agent ?? "";
    this.#matching.removeAgent(agent);
    this.#rooms.delete(agent);
  }

  wait(index: number): void {
    const group = at(this.#scene.groups, index)?.group;
    if (!group) return;
    const number = ++this.#numbers;
    this.#matching.wait(group, { number, age: number, returned: false });
    this.#waiting.set(number, group);
  }

  leave(index: number): void {
    const number = at([...this.#waiting.keys()], index);
    if (number === undefined) return;
    this.#matching.leave(known(this.#waiting.get(number)).id, number);
    this.#waiting.delete(number);
  }

  open(index: number): void {
    const job = at(this.#scene.groups, index)?.group.job ?? "";
    this.#matching.openJob(job);
    this.#open.add(job);
  }

  close(index: number): void {
    const job = at(this.#scene.groups, index)?.group.job ?? "";
    this.#matching.closeJob(job);
    this.#open.delete(job);
  }

  decide(): void {
    for (const { number, agent } of this.#matching.decide()) {
      const group = this.#waiting.get(number);
      const room = this.#rooms.get(agent) ?? 0;
      if (!group || !this.#open.has(group.job) || room === 0) this.wrong.push({ number, group, agent, room });
      this.#waiting.delete(number);
      this.#rooms.set(agent, room - 1);
    }
    const free = this.#scene.agents.filter(({ terms }) => (this.#rooms.get(terms.agent) ?? 0) > 0);
    for (const group of new Set(this.#waiting.values())) {
      if (!this.#open.has(group.job)) continue;
      const missed = free.find(({ terms }) => refusingFilter(group, terms) === undefined);
      if (missed) this.wrong.push({ group, missed });
    }
  }
}

function at<T>(values: readonly T[], index: number): T | undefined {
  return values[index % values.length];
}

it("whatever happens in whatever order, no task and no slot is leased twice, and no pair is left that could be matched", () => {
  fc.assert(
    fc.property(anyScene, anySteps, (scene, steps) => {
      const history = new History(scene);
      for (const [step, index, count] of steps) history[step](index, count);
      history.decide();
      expect(history.wrong).toEqual([]);
    }),
    { numRuns: 5_000 },
  );
});
