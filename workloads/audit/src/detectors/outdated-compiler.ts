import { findAll } from "../model/walk.js";
import type { Detector } from "./detector.js";

/** Outdated compiler (DASP 10, SWC-102): versions before 0.8 neither check arithmetic nor get corrections any more. */
export const outdatedCompiler: Detector = {
  ruleId: "outdated-compiler",
  *find({ ast, compilers }) {
    const pragma = findAll(ast, "PragmaDirective").find(({ name }) => name === "solidity");
    if (!pragma || compilers.checksArithmetic) return;
    yield { node: pragma, message: `Compilers from ${compilers.oldest.join(".")} on may build this; ask for 0.8.` };
  },
};
