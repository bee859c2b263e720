import { Amount, Bytes, Exactly, Instant, Text } from "../../shared/schema.js";
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

/** Somebody proves that they hold an account's key, for one request. Signed by that key. */
export const accountRequest = kind(
  "account-request",
  Exactly({ account: Bytes(32), pool: Bytes(32), method: Text(8), path: Text(256), signedAt: Instant }),
);
export type AccountRequest = StatementOf<typeof accountRequest>;
