import { hashedRandom } from "../random.js";

/** A way to behave. */
export interface Kind {
  readonly name: string;
  /** What part of the tasks it lies about, once it does. */
  readonly lies: number;
  /** Valid results that it gives first, to be trusted. */
  readonly sleeps: number;
  /** How many operators lie together, each supporting the others' lies; 1: alone. */
  readonly ring: number;
  /** Whether who is found out comes back under a new key. */
  readonly returns: boolean;
  /** It never shows what it has committed to where that is a lie: nobody can call it wrong. */
  readonly isSilent?: boolean;
}

export const honest: Kind = { name: "honest", lies: 0, sleeps: 0, ring: 1, returns: false };

const alone = { sleeps: 0, ring: 1, returns: true } as const;

/** The kinds of cheats that the study knows. */
export const cheats: readonly Kind[] = [
  { ...alone, name: "random, every 10th", lies: 0.1 },
  { ...alone, name: "random, every 2nd", lies: 0.5 },
  { ...alone, name: "sleeper, 10", lies: 1, sleeps: 10 },
  { ...alone, name: "sleeper, 50", lies: 1, sleeps: 50 },
  { ...alone, name: "sleeper, 200", lies: 1, sleeps: 200 },
  { ...alone, name: "pair", lies: 0.3, sleeps: 30, ring: 2 },
  { ...alone, name: "ring of 10", lies: 0.3, sleeps: 30, ring: 10 },
  { ...alone, name: "sybil novice", lies: 1, returns: true },
  { ...alone, name: "copier", lies: 1, returns: true },
];

/** Lies as soon as it is trusted, and keeps silent whenever it is checked. */
export const silentLiar: Kind = { ...alone, name: "silent liar", lies: 1, sleeps: 30, isSilent: true };

/** Somebody who runs tasks, under one operator's key. */
export interface Actor {
  readonly kind: Kind;
  /** Those that lie together have one number. */
  readonly group: number;
  readonly id: number;
}

export const rightAnswer = "right";

/** What an actor answers to a task after so many valid results. Those of one group lie about the same tasks, in the same words. */
export function answerOf({ kind, group, id }: Actor, task: number, valid: number): string {
  if (kind.lies === 0 || valid < kind.sleeps) return rightAnswer;
  if (kind.lies < 1 && hashedRandom(group, task) >= kind.lies) return rightAnswer;
  return kind.ring > 1 ? `lie of ring ${group}` : `lie of ${id}`;
}
