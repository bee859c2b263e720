import fc from "fast-check";
import { type AgentTerms, taskGroup, type TaskGroup } from "../../../src/market/matching/filters.js";
import { type Assignment, Matching } from "../../../src/market/matching/matching.js";
import type { Requirements } from "../../../src/protocol/requirements.js";
import { toHex } from "../../../src/shared/bytes.js";
import { filled } from "../../fixtures.js";

export const mebibyte = 1024 ** 2;

const requirements: Requirements = {
  engine: "js",
  memoryBytes: 256 * mebibyte,
  timeLimitMs: 60_000,
  outputBytes: mebibyte,
};

/** A group that any agent may take at 4,000 nAIS or less. */
export function group(
  changes: Partial<Pick<TaskGroup, "id" | "job" | "maxPrice" | "refused" | "shared">> = {},
  required: Partial<Requirements> = {},
): TaskGroup {
  const rest = {
    id: "group",
    job: changes.id ?? "job",
    maxPrice: 4_000,
    refused: new Set<string>(),
    shared: undefined,
  };
  return taskGroup({ ...requirements, ...required }, { ...rest, ...changes });
}

/** An agent with two slots that takes any task that pays 3,087 nAIS. */
export function terms(
  changes: Partial<Omit<AgentTerms, "offer">> = {},
  offer: Partial<AgentTerms["offer"]> = {},
): AgentTerms {
  const lent = { class: "cpu" as const, engines: ["js" as const], slots: 2, memoryBytes: 1024 * mebibyte };
  return {
    agent: "a",
    operator: toHex(filled(0xa)),
    isBonded: false,
    proven: undefined,
    floorPrice: 3_087,
    parts: undefined,
    offer: { ...lent, ...offer },
    ...changes,
  };
}

/** A market at one moment: groups with their tasks' numbers, the first the oldest, and agents with their room. */
export interface Scene {
  readonly groups: readonly { readonly group: TaskGroup; readonly numbers: readonly number[] }[];
  readonly agents: readonly { readonly terms: AgentTerms; readonly room: number }[];
}

/** A market in which the requesters of all jobs that tests name are there. */
export function openMarket(): Matching {
  const matching = new Matching();
  for (const job of ["job", "poor", "rich", "fits"]) matching.openJob(job);
  for (let index = 0; index < 100; index++) matching.openJob(`group-${index}`);
  return matching;
}

/** What is decided where all of `scene` comes at once. A task is as old as its number is low. */
export function decide({ groups, agents }: Scene): Assignment[] {
  const matching = new Matching();
  for (const { terms: each, room } of agents) {
    matching.addAgent(each);
    matching.setRoom(each.agent, room);
  }
  for (const { group: each, numbers } of groups) {
    matching.openJob(each.job);
    for (const number of numbers) matching.wait(each, { number, age: number, returned: false });
  }
  return matching.decide(0);
}

/** Small domains on purpose: groups and agents that nearly fit one another, with ties. */
const operator = fc.constantFrom(filled(1), filled(2), filled(3));
const engine = fc.constantFrom("js", "wasm", "onnx");
const memoryBytes = fc.constantFrom(64, 256, 1_024).map((size) => size * mebibyte);

/** Three starts of machines, and who asks for which. */
const measurement = fc.constantFrom(filled(1, 48), filled(2, 48), filled(3, 48));
const attested = fc
  .uniqueArray(measurement, { minLength: 1, maxLength: 2 })
  .map((measurements) => ({ policy: "attested" as const, measurements }));
const tcb = { fmc: 0, bootLoader: 1, tee: 1, snp: 1, microcode: 1 };
const proven = fc.option(
  measurement.map((found) => ({ product: "Milan" as const, measurement: found, tcb })),
  { nil: undefined },
);

/** Anything that a group may ask for. */
export const anyGroup = fc
  .record({
    required: fc.record(
      {
        engine,
        memoryBytes,
        operators: fc.uniqueArray(operator, { minLength: 1, maxLength: 3 }),
        excludedOperators: fc.uniqueArray(operator, { maxLength: 2 }),
        verification: attested,
      },
      { requiredKeys: ["engine", "memoryBytes"] },
    ),
    maxPrice: fc.constantFrom(2_000, 3_500, 5_000),
    shared: fc.constantFrom(undefined, undefined, "data"),
    refused: fc.uniqueArray(fc.constantFrom("agent-0", "agent-1"), { maxLength: 1 }),
    isForBonded: fc.boolean(),
  })
  .map(({ required, refused, isForBonded, ...rest }) => (id: string) => ({
    ...group({ id, ...rest, refused: new Set(refused) }, required),
    isForBonded,
  }));

/** The same as a gang. */
const anyGang = fc.tuple(anyGroup, fc.integer({ min: 2, max: 3 })).map(([make, gangSize]) => (id: string) => ({
  ...make(id),
  gangSize,
}));

/** Anything that an agent may offer. */
export const anyTerms = fc
  .record({
    operator: operator.map(toHex),
    isBonded: fc.boolean(),
    proven,
    floorPrice: fc.constantFrom(1_000, 3_087, 4_500),
    offer: fc.record({
      class: fc.constant("cpu" as const),
      engines: fc.uniqueArray(engine, { minLength: 1, maxLength: 3 }),
      memoryBytes,
      slots: fc.integer({ min: 1, max: 4 }),
    }),
  })
  .map((rest) => (agent: string) => ({ agent, parts: undefined, ...rest }));

/** A whole market of tasks that begin each by itself, and one with gangs among them. */
export const anyScene = sceneOf(anyGroup);
export const anySceneWithGangs = sceneOf(fc.oneof(anyGroup, anyGang));

function sceneOf(make: typeof anyGroup): fc.Arbitrary<Scene> {
  return fc
    .record({
      groups: fc.array(fc.record({ make, size: fc.nat({ max: 6 }) }), { maxLength: 6 }),
      agents: fc.array(fc.record({ make: anyTerms, room: fc.nat({ max: 5 }) }), { maxLength: 5 }),
    })
    .map(({ groups, agents }) => {
      let number = 0;
      return {
        groups: groups.map(({ make: makeGroup, size }, index) => ({
          group: makeGroup(`group-${index}`),
          numbers: Array.from({ length: size }, () => ++number),
        })),
        agents: agents.map(({ make: makeTerms, room }, index) => ({ terms: makeTerms(`agent-${index}`), room })),
      };
    });
}
