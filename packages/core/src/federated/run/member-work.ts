import { type CommitteeShape, subsetsKnownTo } from "../secure-sum/committee.js";

/**
 * Values that an SCU adds up in a second, masks and all: the rate of one core of the machine that the committee was measured on (0.1 of an SCU), times
 * ten. A member is paid by what it has added, not by its time: between sums it waits.
 */
const valuesPerScuSecond = 3e9;

/** The work of one member for one sum, in µSCU-seconds: each survivor's upload, and the masks of all subsets that the member knows. */
export function memberWork(shape: CommitteeShape, survivors: number, length: number): number {
  const streams = subsetsKnownTo(0, shape).length + 1;
  return Math.ceil((survivors * length * streams * 1e6) / valuesPerScuSecond);
}
