import type { StateVariable } from "../model/contract.js";
import { effectsOf, type ReadOrWrite } from "../model/effects.js";
import { isCaller, isMember } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { conditionsIn, isGuarded } from "../model/guards.js";
import { type ASTNode, contains, findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf, soundsPrivileged } from "./scope.js";

/**
 * Unprotected privilege (DASP 2, "Access Control"; the Parity wallet's open `initWallet` is its best known case): a function that
 * anyone can call, and that asks nothing, writes who the owner is, or who is allowed.
 */
export const unprotectedPrivilege: Detector = {
  ruleId: "unprotected-privilege",
  *find(unit) {
    for (const fn of entriesOf(unit).filter((entry) => entry.name !== "" && !isGuarded(entry) && !asksStorage(entry))) {
      const write = effectsOf(fn).find((effect) => effect.kind === "write" && isPrivilegeWritten(effect, fn));
      if (write?.kind !== "write") continue;
      yield {
        node: fn.node,
        message: `Anyone who calls "${fn.name}" writes "${write.variable}", which decides who is privileged.`,
      };
    }
  },
};

/** A function that asks storage, or for ether, is a game or an auction with rules of its own. */
function asksStorage(fn: FunctionModel): boolean {
  return conditionsIn(fn.node.body).some((condition) =>
    contains(
      condition,
      (at) => (isA(at, "Identifier") && fn.stateVariable(at.name) !== undefined) || isMember(at, "msg", "value"),
    ),
  );
}

function isPrivilegeWritten({ variable, node }: ReadOrWrite, fn: FunctionModel): boolean {
  const declared = fn.contract.variables.get(variable);
  if (!declared || writesOwnEntry(node)) return false;
  const isAddress = declared.typeName?.type === "ElementaryTypeName" && declared.typeName.name === "address";
  const isList = isPermissionList(declared);
  return (isAddress || isList) && (soundsPrivileged(variable) || isAskedByModifier(variable, fn));
}

/** A mapping from addresses to yes or no, or a list of addresses. */
function isPermissionList({ typeName }: StateVariable): boolean {
  if (isA(typeName, "ArrayTypeName")) return true;
  return (
    isA(typeName, "Mapping") &&
    isA(typeName.valueType, "ElementaryTypeName") &&
    ["bool", "uint", "uint256"].includes(typeName.valueType.name)
  );
}

/** `approved[msg.sender] = ...` concerns nobody but the caller. */
function writesOwnEntry(node: ASTNode): boolean {
  return findAll(node, "IndexAccess").some(({ index }) => isCaller(index));
}

function isAskedByModifier(variable: string, fn: FunctionModel): boolean {
  const names = fn.contract.lineage.flatMap(({ node }) => findAll(node, "ModifierDefinition"));
  return names.some(({ body }) =>
    conditionsIn(body).some(
      (condition) =>
        contains(condition, isCaller) && contains(condition, (at) => isA(at, "Identifier") && at.name === variable),
    ),
  );
}
