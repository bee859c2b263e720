export { dutyCycleSupport, startDutyCycle, type DutyCycle } from "./duty-cycle.js";
