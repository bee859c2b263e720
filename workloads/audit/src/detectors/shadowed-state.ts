import type { Detector } from "./detector.js";
import { contractsOf } from "./scope.js";

/**
 * Shadowed state variable (DASP 10, SWC-119): a contract declares a variable that its base has too; each works on its own one.
 * Since 0.6 the compiler refuses it unless the base's is private.
 */
export const shadowedState: Detector = {
  ruleId: "shadowed-state",
  *find(unit) {
    for (const contract of contractsOf(unit)) {
      for (const node of contract.ownVariables) {
        const base = contract.lineage
          .slice(1)
          .find(({ ownVariables }) => ownVariables.some(({ name }) => name === node.name));
        const inherited = base?.ownVariables.find(({ name }) => name === node.name);
        if (!base || !inherited) continue;
        const severity = inherited.visibility === "private" ? "info" : "medium";
        yield {
          node,
          message: `"${node.name}" is another variable than the one of "${base.name}", which goes on using its own.`,
          severity,
        };
      }
    }
  },
};
