import type { ContractModel, StateVariable } from "./contract.js";
import { type ASTNode, findAll, isA, type NodeOf } from "./walk.js";

type FunctionNode = NodeOf<"FunctionDefinition">;
/** A parameter, result or local variable as declared. */
export type LocalVariable = NodeOf<"VariableDeclaration">;

/** A function with the names that are known in it. */
export class FunctionModel {
  readonly node: FunctionNode;
  readonly contract: ContractModel;
  readonly name: string;
  private cachedLocals: ReadonlyMap<string, LocalVariable> | undefined;

  constructor(node: FunctionNode, contract: ContractModel) {
    this.node = node;
    this.contract = contract;
    this.name = node.name ?? "";
  }

  /** Whether anyone can call it on a deployed contract. Before 0.5 a function without a visibility was public. */
  get isEntry(): boolean {
    const { visibility, body } = this.node;
    return body !== null && !this.isConstructor && visibility !== "internal" && visibility !== "private";
  }

  /** Also the old form, named like its contract. */
  get isConstructor(): boolean {
    return this.node.isConstructor || (this.name !== "" && this.name === this.contract.name);
  }

  /** Whether it promises not to write. */
  get isReadOnly(): boolean {
    return ["view", "pure", "constant"].includes(this.node.stateMutability ?? "");
  }

  /** Its parameters' names. */
  get parameterNames(): readonly string[] {
    return this.node.parameters.flatMap(({ name }) => (name === null ? [] : [name]));
  }

  /** Its parameters, results and local variables by name. */
  get locals(): ReadonlyMap<string, LocalVariable> {
    this.cachedLocals ??= new Map(
      [
        ...this.node.parameters,
        ...(this.node.returnParameters ?? []),
        ...findAll(this.node.body, "VariableDeclaration"),
      ]
        .filter(({ name }) => name !== null)
        .map((variable) => [variable.name ?? "", variable]),
    );
    return this.cachedLocals;
  }

  /** The state variable that `name` means in this function. */
  stateVariable(name: string): StateVariable | undefined {
    return this.locals.has(name) ? undefined : this.contract.variables.get(name);
  }

  /** The state variable whose storage an expression such as `a`, `a[i].b` or, by a local storage pointer, `p.b` stands for. */
  storageOf(expression: ASTNode | null | undefined): StateVariable | undefined {
    const root = rootIdentifier(expression);
    if (!root) return undefined;
    const local = this.locals.get(root.name);
    if (!local) return this.contract.variables.get(root.name);
    return this.isStoragePointer(local) ? this.storageBehind(local) : undefined;
  }

  /** Before 0.5 a local struct, array or `var` without a location pointed into storage. */
  private isStoragePointer({ storageLocation, typeName }: LocalVariable): boolean {
    if (storageLocation !== null) return storageLocation === "storage";
    return typeName?.type !== "ElementaryTypeName" || typeName.name === "var";
  }

  private storageBehind(local: LocalVariable): StateVariable | undefined {
    const statement = findAll(this.node.body, "VariableDeclarationStatement").find(({ variables }) =>
      variables.includes(local),
    );
    const origin = statement?.initialValue;
    if (!origin || !["Identifier", "MemberAccess", "IndexAccess"].includes(origin.type)) return undefined;
    const root = rootIdentifier(origin);
    return root && root.name !== local.name ? this.storageOf(root) : undefined;
  }
}

/** The name an access starts from: `a` of `a[i].b`, `this.a` and `(a)` alike. */
export function rootIdentifier(expression: ASTNode | null | undefined): NodeOf<"Identifier"> | undefined {
  if (isA(expression, "Identifier")) return expression;
  if (isA(expression, "MemberAccess")) return rootIdentifier(expression.expression);
  if (isA(expression, "IndexAccess")) return rootIdentifier(expression.base);
  if (isA(expression, "TupleExpression") && expression.components.length === 1) {
    return rootIdentifier(expression.components[0] as ASTNode);
  }
  return undefined;
}
