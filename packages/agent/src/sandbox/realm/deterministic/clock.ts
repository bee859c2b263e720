// oxlint-disable typescript/unbound-method -- to put functions in place of the realm's own is what this file is for
/** Where every run's clock begins: the year 2000, UTC. In ms since 1970. */
const beginning = 946_684_800_000;

/**
 * A clock that only its readers move: each reading is a millisecond later than the one before, so that a loop that waits for a
 * time ends, and a timer that fires moves it to when it was due. Nothing about it hangs on how fast a machine is.
 */
export class ReadClock {
  #elapsedMs = 0;

  /** ms since the run began. */
  read(): number {
    return this.#elapsedMs++;
  }

  /** The same, without moving the clock. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** It is at least this late, in ms since the run began. */
  advanceTo(elapsedMs: number): void {
    if (elapsedMs > this.#elapsedMs) this.#elapsedMs = elapsedMs;
  }
}

/** Has everything in the realm that tells the time ask `clock`. */
export function installClock(clock: ReadClock): void {
  const now = (): number => beginning + clock.read();
  installDate(now);
  installDateTimeFormat(now);
  Reflect.deleteProperty(Temporal, "Now");
  const performance = Object.freeze({ now: () => clock.read(), timeOrigin: beginning });
  Object.defineProperty(globalThis, "performance", { value: performance, configurable: true });
}

/** The real constructor must be out of reach: no object's `constructor`, and no function's prototype, leads to it. */
function installDate(now: () => number): void {
  const RealDate = Date;
  const { construct } = Reflect;
  const FrozenDate = function (this: unknown, ...parts: unknown[]): unknown {
    if (new.target === undefined) return new RealDate(now()).toString();
    return construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
  };
  for (const name of ["parse", "UTC"] as const) Object.defineProperty(FrozenDate, name, describe(RealDate, name));
  Object.defineProperty(FrozenDate, "now", { value: now, writable: true, configurable: true });
  Object.defineProperty(FrozenDate, "name", { value: "Date", configurable: true });
  Object.defineProperty(FrozenDate, "prototype", { value: RealDate.prototype, writable: false });
  Object.defineProperty(RealDate.prototype, "constructor", { value: FrozenDate, writable: true, configurable: true });
  Object.defineProperty(globalThis, "Date", { value: FrozenDate, writable: true, configurable: true });
}

/** Without an argument it formats the present moment. */
function installDateTimeFormat(now: () => number): void {
  const { prototype } = Intl.DateTimeFormat;
  const { apply } = Reflect;
  const { get: formatOf } = describe(prototype, "format");
  const partsOf = prototype.formatToParts;
  Object.defineProperty(prototype, "format", {
    get(this: Intl.DateTimeFormat) {
      const format = apply(formatOf as () => Intl.DateTimeFormat["format"], this, []);
      return (date?: Date | number) => format(date === undefined ? now() : date);
    },
    configurable: true,
  });
  const value = function (this: Intl.DateTimeFormat, date?: Date | number) {
    return apply(partsOf, this, [date === undefined ? now() : date]);
  };
  Object.defineProperty(prototype, "formatToParts", { value, writable: true, configurable: true });
}

function describe(owner: object, name: string): PropertyDescriptor {
  const found = Object.getOwnPropertyDescriptor(owner, name);
  if (!found) throw new Error(`the realm has no ${name}`);
  return found;
}
