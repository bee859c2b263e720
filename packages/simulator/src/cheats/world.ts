import { type CheckedRun, Verification, type VerificationEffect, type VerificationRules } from "@aegis-pool/core";
import { seededRandom } from "../random.js";
import { type Actor, answerOf, honest, type Kind, rightAnswer } from "./kinds.js";

/** One operator with one agent, for as long as it goes by one key. */
export interface Identity extends Actor {
  readonly runner: string;
  /** First runs that it was given. */
  tasks: number;
  /** All runs that it was given. */
  runs: number;
  /** Those that it has really computed. */
  computed: number;
  /** Charges that it was paid. */
  paid: number;
  /** Charges that it owes. */
  debt: number;
  /** Results proven wrong, and wrong answers as a novice. */
  disproved: number;
  failedTraining: number;
  isHere: boolean;
}

interface Run extends CheckedRun {
  readonly identity: Identity;
  readonly answer: string;
}

type Effect = VerificationEffect<Run>;

/** What part of the tasks is so, and which part of their runs gives a second result; undefined: each run gives a result of its own. */
export interface UnsteadyPrograms {
  readonly part: number;
  readonly second?: number;
}

/** How a world is set up. */
export interface WorldOptions {
  readonly seed: number;
  readonly agents: number;
  /** How many of them are of which kind; the rest are honest. */
  readonly cheats: readonly (readonly [Kind, number])[];
  /** Tasks whose program does not give the same result each time. */
  readonly unsteady: UnsteadyPrograms;
  readonly rules: VerificationRules;
  /** Novices begin tasks themselves only while fewer operators than this are trusted. */
  readonly enoughTrusted: number;
}

/** What became of results. */
export interface WorldCounts {
  tasks: number;
  runs: number;
  final: number;
  wrongFinal: number;
  readonly wrongFinalByKind: Map<string, number>;
  nondeterministic: number;
  /** Runs beyond those that requesters pay: of disputes. */
  extraRuns: number;
  /** Runs of novices whose answers were known. */
  training: number;
  /** Right results of honest agents that were taken for wrong, and how many of them cost a penalty. */
  honestDisproved: number;
  honestPunished: number;
  /** Tasks whose program does not give the same result each time, and runs of them that their requesters paid for. */
  framingTasks: number;
  framingPaidRuns: number;
}

/** A pool in which the production rules of verification meet agents of many kinds, one task after another. */
export class World {
  readonly identities: Identity[] = [];
  readonly counts: WorldCounts = {
    tasks: 0,
    runs: 0,
    final: 0,
    wrongFinal: 0,
    wrongFinalByKind: new Map(),
    nondeterministic: 0,
    extraRuns: 0,
    training: 0,
    honestDisproved: 0,
    honestPunished: 0,
    framingTasks: 0,
    framingPaidRuns: 0,
  };
  readonly #random: () => number;
  readonly #options: WorldOptions;
  readonly #verification: Verification<Run>;
  /** Who is here now. */
  readonly #here: Identity[] = [];
  /** Who does better under another key: gone before the next task. */
  readonly #leaving = new Set<Identity>();
  #hasTrusted = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#verification = new Verification(this.#random, options.rules);
    let group = 0;
    for (const [kind, count] of options.cheats) {
      for (let index = 0; index < count; index++) {
        if (index % kind.ring === 0) group++;
        this.#arrive(kind, group);
      }
    }
    while (this.#here.length < options.agents) this.#arrive(honest, 0);
  }

  /** One more task, to its end. */
  step(): void {
    const task = this.counts.tasks++;
    this.#hasTrusted ||= this.#here.filter((one) => this.#isTrusted(one)).length >= this.#options.enoughTrusted;
    const first = this.#pick((one) => this.#mayBegin(one));
    if (!first) return;
    first.tasks++;
    if (this.#isUnsteady(task)) this.counts.framingTasks++;
    this.#follow(this.#verification.completed(this.#run(task, first)));
    for (const leaving of this.#leaving) this.#leave(leaving);
    this.#leaving.clear();
  }

  /** Nobody but those who are trusted begins a task, once there are enough. */
  #mayBegin(identity: Identity): boolean {
    return !this.#hasTrusted || this.#isTrusted(identity);
  }

  #isTrusted({ runner }: Identity): boolean {
    return this.#verification.isTrusted(runner);
  }

  /** Charges that an agent which is here will have when what is held is final. */
  due(identity: Identity): number {
    return identity.isHere ? this.#verification.trustOf(identity.runner).held : 0;
  }

