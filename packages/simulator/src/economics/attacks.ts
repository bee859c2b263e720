import { defaultPrices, rewardDefaults, type RewardParameters } from "@aegis-pool/core";
import { monthOf, profitAis } from "./accounts.js";
import {
  type Agent,
  agentsOf,
  type AgentTraits,
  type Behaviour,
  bondFor,
  figuresOf,
  willing,
  type Owner,
  scuOf,
  wholePool,
} from "./agents.js";
import { assumptions } from "./assumptions.js";
import { EconomyWorld } from "./world.js";

const rtx4090 = "NVIDIA GeForce RTX 4090";
const reference = Number(defaultPrices.floor);
const marketTop = assumptions.topPrice;

/** Something that somebody might try to be paid without working, or for more than the work. */
export interface Attack {
  readonly name: string;
  readonly summary: string;
  /** Whether it does nobody else's work: then it is to lose money, also by itself. */
  readonly worksForNobody: boolean;
  /** The attackers: their hardware, electricity and bond are those of as many honest agents, which take their place in the comparison. */
  agents(behaviour?: Behaviour): readonly Agent[];
  /** Everybody else. */
  readonly others: () => readonly Agent[];
  readonly rules?: RewardParameters;
  /** Work that is asked for, as a part of what the pool could do. */
  readonly demand?: number;
}

const refuses: Behaviour["takes"] = () => false;
/** As few refusals as cost nothing. */
const allowed = (1 - rewardDefaults.leastTakenPercent / 100) * 0.9;

/** Eight people with an RTX 4090 each, in the study's pool. */
function cards(traits: AgentTraits): Pick<Attack, "agents" | "others"> {
  return {
    agents: (behaviour) => agentsOf({ device: rtx4090, count: 8, hardwareUsd: 0 }, undefined, behaviour ? {} : traits),
    others: () => wholePool().filter(({ device }) => device !== rtx4090),
  };
}

/** A card as ten agents of ten owners. */
function tenths(card: Agent): Agent[] {
  return Array.from({ length: 10 }, (_, index) => ({
    ...card,
    id: `${card.id}/${index}`,
    owner: { name: `${card.owner.name}/${index}`, bond: 0n },
    speed: Math.floor(card.speed / 10),
    memoryGiB: card.memoryGiB / 10,
    idleWatts: card.idleWatts / 10,
    loadWatts: card.loadWatts / 10,
  }));
}

/** Each of eight cards as ten agents of a tenth. */
function splitCards(): Pick<Attack, "agents" | "others"> {
  const { agents, others } = cards({});
  return { others, agents: (behaviour) => (behaviour ? agents(behaviour) : agents().flatMap(tenths)) };
}

/** Cards of somebody who owns half of a pool, and how much is asked for in it. */
const washing = { cards: 133, demand: 0.2 } as const;
const washer: Owner = { name: "washer", bond: bondFor(washing.cards * 10.2) };
/** A hundredth of the emission: a pool of 1,420 SCU then stands for one of 142,000, and in the double of it the budget binds. */
const scarce: RewardParameters = { ...rewardDefaults, emission: rewardDefaults.emission / 100n };

/** Somebody who owns half of a pool and deals with itself at `price`, for `part` of the time, to move the reference price. */
function washers(price: number, part: number): Pick<Attack, "agents" | "others" | "rules" | "demand"> {
  const behaviour: Behaviour = { name: "washer", takes: willing.takes, own: own(part, price, 240) };
  return {
    agents: (chosen) =>
      agentsOf(
        { device: rtx4090, count: washing.cards, hardwareUsd: 0 },
        washer,
        chosen ? {} : { behaviour, floor: price },
      ),
    others: wholePool,
    rules: scarce,
    demand: washing.demand,
  };
}

const own = (part: number, price: number, number: number) => ({ part, price, number });

