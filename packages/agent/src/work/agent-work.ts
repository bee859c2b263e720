import {
  equalBytes,
  type FailureReason,
  type Lease,
  openRelease,
  openOwnStatement,
  protocolLimits,
  taskManifest,
  type ToAgent,
  type ToPool,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Session } from "../connection/session.js";
import type { RunOutcome } from "../engines/index.js";
import { attestationOf, keptFor } from "./attestations.js";
import { Capacity } from "./capacity.js";
import { type HeldTask, HeldTasks } from "./held-tasks.js";
import { JobSecrets } from "./job-secrets.js";
import { Openings } from "./openings.js";
import { keysHold, maxProgramBytes, openInput, openProgram, type OpenRefusal } from "./open-task.js";
import { sealRun } from "./result-message.js";
import { SealedBlobs } from "./sealed-blobs.js";
import type { Slot } from "./slot.js";
import { Slots } from "./slots.js";
import { stoppedPatienceMs, type WorkMessage, type WorkParts } from "./work-parts.js";

type HandBackReason = Extract<ToPool, { type: "hand-back" }>["reason"];

/** What an agent does with the messages of a pool it is connected to: takes tasks, opens them, runs them, answers. */
export class AgentWork {
  readonly #parts: WorkParts;
  readonly #held = new HeldTasks();
  readonly #blobs: SealedBlobs;
  readonly #slots: Slots;
  readonly #capacity: Capacity;
  readonly #openings: Openings;
  /** Tasks with their keys that wait for a slot, the oldest first. */
  #ready: HeldTask[] = [];
  #secrets: JobSecrets | undefined;
  #announced = 0;
  #leaving = false;
  #paused = false;
  #patience: NodeJS.Timeout | undefined;
  #onIdle: () => void = () => undefined;

  constructor(parts: WorkParts) {
    this.#parts = parts;
    this.#blobs = new SealedBlobs((hash) => parts.http.download(hash, maxProgramBytes));
    this.#slots = new Slots(parts.engines, parts.offer);
    this.#capacity = new Capacity(parts.offer.slots);
    this.#openings = new Openings(parts.keys.agent);
  }

  /** What runs or waits with its keys: the leases that survive a lost connection. */
  held(): Lease[] {
    return this.#held.keyed().map(({ number, fence }) => ({ number, fence }));
  }

