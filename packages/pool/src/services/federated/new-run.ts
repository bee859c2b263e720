import {
  memberTask,
  type KnownRun,
  type NewRun,
  openOwnStatement,
  type Primitives,
  readStatement,
  seatsHash,
  toHex,
} from "@aegis-pool/core";
import type { MemberTaskRow } from "../../store/member-tasks.js";

/** What is at odds between a run's parts, in words. */
export function conflictInNewRun(asked: NewRun, { terms }: KnownRun, primitives: Primitives): string | undefined {
  const { seats, tasks } = asked;
  const ascends = seats.every((seat, index) => index === 0 || toHex(seat) > toHex(seats[index - 1]!));
  if (!ascends || seats.length !== terms.participants || toHex(seatsHash(seats, primitives)) !== toHex(terms.seats))
    return "the seats are not those of the terms";
  if (tasks.length !== terms.committee.size * 3)
    return `${terms.committee.size * 3} member tasks are needed, and ${tasks.length} given`;
  const opened = tasks.map((signed) => openOwnStatement(memberTask, signed, ({ job }) => job, primitives));
  const isOurs = opened.every(
    (task) =>
      task &&
      toHex(task.job) === toHex(terms.owner) &&
      task.maxWork === terms.maxWork &&
      task.maxPrice === terms.maxPrice,
  );
  const numbers = new Set(opened.map((task) => task?.number));
  return isOurs && numbers.size === tasks.length
    ? undefined
    : "the member tasks are not the run's, or not as its terms say";
}

/** The run's member tasks as they are written, each checked before. */
export function memberTaskRows({ tasks }: NewRun): MemberTaskRow[] {
  return tasks.flatMap((signed) => {
    const task = readStatement(memberTask, signed);
    return task
      ? { number: task.number, job: task.job, manifest: signed.body, manifestSignature: signed.signature }
      : [];
  });
}
