import { handsOverControl, lowLevelCall, type LowLevelCall } from "./calls.js";
import { isAssignment } from "./expressions.js";
import { alwaysLeaves } from "./leaves.js";
import { externalCall } from "./external.js";
import { type FunctionModel } from "./function.js";
import { type ASTNode, childrenOf, isA, type NodeOf } from "./walk.js";

/** What a function does to storage and to others, in the order in which it runs. */
export type Effect = ReadOrWrite | Handover;

export interface ReadOrWrite {
  readonly kind: "read" | "write";
  /** The state variable's name. */
  readonly variable: string;
  readonly node: ASTNode;
  readonly branches: readonly Branch[];
}

/** A call after which foreign code may run. */
export interface Handover {
  readonly kind: "handover";
  readonly node: ASTNode;
  /** Absent for a call of another contract's function. */
  readonly lowLevel?: LowLevelCall;
  /** The address or contract called. */
  readonly target: ASTNode;
  /** The function whose text holds the call. */
  readonly fn: FunctionModel;
  readonly branches: readonly Branch[];
}

/** One arm of an `if` that an effect lies in. */
interface Branch {
  readonly condition: ASTNode;
  readonly arm: 0 | 1;
  /** Whether nothing after the `if` runs once this arm was taken. */
  readonly ends: boolean;
}

/** Calls of own functions are followed this deep. */
const maxDepth = 6;
/** A bound for functions that call each other in many ways. */
const maxEffects = 4_000;

/** The effects of `fn` with those of the modifiers around it and the functions it calls. */
export function effectsOf(fn: FunctionModel): readonly Effect[] {
  const collector = new Collector();
  collector.functionBody(fn, maxDepth);
  return collector.effects;
}

/** Whether `later`, which comes after `earlier` in the list, can run once `earlier` has. */
export function canFollow(earlier: Effect, later: Effect): boolean {
  return earlier.branches.every((branch) => {
    const same = later.branches.find(({ condition }) => condition === branch.condition);
    return same ? same.arm === branch.arm : !branch.ends;
  });
}

class Collector {
  readonly effects: Effect[] = [];
  private branches: readonly Branch[] = [];
  private readonly active = new Set<FunctionModel>();

  /** The body inside its modifiers, the first of them outermost. */
  functionBody(fn: FunctionModel, depth: number): void {
    if (this.active.has(fn) || depth === 0 || this.effects.length > maxEffects) return;
    this.active.add(fn);
    const bodies = fn.node.modifiers.flatMap(({ name }) => fn.contract.modifierNamed(name)?.body ?? []);
    const enter = (level: number): void => {
      const modifier = bodies[level];
      if (modifier) this.visit(modifier, fn, depth, () => enter(level + 1));
      else if (fn.node.body) this.visit(fn.node.body, fn, depth);
    };
    enter(0);
    this.active.delete(fn);
  }

  /** `body` is what a modifier's `_` stands for. */
  private visit(node: ASTNode, fn: FunctionModel, depth: number, body?: () => void): void {
    const into = (child: ASTNode | null | undefined) => child && this.visit(child, fn, depth, body);
    if (body && isA(node, "Identifier") && node.name === "_") return body();
    if (isA(node, "IfStatement")) return this.ifStatement(node, into);
    if (isAssignment(node)) return this.assignment(node, fn, into);
    if (isA(node, "FunctionCall")) return this.call(node, fn, depth, into);
    if (isA(node, "UnaryOperation") && ["++", "--", "delete"].includes(node.operator)) {
      into(node.subExpression);
      return this.access("write", node.subExpression, fn);
    }
    if (isA(node, "Identifier")) return this.access("read", node, fn);
    for (const child of childrenOf(node)) into(child);
  }

  private ifStatement(node: NodeOf<"IfStatement">, into: (child: ASTNode | null) => void): void {
    into(node.condition);
    const outer = this.branches;
    for (const [arm, body] of [node.trueBody, node.falseBody].entries()) {
      this.branches = [...outer, { condition: node, arm: arm === 0 ? 0 : 1, ends: alwaysLeaves(body) }];
      into(body);
    }
    this.branches = outer;
  }

  private assignment(node: NodeOf<"BinaryOperation">, fn: FunctionModel, into: (child: ASTNode) => void): void {
    into(node.right);
    // The assigned name itself is not read, its index is; `a += b` reads too.
    if (node.operator !== "=") into(node.left);
    else if (!isA(node.left, "Identifier")) for (const child of childrenOf(node.left)) into(child);
    const targets = isA(node.left, "TupleExpression") ? (node.left.components as (ASTNode | null)[]) : [node.left];
    for (const target of targets) this.access("write", target, fn);
  }

  private call(node: NodeOf<"FunctionCall">, fn: FunctionModel, depth: number, into: (child: ASTNode) => void): void {
    for (const child of childrenOf(node)) into(child);
    if (isA(node.expression, "MemberAccess") && ["push", "pop"].includes(node.expression.memberName)) {
      this.access("write", node.expression.expression, fn);
    }
    const lowLevel = lowLevelCall(node);
    const external = lowLevel ? undefined : externalCall(node, fn);
    if (lowLevel ? handsOverControl(lowLevel) : external && !external.isReadOnly) {
      const target = lowLevel?.target ?? external?.target ?? node;
      this.effects.push({
        kind: "handover",
        node,
        target,
        fn,
        branches: this.branches,
        ...(lowLevel ? { lowLevel } : {}),
      });
    } else if (isA(node.expression, "Identifier")) {
      const callee = fn.contract.functionNamed(node.expression.name, node.arguments.length);
      if (callee) this.functionBody(callee, depth - 1);
    }
  }

  private access(kind: "read" | "write", node: ASTNode | null, fn: FunctionModel): void {
    const variable = fn.storageOf(node);
    if (!variable?.name || variable.isDeclaredConst || !node) return;
    this.effects.push({ kind, variable: variable.name, node, branches: this.branches });
  }
}
