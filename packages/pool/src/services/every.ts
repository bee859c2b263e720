/**
 * Does `work` every `ms`, and never twice at a time.
 * @param onFailed told of what `work` throws
 * @returns what ends it: it resolves once what is under way is done
 */
export function every(ms: number, work: () => Promise<unknown>, onFailed: (error: unknown) => void) {
  let underWay: Promise<void> | undefined;
  const timer = setInterval(() => {
    underWay ??= work()
      .then(() => undefined, onFailed)
      .finally(() => (underWay = undefined));
  }, ms);
  return async (): Promise<void> => {
    clearInterval(timer);
    await underWay;
  };
}
