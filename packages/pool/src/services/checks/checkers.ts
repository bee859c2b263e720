import { type EngineName, lendsEngine, toHex } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type { AgentSession } from "../market/live.js";
import { type OpenCheck, runnerOf } from "./open-check.js";

/** With fewer trusted operators than this, whoever is here checks others, and novices begin tasks. */
const enoughTrusted = 20;

/** Who runs a task again: those who are trusted, while enough of them are here; a lesson is for novices. */
export class Checkers {
  readonly #sessions: ReadonlyMap<string, AgentSession>;
  readonly #isTrusted: (runner: string) => boolean;
  /** Engines for which enough operators are trusted: asked of each pair that the market comes across, counted now and then. */
  #enough: ReadonlySet<EngineName> = new Set();

  constructor(sessions: ReadonlyMap<string, AgentSession>, isTrusted: (runner: string) => boolean) {
    this.#sessions = sessions;
    this.#isTrusted = isTrusted;
  }

  /** Counts who is here; @returns whether novices may begin tasks now that they might not before */
  refresh(log: Pick<FastifyBaseLogger, "info">): boolean {
    const before = this.#enough;
    const operators = new Map<EngineName, Set<string>>();
    for (const { id, offer, operatorKey } of this.#sessions.values()) {
      for (const engine of offer.engines) {
        // who is in a committee is drawn, and checked there
        if (engine === "aggregate" || !this.#isTrusted(runnerOf(id, engine))) continue;
        operators.set(engine, (operators.get(engine) ?? new Set()).add(toHex(operatorKey)));
      }
    }
    this.#enough = new Set([...operators].flatMap(([engine, { size }]) => (size >= enoughTrusted ? engine : [])));
    const [opened, closed] = [without(before, this.#enough), without(this.#enough, before)];
    if (closed.length > 0) log.info({ engines: closed }, "enough operators are trusted: novices begin no held tasks");
    if (opened.length > 0) log.info({ engines: opened }, "too few operators are trusted: novices begin held tasks too");
    return opened.length > 0;
  }

  /** Whether an agent is too new to begin tasks whose results are held. */
  isNovice(agent: string, engine: EngineName): boolean {
    return this.#enough.has(engine) && !this.#isTrusted(runnerOf(agent, engine));
  }

  /** Whether an agent of an operator, both by key, may run a task again. */
  mayRun({ operators, engine, purpose }: OpenCheck, agent: string, operator: string): boolean {
    if (operators.has(operator)) return false;
    const isTrusted = this.#isTrusted(runnerOf(agent, engine));
    return purpose === "lesson" ? !isTrusted : isTrusted || !this.#enough.has(engine);
  }

  /** Whether anybody is here who could: in a pool of one operator nobody is. */
  areHereFor(check: OpenCheck): boolean {
    for (const { id, offer, operatorKey } of this.#sessions.values())
      if (lendsEngine(offer, check.engine) && this.mayRun(check, id, toHex(operatorKey))) return true;
    return false;
  }
}

function without(engines: ReadonlySet<EngineName>, others: ReadonlySet<EngineName>): EngineName[] {
  return [...engines].filter((engine) => !others.has(engine));
}
