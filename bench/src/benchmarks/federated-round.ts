import type { Benchmark } from "../benchmark.js";
import { cpuMs } from "../cpu-time.js";
import { type Federation, openFederation } from "../federated-round/federation.js";
import { runRounds } from "../federated-round/rounds.js";
import { Wire } from "../market/wire.js";
import { median } from "../statistics.js";

const [participants, values] = [100, 100_000];

/** How long one round of a federated run takes, and what travels for it, with everything as in production but the network. */
export const federatedRound: Benchmark = {
  name: "federated-round",
  summary:
    "one round of 100 participants with 100,000 parameters, a pool with its database and four members, over loopback",
  async run({ long, say }) {
    const wire = new Wire();
    const opening = performance.now();
    const rounds = long ? 20 : 5;
    const federation = await openFederation(participants, rounds + 1, values);
    try {
      const openMs = performance.now() - opening;
      const [times, used]: [number[], Used[]] = [[], []];
      let setupMs = 0;
      await runRounds(federation, { rounds: rounds + 1, values }, async (round, ms) => {
        say(round === 0 ? `enrolled and drawn after ${Math.round(ms)} ms` : `round ${round}: ${Math.round(ms)} ms`);
        used.push(await usedBy(federation, wire));
        if (round === 0) setupMs = ms;
        else if (round > 1) times.push(ms); // in the first round compilers are at work
      });
      const perRound = (kind: keyof Used) => (used.at(-1)![kind] - used[1]![kind]) / rounds;
      const participantBytes = perRound("participantBytes") / participants;
      return {
        figures: [
          { name: "roundMs", value: median(times), unit: "ms", atMost: 3_000 },
          { name: "fastestRoundMs", value: Math.min(...times), unit: "ms" },
          { name: "bytesPerParticipant", value: participantBytes, unit: "bytes" },
          { name: "bytesPerMember", value: perRound("memberBytes") / federation.members.length, unit: "bytes" },
          { name: "participantsCpuMs", value: perRound("participantsCpuMs"), unit: "ms" },
          { name: "membersCpuMs", value: perRound("membersCpuMs"), unit: "ms" },
          { name: "poolCpuMs", value: perRound("poolCpuMs"), unit: "ms" },
        ],
        // up and down once, in the clear
        baseline: { plainBytesPerParticipant: 2 * 4 * values, startMs: openMs, enrolAndDrawMs: setupMs },
      };
    } finally {
      await federation.close();
    }
  },
};

/** Since the beginning, all of a kind together. */
interface Used {
  readonly participantBytes: number;
  readonly memberBytes: number;
  readonly participantsCpuMs: number;
  readonly membersCpuMs: number;
  readonly poolCpuMs: number;
}

async function usedBy({ pool, members }: Federation, wire: Wire): Promise<Used> {
  const ofMembers: Awaited<ReturnType<(typeof pool)["used"]>>[] = [];
  for (const member of members) ofMembers.push(await member.used());
  return {
    participantBytes: wire.bytes(),
    memberBytes: ofMembers.reduce((sum, { wireBytes }) => sum + wireBytes, 0),
    participantsCpuMs: cpuMs(),
    membersCpuMs: ofMembers.reduce((sum, member) => sum + member.cpuMs, 0),
    poolCpuMs: await pool.cpuMs(),
  };
}
