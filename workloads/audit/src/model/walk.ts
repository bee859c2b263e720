import type { ASTNode } from "@solidity-parser/parser/dist/src/ast-types.js";

export type { ASTNode };
/** The node kinds by name, and the node of one kind. */
export type NodeType = ASTNode["type"];
export type NodeOf<T extends NodeType> = Extract<ASTNode, { type: T }>;

/** Links every node to its parent under the name that solhint's rules read; not enumerable, so that walks do not follow it. */
export function linkParents(node: ASTNode): void {
  for (const child of childrenOf(node)) {
    Object.defineProperty(child, "parent", { value: node, enumerable: false, configurable: true });
    linkParents(child);
  }
}

/** The node around `node`, once {@link linkParents} has run. */
export function parentOf(node: ASTNode): ASTNode | undefined {
  return (node as { parent?: ASTNode }).parent;
}

/** The nodes around `node`, nearest first. */
export function* ancestorsOf(node: ASTNode): Generator<ASTNode> {
  for (let at = parentOf(node); at !== undefined; at = parentOf(at)) yield at;
}

/** The nodes directly below `node`, in the order of the text. */
export function childrenOf(node: ASTNode): ASTNode[] {
  const children: ASTNode[] = [];
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) children.push(...value.filter(isNode));
    else if (isNode(value)) children.push(value);
  }
  return children;
}

/** `node` and everything below it, parents first. */
export function walk(node: ASTNode): ASTNode[] {
  const nodes: ASTNode[] = [];
  const collect = (at: ASTNode) => {
    nodes.push(at);
    for (const child of childrenOf(at)) collect(child);
  };
  collect(node);
  return nodes;
}

/** Everything of one kind in `node`, itself included. */
export function findAll<T extends NodeType>(node: ASTNode | null | undefined, type: T): NodeOf<T>[] {
  return node ? walk(node).filter((found) => isA(found, type)) : [];
}

/** Whether anything in `node`, itself included, answers `test`. */
export function contains(node: ASTNode | null | undefined, test: (node: ASTNode) => boolean): boolean {
  return node ? test(node) || childrenOf(node).some((child) => contains(child, test)) : false;
}

/** Whether `node` is of that kind. */
export function isA<T extends NodeType>(node: ASTNode | null | undefined, type: T): node is NodeOf<T> {
  return node?.type === type;
}

/** Whether `inner` is `outer` or lies in it. */
export function isWithin(inner: ASTNode, outer: ASTNode): boolean {
  if (inner === outer) return true;
  for (const around of ancestorsOf(inner)) if (around === outer) return true;
  return false;
}

/** Whether `one` starts before `other` in the text of one file. */
export function isBefore(one: ASTNode, other: ASTNode): boolean {
  return (one.range?.[0] ?? 0) < (other.range?.[0] ?? 0);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}
