import { type EngineName, taskEngines } from "../../protocol/requirements.js";
import type { Capacity } from "../packing/capacity.js";
import { type AgentTerms, refusingFilter, type TaskGroup } from "./filters.js";
import { groupKeysOf, partKeysOf, shortKeysOf } from "./group-keys.js";
import { atLeastMebibytes, atMostMebibytes } from "./memory.js";
import { type Measures, OrderedTree } from "./ordered-tree.js";

/** An agent as the market keeps it. */
export class MarketAgent {
  readonly terms: AgentTerms;
  /** The order in which agents came, which decides between equals. */
  readonly arrival: number;
  /** Its class, engines, bond, and whether its machine is attested: agents alike in all are searched together. */
  readonly kind: string;
  /** Under which keys the index of groups has those that it may take, those of short tasks among them, and those that ask for a part. */
  readonly groupKeys: readonly string[];
  readonly shortKeys: readonly string[];
  readonly partKeys: readonly string[];
  /** What its tasks may need at most: memory, and the negated floor. */
  readonly bounds: Measures;
  /** How many more tasks it would begin at once: its free slots. Unchanged, as the next is, while it is in an index. */
  room = 0;
  /** How many more short tasks it would hold until a slot is free. */
  ahead = 0;
  /** One more slot is free, and kept for a gang. */
  isKept = false;
  /** What it has free to lend in parts; undefined: nothing. */
  free: Capacity | undefined = undefined;
  /** What becomes free is for one group that has waited long, and for nobody else. */
  isClosed = false;

  constructor(terms: AgentTerms, arrival: number) {
    this.terms = terms;
    this.arrival = arrival;
    const { offer, isBonded, proven } = terms;
    this.kind = [offer.class, isBonded, proven !== undefined, ...taskEngines(offer).toSorted()].join(" ");
    this.groupKeys = groupKeysOf(terms);
    this.shortKeys = shortKeysOf(this.groupKeys);
    this.partKeys = partKeysOf(terms);
    this.bounds = [atMostMebibytes(terms.offer), -terms.floorPrice];
  }
}

/** What it would lend in parts to anybody now; undefined: nothing. */
export function openParts({ free, isKept, isClosed }: MarketAgent): Capacity | undefined {
  return isKept || isClosed ? undefined : free;
}

/** The lower floor first, then the larger part of its slots free, so that a job spreads over agents in proportion to what they lend. */
export function compareAgents(a: MarketAgent, b: MarketAgent): number {
  return (
    a.terms.floorPrice - b.terms.floorPrice ||
    b.room / b.terms.offer.slots - a.room / a.terms.offer.slots ||
    b.ahead / b.terms.offer.slots - a.ahead / a.terms.offer.slots ||
    a.arrival - b.arrival
  );
}

/** No task that needs more memory, and none with a lower top price, may go there. */
const offers = ({ terms }: MarketAgent) => [-atMostMebibytes(terms.offer), terms.floorPrice] as const;

/** Agents of one kind. */
interface Alike {
  readonly engines: readonly EngineName[];
  readonly isBonded: boolean;
  readonly isAttested: boolean;
  readonly agents: OrderedTree<MarketAgent>;
}

/** Whether any agent of this kind may take the group's tasks: the others need not be looked at. */
function mayServe({ engines, isBonded, isAttested }: Alike, { engine, isForBonded, attestation }: TaskGroup): boolean {
  return engines.includes(engine) && (isBonded || !isForBonded) && (isAttested || !attestation);
}

/** Agents that would take more, so that the best one for a group is found without a look at the others. */
export class AgentIndex {
  /** Few, since few engines exist. */
  readonly #byKind = new Map<string, Alike>();
  readonly #byOperator = new Map<string, Set<MarketAgent>>();

  get isEmpty(): boolean {
    return this.#byKind.size === 0;
  }

  /** Adds an agent that is not in the index. */
  add(agent: MarketAgent): void {
    const { offer, operator, isBonded, proven } = agent.terms;
    let alike = this.#byKind.get(agent.kind);
    if (!alike) {
      alike = {
        engines: taskEngines(offer),
        isBonded,
        isAttested: proven !== undefined,
        agents: new OrderedTree(compareAgents, offers),
      };
      this.#byKind.set(agent.kind, alike);
    }
    alike.agents.add(agent);
    const own = this.#byOperator.get(operator);
    if (own) own.add(agent);
    else this.#byOperator.set(operator, new Set([agent]));
  }

  remove(agent: MarketAgent): void {
    const { operator } = agent.terms;
    const alike = this.#byKind.get(agent.kind);
    alike?.agents.remove(agent);
    if (alike?.agents.isEmpty) this.#byKind.delete(agent.kind);
    const own = this.#byOperator.get(operator);
    own?.delete(agent);
    if (own?.size === 0) this.#byOperator.delete(operator);
  }

  /** The agent that comes first of those that may take the group's tasks. */
  best(group: TaskGroup): MarketAgent | undefined {
    return group.operators ? this.#bestOf(group, group.operators) : this.#bestOfAll(group);
  }

  #bestOfAll(group: TaskGroup): MarketAgent | undefined {
    const accepts = (agent: MarketAgent) => refusingFilter(group, agent.terms) === undefined;
    let best: MarketAgent | undefined;
    for (const alike of this.#byKind.values()) {
      if (!mayServe(alike, group)) continue;
      const found = alike.agents.first([-atLeastMebibytes(group), group.maxPrice], accepts);
      if (found && (!best || compareAgents(found, best) < 0)) best = found;
    }
    return best;
  }

  #bestOf(group: TaskGroup, operators: ReadonlySet<string>): MarketAgent | undefined {
    let best: MarketAgent | undefined;
    for (const operator of operators) {
      for (const agent of this.#byOperator.get(operator) ?? []) {
        const better = !best || compareAgents(agent, best) < 0;
        if (better && refusingFilter(group, agent.terms) === undefined) best = agent;
      }
    }
    return best;
  }
}
