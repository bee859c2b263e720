/** Whether the market hands out work: those who run the pool can close it for a while. */
export interface Gate {
  isOpen: boolean;
}
