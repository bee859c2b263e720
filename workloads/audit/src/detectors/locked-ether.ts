import type { ContractModel } from "../model/contract.js";
import { lowLevelCalls, paysEther } from "../model/calls.js";
import { isCallOf } from "../model/expressions.js";
import { type ASTNode, contains, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";

/** Locked ether (DASP 10, SWC-132 in spirit; Slither's "locked-ether"): a contract takes ether and has no way to let it out. */
export const lockedEther: Detector = {
  ruleId: "locked-ether",
  *find({ contracts }) {
    for (const contract of contracts.filter(({ kind }) => kind === "contract")) {
      const payable = contract.functions.find(({ node, isEntry }) => isEntry && node.stateMutability === "payable");
      if (!payable || contract.hasUnknownBase || contract.lineage.some(({ node }) => letsOut(node))) continue;
      yield {
        node: payable.node,
        message: `"${contract.name}" takes ether here and has no function that lets it out.`,
      };
    }
  },
};

function letsOut(contract: ContractModel["node"]): boolean {
  if (
    lowLevelCalls(contract).some((call) => paysEther(call) || call.kind === "delegatecall" || call.kind === "callcode")
  )
    return true;
  return contains(contract, isWayOut);
}

function isWayOut(node: ASTNode): boolean {
  if (isA(node, "AssemblyCall"))
    return ["call", "delegatecall", "callcode", "selfdestruct", "create", "create2"].includes(node.functionName);
  if (isA(node, "NameValueExpression")) return node.arguments.names.includes("value");
  if (isA(node, "MemberAccess"))
    return /^(sendValue|functionCallWithValue|functionDelegateCall|safeTransferETH)$/.test(node.memberName);
  return isCallOf(node, ["selfdestruct", "suicide"]);
}
