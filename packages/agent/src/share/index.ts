export { Brake } from "./brake.js";
export { openCgroups } from "./cgroups/open.js";
export { dutyCycleSupport } from "./duty-cycle.js";
export { type Hold, openHolder, type ShareHolder } from "./holder.js";
export { canStop } from "./signals.js";
