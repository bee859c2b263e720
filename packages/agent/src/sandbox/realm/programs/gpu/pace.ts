/** How long one submit should keep the device busy, in ms: two of them are under way at most, together below 50. */
const aimMs = 20;
/** A submit grows by this factor at most: what was too short to measure says little. */
const mostGrowth = 8;

/** How much of one kernel's work goes into one submit, learned from the submits before. */
export class Pace {
  /** Workgroups of the next submit. */
  groups = 1;

  learn(groups: number, busyMs: number): void {
    // less than was planned, for the work was at its end: that tells nothing, unless it took long
    if (groups < this.groups && busyMs < aimMs) return;
    const wanted = busyMs > 0 ? (groups * aimMs) / busyMs : Infinity;
    this.groups = Math.max(1, Math.floor(Math.min(wanted, groups * mostGrowth)));
  }
}

/** Waits until a device that was busy for so long since `begin` has been busy for at most a part of the time. */
export async function rest(dutyPercent: number, busyMs: number, begin: number): Promise<void> {
  const restMs = (busyMs * 100) / dutyPercent - (performance.now() - begin);
  if (restMs > 0) await new Promise((wake) => setTimeout(wake, restMs));
}
