import fc from "fast-check";
import { expect, it } from "vitest";
import { refusingFilter, type TaskGroup } from "../../../src/market/matching/filters.js";
import { Matching } from "../../../src/market/matching/matching.js";
import { known } from "../../fixtures.js";
import { anyScene, type Scene } from "./fixtures.js";

const stepNames = ["room", "gone", "wait", "leave", "open", "close", "short", "decide"] as const;
const anySteps = fc.array(fc.tuple(fc.constantFrom(...stepNames), fc.nat(), fc.nat({ max: 3 }), fc.nat({ max: 2 })), {
  maxLength: 80,
});

/** A market to which things happen, beside what must then be true of it. */
class History {
  /** What was leased twice, or beyond its room, or of a closed job, or in advance though another was idle; and pairs that were left. */
  readonly wrong: unknown[] = [];

  readonly #scene: Scene;
  readonly #matching = new Matching();
  readonly #rooms = new Map<string, number>();
  readonly #aheads = new Map<string, number>();
  readonly #short = new Set<string>();
  readonly #waiting = new Map<number, TaskGroup>();
  readonly #open = new Set<string>();
  #numbers = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  room(index: number, room: number, ahead: number): void {
    const terms = at(this.#scene.agents, index)?.terms;
    if (!terms) return;
    if (!this.#rooms.has(terms.agent)) this.#matching.addAgent(terms);
    this.#matching.setRoom(terms.agent, room, ahead);
    this.#rooms.set(terms.agent, room);
    this.#aheads.set(terms.agent, ahead);
  }

  gone(index: number): void {
    const agent = at(this.#scene.agents, index)?.terms.agent ?? "";
    this.#matching.removeAgent(agent);
    this.#rooms.delete(agent);
    this.#aheads.delete(agent);
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
    this.#matching.openJob(job, this.#short.has(job));
    this.#open.add(job);
  }

  short(index: number, count: number): void {
    const job = at(this.#scene.groups, index)?.group.job ?? "";
    if (count % 2 === 0) this.#short.add(job);
    else this.#short.delete(job);
    this.#matching.setShort(job, this.#short.has(job));
  }

  close(index: number): void {
    const job = at(this.#scene.groups, index)?.group.job ?? "";
    this.#matching.closeJob(job);
    this.#open.delete(job);
  }

  decide(): void {
    for (const { number, agent } of this.#matching.decide()) {
      const group = this.#waiting.get(number);
      if (!group || !this.#open.has(group.job) || !this.#takes(agent, group)) this.wrong.push({ number, group, agent });
      else this.#lease(agent, group);
      this.#waiting.delete(number);
    }
    for (const group of new Set(this.#waiting.values())) {
      const missed = this.#open.has(group.job) && this.#agentsFor(group).find((agent) => this.#takes(agent, group));
      if (missed) this.wrong.push({ group, missed });
    }
  }

  #lease(agent: string, group: TaskGroup): void {
    const [room, ahead] = [this.#rooms.get(agent) ?? 0, this.#aheads.get(agent) ?? 0];
    const idle = this.#agentsFor(group).find((other) => (this.#rooms.get(other) ?? 0) > 0);
    if (room === 0 && idle !== undefined) this.wrong.push({ group, waitsAt: agent, thoughIdle: idle });
    this.#rooms.set(agent, Math.max(0, room - 1));
    this.#aheads.set(agent, this.#short.has(group.job) ? ahead - (room === 0 ? 1 : 0) : 0);
  }

  #takes(agent: string, { job }: TaskGroup): boolean {
    return (this.#rooms.get(agent) ?? 0) > 0 || (this.#short.has(job) && (this.#aheads.get(agent) ?? 0) > 0);
  }

  #agentsFor(group: TaskGroup): string[] {
    const fitting = this.#scene.agents.filter(({ terms }) => refusingFilter(group, terms) === undefined);
    return fitting.map(({ terms }) => terms.agent);
  }
}

function at<T>(values: readonly T[], index: number): T | undefined {
  return values[index % values.length];
}

it("whatever happens in whatever order, no task and no slot is leased twice, none waits behind a long task or while another agent is idle, and no pair is left", () => {
  fc.assert(
    fc.property(anyScene, anySteps, (scene, steps) => {
      const history = new History(scene);
      for (const [step, index, count, ahead] of steps) history[step](index, count, ahead);
      history.decide();
      expect(history.wrong).toEqual([]);
    }),
    { numRuns: 5_000 },
  );
});
