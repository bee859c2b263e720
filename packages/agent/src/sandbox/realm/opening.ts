/** The first thing that the main realm posts to its Worker: what they speak over, and whether programs may use the graphics card. */
export interface Opening {
  readonly port: MessagePort;
  readonly keepsGpu: boolean;
}
