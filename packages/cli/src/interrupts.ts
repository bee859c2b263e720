/** Resolves at the first Ctrl-C or request to terminate; a second one ends the process at once. */
export function untilInterrupted(): Promise<undefined> {
  return new Promise((resolve) => {
    const onSignal = () => {
      process.once("SIGINT", () => process.exit(130));
      resolve(undefined);
    };
    process.once("SIGINT", onSignal);
    process.once("SIGTERM", onSignal);
  });
}
