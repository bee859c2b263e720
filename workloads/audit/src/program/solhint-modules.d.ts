/** The parts of solhint and of the compiler that are used; neither ships fitting types. */
declare module "solhint/lib/rules/security/*.js" {
  const Rule: new (reporter: object, config?: unknown) => object;
  export default Rule;
}
declare module "solhint/lib/reporter.js" {
  export default class Reporter {
    readonly reports: readonly { line: number; column: number; message: string; ruleId: string }[];
    constructor(tokens: readonly object[], config: { rules: object });
  }
}
declare module "solhint/lib/tree-listener.js" {
  const TreeListener: new (
    checkers: readonly object[],
  ) => import("@solidity-parser/parser/dist/src/ast-types.js").ASTVisitor;
  export default TreeListener;
}
