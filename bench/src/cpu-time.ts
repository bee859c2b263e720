/** Processor time that this process has used so far, in ms: unlike a clock's, the same on a machine that is busy with other things. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
