import type { ContractModel } from "../model/contract.js";
import { isMember, isName } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { ancestorsOf, type ASTNode, contains, findAll, isA, type NodeOf } from "../model/walk.js";
import type { Unit } from "../program/unit.js";

/** The contracts of a file that have storage: no interfaces, no libraries. */
export function contractsOf(unit: Unit): readonly ContractModel[] {
  return unit.contracts.filter(({ isContract }) => isContract);
}

/** Their functions with a body. */
export function functionsOf(unit: Unit): readonly FunctionModel[] {
  return contractsOf(unit).flatMap(({ functions }) => functions.filter(({ node }) => node.body !== null));
}

/** All functions with a body, those of libraries included. */
export function functionsAnywhere(unit: Unit): readonly FunctionModel[] {
  return unit.contracts.flatMap(({ functions }) => functions.filter(({ node }) => node.body !== null));
}

/** The functions of contracts that anyone can call and that may change something. */
export function entriesOf(unit: Unit): readonly FunctionModel[] {
  return functionsOf(unit).filter((fn) => fn.isEntry && !fn.isReadOnly);
}

/** The loop that `node` is repeated by, in its own function. */
export function loopAround(node: ASTNode): ASTNode | undefined {
  for (const around of ancestorsOf(node)) {
    if (isLoop(around)) return around;
    if (isA(around, "FunctionDefinition")) return undefined;
  }
  return undefined;
}

export function isLoop(node: ASTNode): node is NodeOf<"ForStatement" | "WhileStatement" | "DoWhileStatement"> {
  return isA(node, "ForStatement") || isA(node, "WhileStatement") || isA(node, "DoWhileStatement");
}

/**
 * The names in `fn` whose value comes from what `isSource` answers to: what it is assigned from mentions a source or another
 * such name, however often.
 */
export function namesFrom(
  fn: FunctionModel,
  isSource: (node: ASTNode) => boolean,
  known: Iterable<string> = [],
): Set<string> {
  const names = new Set(known);
  const comesFrom = (value: ASTNode | null) =>
    contains(value, (at) => isSource(at) || (isA(at, "Identifier") && names.has(at.name)));
  for (let before = -1; before !== names.size;) {
    before = names.size;
    for (const { variables, initialValue } of findAll(fn.node.body, "VariableDeclarationStatement")) {
      if (!comesFrom(initialValue)) continue;
      for (const variable of variables)
        if (isA(variable as ASTNode | null, "VariableDeclaration")) add(names, variable as ASTNode);
    }
    for (const { operator, left, right } of findAll(fn.node.body, "BinaryOperation")) {
      if (operator === "=" && isA(left, "Identifier") && comesFrom(right)) names.add(left.name);
    }
  }
  return names;
}

function add(names: Set<string>, variable: ASTNode): void {
  if (isA(variable, "VariableDeclaration") && variable.name !== null) names.add(variable.name);
}

/** The names in `fn` that the caller decides: its parameters, and what is computed from them or from the ether sent. */
export function namesFromCaller(fn: FunctionModel): Set<string> {
  return namesFrom(fn, (node) => isMember(node, "msg", "value") || isMember(node, "msg", "data"), fn.parameterNames);
}

/** Whether `node` reads the block's time, under its present or its former name. */
export function isBlockTime(node: ASTNode): boolean {
  return isMember(node, "block", "timestamp") || isName(node, "now");
}

/** Whether an address is the kind that decides: by the names that such variables have. */
export function soundsPrivileged(name: string): boolean {
  return /owner|admin|govern|authority|controller|minter|creator|keeper|guardian|master/i.test(name);
}
