import type { AuditInput } from "../input.js";
import { resolveImport } from "../imports.js";
import { ContractModel, type FindContract } from "../model/contract.js";
import { type CompilerRange, compilerRange } from "../model/version.js";
import { type ASTNode, findAll } from "../model/walk.js";
import { parse } from "./parse.js";

/** The audited file, ready for the detectors. */
export interface Unit {
  readonly ast: ASTNode;
  readonly source: string;
  readonly compilers: CompilerRange;
  /** The contracts written in it. */
  readonly contracts: readonly ContractModel[];
}

/** The model of the file `ast` that stands for `input.path`; imports are parsed when a name leads there. */
export function unitOf(input: AuditInput, ast: ASTNode): Unit {
  const scopes = new Map<string, Scope>();
  const scopeOf = (name: string): Scope | undefined => {
    const known = scopes.get(name);
    if (known) return known;
    const source = input.sources[name];
    const parsed = name === input.path ? { unit: ast } : parse(source ?? "");
    if (source === undefined || !("unit" in parsed)) return undefined;
    const scope = new Scope(name, parsed.unit, scopeOf);
    scopes.set(name, scope);
    return scope;
  };
  const contracts = scopeOf(input.path)?.own ?? [];
  return { ast, source: input.sources[input.path] ?? "", compilers: compilerRange(ast), contracts };
}

/** The contracts that a file can name: its own and those of its imports. */
class Scope {
  readonly own: readonly ContractModel[];
  private readonly name: string;
  private readonly unit: ASTNode;
  private readonly scopeOf: (name: string) => Scope | undefined;

  constructor(name: string, unit: ASTNode, scopeOf: (name: string) => Scope | undefined) {
    this.name = name;
    this.unit = unit;
    this.scopeOf = scopeOf;
    const find: FindContract = (path) => this.find(path, new Set());
    const compilers = compilerRange(unit);
    this.own = findAll(unit, "ContractDefinition").map((node) => new ContractModel(node, compilers, find));
  }

  /** Renamed imports (`import {A as B}`) are followed, and files are visited once. */
  private find(path: string, seen: Set<Scope>): ContractModel | undefined {
    seen.add(this);
    const name = path.split(".").at(-1) ?? path;
    const own = this.own.find((contract) => contract.name === name);
    if (own) return own;
    for (const directive of findAll(this.unit, "ImportDirective")) {
      const renamed = directive.symbolAliases?.find(([original, alias]) => (alias ?? original) === name);
      if (directive.symbolAliases && !renamed) continue;
      const scope = this.scopeOf(resolveImport(this.name, directive.path));
      const found = scope && !seen.has(scope) ? scope.find(renamed?.[0] ?? name, seen) : undefined;
      if (found) return found;
    }
    return undefined;
  }
}
