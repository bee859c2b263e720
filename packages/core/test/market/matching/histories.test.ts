import fc from "fast-check";
import { expect, it } from "vitest";
import { refusingFilter, type TaskGroup } from "../../../src/market/matching/filters.js";
import { type Assignment, Matching } from "../../../src/market/matching/matching.js";
import { known } from "../../fixtures.js";
import { anySceneWithGangs, type Scene } from "./fixtures.js";

const stepNames = ["room", "gone", "wait", "leave", "open", "close", "short", "pass", "decide"] as const;
const anySteps = fc.array(fc.tuple(fc.constantFrom(...stepNames), fc.nat(), fc.nat({ max: 3 }), fc.nat({ max: 2 })), {
  maxLength: 80,
});

/** As many gangs as one decision looks at, at most. */
const gangsTried = 4;

/** A market to which things happen, beside what must then be true of it. */
class History {
  /** What has happened that must not. */
  readonly wrong: unknown[] = [];

  readonly #scene: Scene;
  readonly #matching = new Matching();
  readonly #rooms = new Map<string, number>();
  readonly #aheads = new Map<string, number>();
  readonly #short = new Set<string>();
  readonly #waiting = new Map<number, TaskGroup>();
  readonly #open = new Set<string>();
  #numbers = 0;
  #now = 0;

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

  /** A gang's tasks come one by one, and no more than it has. */
  wait(index: number): void {
    const group = at(this.#scene.groups, index)?.group;
    if (!group || (group.gangSize > 1 && this.#tasksOf(group) === group.gangSize)) return;
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

  pass(seconds: number): void {
    this.#now += (seconds % 100) * 1_000;
  }

  decide(): void {
    const decided = this.#matching.decide(this.#now);
    this.#checkGangs(decided);
    for (const { number, agent } of decided) {
      const group = this.#waiting.get(number);
      if (!group || !this.#open.has(group.job) || !this.#hasRoom(agent, group))
        this.wrong.push({ number, group, agent });
      else this.#lease(agent, group);
      this.#waiting.delete(number);
    }
    this.#checkKept();
    for (const group of new Set(this.#waiting.values())) if (this.#open.has(group.job)) this.#checkLeft(group);
  }

  /** All of a gang or none of it, each on an agent of its own. */
  #checkGangs(decided: readonly Assignment[]): void {
    const agentsOf = new Map<TaskGroup, string[]>();
    for (const { number, agent } of decided) {
      const group = known(this.#waiting.get(number));
      if (group.gangSize > 1) agentsOf.set(group, [...(agentsOf.get(group) ?? []), agent]);
    }
    for (const [{ gangSize }, agents] of agentsOf) {
      if (agents.length !== gangSize || new Set(agents).size !== gangSize)
        this.wrong.push({ gangSize, begunOn: agents });
    }
  }

  /** What is neither free nor taken is kept, and only while a gang waits whole. */
  #checkKept(): void {
    const groups = [...new Set(this.#waiting.values())];
    const waitsWhole = groups.some((group) => this.#open.has(group.job) && this.#tasksOf(group) >= group.gangSize);
    for (const { terms, room, isKept } of this.#matching.agents()) {
      if (room + (isKept ? 1 : 0) !== this.#rooms.get(terms.agent)) this.wrong.push({ lost: terms.agent });
      if (isKept && !waitsWhole) this.wrong.push({ keptForNobody: terms.agent });
    }
  }

  #checkLeft(group: TaskGroup): void {
    const free = this.#agentsFor(group).filter((agent) => this.#takes(agent, group));
    const gangs = [...new Set(this.#waiting.values())].filter(({ gangSize }) => gangSize > 1);
    const isWhole = this.#tasksOf(group) >= group.gangSize && gangs.length <= gangsTried;
    if (group.gangSize === 1 ? free.length > 0 : isWhole && free.length >= group.gangSize) {
      this.wrong.push({ group, missed: free });
    }
  }

  #lease(agent: string, group: TaskGroup): void {
    const [room, ahead] = [this.#rooms.get(agent) ?? 0, this.#aheads.get(agent) ?? 0];
    const idle = this.#agentsFor(group).find((other) => (this.#rooms.get(other) ?? 0) > (this.#keeps(other) ? 1 : 0));
    if (room === 0 && idle !== undefined) this.wrong.push({ group, waitsAt: agent, thoughIdle: idle });
    this.#rooms.set(agent, Math.max(0, room - 1));
    this.#aheads.set(agent, this.#short.has(group.job) ? ahead - (room === 0 ? 1 : 0) : 0);
  }

  #hasRoom(agent: string, group: TaskGroup): boolean {
    return (this.#rooms.get(agent) ?? 0) > 0 || this.#takesAhead(agent, group);
  }

  /** As far as nothing is kept there. */
  #takes(agent: string, group: TaskGroup): boolean {
    const kept = this.#keeps(agent) ? 1 : 0;
    return (this.#rooms.get(agent) ?? 0) > kept || (kept === 0 && this.#takesAhead(agent, group));
  }

  #takesAhead(agent: string, { job, gangSize }: TaskGroup): boolean {
    return gangSize === 1 && this.#short.has(job) && (this.#aheads.get(agent) ?? 0) > 0;
  }

  #keeps(agent: string): boolean {
    return [...this.#matching.agents()].some(({ terms, isKept }) => isKept && terms.agent === agent);
  }

  #tasksOf(group: TaskGroup): number {
    return [...this.#waiting.values()].filter((other) => other === group).length;
  }

  #agentsFor(group: TaskGroup): string[] {
    const fitting = this.#scene.agents.filter(({ terms }) => refusingFilter(group, terms) === undefined);
    return fitting.map(({ terms }) => terms.agent);
  }
}

function at<T>(values: readonly T[], index: number): T | undefined {
  return values[index % values.length];
}

it("whatever happens in whatever order, no task and no slot is leased twice, no gang begins in part, none waits behind a long task or while another agent is idle, and no pair is left", () => {
  fc.assert(
    fc.property(anySceneWithGangs, anySteps, (scene, steps) => {
      const history = new History(scene);
      for (const [step, index, count, ahead] of steps) history[step](index, count, ahead);
      history.decide();
      expect(history.wrong).toEqual([]);
    }),
    { numRuns: 5_000 },
  );
});
