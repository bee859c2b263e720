export { Brake } from "./brake.js";
export { dutyCycleSupport, ownSystem, startDutyCycle, type DutyCycle } from "./duty-cycle.js";
export { canStop } from "./signals.js";