/** The attacks of the study. */
export const attacks: readonly Attack[] = [
  {
    name: "idleFarming",
    summary: "a floor of 10,000 nAIS, so that nobody can afford it",
    worksForNobody: true,
    ...cards({ floor: 10_000, behaviour: { ...willing, name: "idle" } }),
  },
  {
    name: "idleAtTheLimit",
    summary:
      "the highest floor of which anything counts, right below 1.25 times the reference price, so that others are asked first",
    worksForNobody: true,
    ...cards({ floor: Math.floor(1.25 * reference), behaviour: { ...willing, name: "at the limit" } }),
  },
  {
    name: "idleReserve",
    summary:
      "the lowest floor that is above all others', one nAIS above the reference price, so that others are asked first",
    worksForNobody: true,
    ...cards({ floor: reference + 1, behaviour: { ...willing, name: "reserve" } }),
  },
  {
    name: "benchmarkOnly",
    summary: "proves its speed, then refuses whatever it is offered",
    worksForNobody: true,
    ...cards({ behaviour: { name: "benchmark only", takes: refuses } }),
  },
  {
    name: "refusingUnderNewKeys",
    summary: "refuses everything and takes a new key after each refusal, since one is forgiven",
    worksForNobody: true,
    ...cards({ behaviour: { name: "new keys", takes: refuses, takesNewKeys: true } }),
  },
  {
    name: "refusingPlainWork",
    summary: "waits for complex work, which pays 30% more",
    worksForNobody: false,
    ...cards({ behaviour: { name: "complex only", takes: ({ isComplex }) => isComplex } }),
  },
  {
    name: "refusingWithinTheLimit",
    summary: "refuses as much as is forgiven",
    worksForNobody: false,
    ...cards({
      behaviour: { name: "choosy", takes: (_, { offered, missed }) => missed + 1 > allowed * (offered + 1) },
    }),
  },
  {
    name: "selfDealing",
    summary: "its own requester's tasks at the market's price, all the time: the price comes back, the fee does not",
    worksForNobody: true,
    ...cards({ behaviour: { name: "own tasks", takes: willing.takes, own: own(1, reference, 600) } }),
  },
  {
    name: "selfOccupation",
    summary: "a floor of 1 nAIS and its own requester's tasks at that price, all the time",
    worksForNobody: true,
    ...cards({ floor: 1, behaviour: { name: "occupied", takes: willing.takes, own: own(1, 1, 600) } }),
  },
  {
    name: "dilutedRefusal",
    summary: "refuses everything, beside 100,000 tiny tasks of its own that it takes",
    worksForNobody: true,
    ...cards({
      behaviour: { name: "diluted", takes: refuses, endsBackOffs: true, own: own(0.01, reference, 100_000) },
    }),
  },
  { name: "sybilSplit", summary: "each card as ten operators", worksForNobody: false, ...splitCards() },
  {
    name: "priceWashUp",
    summary: "half of a pool deals with itself at 1.29 times the reference price, where the budget binds",
    worksForNobody: false,
    ...washers(marketTop, 0.3),
  },
  {
    name: "priceWashDown",
    summary:
      "half of a pool deals with itself at 1 nAIS so that others' floors no longer count, where the budget binds",
    worksForNobody: false,
    ...washers(1, 0.3),
  },
  {
    name: "priceWashPaid",
    summary: "the same at 2,350 nAIS, with as much money as all others pay, so that it does move",
    worksForNobody: false,
    ...washers(2_350, 0.3),
  },
];

/** What came of an attack, for a month of one of its devices. AIS after electricity. */
export interface AttackOutcome {
  readonly attack: Attack;
  readonly profitAis: number;
  readonly honestAis: number;
  /** The part of the time in which it ran others' tasks. */
  readonly utilisation: number;
  /** nAIS per SCU-second at the end. */
  readonly reference: number;
}

/** Plays an attack and, in its place, as many honest agents, by the same seed. */
export function playAttack(
  attack: Attack,
  { seed, days }: { readonly seed: number; readonly days: number },
): AttackOutcome {
  const honestAgents = attack.agents(willing);
  const work = (attack.demand ?? assumptions.demand) * scuOf([...attack.others(), ...honestAgents]) * 86_400;
  const played = (agents: readonly Agent[]) => {
    const world = new EconomyWorld({ seed, ...(attack.rules && { rules: attack.rules }) });
    const all = [...agents, ...attack.others()];
    const day = { work, complexPart: assumptions.complexPart, topPrice: () => marketTop };
    const epochs = Array.from({ length: days }, () => world.play(all, day));
    const ids = new Set(agents.map(({ id }) => id));
    const month = monthOf(epochs, ({ id }) => ids.has(id));
    // of one device, however many agents it is
    const devices = agents.length / honestAgents.length;
    return { month, profit: devices * profitAis(month), reference: world.reference };
  };
  const [attacked, usual] = [played(attack.agents()), played(honestAgents)];
  return {
    attack,
    profitAis: attacked.profit,
    honestAis: usual.profit,
    utilisation: attacked.month.utilisation,
    reference: attacked.reference,
  };
}

/** The RTX 4090 that attackers have, in SCU. */
export const attackersScu = figuresOf(rtx4090).speed / 1e6;