  /** A new connection stands: whatever had no key is gone, results that were not answered are sent again. */
  connected(session: Session, lost: readonly Lease[]): void {
    this.#secrets = new JobSecrets(session, { pool: this.#parts.pool, agent: this.#parts.keys.agent.publicKey });
    // of a lost lease with a result the pool may have taken the result: it answers with the receipt, or refuses
    for (const lease of lost) if (!this.#held.find(lease)?.result) this.#forget(lease);
    for (const task of this.#held.all()) {
      if (!task.keys) this.#held.drop(task);
      else if (task.result) this.#parts.send(task.result);
    }
    this.#announced = 0;
    this.#announce();
  }

  receive(message: WorkMessage): void {
    switch (message.type) {
      case "offer":
        return this.#consider(message);
      case "task":
        return this.#take(message);
      case "key":
        void this.#unlock(message);
        return;
      case "revoke":
        return this.#forget(message);
      case "reveal":
        return this.#reveal(message);
      case "settled":
        this.#held.drop(message);
        return this.#parts.onEvent({ kind: "settled", number: message.number, receipt: message.receipt });
      case "refused":
        this.#forget(message);
        return this.#parts.onEvent({ kind: "refused", number: message.number, reason: message.reason });
      case "challenge":
      case "welcome":
      case "head":
      case "error":
      case "speed-challenge":
      case "open-rows":
      case "rated":
      case "payout-pending":
        return; // the connection's business, the prover's or the owner's
    }
  }

  /**
   * Takes nothing more, gives back what has not begun, and waits up to `patienceMs` for what runs; the rest is handed
   * back too.
   */
  async leave(patienceMs: number): Promise<void> {
    this.#leaving = true;
    clearTimeout(this.#patience);
    this.#handBackWaiting();
    if (!this.#paused && !this.#slots.isIdle) await this.#idleOrAfter(patienceMs);
    for (const task of this.#held.all()) if (!task.result) this.#handBack(task, "leaving");
    await this.#slots.close();
  }

  /**
   * Stops what runs at once, gives back what has not begun, and takes nothing more until {@link resume}. What is still
   * stopped after a while is handed back, so that its requester does not wait for this machine's owner.
   */
  pause(): void {
    if (this.#paused || this.#leaving) return;
    this.#paused = true;
    const stopped = this.#parts.engines.pause();
    this.#handBackWaiting();
    if (!stopped) return this.#handBackRunning();
    this.#patience = setTimeout(() => this.#handBackRunning(), this.#parts.stoppedPatienceMs ?? stoppedPatienceMs);
  }

  /** Lets what is stopped go on, and takes tasks again. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    clearTimeout(this.#patience);
    this.#parts.engines.resume();
    this.#announce();
  }

  /** The tasks that are in a sandbox now. */
  running(): { readonly number: number; readonly engine: string }[] {
    return Array.from(this.#slots.running.keys(), ({ number, manifest }) => ({
      number,
      engine: manifest?.requirements.engine ?? "unknown",
    }));
  }

  #handBackWaiting(): void {
    this.#announce();
    for (const task of this.#held.all()) if (!task.begun) this.#handBack(task, "leaving");
    this.#ready = [];
  }

  #handBackRunning(): void {
    for (const task of this.#slots.running.keys()) {
      if (task.result) continue;
      this.#handBack(task, "leaving");
      this.#slots.kill(task);
    }
  }

  #consider({ number, fence, requirements }: Extract<ToAgent, { type: "offer" }>): void {
    const offered = this.#parts.engines.offered.some(({ engine }) => engine === requirements.engine);
    // the pool heeds what was announced; this only bounds a pool that does not
    const room = this.#held.size < protocolLimits.leasesPerAgent;
    if (this.#leaving) return this.#parts.send({ type: "decline", number, fence, reason: "leaving" });
    if (!offered) return this.#parts.send({ type: "decline", number, fence, reason: "unsupported" });
    if (!room || this.#paused) return this.#parts.send({ type: "decline", number, fence, reason: "busy" });
    this.#held.add({ number, fence });
    this.#parts.send({ type: "accept", number, fence });
  }

  #take({ manifest: signed, input, ...lease }: Extract<ToAgent, { type: "task" }>): void {
    const task = this.#held.find(lease);
    if (!task) return;
    const manifest = openOwnStatement(taskManifest, signed, ({ job }) => job, primitives);
    const genuine = manifest?.number === task.number && equalBytes(manifest.pool, this.#parts.pool);
    if (!manifest || !genuine) return this.#handBack(task, "manifest-invalid");
    task.manifest = manifest;
    task.manifestHash = primitives.sha256(signed.body);
    task.input = input;
    // fetched while the key is on its way; who needs it hears of an error
    this.#blobs.get(manifest.program).catch(() => undefined);
  }

  async #unlock({ encapsulated, sealed, ...lease }: Extract<ToAgent, { type: "key" }>): Promise<void> {
    const task = this.#held.find(lease);
    if (!task?.manifest || !task.manifestHash) return;
    const secret = await this.#secrets?.of(encapsulated, task.manifest.job);
    const { number, fence, manifestHash } = task;
    const binding = { number, fence, manifestHash, agent: this.#parts.keys.agent.publicKey };
    const keys = secret && openRelease(secret, binding, sealed, primitives);
    if (this.#held.find(lease) !== task || task.keys) return; // revoked, or unlocked by the same key again, meanwhile
    if (!keys) return this.#handBack(task, "key-unreadable");
    if (!keysHold(keys, task.manifest)) return this.#handBack(task, "key-mismatch");
    task.keys = keys;
    this.#ready.push(task);
    this.#fill();
  }

  /** Begins what has room. */
  #fill(): void {
    for (let next = this.#slots.next(this.#ready); next; next = this.#slots.next(this.#ready)) {
      const [task, slot] = next;
      this.#ready = this.#ready.filter((other) => other !== task);
      void this.#run(slot, task);
    }
  }

  async #run(slot: Slot, task: HeldTask): Promise<void> {
    task.begun = true;
    try {
      await this.#slots.begin(task, slot);
      const outcome = await this.#attempt(slot, task);
      if (typeof outcome === "string") this.#handBack(task, outcome);
      else await this.#answer(task, outcome);
    } catch {
      this.#handBack(task, "sandbox-broken"); // the pool or the sandbox cannot be reached: another agent may do better
    } finally {
      this.#slots.end(task);
      this.#announce();
      this.#fill();
      if (this.#slots.isIdle) this.#onIdle();
    }
  }

  async #attempt(slot: Slot, task: HeldTask): Promise<RunOutcome | OpenRefusal | "sandbox-broken"> {
    const { manifest, keys } = task;
    if (!manifest || !keys) return "sandbox-broken";
    const download = (hash: Uint8Array) => this.#parts.http.download(hash, maxProgramBytes);
    const input = await openInput(manifest, keys, task.input, download);
    if (typeof input === "string") return input;
    const outcome = await slot.run({
      manifest,
      keys,
      input,
      openProgram: keptFor(task, input, () => openProgram(manifest, keys, this.#blobs)),
      wanted: () => this.#held.find(task) === task,
    });
    if (typeof outcome === "string") return outcome;
    return !outcome.ok && outcome.reason === "sandbox-broken" ? "sandbox-broken" : outcome;
  }

  async #answer(task: HeldTask, outcome: RunOutcome): Promise<void> {
    const { number, fence, manifest, manifestHash, keys } = task;
    if (this.#held.find(task) !== task || !manifest || !manifestHash || !keys) return; // revoked while it ran
    this.#capacity.observe(outcome.wallMs);
    const engine = this.#parts.engineVersions[manifest.requirements.engine];
    const attestation = attestationOf({ task, manifest, keys, outcome, engine }, this.#parts);
    const check = this.#openings.commit({ manifest, keys }, outcome, attestation);
    const run = { number, fence, manifest, manifestHash, keys, engine, check, signer: this.#parts.keys.agent };
    const { message, blob } = sealRun(outcome as RunOutcome & { reason?: FailureReason }, run);
    if (blob) await this.#parts.http.upload(blob.hash, blob.bytes);
    task.result = message;
    this.#parts.send(message);
    const ended = outcome.ok ? "completed" : outcome.reason;
    this.#parts.onEvent({ kind: "ran", number, outcome: ended, ranMs: outcome.wallMs });
  }

  #handBack(task: HeldTask, reason: HandBackReason): void {
    if (this.#held.find(task) !== task) return;
    this.#held.drop(task);
    const { number, fence } = task;
    this.#parts.send({ type: "hand-back", number, fence, reason });
    this.#parts.onEvent({ kind: "handed-back", number, reason });
  }

  #reveal(message: Extract<ToAgent, { type: "reveal" }>): void {
    const revealed = this.#openings.open(message);
    if (revealed) this.#parts.send(revealed);
  }

  /** The lease is over: a run under it is killed, since nobody wants its result. */
  #forget(lease: Lease): void {
    const task = this.#held.find(lease);
    if (!task) return;
    this.#held.drop(lease);
    this.#slots.kill(task);
    this.#ready = this.#ready.filter((other) => other !== task);
  }

  /** Tells the pool how many leases are wanted, when that has changed. */
  #announce(): void {
    const leases = this.#leaving || this.#paused ? 0 : this.#capacity.leases;
    if (leases === this.#announced) return;
    this.#announced = leases;
    this.#parts.send({ type: "capacity", leases });
  }

  #idleOrAfter(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const patience = setTimeout(resolve, patienceMs);
      this.#onIdle = () => {
        clearTimeout(patience);
        resolve();
      };
    });
  }
}
