/** The chain id of anvil and others like it, on one's own machine: nothing there is worth anything. */
export const localChainId = 31_337;

/** Whether money to play with, which anybody has for asking, may be in the same books as what was paid in on this chain: else it would become AIS. */
export function mayMixWithTestMoney(chainId: number): boolean {
  return chainId === localChainId;
}

/** The ledger's key of a deposit: its number alone, so that nobody is credited for one that another was credited for. @param index from 0 */
export function depositKey(index: number): string {
  return index.toString(16).padStart(16, "0");
}
