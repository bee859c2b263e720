import {
  AegisError,
  epochAt,
  type EpochHeader,
  type LedgerAnswer,
  type LedgerOperation,
  type Primitives,
  readParameters,
  rewardDefaults,
  type RewardParameters,
  type Signer,
  unfitParameter,
  writtenParameters,
  defaultPrices,
} from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import {
  attendancesOf,
  closedBefore,
  epochToClose,
  freezeEpoch,
  type FrozenEpoch,
  newestFrozen,
  rewardTerms,
} from "../../store/epoch-rows.js";
import type { Clock } from "../clock.js";
import type { GroupCommit, WriteKind } from "../group-commit.js";
import type { Market } from "../market/index.js";
import type { TransparencyLog } from "../transparency-log.js";
import { Attendance, type BegunCount } from "./attendance.js";
import { EpochClosing } from "./epoch-closing.js";

/** What epochs are built on. */
export interface EpochsGround {
  readonly database: pg.Pool;
  readonly commit: GroupCommit;
  readonly transparency: TransparencyLog;
  readonly ledger: { readonly money: WriteKind<LedgerOperation, LedgerAnswer> };
  readonly market: Market;
  readonly signer: Signer;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
}

/** By what a pool pays, and since when. */
export interface RewardTerms {
  readonly genesis: number;
  readonly parameters: RewardParameters;
}

/** Counts who is available, and closes each epoch when it is over: issues, writes the public file, signs it, puts it into the log. */
export class Epochs {
  readonly #ground: EpochsGround;
  readonly #attendance: Attendance;
  readonly #closing: EpochClosing;
  readonly terms: RewardTerms;

  /**
   * @param asked of a pool that has none yet
   * @throws {RangeError} where one is out of bounds; {AegisError} `bad-argument` where the pool has others
   */
  static async open(ground: EpochsGround, asked?: RewardParameters): Promise<Epochs> {
    const { database, clock } = ground;
    const parameters = asked ?? rewardDefaults;
    const unfit = unfitParameter(parameters);
    if (unfit) throw new RangeError(`${unfit} is ${parameters[unfit]}: rewardBounds says what it may be`);
    const given = {
      genesis: epochAt(clock(), parameters).start,
      parameters: JSON.stringify(writtenParameters(parameters)),
    };
    const written = await rewardTerms(database, given);
    if (asked && written.parameters !== given.parameters) throw hasOthers(written.parameters);
    const terms = {
      genesis: written.genesis,
      parameters: readParameters(JSON.parse(written.parameters) as EpochHeader["parameters"]),
    };
    const last = await closedBefore(database, Number.MAX_SAFE_INTEGER);
    const { number } = epochAt(clock(), terms.parameters);
    const epoch = Math.max(number, (await newestFrozen(database)) + 1); // also where a clock was set back
    const referencePrice = last?.nextPrice ?? Number(defaultPrices.floor);
    const before = await attendancesOf(database, epoch);
    return new Epochs(ground, terms, { epoch, now: clock(), referencePrice, before });
  }

  private constructor(ground: EpochsGround, terms: RewardTerms, begun: BegunCount) {
    this.#ground = ground;
    this.terms = terms;
    const { sessions, transitions, backOffs } = ground.market;
    const isLeftAlone = (agent: string) => backOffs.until(agent) > ground.clock();
    const { parameters } = terms;
    this.#attendance = new Attendance({ ...ground, sessions, isLeftAlone, parameters }, begun);
    this.#closing = new EpochClosing(ground, terms);
    transitions.effects.onOffered = (agent) => this.#attendance.offered(agent);
    transitions.effects.onMissed = (agent, tasks, isAway) => this.#attendance.missed(agent, tasks, isAway);
  }

  /** nAIS per SCU-second: offers count up to a part above it. */
  get referencePrice(): number {
    return this.#attendance.referencePrice;
  }

  /** Counts what there is to count. */
  look(): void {
    const now = this.#ground.clock();
    this.#attendance.look(now, epochAt(now, this.terms.parameters).number);
  }

  /** Counts, and writes what was counted; resolves when it is durable. */
  async write(): Promise<void> {
    this.look();
    await this.#attendance.write().catch(() => undefined); // a failed commit stops the pool
  }

  /** Writes what was counted, and closes what is over. */
  async keep(): Promise<void> {
    const { number } = epochAt(this.#ground.clock(), this.terms.parameters); // before it is counted: what is closed is counted no more
    await this.write();
    const { database } = this.#ground;
    for (
      let open = await epochToClose(database, number);
      open !== undefined;
      open = await epochToClose(database, number)
    )
      await this.#close(open);
  }

  async #close(number: number): Promise<void> {
    const { commit, log } = this.#ground;
    const frozen = await commit.submit(freeze, { number, referencePrice: this.referencePrice });
    const { nextPrice, built } = await this.#closing.close(frozen);
    this.#attendance.referencePrice = nextPrice;
    const { lines, issued, earned } = built;
    log.info({ epoch: number, lines, issued, earned }, "an epoch is closed");
  }
}

const hasOthers = (parameters: string) =>
  new AegisError({
    code: "bad-argument",
    message: `This pool pays by other parameters than it is asked to, and keeps them for ever: ${parameters}.`,
    next: "Start it without saying how long an epoch takes, or start another pool in another folder.",
  });

/** In the lane of outcomes and settlements: none of them is half written then. */
const freeze: WriteKind<{ readonly number: number; readonly referencePrice: number }, FrozenEpoch> = {
  order: 9,
  money: true,
  async write(client, asked) {
    const frozen: FrozenEpoch[] = [];
    for (const { number, referencePrice } of asked) frozen.push(await freezeEpoch(client, number, referencePrice));
    return frozen;
  },
};
