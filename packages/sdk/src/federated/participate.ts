import { stateFile } from "./state-file.js";
import { type AnyProcedure, takePart, type TakingPart } from "./take-part.js";
import type { Invitation } from "./run-text.js";

/** How a participant with a disk takes part. */
export interface ParticipationOptions extends Omit<TakingPart, "state"> {
  /** The file where it keeps its key in this run and what it must not say twice. A participant that is started again with it goes on as the same. */
  readonly statePath: string;
}

/** Takes part in a run, as {@link takePart} does, with the participant's state in a file. @throws {AegisError} as `takePart` */
export function participate<Result>(
  invitation: Invitation,
  procedure: AnyProcedure<Result>,
  { statePath, ...options }: ParticipationOptions,
): Promise<Result> {
  return takePart(invitation, procedure, { ...options, state: stateFile(statePath) });
}
