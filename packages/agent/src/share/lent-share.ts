import { availableParallelism, totalmem } from "node:os";
import { AegisError, type Share } from "@aegis-pool/core";

/** What a share comes to on this machine. */
export interface LentShare {
  /** Tasks that run at the same time. */
  readonly slots: number;
  /** Percent of one core that each slot gets. */
  readonly cpuPercentPerSlot: number;
  /** Bytes that each slot may use. */
  readonly memoryBytesPerSlot: number;
  /** All cores are lent: then there is nothing for the owner to keep, and no time to hold a slot to. */
  readonly wholeMachine: boolean;
}

/** Least memory that a slot is useful with, in bytes. */
const leastMemory = 64 * 1024 ** 2;

/**
 * Divides a share into slots: as many as it has whole cores, at least one; each gets its part of what is lent.
 * @throws {AegisError} `bad-argument` where the memory is too little, or more than there is
 */
export function lentShare(
  share: Share,
  machine = { cores: availableParallelism(), memoryBytes: totalmem() },
): LentShare {
  const memoryBytes = share.memoryBytes ?? machine.memoryBytes / 2;
  if (memoryBytes > machine.memoryBytes)
    throw badMemory(memoryBytes, `at most the ${machine.memoryBytes} bytes there are`);
  const lentPercent = machine.cores * share.cpuPercent;
  const slots = Math.max(1, Math.floor(lentPercent / 100));
  const memoryBytesPerSlot = Math.floor(memoryBytes / slots);
  if (memoryBytesPerSlot < leastMemory) throw badMemory(memoryBytes, `at least 64 MiB for each of ${slots} slots`);
  const cpuPercentPerSlot = Math.min(100, Math.round(lentPercent / slots));
  return { slots, cpuPercentPerSlot, memoryBytesPerSlot, wholeMachine: share.cpuPercent === 100 };
}

function badMemory(received: number, allowed: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `memory=${received} bytes cannot be lent: give ${allowed}.`,
    next: 'Change --share, such as "cpu=50%,memory=4GiB".',
  });
}
