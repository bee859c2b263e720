/** Shared inputs that are remembered, and agents for each: those used last. */
const remembered = { inputs: 1_024, agents: 64 } as const;

/** Which agents have had a shared input, and so need not fetch it again. */
export class RecentPlaces {
  readonly #byInput = new Map<string, Set<string>>();

  /** The agent has been given a task with this shared input. */
  note(input: string, agent: string): void {
    const agents = this.#byInput.get(input) ?? new Set<string>();
    this.#byInput.delete(input); // and in again, as the newest
    this.#byInput.set(input, agents);
    agents.delete(agent);
    agents.add(agent);
    dropOldest(agents, remembered.agents);
    dropOldest(this.#byInput, remembered.inputs);
  }

  of(input: string): Iterable<string> {
    return this.#byInput.get(input) ?? [];
  }
}

function dropOldest(
  kept: { size: number; keys(): Iterator<string>; delete(key: string): boolean },
  most: number,
): void {
  if (kept.size > most) kept.delete(kept.keys().next().value ?? "");
}
