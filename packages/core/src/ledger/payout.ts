/** A new payout address takes effect so long after it was asked for, in ms: three days, in which its operator hears of it and can take it back. */
export const payoutDelayMs = 72 * 3_600_000;

/** Changes that one operator may ask for within that delay, at most. */
export const mostPayoutChanges = 16;

/** The address of nobody: 20 zero bytes. An operator has it until it names another, and names it to have none. */
export const noPayoutAddress = "0".repeat(40);

/** A change as its operator has signed it, and when the pool took it. */
export interface PayoutChange {
  /** Where earnings are to be claimable on chain: 20 bytes in hexadecimal, without prefix. */
  readonly address: string;
  /** 1 for an operator's first change, and one more for each: nobody can play an old one again. */
  readonly sequence: number;
  /** ms since 1970. */
  readonly askedAt: number;
  /** It takes effect at once: an operator's first one, while it has earned nothing that could be taken away. */
  readonly atOnce: boolean;
}

/** Where an operator's earnings go. */
export interface PayoutState {
  /** In effect. */
  readonly address: string;
  /** Of the last change; 0 before the first. */
  readonly sequence: number;
  /** What will take effect. */
  readonly pending: PayoutChange | undefined;
}

/** Before any change. */
export const firstPayout: PayoutState = { address: noPayoutAddress, sequence: 0, pending: undefined };

/** When a change takes effect, in ms since 1970. */
export function effectiveAt({ askedAt, atOnce }: PayoutChange): number {
  return atOnce ? askedAt : askedAt + payoutDelayMs;
}

/** The state at `now` after these changes, the oldest first. */
export function payoutAfter(changes: readonly PayoutChange[], now: number): PayoutState {
  return matured(
    changes.reduce((state, change) => applied(matured(state, change.askedAt), change), firstPayout),
    now,
  );
}

/**
 * Why a change is not taken after these others: it is not the next one, changes nothing (`same`: it was sent twice, or asks for what is so),
 * or there were too many of late. What is pending can always be taken back, however many changes a thief has asked for.
 */
export function refusePayoutChange(
  changes: readonly PayoutChange[],
  { address, sequence, askedAt }: PayoutChange,
): "same" | "out-of-turn" | "too-many" | undefined {
  const last = changes.at(-1);
  if (last?.sequence === sequence && last.address === address) return "same";
  if (sequence !== (last?.sequence ?? 0) + 1) return "out-of-turn";
  const state = payoutAfter(changes, askedAt);
  if (address === state.address) return state.pending ? undefined : "same";
  const recent = changes.filter((change) => askedAt < effectiveAt(change));
  return recent.length >= mostPayoutChanges ? "too-many" : undefined;
}

/** To ask for the address that is in effect takes a pending change back, at once. */
function applied(state: PayoutState, change: PayoutChange): PayoutState {
  const pending = change.address === state.address ? undefined : change;
  return { address: state.address, sequence: change.sequence, pending };
}

function matured(state: PayoutState, now: number): PayoutState {
  const { pending, sequence } = state;
  return pending && now >= effectiveAt(pending) ? { address: pending.address, sequence, pending: undefined } : state;
}
