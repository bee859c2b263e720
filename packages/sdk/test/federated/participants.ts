import { join } from "node:path";
import type { GroupSum, Procedure } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { present } from "../../../../test/fixtures/present.js";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import {
  createRun,
  type Invitation,
  type NewRunOptions,
  participate,
  type ParticipationOptions,
  PoolClient,
  type RunEvent,
} from "../../src/index.js";
import { StandInPool } from "./stand-in/pool.js";

/** Sums so many rounds of three values, and gives back what came: what one adds is its number, larger each round. */
export function* counting(own: number, rounds: number): Procedure<readonly (readonly GroupSum[])[]> {
  const sums: (readonly GroupSum[])[] = [];
  for (let round = 1; round <= rounds; round++) {
    const values = Float64Array.of(own * round, -own, 1);
    sums.push(yield { name: `round ${round}`, parts: [{ name: "values", values, quantum: 1, limit: 1_000_000 }] });
  }
  return sums;
}

/** A pool with a run, and how its participants take part. */
export interface RunInTest {
  readonly pool: StandInPool;
  readonly invitations: readonly Invitation[];
  readonly created: Awaited<ReturnType<typeof createRun>>;
  /** A further run of the same form at the same pool. */
  another(): ReturnType<typeof createRun>;
  readonly folder: string;
  /** Where participant `place` keeps its state. */
  statePath(place: number): string;
  /** Participant `place` counts through so many rounds. */
  join(
    place: number,
    rounds: number,
    options?: Partial<ParticipationOptions>,
  ): ReturnType<typeof participate<readonly (readonly GroupSum[])[]>>;
  /** What happened to each. */
  readonly events: Map<number, RunEvent[]>;
  end(): Promise<void>;
}

export async function runInTest(
  options: Partial<NewRunOptions> & { readonly victim?: number; readonly agents?: number } = {},
): Promise<RunInTest> {
  const { victim, agents, ...rest } = options;
  const pool = await StandInPool.start(agents);
  const folder = await temporaryDirectory();
  const client = await PoolClient.connect(pool.url);
  const another = () =>
    createRun(client, {
      participants: 5,
      rounds: 10,
      values: 100,
      plan: { name: "counting", settings: { of: "nothing" } },
      account: createEd25519Signer(),
      ...rest,
    });
  const created = await another();
  const invitations = created.invitations.map((invitation, place) =>
    place === victim ? { ...invitation, pool: { ...invitation.pool, url: pool.victimUrl } } : invitation,
  );
  const events = new Map<number, RunEvent[]>();
  const statePath = (place: number) => join(folder.path, `${place}.state`);
  return {
    pool,
    created,
    another,
    invitations,
    folder: folder.path,
    events,
    statePath,
    join: (place, rounds, more = {}) => {
      const heard = events.get(place) ?? [];
      events.set(place, heard);
      const onEvent = (event: RunEvent) => void heard.push(event);
      return participate(present(invitations[place]), counting(place + 1, rounds), {
        statePath: statePath(place),
        onEvent,
        ...more,
      });
    },
    end: async () => {
      await pool.stop();
      await folder.remove();
      if (pool.faults.length > 0) throw new AggregateError(pool.faults, "the stand-in itself has failed");
    },
  };
}
