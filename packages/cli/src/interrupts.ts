/**
 * Resolves at the first Ctrl-C or request to terminate, or when a parent that holds us by a channel dies; a second Ctrl-C
 * ends the process at once.
 */
export function untilInterrupted(): Promise<undefined> {
  return new Promise((resolve) => {
    const onSignal = () => {
      process.once("SIGINT", () => process.exit(130));
      resolve(undefined);
    };
    process.once("SIGINT", onSignal);
    process.once("SIGTERM", onSignal);
    process.once("disconnect", onSignal);
    process.channel?.unref(); // listening alone must not keep us alive
  });
}
