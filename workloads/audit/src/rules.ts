import type { DaspCategory, Severity } from "./categories.js";

/** One kind of issue, whoever finds it. */
export interface Rule {
  readonly category: DaspCategory;
  /** The number in the Smart Contract Weakness Classification (https://swcregistry.io), where it has one. */
  readonly swc?: number;
  /** What it is, as a short sentence. */
  readonly title: string;
  /** How bad it is unless the finder knows better. */
  readonly severity: Severity;
}

const rule = (category: DaspCategory, severity: Severity, title: string, swc?: number): Rule =>
  swc === undefined ? { category, severity, title } : { category, severity, title, swc };

/** Every issue the audit can report, by the id it has in SARIF. Findings of several analysers meet here. */
export const rules = {
  reentrancy: rule("reentrancy", "high", "State is written after a call that can re-enter", 107),
  "transfer-before-write": rule("reentrancy", "low", "State is written after a transfer of ether", 107),

  "tx-origin": rule("access-control", "medium", "tx.origin decides who may act", 115),
  "unprotected-selfdestruct": rule("access-control", "high", "Anyone can destroy the contract", 106),
  "unprotected-withdrawal": rule("access-control", "high", "Anyone can take the contract's ether", 105),
  "unprotected-privilege": rule("access-control", "high", "Anyone can write who is privileged"),
  "wrong-constructor": rule("access-control", "high", "A function is named almost like a constructor", 118),
  "controlled-delegatecall": rule("access-control", "high", "The caller chooses code to run in this storage", 112),
  "delegatecall-with-input": rule("access-control", "medium", "The caller chooses what a library does here", 112),
  "arbitrary-storage-write": rule("access-control", "high", "The caller chooses which storage is written", 124),
  "arbitrary-transfer-from": rule("access-control", "high", "Tokens are taken from an account the caller names"),
  "default-visibility": rule("access-control", "low", "A function's visibility is not stated", 100),
  "unchecked-signature": rule("access-control", "medium", "ecrecover's failure counts as a signer", 122),

  "unchecked-arithmetic": rule("arithmetic", "medium", "An integer can overflow or underflow", 101),
  "unsafe-downcast": rule("arithmetic", "medium", "A conversion can cut off the number's top", 101),
  "divide-before-multiply": rule("arithmetic", "low", "A division loses precision before a multiplication"),

  "unchecked-call": rule("unchecked-low-level-calls", "medium", "The result of a low-level call is ignored", 104),
  "low-level-call": rule("unchecked-low-level-calls", "info", "A low-level call is used"),

  "call-in-loop": rule("denial-of-service", "medium", "One failing receiver blocks all the others", 113),
  "unbounded-loop": rule("denial-of-service", "medium", "A loop grows with storage until no block can hold it", 128),
  "blocking-payment": rule("denial-of-service", "medium", "A receiver that refuses ether blocks the contract", 113),
  "complex-fallback": rule(
    "denial-of-service",
    "info",
    "The fallback function costs more than a plain transfer brings",
  ),

  "weak-randomness": rule("bad-randomness", "high", "A block's properties are used as randomness", 120),
  "block-hash": rule("bad-randomness", "info", "A block hash is used", 120),

  "approve-race": rule("front-running", "low", "A changed allowance can be spent twice", 114),
  "public-secret": rule("front-running", "medium", "A secret can be copied from the transaction that reveals it", 114),
  "order-dependent-payment": rule("front-running", "medium", "What is paid can change in an earlier transaction", 114),
  "missing-slippage-limit": rule("front-running", "medium", "A swap accepts any price", 114),

  "timestamp-dependence": rule(
    "time-manipulation",
    "medium",
    "The block's time decides, which its producer can bend",
    116,
  ),
  "timestamp-use": rule("time-manipulation", "info", "The block's time is used", 116),

  "short-address": rule("short-addresses", "medium", "Short call data shifts the arguments"),
  "missing-zero-check": rule("short-addresses", "low", "An address may be zero, for good"),

  "uninitialised-storage": rule("unknown-unknowns", "high", "A storage pointer points at the first slot", 109),
  "locked-ether": rule("unknown-unknowns", "medium", "Ether can come in and never leave", 132),
  "shadowed-state": rule("unknown-unknowns", "medium", "A state variable hides an inherited one", 119),
  "shadowed-name": rule("unknown-unknowns", "info", "A name hides another", 119),
  "strict-balance": rule("unknown-unknowns", "medium", "An exact balance can be broken by sending ether", 132),
  "packed-hash-collision": rule("unknown-unknowns", "low", "Different inputs can give one hash", 133),
  "typing-error": rule("unknown-unknowns", "medium", "An operator is probably a typing error", 129),
  "dead-code": rule("unknown-unknowns", "info", "Code has no effect or is never reached", 135),
  "unused-variable": rule("unknown-unknowns", "info", "A variable is never used", 131),
  "outdated-compiler": rule("unknown-unknowns", "info", "The compiler version allowed is outdated", 102),
  "deprecated-construct": rule("unknown-unknowns", "info", "A deprecated construct is used", 111),
  "implicit-visibility": rule("unknown-unknowns", "info", "A state variable's visibility is not stated", 108),
  "inline-assembly": rule("unknown-unknowns", "info", "Inline assembly bypasses the compiler's checks", 127),

  "compiler-warning": rule("unknown-unknowns", "info", "The compiler warns"),
  "not-compiled": rule("unknown-unknowns", "info", "The compiler does not accept the file"),
  "not-parsed": rule("unknown-unknowns", "low", "The file is not readable as Solidity and was not audited"),
  "not-analysed": rule("unknown-unknowns", "low", "A detector failed on the file"),
  "missing-import": rule("unknown-unknowns", "info", "An imported file was not given"),
} as const satisfies { readonly [id: string]: Rule };

export type RuleId = keyof typeof rules;

/** The rule of that id. */
export function ruleOf(id: RuleId): Rule {
  return rules[id];
}
