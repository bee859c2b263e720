import { isCaller, isComparison, isMember } from "../model/expressions.js";
import { contains, findAll } from "../model/walk.js";
import type { Detector } from "./detector.js";

/**
 * Authorisation by tx.origin (DASP 2, SWC-115): a contract that the owner is lured into calling acts with the owner's rights.
 * Comparing it with msg.sender only asks whether the caller is a contract, and is left to solhint.
 */
export const txOrigin: Detector = {
  ruleId: "tx-origin",
  *find({ ast }) {
    for (const node of findAll(ast, "BinaryOperation").filter(isComparison)) {
      const sides = [node.left, node.right];
      const isOrigin = sides.some((side) => contains(side, (at) => isMember(at, "tx", "origin")));
      if (!isOrigin || sides.some(isCaller)) continue;
      yield { node, message: "Whoever the owner calls can pass this check of tx.origin; check msg.sender instead." };
    }
  },
};
