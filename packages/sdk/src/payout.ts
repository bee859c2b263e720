import { noPayoutAddress } from "@aegis-pool/core";
import { formatEvmAddress } from "./evm-address.js";

/** Where an operator's earnings are to be claimable on chain. Addresses are in the mixed case of ERC-55; undefined means nowhere. */
export interface Payout {
  /** In effect. */
  readonly address: string | undefined;
  /** Of the last change. */
  readonly sequence: number;
  /** What will take effect, when, and when it was asked for, in ms since 1970; undefined where nothing will. */
  readonly pending:
    | { readonly address: string | undefined; readonly askedAt: number; readonly effectiveAt: number }
    | undefined;
}

/** A payout as the pool writes it. */
export interface WrittenPayout {
  readonly address: string;
  readonly sequence: number;
  readonly pending?: { readonly address: string; readonly askedAt: number; readonly effectiveAt: number };
}

export function readPayout({ address, sequence, pending }: WrittenPayout): Payout {
  return {
    address: readAddress(address),
    sequence,
    pending: pending && { ...pending, address: readAddress(pending.address) },
  };
}

/** @param address 40 hexadecimal digits */
export function readAddress(address: string): string | undefined {
  return address === noPayoutAddress ? undefined : formatEvmAddress(address);
}
