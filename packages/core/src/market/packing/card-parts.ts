import type { Offer } from "../../protocol/agent-channel.js";
import type { Requirements } from "../../protocol/requirements.js";
import type { Capacity, Demand } from "./capacity.js";

const mebibyte = 1024 ** 2;

/** What an agent lends in parts, while nothing runs there; undefined where it lends slots. */
export function partsLent({ card, memoryBytes }: Pick<Offer, "card" | "memoryBytes">): Capacity | undefined {
  if (!card) return undefined;
  return { cpuMilli: 0, memoryMib: Math.floor(memoryBytes / mebibyte), gpusMilli: [card.thousandths], model: "" };
}

/** What a task takes of a card that is lent in parts; undefined: all of it. */
export function partAsked({ card, memoryBytes }: Pick<Requirements, "card" | "memoryBytes">): Demand | undefined {
  if (!card) return undefined;
  return { cpuMilli: 0, memoryMib: Math.ceil(memoryBytes / mebibyte), gpus: 1, gpuMilli: card.thousandths };
}

/** What is left of a card while tasks that ask for this run there; undefined: nothing, since one of them needs all of it. */
export function leftOfCard(
  lent: Capacity,
  running: Iterable<Pick<Requirements, "card" | "memoryBytes">>,
): Capacity | undefined {
  let [milli, memoryMib] = [lent.gpusMilli[0] ?? 0, lent.memoryMib];
  for (const requirements of running) {
    const part = partAsked(requirements);
    if (!part) return undefined;
    milli -= part.gpuMilli;
    memoryMib -= part.memoryMib;
  }
  return { ...lent, memoryMib, gpusMilli: [milli] };
}

/** How many tasks of one kind the agent runs at the same time. */
export function placesFor(
  { slots, card: lent }: Pick<Offer, "slots" | "card">,
  { card: asked }: Pick<Requirements, "card">,
): number {
  return lent && asked ? Math.floor(lent.thousandths / asked.thousandths) : slots;
}

/** Bytes of card memory that come with a part: as much of what is lent as of its time. */
export function cardMemoryOfPart(lent: Offer["card"], thousandths: number): number {
  return lent ? Math.floor((lent.memoryBytes * thousandths) / lent.thousandths) : 0;
}

/** What a task counts for on the agent: of a card all, or as much of its speed as of its time. */
export function partOfSpeed(
  speed: number,
  { card: lent }: Pick<Offer, "card">,
  { card: asked }: Pick<Requirements, "card">,
): number {
  return lent && asked ? Math.max(1, Math.floor((speed * asked.thousandths) / lent.thousandths)) : speed;
}
