import { type LowLevelCall, lowLevelCalls, paysEther } from "../model/calls.js";
import { effectsOf } from "../model/effects.js";
import { isCaller, isMember, isOwnBalance, mentions, textOf, unwrapped } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { conditionsIn, isGuarded } from "../model/guards.js";
import { type ASTNode, contains, findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf, namesFrom } from "./scope.js";

/**
 * Unprotected withdrawal of ether (DASP 2, SWC-105), in three shapes: all the ether, or as much as the caller says, goes out and
 * nothing in storage is asked; an account is paid out and not reduced; the amount may be more than the account.
 */
export const unprotectedWithdrawal: Detector = {
  ruleId: "unprotected-withdrawal",
  *find(unit) {
    for (const fn of entriesOf(unit)) {
      for (const call of lowLevelCalls(fn.node.body).filter(paysEther)) {
        if (isGuarded(fn, call.node)) continue;
        const problem = problemOf(call, fn);
        if (problem) yield { node: problem.at ?? call.node, message: problem.message };
      }
    }
  },
};

function problemOf(call: LowLevelCall, fn: FunctionModel): { message: string; at?: ASTNode } | undefined {
  const goesToCaller = isCaller(unwrapped(call.target)) || mentions(call.target, fn.parameterNames);
  if (!goesToCaller) return undefined;
  const wrongWay = fn.node.body && wrongComparison(fn);
  if (wrongWay)
    return {
      message: "The amount has to be at least the account's, so that more than the account goes out.",
      at: wrongWay,
    };
  if (asksNothing(fn) && isAnyAmount(call, fn))
    return { message: `Anyone who calls "${fn.name || "fallback"}" takes this ether.` };
  if (paysAccountAgain(call, fn))
    return { message: "The account is paid out but keeps its balance, and can be paid again." };
  return undefined;
}

/** Whether nothing that was stored decides. */
function asksNothing(fn: FunctionModel): boolean {
  const touchesStorage = (node: ASTNode) =>
    contains(
      node,
      (at) => (isA(at, "Identifier") && fn.stateVariable(at.name) !== undefined) || isMember(at, "msg", "value"),
    );
  const asks = conditionsIn(fn.node.body).some(touchesStorage);
  return !asks && fn.node.modifiers.length === 0 && !effectsOf(fn).some(({ kind }) => kind === "write");
}

function isAnyAmount({ value }: LowLevelCall, fn: FunctionModel): boolean {
  const fromBalance = namesFrom(fn, isOwnBalance);
  return contains(value, isOwnBalance) || mentions(value, fromBalance) || mentions(value, fn.parameterNames);
}

/** `msg.sender.transfer(balances[msg.sender])` where `balances` is not written. */
function paysAccountAgain({ value }: LowLevelCall, fn: FunctionModel): boolean {
  const account = findAll(value, "IndexAccess").find(({ index }) => isCaller(index));
  const variable = fn.storageOf(account);
  if (!variable || fn.stateVariable(variable.name ?? "") === undefined) return false;
  return !effectsOf(fn).some((effect) => effect.kind === "write" && effect.variable === variable.name);
}

/** `require(amount >= balances[msg.sender])` before `balances[msg.sender] -= amount`. */
function wrongComparison(fn: FunctionModel): ASTNode | undefined {
  const subtractions = findAll(fn.node.body, "BinaryOperation").filter(({ operator }) => operator === "-=");
  return conditionsIn(fn.node.body).find(
    (condition) =>
      isA(condition, "BinaryOperation") &&
      [">=", ">"].includes(condition.operator) &&
      subtractions.some(
        ({ left, right }) => textOf(condition.right) === textOf(left) && textOf(condition.left) === textOf(right),
      ),
  );
}
