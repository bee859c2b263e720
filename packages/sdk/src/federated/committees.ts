import {
  AgentCertificate,
  type AttemptView,
  Check,
  type Committee,
  committeeHash,
  committeeOf,
  equalBytes,
  fromBase64Url,
  openCommittee,
  parseCbor,
  toCbor,
  toHex,
  Type,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { openCertificate } from "../job/known-certificates.js";
import type { DrawnRun } from "./drawn-run.js";
import { refused } from "./refusals.js";
import type { RunWatch } from "./run-watch.js";
import { untilAnswered } from "./until-answered.js";

const AgentAnswer = Type.Object({
  logIndex: Type.Integer({ minimum: 0 }),
  certificate: Type.String({ maxLength: 4_096 }),
});

/** The committees of a run's attempts, each held to the draw. */
export class Committees {
  readonly #watch: RunWatch;
  readonly #drawn: DrawnRun;
  /** Agents whose certificate the log has. */
  readonly #proven = new Set<string>();
  /** Agents that were passed over: none of them comes back. */
  readonly #skipped = new Set<string>();

  /** Of the newest round that was looked at: what was found in its attempts. */
  #round = 0;
  readonly #agents = new Map<number, string>();
  readonly #opened = new Map<number, Committee>();

  constructor(watch: RunWatch, drawn: DrawnRun) {
    this.#watch = watch;
    this.#drawn = drawn;
  }

  /**
   * The committee of an attempt, or undefined while not all members have made their keys. Attempts are to be opened in their order.
   * @throws {AegisError} `federated-refused` unless it is the drawn one, each member of another operator, with keys that they have signed;
   * `log-mismatch` where the log does not have a member's certificate
   */
  async open(round: number, attempt: AttemptView): Promise<Committee | undefined> {
    if (attempt.agents.length === 0) return undefined;
    this.#requireLikeBefore(round, attempt);
    const { known } = this.#watch;
    const shape = known.terms.committee;
    if (attempt.keys.length < shape.size) return undefined;
    const before = this.#opened.get(attempt.attempt);
    if (before && equalBytes(committeeHash(attempt.keys, primitives), before.hash)) return before;
    if (before) throw refused(`shows other keys for attempt ${attempt.attempt} at round ${round} than before`);
    for (const agent of attempt.agents) await this.#requireCertified(agent);
    const binding = { run: known.id, round, attempt: attempt.attempt };
    const terms = { shape, roster: this.#drawn.hash, agents: attempt.agents };
    const committee = openCommittee(attempt.keys, binding, terms, primitives);
    if (!committee)
      throw refused(`shows keys for attempt ${attempt.attempt} at round ${round} that its committee did not sign`);
    this.#opened.set(attempt.attempt, committee);
    return committee;
  }

  #requireLikeBefore(round: number, { attempt, agents }: AttemptView): void {
    if (round !== this.#round) {
      this.#round = round;
      this.#agents.clear();
      this.#opened.clear();
    }
    const names = agents.map(toHex).join();
    const before = this.#agents.get(attempt);
    if (before === names) return;
    if (before !== undefined)
      throw refused(`shows another committee for attempt ${attempt} at round ${round} than before`);
    this.#requireDrawn(agents);
    this.#agents.set(attempt, names);
  }

  /** Who comes before a member in the drawn order, and is none itself, must have been passed over. */
  #requireDrawn(agents: readonly Uint8Array[]): void {
    const { order } = this.#drawn;
    const names = new Set(agents.map(toHex));
    const last = order.findLastIndex(({ agent }) => names.has(toHex(agent)));
    const skipped = order
      .slice(0, last)
      .map(({ agent }) => toHex(agent))
      .filter((agent) => !names.has(agent));
    const passedOver = new Set(this.#watch.view.passedOver.map(toHex));
    for (const agent of skipped) if (passedOver.has(agent)) this.#skipped.add(agent);
    const members = committeeOf(order, this.#watch.known.terms.committee, this.#skipped);
    const isDrawn = members?.every(({ agent }, place) => equalBytes(agent, agents[place] ?? new Uint8Array(0)));
    if (!isDrawn || agents.length !== members?.length) {
      throw refused("shows a committee that was not drawn, or has passed over too many");
    }
  }

  async #requireCertified(agent: Uint8Array): Promise<void> {
    const name = toHex(agent);
    if (this.#proven.has(name)) return;
    const { client, signal } = this.#watch.connection;
    const answer = await untilAnswered(() => client.getJson(`/v1/agents/${name}`), signal);
    const bytes = Check(AgentAnswer, answer) ? fromBase64Url(answer.certificate) : undefined;
    const certificate = bytes && parseCbor(bytes);
    const enrolment = Check(AgentCertificate, certificate) && openCertificate(certificate, client.key);
    const candidate = this.#drawn.order.find((each) => equalBytes(each.agent, agent));
    const isOurs = enrolment && candidate && equalBytes(enrolment.agent, agent);
    if (!isOurs || !equalBytes(enrolment.operator, candidate.operator)) {
      throw refused(`names another operator of agent ${name.slice(0, 16)} than has enrolled it`);
    }
    const entry = toCbor({ kind: "agent", certificate });
    const { logIndex } = answer as { logIndex: number };
    await untilAnswered(
      () => client.log.requireEntry(entry, logIndex, `agent ${name.slice(0, 16)} is enrolled`),
      signal,
    );
    this.#proven.add(name);
  }
}
