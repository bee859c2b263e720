import { Type } from "typebox";
import { Amount, Bytes, Exactly, Instant, Text, Whole } from "../../shared/schema.js";
import { kind, type StatementOf } from "./identity.js";

/** Names a request for money, so that it is done once however often it is sent. */
const OnceKey = Bytes(16);

/** A requester asks for money to play with. Signed by the account's key. */
export const testFunding = kind(
  "test-funding",
  Exactly({ account: Bytes(32), pool: Bytes(32), amount: Amount, key: OnceKey, signedAt: Instant }),
);
export type TestFunding = StatementOf<typeof testFunding>;

/** A requester sets money aside for a job. Signed by the account's key; the job's key signs the request that carries it. */
export const reservation = kind(
  "reservation",
  Exactly({ account: Bytes(32), job: Bytes(32), pool: Bytes(32), amount: Amount, key: OnceKey, signedAt: Instant }),
);
export type Reservation = StatementOf<typeof reservation>;

/** An operator puts up a bond, out of what its key has earned or holds as a requester. Signed by the operator's key. */
export const bonding = kind(
  "bonding",
  Exactly({
    account: Bytes(32),
    pool: Bytes(32),
    from: Type.Enum(["operator", "requester"]),
    amount: Amount,
    key: OnceKey,
    signedAt: Instant,
  }),
);
export type Bonding = StatementOf<typeof bonding>;

/** An operator gives notice of part of its bond, or, with the amount 0, takes back the notice of that key. Signed by the operator's key. */
export const bondNotice = kind(
  "bond-notice",
  Exactly({ account: Bytes(32), pool: Bytes(32), amount: Amount, key: OnceKey, signedAt: Instant }),
);
export type BondNotice = StatementOf<typeof bondNotice>;

/** So much of what an operator earns goes into its bond at the end of each epoch, until that is so large. Signed by the operator's key. */
export const bondVesting = kind(
  "bond-vesting",
  Exactly({
    account: Bytes(32),
    pool: Bytes(32),
    /** 0: nothing any more. */
    percent: Whole(0, 100),
    /** nAIS. */
    target: Amount,
    signedAt: Instant,
  }),
);
export type BondVesting = StatementOf<typeof bondVesting>;

/** An operator names where its earnings go on chain, or, with 20 zero bytes, nowhere; takes effect after a delay. Signed by the operator's key. */
export const payoutChange = kind(
  "payout-change",
  Exactly({
    account: Bytes(32),
    pool: Bytes(32),
    address: Bytes(20),
    /** One more than of the operator's last change; the first has 1. */
    sequence: Whole(1, 2 ** 31 - 1),
    signedAt: Instant,
  }),
);

/** Somebody proves that they hold an account's key, for one request. Signed by that key. */
export const accountRequest = kind(
  "account-request",
  Exactly({ account: Bytes(32), pool: Bytes(32), method: Text(8), path: Text(256), signedAt: Instant }),
);
export type AccountRequest = StatementOf<typeof accountRequest>;