  #arrive(kind: Kind, group: number): void {
    const id = this.identities.length;
    const counts = { tasks: 0, runs: 0, computed: 0, paid: 0, debt: 0, disproved: 0, failedTraining: 0 };
    const identity: Identity = { kind, group, id, runner: `${id}`, ...counts, isHere: true };
    this.identities.push(identity);
    this.#here.push(identity);
  }

  /** Who is found out goes, and may come back under another key; nobody works off a debt. */
  #leave(identity: Identity): void {
    identity.isHere = false;
    this.#here.splice(this.#here.indexOf(identity), 1);
    if (identity.kind.returns) this.#arrive(identity.kind, identity.group);
  }

  #run(task: number, identity: Identity): Run {
    const answer = this.#answer(task, identity);
    this.counts.runs++;
    identity.runs++;
    if (answer === rightAnswer || this.#isUnsteady(task)) identity.computed++;
    return { task, runner: identity.runner, operator: identity.runner, agreeing: 2, identity, answer };
  }

  #answer(task: number, identity: Identity): string {
    if (this.#isUnsteady(task)) return this.#unsteadyAnswer(identity);
    return answerOf(identity, task, this.#verification.trustOf(identity.runner).valid);
  }

  #isUnsteady(task: number): boolean {
    const { part } = this.#options.unsteady;
    return part > 0 && task % Math.round(1 / part) === 0;
  }

  #unsteadyAnswer({ id }: Identity): string {
    const { second } = this.#options.unsteady;
    if (second === undefined) return `result of ${id}`;
    return this.#random() < second ? "second" : rightAnswer;
  }

  #follow(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "replicate") this.#replicate(effect);
      else if (effect.kind === "reveal") this.#reveal(effect.task, effect.runs);
      else if (effect.kind === "final") this.#final(effect.paid, effect.extra);
      else if (effect.kind === "disproved") this.#disproved(effect);
      else if (effect.kind === "train") this.#train(effect);
      else if (effect.kind === "failed-training") this.#failedTraining(effect.run);
      else if (effect.kind === "nondeterministic") this.#blameless(effect.runs);
    }
  }

  #replicate({ task, runs, except }: Extract<Effect, { kind: "replicate" }>): void {
    const before = new Set(except);
    for (let run = 0; run < runs; run++) {
      const isOther = ({ runner }: Identity) => !before.has(runner);
      const checker = this.#pick((one) => isOther(one) && this.#isTrusted(one)) ?? this.#pick(isOther);
      if (!checker) continue;
      before.add(checker.runner);
      this.#follow(this.#verification.replicated(this.#run(task, checker)));
    }
  }

  #train({ task, except }: Extract<Effect, { kind: "train" }>): void {
    const novice = this.#pick((one) => !except.includes(one.runner) && !this.#isTrusted(one));
    if (!novice) return;
    const run = this.#run(task, novice);
    this.counts.training++;
    this.#follow(this.#verification.trained(run, run.answer));
  }

  /** Who lies and keeps silent takes no part any more; a check of which nothing is left comes to nothing. */
  #reveal(task: number, runs: readonly Run[]): void {
    const silent = runs.filter(({ identity, answer }) => identity.kind.isSilent && answer !== rightAnswer);
    for (const run of silent) this.#follow(this.#verification.silent(run));
    const shown = runs.filter((run) => !silent.includes(run)).map((run) => [run, run.answer] as const);
    this.#follow(this.#verification.revealed(task, shown));
  }

  #final(paid: readonly Run[], extra: readonly Run[]): void {
    const [first] = paid;
    this.counts.final++;
    this.counts.extraRuns += extra.length;
    for (const run of [...paid, ...extra]) pay(run.identity);
    if (first && this.#isUnsteady(first.task)) this.counts.framingPaidRuns += paid.length + extra.length;
    if (!first || first.answer === rightAnswer || this.#isUnsteady(first.task)) return;
    this.counts.wrongFinal++;
    const { name } = first.identity.kind;
    this.counts.wrongFinalByKind.set(name, (this.counts.wrongFinalByKind.get(name) ?? 0) + 1);
  }

  #disproved({ run: { identity }, isForgiven }: Extract<Effect, { kind: "disproved" }>): void {
    identity.disproved++;
    if (identity.kind === honest) this.counts.honestDisproved++;
    if (identity.kind === honest && !isForgiven) this.counts.honestPunished++;
    if (isForgiven) return;
    identity.debt += this.#options.rules.penaltyCharges;
    this.#hasNothingToLose(identity);
  }

  #failedTraining({ identity }: Run): void {
    identity.failedTraining++;
    this.#hasNothingToLose(identity);
  }

  /** A cheat that has debts, or never gets anywhere, does better under another key. */
  #hasNothingToLose(identity: Identity): void {
    if (identity.kind !== honest && identity.isHere) this.#leaving.add(identity);
  }

  #blameless(runs: readonly Run[]): void {
    this.counts.nondeterministic++;
    for (const { identity } of runs) pay(identity);
    this.counts.framingPaidRuns += runs.length;
  }

  /** Anybody who is here and suits, each as likely as the others; undefined where nobody was found in many tries. */
  #pick(suits: (identity: Identity) => boolean): Identity | undefined {
    for (let attempt = 0; attempt < 200; attempt++) {
      const one = this.#here[Math.floor(this.#random() * this.#here.length)];
      if (one && suits(one)) return one;
    }
    return undefined;
  }
}

/** A debt is worked off before anything is paid out. */
function pay(identity: Identity): void {
  if (identity.debt > 0) identity.debt--;
  else identity.paid++;
}
