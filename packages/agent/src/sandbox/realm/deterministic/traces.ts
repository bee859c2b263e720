// oxlint-disable typescript/unbound-method -- taken before a program could put another in its place
/** One function on the stack, as V8 describes it. */
interface CallSite {
  getFileName(): string | null;
  toString(): string;
}

/** Shows of a stack only the program's own part: ours is in files with random names. Not to be changed by a program. */
export function installTraces(): void {
  const { apply } = Reflect;
  const { startsWith } = String.prototype;
  const isPrograms = (site: CallSite): boolean => apply(startsWith, site.getFileName() ?? "", ["data:"]);
  const value = (error: unknown, sites: readonly CallSite[]): string => {
    let text = titleOf(error);
    for (let index = 0; index < sites.length; index++) {
      const site = sites[index];
      if (site && isPrograms(site)) text += `\n    at ${site.toString()}`;
    }
    return text;
  };
  Object.defineProperty(Error, "prepareStackTrace", { value, writable: false, configurable: false });
}

/** Whatever was thrown may have a text that throws. */
function titleOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}
