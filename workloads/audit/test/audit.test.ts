import { beforeAll, describe, expect, it } from "vitest";
import type { SarifLog } from "../src/sarif/types.js";
import type { AuditInput } from "../src/input.js";
import { alone, foundIn, loadProgram } from "./program.js";

let audit: (input: AuditInput) => Promise<SarifLog>;
beforeAll(async () => {
  audit = await loadProgram();
});

const foundAt = async (input: AuditInput, rule: string) =>
  foundIn(await audit(input)).filter(({ issue }) => issue.endsWith(`/${rule}`));

describe("the audit of one file", () => {
  it("merges what several analysers find at one line, and names them", async () => {
    const source =
      "pragma solidity ^0.8.0;\ncontract A {\n  function f(address payable a) public {\n    a.send(1);\n  }\n}";
    const found = await foundAt(alone(source), "unchecked-call");
    expect(found).toMatchObject([{ line: 4, tools: ["aegis", "solc", "solhint"] }]);
  });

  it("reports on the audited file only, not on what it imports", async () => {
    const bad =
      "pragma solidity ^0.8.0;\ncontract Bad { function end() public { selfdestruct(payable(msg.sender)); } }";
    const sources = {
      "src/A.sol": 'pragma solidity ^0.8.0;\nimport "./lib/Bad.sol";\ncontract A is Bad {}',
      "src/lib/Bad.sol": bad,
    };
    expect(await foundAt({ path: "src/A.sol", sources }, "unprotected-selfdestruct")).toEqual([]);
    expect(await foundAt({ path: "src/lib/Bad.sol", sources }, "unprotected-selfdestruct")).toHaveLength(1);
  });

  it("knows the modifiers and variables of an imported base, also under another name", async () => {
    const base =
      "pragma solidity ^0.8.0;\ncontract Owned { address owner; modifier guarded() { require(msg.sender == owner); _; } }";
    const derived =
      'pragma solidity ^0.8.0;\nimport {Owned as Base} from "./Owned.sol";\ncontract A is Base { function end() public guarded { selfdestruct(payable(owner)); } }';
    const given = { path: "A.sol", sources: { "A.sol": derived, "Owned.sol": base } };
    expect(await foundAt(given, "unprotected-selfdestruct")).toEqual([]);
    const unguarded = { ...given, sources: { ...given.sources, "A.sol": derived.replace(" guarded {", " {") } };
    expect(await foundAt(unguarded, "unprotected-selfdestruct")).toHaveLength(1);
  });

  it("names an import that is missing, and who asks for it", async () => {
    const sources = { "a/A.sol": 'pragma solidity ^0.8.0;\nimport "./B.sol";', "a/B.sol": '\nimport "@x/C.sol";' };
    const found = await foundAt({ path: "a/A.sol", sources }, "missing-import");
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('"@x/C.sol", imported by "a/B.sol"')]);
  });

  it("reports a file that is not Solidity as a finding and an unsuccessful invocation", async () => {
    const log = await audit(alone("contract A {\n  function ( {\n}"));
    expect(foundIn(log).filter(({ issue }) => issue.endsWith("/not-parsed"))).toMatchObject([
      { line: 2, severity: "low" },
    ]);
    expect(log.runs[0]?.invocations[0]).toMatchObject({ executionSuccessful: false });
  });

  it("audits what compilers of the series 0.4 to 0.7 were written for, and notes the compiler's refusal", async () => {
    for (const pragma of ["0.4.11", "^0.5.0", ">=0.6.0 <0.7.0", "^0.7.6"]) {
      const source = `pragma solidity ${pragma};\ncontract A { function end() public { selfdestruct(msg.sender); } }`;
      expect(await foundAt(alone(source), "not-compiled")).toMatchObject([
        { severity: "info", message: expect.stringContaining("different compiler version") },
      ]);
      expect(await foundAt(alone(source), "unprotected-selfdestruct")).toHaveLength(1);
    }
  });

  it("compiles a file that asks for another release of 0.8", async () => {
    const source = "pragma solidity 0.8.1;\ncontract A { function f(address a) public { a.call(''); } }";
    expect(await foundAt(alone(source), "not-compiled")).toEqual([]);
    expect(await foundAt(alone(source), "unchecked-call")).toMatchObject([{ tools: ["aegis", "solc", "solhint"] }]);
  });

  it("gives the compiler's place where text before it is not ASCII", async () => {
    const source =
      "pragma solidity ^0.8.0;\n// \u00e4\u00f6\u00fc \u{1f600}\ncontract A {\n  function f(address payable a) public { a.send(1); }\n}";
    expect(await foundAt(alone(source), "unchecked-call")).toMatchObject([
      { line: 4, tools: ["aegis", "solc", "solhint"] },
    ]);
  });

  it("does not let the audited author switch rules off by comment", async () => {
    const source =
      "pragma solidity ^0.8.0;\n// solhint-disable\ncontract A { function f() public view returns (bool) { return tx.origin == address(1); } }";
    expect(await foundAt(alone(source), "tx-origin")).toMatchObject([{ tools: ["aegis", "solhint"] }]);
  });

  it("refuses a file that is nested to keep the parser busy, and says so", async () => {
    const nested = `${"(".repeat(400)}1${")".repeat(400)}`;
    const input = alone(`pragma solidity ^0.8.0;\ncontract A { uint a = ${nested}; }`);
    expect(await foundAt(input, "not-parsed")).toMatchObject([
      { message: expect.stringContaining("nested more than 64") },
    ]);
  });

  it("answers the same for the same file, whatever was audited before", async () => {
    const input = alone("pragma solidity ^0.8.0;\ncontract A { function f(address a) public { a.call(''); } }");
    const first = await audit(input);
    await audit(alone("pragma solidity ^0.4.0;\ncontract A {}"));
    expect(await audit(input)).toEqual(first);
  });

  it("refuses an input whose path names no source", async () => {
    await expect(audit({ path: "B.sol", sources: { "A.sol": "" } })).rejects.toThrow('"sources" has no "B.sol"');
  });
});
