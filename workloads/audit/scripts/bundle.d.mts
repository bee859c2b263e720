/** Builds the program where it is missing or out of date; answers its path. */
export function bundleProgram(): Promise<string>;
