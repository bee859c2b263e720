/**
 * What a lease costs, in nAIS per SCU-second: the agent's floor, or what the best other task that the agent could have taken would
 * have paid, whichever is more; never more than the task's own top price. So a top price buys a place in the order and not a
 * higher bill: it decides what is paid only where it is itself the limit.
 *
 * @param topPrice of the task, at least the floor
 * @param floorPrice of the agent
 * @param nextPrice top price of the best compatible task of another job left waiting; undefined where there is none
 */
export function leasePrice(topPrice: number, floorPrice: number, nextPrice: number | undefined): number {
  return Math.min(topPrice, Math.max(floorPrice, nextPrice ?? 0));
}
