import type { TaskGroup } from "./filters.js";
import type { Gangs } from "./gangs.js";
import { GroupIndex, WaitingGroup } from "./group-index.js";

/** A task that waits. */
export interface WaitingTask {
  readonly number: number;
  /** When it was submitted: the lower, the older. */
  readonly age: number;
  /** It has been leased before: it comes before all of its group that have not. */
  readonly returned: boolean;
}

/** The tasks that wait, by groups, and which jobs' may be assigned now. */
export class Demand {
  readonly #groups = new Map<string, WaitingGroup>();
  /** Jobs whose tasks may be assigned now, and whether these are short. */
  readonly #openJobs = new Map<string, boolean>();
  /** Groups of each job. */
  readonly #groupsOf = new Map<string, Set<WaitingGroup>>();
  /** Those of open jobs: groups whose tasks begin each by itself, and gangs that wait whole. */
  readonly single = new GroupIndex();
  readonly #gangs: Gangs;
  /** About these something has changed since the last decision. */
  readonly changed = new Set<WaitingGroup>();
  #arrivals = 0;

  constructor(gangs: Gangs) {
    this.#gangs = gangs;
  }

  openJob(job: string, isShort: boolean): void {
    if (this.#openJobs.has(job)) return;
    this.#openJobs.set(job, isShort);
    for (const group of this.#groupsOf.get(job) ?? []) this.#enter(group, isShort);
  }

  setShort(job: string, isShort: boolean): void {
    if (!this.#openJobs.has(job)) return;
    this.#openJobs.set(job, isShort);
    for (const group of this.#groupsOf.get(job) ?? []) {
      this.#unlist(group);
      this.#enter(group, isShort);
    }
  }

  closeJob(job: string): void {
    if (!this.#openJobs.delete(job)) return;
    for (const group of this.#groupsOf.get(job) ?? []) {
      this.#unlist(group);
      this.changed.delete(group);
    }
  }

  wait(group: TaskGroup, { number, age, returned }: WaitingTask): void {
    const waiting = this.#groups.get(group.id) ?? this.#open(group);
    this.#change(waiting, () => {
      if (returned) waiting.tasks.giveBack(number, age);
      else waiting.tasks.append(number, age);
    });
    if (this.#openJobs.has(group.job)) this.changed.add(waiting);
  }

  leave(group: string, number: number): void {
    const waiting = this.#groups.get(group);
    if (waiting) this.#change(waiting, () => waiting.tasks.remove(number));
  }

  /** Takes the first task of a group that has one. */
  take(waiting: WaitingGroup): number {
    const [number = 0] = waiting.tasks.first ?? [];
    this.#change(waiting, () => waiting.tasks.remove(number));
    if (waiting.mayBePassedBy) this.#gangs.served(waiting);
    return number;
  }

  /** What waits in open jobs, with the number of its tasks. */
  *now(): Generator<readonly [TaskGroup, number]> {
    for (const { group, tasks } of this.#groups.values()) {
      if (this.#openJobs.has(group.job)) yield [group, tasks.size];
    }
  }

  /** What waits of the group of an open job waits from now on. */
  #enter(group: WaitingGroup, isShort: boolean): void {
    group.isShort = isShort;
    if (!group.isReady) return;
    this.#list(group);
    this.changed.add(group);
  }

  #open(group: TaskGroup): WaitingGroup {
    const waiting = new WaitingGroup(group, ++this.#arrivals);
    waiting.isShort = this.#openJobs.get(group.job) ?? false;
    this.#groups.set(group.id, waiting);
    const ofJob = this.#groupsOf.get(group.job);
    if (ofJob) ofJob.add(waiting);
    else this.#groupsOf.set(group.job, new Set([waiting]));
    return waiting;
  }

  #indexOf({ group }: WaitingGroup): GroupIndex | Gangs {
    return group.gangSize > 1 ? this.#gangs : this.single;
  }

  #list(group: WaitingGroup): void {
    this.#indexOf(group).add(group);
    if (group.mayBePassedBy) this.#gangs.watch(group);
  }

  #unlist(group: WaitingGroup): void {
    this.#indexOf(group).remove(group);
    if (group.mayBePassedBy) this.#gangs.unwatch(group);
  }

  /** Changes a group's tasks; its place in the order is that of the first. A group without tasks is forgotten. */
  #change(waiting: WaitingGroup, change: () => void): void {
    const [before] = waiting.tasks.first ?? [];
    const isOpen = this.#openJobs.has(waiting.group.job);
    const wasIn = isOpen && waiting.isReady;
    change();
    const [first, age = 0] = waiting.tasks.first ?? [];
    const isIn = isOpen && waiting.isReady;
    if (first === before && wasIn === isIn) return;
    const index = this.#indexOf(waiting);
    if (wasIn && isIn) return index.setAge(waiting, age);
    if (wasIn) this.#unlist(waiting);
    waiting.age = age;
    if (isIn) this.#list(waiting);
    if (first === undefined) this.#forget(waiting);
  }

  #forget(waiting: WaitingGroup): void {
    const { id, job } = waiting.group;
    this.#groups.delete(id);
    this.changed.delete(waiting);
    const ofJob = this.#groupsOf.get(job);
    ofJob?.delete(waiting);
    if (ofJob?.size === 0) this.#groupsOf.delete(job);
  }
}
