import {
  type AdminAction,
  adminAction,
  type AdminChange,
  type AdminRefusal,
  type AdminRole,
  type AdminState,
  AegisError,
  afterChange,
  type Bannable,
  banKey,
  firstAdminState,
  fromCbor,
  mayActAs,
  neededRoles,
  openOwnStatement,
  parameterTerms,
  type Primitives,
  refuseChange,
  type Signed,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import type pg from "pg";
import { adminActions, insertAdminAction, isKnownAction } from "../../store/admin-rows.js";
import type { Clock } from "../clock.js";
import { InTurn } from "../in-turn.js";

/** What administration is built on. */
export interface AdminGround {
  readonly database: pg.Pool;
  readonly primitives: Primitives;
  readonly clock: Clock;
  /** The key of the pool's own administrator, in hexadecimal. */
  readonly root: string;
}

/** How the pool is run: paused or not, who is banned, its parameters, and who may change them. */
export class Administration {
  readonly #ground: AdminGround;
  readonly #inTurn = new InTurn();
  #state: AdminState;
  /** Told of each change, once it counts. */
  onChange: (change: AdminChange) => void = () => undefined;

  private constructor(ground: AdminGround, state: AdminState) {
    this.#ground = ground;
    this.#state = state;
  }

  /** As all that was done has left it. */
  static async open(ground: AdminGround): Promise<Administration> {
    const rows = await adminActions(ground.database);
    const changes = rows.map(({ id, action }) => {
      const signed = fromCbor(action) as Signed;
      const statement = openOwnStatement(adminAction, signed, ({ account }) => account, ground.primitives);
      if (!statement) throw new TypeError(`admin action ${id} in the database is not genuine`);
      return statement.change;
    });
    return new Administration(ground, changes.reduce(afterChange, firstAdminState(ground.root)));
  }

  get state(): AdminState {
    return this.#state;
  }

  /**
   * Does what was asked for, once per key.
   * @returns whether it was done now, and not before
   * @param signed as the admin has signed `asked`
   * @throws {AegisError} `not-allowed`, `bad-argument`, `not-found`
   */
  async act(asked: AdminAction, signed: Signed): Promise<boolean> {
    const { account, key, change } = asked;
    return this.#inTurn.do(async () => {
      const { database, clock, root } = this.#ground;
      if (await isKnownAction(database, account, key)) return false;
      const refusal = refuseChange(this.#state, { admin: toHex(account), change, root });
      if (refusal) throw refused(refusal, change);
      await insertAdminAction(database, { admin: account, key, action: toCbor(signed), at: clock() });
      this.#state = afterChange(this.#state, change);
      this.onChange(change);
      return true;
    });
  }

  /** @param key in hexadecimal @throws {AegisError} `not-allowed` unless it has this role or a higher one */
  requireRole(key: string, needed: AdminRole): void {
    if (!mayActAs(this.#state.roles.get(key), needed)) throw notAllowed(needed);
  }

  /** @param key in hexadecimal */
  isBanned(who: Bannable, key: string): boolean {
    return this.#state.bans.has(banKey(who, key));
  }

  /** @param key in hexadecimal @throws {AegisError} `banned` */
  requireNotBanned(who: Bannable, key: string): void {
    const reason = this.#state.bans.get(banKey(who, key));
    if (reason !== undefined) throw banned(who, reason);
  }

  /** @throws {AegisError} `pool-paused` */
  requireOpen(): void {
    if (this.#state.paused !== undefined) throw poolPaused(this.#state.paused);
  }
}

function refused(refusal: AdminRefusal, change: AdminChange): AegisError {
  if (refusal === "not-allowed") return notAllowed(neededRoles[change.do]);
  if (refusal === "out-of-bounds" && change.do === "set") return outOfBounds(change);
  const code = refusal === "root-stays" ? "bad-argument" : "not-found";
  return new AegisError({ code, message: words[refusal], next: "See how the pool is run: aegis admin status." });
}

const words: Readonly<Record<AdminRefusal, string>> = {
  "not-allowed": "This key may not do that.",
  "out-of-bounds": "The value is out of bounds.",
  "not-banned": "That key is not banned.",
  "no-such-admin": "That key has no role here.",
  "root-stays": "The pool's own administrator stays an owner.",
};

function outOfBounds({ name, value }: Extract<AdminChange, { do: "set" }>): AegisError {
  const { least, most, unit } = parameterTerms[name];
  return new AegisError({
    code: "bad-argument",
    message: `${name} can be ${least} to ${most} ${unit}, not ${value}.`,
    next: "Give a value within these bounds.",
  });
}

const notAllowed = (needed: AdminRole) =>
  new AegisError({
    code: "not-allowed",
    message: `That takes the role ${needed} at this pool, which the key does not have.`,
    next: "Use the key of an administrator: --key-file. An owner gives roles: aegis admin grant KEY ROLE.",
  });

const banned = (who: Bannable, reason: string) =>
  new AegisError({
    code: "banned",
    message: `This ${who} is banned from the pool: ${reason}`,
    next: "Ask the pool's operator.",
  });

const poolPaused = (reason: string) =>
  new AegisError({
    code: "pool-paused",
    message: `The pool takes no new work now: ${reason}`,
    next: "Try again later; what has been queued is kept.",
  });
