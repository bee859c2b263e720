import { AegisError } from "@aegis-pool/core";
import { type Abi, BaseError, ContractFunctionRevertedError, decodeErrorResult, type Hex, RpcRequestError } from "viem";

/** Characters of a node's own words in a message, at most. */
const mostSaid = 200;

/** Why a contract does not do what it was asked for, by the name that it gives: the cause of a `chain-refused`. */
class Revert extends Error {
  override readonly name: string;

  constructor(name: string) {
    super(`the contract reverts with ${name}`);
    this.name = name;
  }
}

/** By what name a contract has refused; undefined where it was not a contract that did. */
export function revertOf(error: unknown): string | undefined {
  const { cause } = error as { cause?: unknown };
  return error instanceof AegisError && cause instanceof Revert ? cause.name : undefined;
}

/** The chain's node cannot be asked. @param place its host: what else its URL holds may be a key */
export function unreachable(place: string, why: string): AegisError {
  return new AegisError({
    code: "chain-unreachable",
    message: `The chain's node at ${place} ${why}.`,
    next: "Check the URL and that the node runs and lets this machine in, then do it again: whatever was done is done once.",
  });
}

/** What the node answers cannot be so. */
export function nonsense(place: string, what: string): AegisError {
  return new AegisError({
    code: "chain-refused",
    message: `The chain's node at ${place} answers nonsense: ${said(what)}.`,
    next: "Ask another node of the same chain, with --chain.",
  });
}

/** A contract, or a chain, is not the one that it must be. */
export function notTheOne(message: string, next: string): AegisError {
  return new AegisError({ code: "chain-refused", message, next });
}

/** A transaction was sent, and it is not known what became of it. */
export function notMined(transaction: string, waitedMs: number): AegisError {
  return new AegisError({
    code: "chain-unreachable",
    message: `Transaction ${transaction} is in no block after ${Math.round(waitedMs / 1_000)} s.`,
    next: "Look for it in an explorer of the chain: it may still be done. Doing all again is safe for claims and posts, not for a deposit.",
  });
}

/** A node was given a transaction, and then was gone. */
export function notKnown(transaction: string): AegisError {
  return new AegisError({
    code: "chain-unreachable",
    message: `The chain's node was given transaction ${transaction}, and does not say whether it has taken it.`,
    next: "Look for it in an explorer of the chain before you do it again: it may be done.",
  });
}

/** What to do about what contracts refuse with. */
const advice: Readonly<Record<string, string>> = {
  RootChanged: "The pool has posted another root meanwhile: make a new proof, and claim again.",
  NothingToClaim: "All of it was claimed before: nothing is left to do until more is earned and posted.",
  NotInTheTree: "Take amount and proof from the file of the epoch whose root is posted.",
  MoreThanTotal: "The posted total is less than what the tree holds: tell whoever runs the pool.",
  NotTheLastRoot: "Another root was posted meanwhile: read the distributor's state, and post after that.",
  NotALaterEpoch: "This epoch or a later one is posted already: post the newest.",
  NotThisPool: "This distributor is another pool's: check its address.",
  TotalShrinks: "Earnings never shrink: check that the epoch's file is the newest, and of this pool.",
  OwnableUnauthorizedAccount: "Use the key of the contract's owner.",
  ERC20InsufficientBalance: "Get enough AIS to the account that sends them first.",
  ERC20InsufficientAllowance: "The permit did not hold: check that the token is AIS, and do it again.",
  ERC20ExceededCap: "There are never more than 100 million AIS: check what was asked for.",
};

/** A contract does not do it. */
export function reverted(name: string): AegisError {
  return new AegisError({
    code: "chain-refused",
    message: `The contract refuses: ${said(name)}.`,
    next: advice[name] ?? "See docs/errors/chain-refused.md; nothing was done.",
    cause: new Revert(name),
  });
}

/**
 * What has gone wrong in a word, instead of the pages of viem's errors. They are no cause of it either: a log would have the pages.
 * @param place of the node
 * @param abi of the contract that was asked, for what a node says of it in bytes
 */
export function asChainError(error: unknown, place: string, abi: Abi = []): AegisError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof AegisError) return cause;
  const found = error instanceof BaseError ? error : undefined;
  const revert = found?.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (revert instanceof ContractFunctionRevertedError) {
    return reverted(revert.data?.errorName ?? revert.reason ?? revert.signature ?? "it does not say why");
  }
  const refused = found?.walk((cause) => cause instanceof RpcRequestError);
  if (refused instanceof RpcRequestError) {
    const name = nameIn(refused.data, abi);
    return name === undefined ? refusedByNode(place, refused.details) : reverted(name);
  }
  return nonsense(place, found?.shortMessage ?? String((error as Partial<Error>).message));
}

/** What a contract has reverted with, as bytes; undefined where it is nothing that this contract says. */
function nameIn(data: unknown, abi: Abi): string | undefined {
  try {
    return decodeErrorResult({ abi, data: data as Hex }).errorName;
  } catch {
    return undefined;
  }
}

function refusedByNode(place: string, details: string): AegisError {
  const isPoor = /insufficient funds/i.test(details);
  return new AegisError({
    code: "chain-refused",
    message: `The chain's node at ${place} refuses: ${said(details)}.`,
    next: isPoor
      ? "The key's account cannot pay for gas: send it some of the chain's own money."
      : "Mend what it says, or ask another node of the same chain, with --chain.",
  });
}

/** A node's own words in one short line, without what would move a terminal's cursor. */
function said(text: string): string {
  const line = text.replaceAll(/[\p{C}\s]+/gu, " ").trim();
  return (line.length > mostSaid ? `${line.slice(0, mostSaid)}…` : line).replace(/\.$/, "");
}
