import { Amount, Bytes, Exactly, Instant, Whole } from "../../shared/schema.js";
import { kind, type StatementOf } from "./identity.js";

/** What a pool has paid in an epoch: the root of its public file. Signed by the pool, and in its log. */
export const epochStatement = kind(
  "epoch",
  Exactly({
    pool: Bytes(32),
    epoch: Whole(),
    /** SHA-256 of the body of the statement before; 32 zero bytes for the first. */
    previous: Bytes(32),
    /** Lines of the file, and the root of the Merkle tree (RFC 9162) over them. */
    lines: Whole(1),
    root: Bytes(32),
    /** nAIS that were issued, and all that operators have earned in it. */
    issued: Amount,
    earned: Amount,
    /** Root of the claims tree, what a pool posts on chain; 32 zero bytes while nothing was paid out. */
    claims: Bytes(32),
    /** nAIS in that tree. */
    claimable: Amount,
    closedAt: Instant,
  }),
);
export type EpochStatement = StatementOf<typeof epochStatement>;
