import { FunctionModel } from "./function.js";
import type { CompilerRange } from "./version.js";
import { type ASTNode, findAll, isA, type NodeOf } from "./walk.js";

type ContractNode = NodeOf<"ContractDefinition">;
type Modifier = NodeOf<"ModifierDefinition">;
/** A state variable as declared. */
export type StateVariable = NodeOf<"StateVariableDeclaration">["variables"][number];

/** Finds a contract by its name, in the file or among its imports; undefined where its source is not given. */
export type FindContract = (name: string) => ContractModel | undefined;

/** A contract, interface or library with what it inherits. */
export class ContractModel {
  readonly node: ContractNode;
  readonly name: string;
  readonly kind: string;
  /** The functions written in it. */
  readonly functions: readonly FunctionModel[];
  /** The state variables written in it. */
  readonly ownVariables: readonly StateVariable[];
  /** The compilers that its file allows. */
  readonly compilers: CompilerRange;
  private readonly findContract: FindContract;
  private cachedLineage: readonly ContractModel[] | undefined;
  private cachedVariables: ReadonlyMap<string, StateVariable> | undefined;

  constructor(node: ContractNode, compilers: CompilerRange, findContract: FindContract) {
    this.node = node;
    this.compilers = compilers;
    this.name = node.name;
    this.kind = node.kind;
    this.findContract = findContract;
    const parts = node.subNodes as ASTNode[];
    this.functions = parts
      .filter((part) => isA(part, "FunctionDefinition"))
      .map((part) => new FunctionModel(part, this));
    this.ownVariables = parts.filter((part) => isA(part, "StateVariableDeclaration")).flatMap((part) => part.variables);
  }

  /** Whether it has storage and ether of its own. */
  get isContract(): boolean {
    return this.kind === "contract" || this.kind === "abstract";
  }

  /** Itself and all it inherits from, most derived first; bases whose source is missing are left out. */
  get lineage(): readonly ContractModel[] {
    this.cachedLineage ??= this.collectLineage(new Set());
    return this.cachedLineage;
  }

  /** Whether a base's source is missing, so that what is not found may still be there. */
  get hasUnknownBase(): boolean {
    return this.lineage.some((contract) =>
      contract.node.baseContracts.some(({ baseName }) => contract.findContract(baseName.namePath) === undefined),
    );
  }

  /** The state variables by name, its own and inherited. */
  get variables(): ReadonlyMap<string, StateVariable> {
    this.cachedVariables ??= new Map(
      this.lineage
        .toReversed()
        .flatMap(({ ownVariables }) => ownVariables.map((variable) => [variable.name ?? "", variable])),
    );
    return this.cachedVariables;
  }

  /** The functions of its whole lineage; an overridden one comes after what overrides it. */
  get allFunctions(): readonly FunctionModel[] {
    return this.lineage.flatMap(({ functions }) => functions);
  }

  /** The function that a call of `name` with so many arguments means here: the most derived one with a body. */
  functionNamed(name: string, argumentCount: number): FunctionModel | undefined {
    return this.allFunctions.find(
      (candidate) =>
        candidate.name === name && candidate.node.parameters.length === argumentCount && candidate.node.body,
    );
  }

  modifierNamed(name: string): Modifier | undefined {
    for (const { node } of this.lineage) {
      const found = (node.subNodes as ASTNode[]).find((part) => isA(part, "ModifierDefinition") && part.name === name);
      if (isA(found, "ModifierDefinition") && found.body) return found;
    }
    return undefined;
  }

  /** A contract that this one's text may name. */
  contractNamed(name: string): ContractModel | undefined {
    return this.findContract(name);
  }

  /** Whether it, or what it inherits, declares a struct of that name. */
  hasStruct(name: string): boolean {
    const last = name.split(".").at(-1);
    return this.lineage.some(({ node }) => findAll(node, "StructDefinition").some((struct) => struct.name === last));
  }

  private collectLineage(seen: Set<ContractModel>): ContractModel[] {
    if (seen.has(this)) return [];
    seen.add(this);
    const bases = this.node.baseContracts.map(({ baseName }) => this.findContract(baseName.namePath));
    return [this, ...bases.toReversed().flatMap((base) => base?.collectLineage(seen) ?? [])];
  }
}
