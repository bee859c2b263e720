/** ms since 1970. Passed to whatever needs it, so that tests can move time. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
