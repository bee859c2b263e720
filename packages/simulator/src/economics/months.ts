import { defaultPrices, nanoAisPerAis } from "@aegis-pool/core";
import { seededRandom } from "../random.js";
import { monthOf, ofDevice, ofOwner, returnOnBond } from "./accounts.js";
import { type Agent, breakEvenUsd, institution, scuOf, wholePool } from "./agents.js";
import { assumptions, institutionMix } from "./assumptions.js";
import { type EpochOutcome, EconomyWorld } from "./world.js";

const daysPerMonth = 30;

/** A month of the whole pool. */
export interface PoolMonth {
  readonly month: number;
  /** USD for an AIS, and the reference price in nAIS per SCU-second, on its last day. */
  readonly aisUsd: number;
  readonly reference: number;
  /** Work as a part of what all could do. */
  readonly utilisation: number;
  readonly issuedAis: number;
  readonly budgetAis: number;
  /** What an SCU-hour cost requesters on average. */
  readonly usdPerScuHour: number;
  /** AIS that an RTX 4090 earned on average, and the part of the time it ran. */
  readonly rtx4090: { readonly ais: number; readonly utilisation: number };
  /** The institution's year on its bond at this month's pace. */
  readonly institution: { readonly returnOnBond: number; readonly utilisation: number };
}

/** Months of the whole pool, with an AIS price and a demand that move, requesters who think in USD and owners who change their floors. */
export function playMonths({ seed, months }: { readonly seed: number; readonly months: number }): PoolMonth[] {
  const agents = wholePool();
  const world = new EconomyWorld({ seed });
  const weather = new Weather(seed);
  const floors = new Floors(agents);
  return Array.from({ length: months }, (_, month) => {
    const epochs: EpochOutcome[] = [];
    let chargedUsd = 0;
    for (let day = 0; day < daysPerMonth; day++) {
      weather.next();
      const epoch = world.play(agents, weather.demand(scuOf(agents)), floors.at(weather.aisUsd));
      floors.learn(epoch);
      chargedUsd += (epoch.charged / Number(nanoAisPerAis)) * weather.aisUsd;
      epochs.push(epoch);
    }
    return summaryOf(month + 1, epochs, { aisUsd: weather.aisUsd, reference: world.reference, chargedUsd });
  });
}

function summaryOf(
  month: number,
  epochs: readonly EpochOutcome[],
  { chargedUsd, ...last }: { readonly aisUsd: number; readonly reference: number; readonly chargedUsd: number },
): PoolMonth {
  const sum = (of: (epoch: EpochOutcome) => number) => epochs.reduce((total, epoch) => total + of(epoch), 0);
  const [card, servers] = [monthOf(epochs, ofDevice("NVIDIA GeForce RTX 4090")), monthOf(epochs, ofOwner(institution))];
  return {
    ...{ month, ...last },
    utilisation: monthOf(epochs, () => true).utilisation,
    issuedAis: sum(({ issued }) => issued) / Number(nanoAisPerAis),
    budgetAis: sum(({ budget }) => budget) / Number(nanoAisPerAis),
    usdPerScuHour: chargedUsd / (sum(({ work }) => work) / 3_600e6),
    rtx4090: { ais: card.ais, utilisation: card.utilisation },
    institution: {
      returnOnBond: returnOnBond(servers, institution, institutionMix.count),
      utilisation: servers.utilisation,
    },
  };
}

/** What nobody in the pool decides: the price of an AIS and how much is asked for. */
class Weather {
  readonly #random: () => number;
  /** USD. */
  aisUsd: number = assumptions.aisUsd;
  /** Logarithm of demand, as a multiple of its mean. */
  #demand = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed ^ 0x5eed);
  }

  /** The next day. */
  next(): void {
    this.aisUsd *= Math.exp(assumptions.aisPriceDailyMove * this.#normal());
    this.#demand = (1 - assumptions.demandReturn) * this.#demand + assumptions.demandDailyMove * this.#normal();
  }

  demand(scu: number) {
    const [least, most] = assumptions.willingUsdPerScuHour;
    const { aisUsd } = this;

    return {
      work: assumptions.demand * Math.exp(this.#demand) * scu * 86_400,
      complexPart: assumptions.complexPart,
      topPrice: (random: number) => Math.floor(((least + random * (most - least)) / aisUsd / 3_600) * 1e9),
    };
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }
}

const { below, above, step } = assumptions.repricing;
const usual = Number(defaultPrices.floor);

/** Each agent's floor price: a step down after a day with little work, up after a full one, and never below what its electricity costs. */
class Floors {
  readonly #agents: readonly Agent[];
  readonly #steps = new Map<string, number>();

  constructor(agents: readonly Agent[]) {
    this.#agents = agents;
  }

  at(aisUsd: number): Map<string, number> {
    return new Map(this.#agents.map((agent) => [agent.id, this.#floorOf(agent, aisUsd)]));
  }

  learn({ agents }: EpochOutcome): void {
    for (const { agent, busyMs } of agents) {
      const part = busyMs / (86_400_000 * agent.onlinePart);
      const change = part < below ? -1 : part > above ? 1 : 0;
      this.#steps.set(agent.id, (this.#steps.get(agent.id) ?? 0) + change);
    }
  }

  #floorOf(agent: Agent, aisUsd: number): number {
    // the price at which an hour of work pays its electricity, as a part of the usual one
    const cost = breakEvenUsd(agent, usual, assumptions.electricityUsdPerKwh) / aisUsd;
    const least = Math.ceil(Math.log(cost) / Math.log(1 + step));
    return Math.max(1, Math.round(usual * (1 + step) ** Math.max(least, this.#steps.get(agent.id) ?? 0)));
  }
}
