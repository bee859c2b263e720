/** Which tasks each agent holds, whether it is connected or not: leases outlive a connection. */
export class Holdings {
  readonly #byAgent = new Map<string, Set<number>>();

  add(agent: string, number: number): void {
    const held = this.#byAgent.get(agent);
    if (held) held.add(number);
    else this.#byAgent.set(agent, new Set([number]));
  }

  remove(agent: string, number: number): void {
    const held = this.#byAgent.get(agent);
    held?.delete(number);
    if (held?.size === 0) this.#byAgent.delete(agent);
  }

  /** How many tasks the agent holds. */
  count(agent: string): number {
    return this.#byAgent.get(agent)?.size ?? 0;
  }

  /** The numbers the agent holds, as they are now: safe to change while walking. */
  of(agent: string): readonly number[] {
    return [...(this.#byAgent.get(agent) ?? [])];
  }

  /** The numbers the agent holds, without a copy: not to be changed while walking. */
  each(agent: string): Iterable<number> {
    return this.#byAgent.get(agent) ?? [];
  }

  /** All numbers that anybody holds, as they are now. */
  all(): readonly number[] {
    return [...this.#byAgent.values()].flatMap((held) => [...held]);
  }
}
