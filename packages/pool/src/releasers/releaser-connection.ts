import {
  AegisError,
  type AgentCertificate,
  attestationAsked,
  fromCbor,
  type FromReleaser,
  fromReleaser,
  type SettlementVerdict,
  readSigned,
  type ToReleaser,
  toReleaser,
} from "@aegis-pool/core";
import { MessageSocket } from "@aegis-pool/platform";
import type { WebSocket } from "ws";
import type { PoolServices } from "../services/index.js";
import { remainingMs } from "../services/market/forecast.js";
import type { AgentSession, LiveJob, LiveTask, Releaser } from "../services/market/live.js";
import { standingsOf } from "../store/held-rows.js";
import { type FinishedRow, outcomesAfter } from "../store/task-reads.js";
import type { Outcome } from "../store/task-writes.js";

/** Finished tasks that are read from the database at a time. */
const pageRows = 256;
/** Progress is told at most this often, in ms. */
const progressMs = 100;

/** A requester's connection about one job, after the job's key has been proven. */
export class ReleaserConnection implements Releaser {
  readonly #services: PoolServices;
  readonly #job: LiveJob;
  readonly #channel: MessageSocket<ToReleaser, FromReleaser>;
  readonly #aliases = new Map<AgentSession, number>();
  /** The last finished task that was sent; undefined until the releaser says where to start. */
  #sent: number | undefined;
  #catchingUp = false;
  #behind = false;
  #progressDue: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, services: PoolServices, job: LiveJob) {
    this.#services = services;
    this.#job = job;
    this.#channel = new MessageSocket<ToReleaser, FromReleaser>(socket, toReleaser, fromReleaser, {
      onMessage: (message) => this.#receive(message),
      onClose: () => {
        clearTimeout(this.#progressDue);
        services.market.jobs.detach(job, this);
      },
      onRefused: (code) => this.#channel.send({ type: "error", code, message: `The frame was refused: ${code}.` }),
    });
  }

  send(message: ToReleaser): void {
    this.#channel.send(message);
    this.tellProgress();
  }

  close(reason: string): void {
    this.#channel.close(reason);
  }

  aliasOf(session: AgentSession): number {
    const known = this.#aliases.get(session);
    if (known !== undefined) return known;
    const alias = this.#aliases.size;
    this.#aliases.set(session, alias);
    const { certificate, session: key, attested } = session;
    const attestation = asksForAttestation(this.#job) && attested && { attestation: attested.evidence };
    this.#channel.send({ type: "agent", alias, certificate, session: key, ...attestation });
    return alias;
  }

  /** A task of the job has finished and is durable. */
  finished(outcome: Outcome, certificate: AgentCertificate | undefined): void {
    if (this.#sent === outcome.sequence - 1 && !this.#catchingUp) {
      this.#sent = outcome.sequence;
      this.send(finishedMessage(outcome, certificate));
    } else {
      void this.#catchUp();
    }
  }

  #receive(message: FromReleaser): void {
    const { jobs, leases, funds } = this.#services.market;
    switch (message.type) {
      case "resume":
        this.#sent = message.after;
        jobs.attach(this.#job, this);
        void this.#catchUp();
        this.tellProgress();
        return;
      case "release":
        leases.release(this.#job, { ...message, type: "key" });
        this.tellProgress();
        return;
      case "withhold":
        leases.withhold(this.#job, message);
        this.#services.checks.refused(this.#job, message.number);
        this.#services.judgements.refused(this.#job, message.number);
        return;
      case "replica":
        void this.#replicate(message);
        return;
      case "no-replica":
        return this.#judgeOf(message.of).noReplica(this.#job, message.of);
      case "judged":
        return this.#services.judgements.judged(this.#job, message);
      case "cancel":
        jobs.cancel(this.#job);
        void funds.giveBack(this.#job).catch(() => undefined); // a failed commit stops the pool
    }
  }

  /** Who has asked for further runs of a task. */
  #judgeOf(task: number): Pick<PoolServices["checks"], "replica" | "noReplica"> {
    const { checks, judgements } = this.#services;
    return judgements.has(task) ? judgements : checks;
  }

  async #replicate(message: Extract<FromReleaser, { type: "replica" }>): Promise<void> {
    try {
      await this.#judgeOf(message.of).replica(this.#job, message);
    } catch (error) {
      if (error instanceof AegisError) return; // the requester has been told that the task is not checked
      this.#services.log.error({ err: error }, "a task could not be run again");
    }
  }

  /** Sends what has finished since the releaser was last here. Where that cannot be read it is hung up on: it comes back, and says from where on. */
  async #catchUp(): Promise<void> {
    this.#behind = true;
    if (this.#catchingUp || this.#sent === undefined) return;
    this.#catchingUp = true;
    try {
      await this.#sendFinished();
    } catch (error) {
      this.#services.log.warn({ err: error }, "finished tasks could not be read");
      this.#channel.close("database-failed");
    }
    this.#catchingUp = false;
  }

  /** Page by page, from the database. */
  async #sendFinished(): Promise<void> {
    while (this.#behind && this.#channel.isOpen) {
      this.#behind = false; // set again by whatever finishes while the page is read
      const rows = await outcomesAfter(this.#services.database, this.#job.key, this.#sent ?? 0, pageRows);
      for (const row of rows)
        this.#channel.send(finishedMessage(row.kept ? row : { ...row, reason: "deleted" }, storedCertificate(row)));
      await this.#tellStandings(rows.map(({ number }) => number));
      this.#sent = rows.at(-1)?.sequence ?? this.#sent;
      if (rows.length === pageRows) this.#behind = true;
      await this.#channel.drained();
    }
  }

  /** How results stand that are held, or were: whoever comes back has not heard of it. */
  async #tellStandings(numbers: readonly number[]): Promise<void> {
    const { checks, database } = this.#services;
    for (const { number, verdict, right } of await standingsOf(database, numbers)) {
      if (verdict !== null) checks.tell(this.#job, number, verdictWords[verdict], right ?? undefined);
      else if (checks.isTaken(number)) checks.tell(this.#job, number, "held");
    }
  }

  /** Says how the job stands, soon: much at once is told once. */
  tellProgress(): void {
    this.#progressDue ??= setTimeout(() => {
      this.#progressDue = undefined;
      const { sessions, times } = this.#services.market;
      const left = remainingMs(this.#job, sessions.values(), times);
      const counts = { ...this.#job.counts };
      this.#channel.send({
        type: "progress",
        counts,
        agents: sessions.size,
        ...(left !== undefined && { remainingMs: left }),
      });
    }, progressMs);
  }
}

/** Tells a job's releaser, where one is connected, that a task has finished. */
export function announceOutcome(task: LiveTask, outcome: Outcome, certificate: AgentCertificate | undefined): void {
  const { releaser } = task.job;
  if (releaser instanceof ReleaserConnection) releaser.finished(outcome, certificate);
}

/** What a requester is told of a result that was settled. */
const verdictWords = {
  agreed: "right",
  trusted: "final",
  accepted: "final",
  disproved: "wrong",
  silent: "wrong",
  contradicted: "wrong",
  "failed-training": "wrong",
  nondeterministic: "nondeterministic",
  rejected: "wrong",
} as const satisfies Record<SettlementVerdict, string>;
/** Evidence has 6 KB, which only those get who look at it. */
function asksForAttestation({ groups }: LiveJob): boolean {
  return [...groups.values()].some(({ requirements }) => attestationAsked(requirements));
}

function finishedMessage(outcome: Omit<Outcome, "keepsInput">, certificate: AgentCertificate | undefined): ToReleaser {
  const { sequence, number, run, receipt, result, log, reason } = outcome;
  return {
    type: "finished",
    sequence,
    number,
    ...(run && { run: readSigned(run) }),
    ...(receipt && { receipt: readSigned(receipt) }),
    ...(certificate && { certificate }),
    ...(result && { inline: result }),
    ...(log && { log }),
    ...(reason && { reason }),
  };
}

function storedCertificate({ certificate }: FinishedRow): AgentCertificate | undefined {
  return certificate && (fromCbor(certificate) as AgentCertificate);
}
