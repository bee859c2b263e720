import type { Detector } from "./detector.js";

/** Every detector of our own. */
export const detectors: readonly Detector[] = [];
