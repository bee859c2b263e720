import { verificationRules, type VerificationRules } from "@aegis-pool/core";
import { cheats, honest, type Kind, silentLiar } from "./kinds.js";
import { type UnsteadyPrograms, World } from "./world.js";

/** A mix of agents, by name. */
export interface Scenario {
  readonly name: string;
  /** Kinds of cheats, each with as many agents as the others; together a fifth of all. */
  readonly kinds: readonly Kind[];
  readonly unsteady: UnsteadyPrograms;
  /** Whether who is found out comes back under a new key, again and again. */
  readonly returns: boolean;
}

const agents = 450;
const cheatingAgents = agents / 5;
/** Every thousandth task is a requester's attempt to set honest agents against each other. */
const framing: UnsteadyPrograms = { part: 0.001 };

const ring = { name: "ring of a fifth", ring: cheatingAgents, sleeps: 60, returns: true } as const;

/** The mix that the figures are about, then what is hardest for the rules. */
export const scenarios: readonly Scenario[] = [
  { name: "all kinds", kinds: cheats, unsteady: framing, returns: true },
  { name: "all kinds, once each", kinds: cheats, unsteady: framing, returns: false },
  { name: "one ring, lies 30%", kinds: [{ ...ring, lies: 0.3 }], unsteady: framing, returns: true },
  { name: "one ring, lies 3%", kinds: [{ ...ring, lies: 0.03 }], unsteady: framing, returns: true },
  { name: "one ring, lies 3%, once", kinds: [{ ...ring, lies: 0.03 }], unsteady: framing, returns: false },
  {
    name: "random, every 100th",
    kinds: [{ ...ring, ring: 1, name: "random, every 100th", lies: 0.01 }],
    unsteady: framing,
    returns: true,
  },
  { name: "if a program had two results, 50%", kinds: cheats, unsteady: { part: 0.001, second: 0.5 }, returns: true },
  { name: "if a program had two results, 10%", kinds: cheats, unsteady: { part: 0.001, second: 0.1 }, returns: true },
  { name: "silent liars", kinds: [silentLiar], unsteady: framing, returns: true },
];

/** All of one kind together. */
export interface KindOutcome {
  readonly kind: string;
  /** Keys under which they were here. */
  readonly identities: number;
  readonly runs: number;
  /** Runs whose wrong results were final. */
  readonly wrongFinal: number;
  readonly disproved: number;
  /** What a run brought less what computing cost, in charges; what was lost with a key is lost. */
  readonly profitPerRun: number;
}

/** What came out of a scenario. */
export interface Outcome {
  readonly scenario: string;
  readonly tasks: number;
  /** Final results that are wrong, as a part of all. */
  readonly wrongPart: number;
  /** Runs beyond one for each task, as a part of all tasks, in the second half. */
  readonly overhead: number;
  /** Right results of honest agents that were taken for wrong, and how many of them cost a penalty. */
  readonly honestDisproved: number;
  readonly honestPunished: number;
  /** Tasks of requesters whose programs give each agent another result, and the runs that they paid for. */
  readonly framing: { readonly tasks: number; readonly paidRuns: number };
  readonly kinds: readonly KindOutcome[];
  /** Wrong final results after each hundredth of the tasks. */
  readonly wrongOverTime: readonly number[];
}

/** What computing costs of what is paid for it; a lie costs nothing. */
const computingCost = 0.5;

/** How a scenario is played. */
export interface StudyOptions {
  /** Decides everything. */
  readonly seed: number;
  readonly tasks: number;
  readonly rules?: VerificationRules;
  /** Novices begin tasks themselves only while fewer operators than this are trusted. */
  readonly enoughTrusted?: number;
}

/** Plays a scenario. */
export function study(
  scenario: Scenario,
  { seed, tasks, rules = verificationRules, enoughTrusted = 20 }: StudyOptions,
): Outcome {
  const { kinds, unsteady, returns } = scenario;
  const each = cheatingAgents / kinds.length;
  const mix = kinds.map((kind) => [{ ...kind, returns }, each] as const);
  const world = new World({ seed, agents, cheats: mix, unsteady, rules, enoughTrusted });
  const wrongOverTime: number[] = [];
  let half = { runs: 0, tasks: 0 };
  for (let step = 1; step <= tasks; step++) {
    world.step();
    if (step === Math.floor(tasks / 2)) half = { ...world.counts };
    if (step % Math.floor(tasks / 100) === 0) wrongOverTime.push(world.counts.wrongFinal);
  }
  const { counts } = world;
  return {
    scenario: scenario.name,
    tasks,
    wrongPart: counts.wrongFinal / counts.final,
    overhead: (counts.runs - half.runs) / (counts.tasks - half.tasks) - 1,
    honestDisproved: counts.honestDisproved,
    honestPunished: counts.honestPunished,
    framing: { tasks: counts.framingTasks, paidRuns: counts.framingPaidRuns },
    kinds: [honest, ...kinds].map(({ name }) => kindOutcome(name, world)),
    wrongOverTime,
  };
}

function kindOutcome(kind: string, world: World): KindOutcome {
  const { identities, counts } = world;
  const own = identities.filter((identity) => identity.kind.name === kind);
  const sum = (of: "runs" | "paid" | "computed" | "disproved") => own.reduce((total, one) => total + one[of], 0);
  const due = own.reduce((total, identity) => total + world.due(identity), 0); // lies among it too
  return {
    kind,
    identities: own.length,
    runs: sum("runs"),
    wrongFinal: counts.wrongFinalByKind.get(kind) ?? 0,
    disproved: sum("disproved"),
    profitPerRun: (sum("paid") + due - computingCost * sum("computed")) / sum("runs"),
  };
}
