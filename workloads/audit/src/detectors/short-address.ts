import { effectsOf } from "../model/effects.js";
import { isMember } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { isAtLeast } from "../model/version.js";
import { contains, findAll, isA, type ASTNode, type NodeOf } from "../model/walk.js";
import type { Unit } from "../program/unit.js";
import type { Detector } from "./detector.js";
import { entriesOf, functionsOf } from "./scope.js";

/**
 * Short address attack (DASP 9): missing bytes at the end of the call data read as zero, so that a shortened address is filled
 * from the amount, which is multiplied. Since 0.5 the compiler checks the size of the call data; reported are transfers built by
 * older ones without a check of msg.data's size, and assembly that reads arguments without asking `calldatasize`.
 */
export const shortAddress: Detector = {
  ruleId: "short-address",
  *find(unit) {
    yield* rawReads(unit);
    if (isAtLeast(unit.compilers.oldest, [0, 5, 0])) return;
    for (const fn of entriesOf(unit)) {
      if (!takesAddressThenAmount(fn) || checksSize(fn) || !effectsOf(fn).some(({ kind }) => kind === "write"))
        continue;
      yield {
        node: fn.node,
        message: "A shortened address makes the amount larger; ask for the size of msg.data.",
        severity: "low",
      };
    }
  },
};

function* rawReads(unit: Unit) {
  for (const fn of functionsOf(unit).filter((candidate) => !checksSize(candidate))) {
    const reads = findAll(fn.node.body, "AssemblyCall").filter(readsArgument);
    const [node] = reads;
    if (node && reads.length > 1)
      yield { node, message: "Arguments are read from call data that may be shorter; nothing asks for its size." };
  }
}

/** Behind the four bytes of the selector. */
function readsArgument({ functionName, arguments: [offset] }: NodeOf<"AssemblyCall">): boolean {
  return (
    functionName === "calldataload" &&
    (isA(offset, "DecimalNumber") || isA(offset, "HexNumber")) &&
    Number(offset.value) >= 4
  );
}

function takesAddressThenAmount({ node }: FunctionModel): boolean {
  const types = node.parameters.map(({ typeName }) => (isA(typeName, "ElementaryTypeName") ? typeName.name : ""));
  return types.some((type, i) => type === "address" && /^uint(256)?$/.test(types[i + 1] ?? ""));
}

function checksSize(fn: FunctionModel): boolean {
  const modifiers = fn.node.modifiers.map(({ name }) => fn.contract.modifierNamed(name)?.body);
  return [fn.node.body, ...modifiers].some((body) => contains(body, asksSize));
}

function asksSize(node: ASTNode): boolean {
  return isMember(node, "msg", "data") || (isA(node, "AssemblyCall") && node.functionName === "calldatasize");
}
