/** Tells the processor time of what is measured from that of those who only give it something to do, in one process. */
export class OwnTime {
  #others = 0;

  /** Does what is not measured. */
  work<T>(work: () => T): T {
    const begun = cpuMs();
    const done = work();
    this.#others += cpuMs() - begun;
    return done;
  }

  /** ms of processor time of all else, since the process began. */
  pool(): number {
    return cpuMs() - this.#others;
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
