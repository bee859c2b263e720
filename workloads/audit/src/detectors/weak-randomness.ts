import { isCallOf, isMember, unwrapped } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { type ASTNode, contains, findAll, isA, type NodeOf, parentOf } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsAnywhere, isBlockTime, namesFrom } from "./scope.js";

/**
 * Weak randomness from chain attributes (DASP 6, SWC-120): what a block says of itself is known to every contract called in it,
 * and chosen in part by its producer. Reported where it becomes a number: by a remainder, by the conversion of a hash, or as the
 * block's difficulty or beacon value itself.
 */
export const weakRandomness: Detector = {
  ruleId: "weak-randomness",
  *find(unit) {
    for (const fn of functionsAnywhere(unit)) {
      const stored = fn.contract.ownVariables
        .filter(({ expression }) => contains(expression, isBlockValue))
        .map(({ name }) => name ?? "");
      const names = namesFrom(fn, isBlockValue, stored);
      const isSource = (at: ASTNode) => isBlockValue(at) || (isA(at, "Identifier") && names.has(at.name));
      for (const node of numbersFrom(fn)) {
        if (contains(node, isSource))
          yield {
            node,
            message: "A block's properties are no source of chance: callers know them, producers choose them.",
          };
      }
      for (const node of findAll(fn.node.body, "MemberAccess").filter(isBeacon)) {
        yield {
          node,
          message: "Its producer can see this value before deciding to publish the block.",
          severity: "medium",
        };
      }
    }
  },
};

/** What a block says of itself. */
export function isBlockValue(node: ASTNode): boolean {
  const isAttribute =
    isA(node, "MemberAccess") &&
    ["number", "difficulty", "prevrandao", "coinbase", "gaslimit", "blockhash"].includes(node.memberName);
  return (
    (isAttribute && isMember(node, "block", node.memberName)) || isBlockTime(node) || isCallOf(node, ["blockhash"])
  );
}

function isBeacon(node: NodeOf<"MemberAccess">): boolean {
  return isMember(node, "block", "difficulty") || isMember(node, "block", "prevrandao");
}

/** Remainders and hashes made numbers. */
function numbersFrom(fn: FunctionModel): ASTNode[] {
  const remainders = findAll(fn.node.body, "BinaryOperation").filter(
    ({ operator, right }) => operator === "%" && !isPeriod(right),
  );
  const conversions = findAll(fn.node.body, "FunctionCall").filter(
    (call) =>
      isA(call.expression, "ElementaryTypeName") && /^u?int/.test(call.expression.name) && isHash(call.arguments[0]),
  );
  return [...remainders.map(({ left }) => left), ...conversions.filter((call) => !isWithinRemainder(call))];
}

function isHash(node: ASTNode | undefined): boolean {
  const bare = unwrapped(node);
  if (isCallOf(bare, ["keccak256", "sha3", "sha256", "blockhash"])) return true;
  return isA(bare, "FunctionCall") && isMember(bare.expression, "block", "blockhash");
}

function isWithinRemainder(node: ASTNode): boolean {
  const around = parentOf(node);
  return isA(around, "BinaryOperation") && around.operator === "%";
}

/** `block.timestamp % 1 days` asks for the time of day. */
function isPeriod(node: ASTNode): boolean {
  return (
    contains(node, (at) => isA(at, "NumberLiteral") && at.subdenomination !== null) ||
    contains(node, (at) => isA(at, "Identifier") && /day|week|hour|period|interval|epoch/i.test(at.name))
  );
}
