import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunTimes } from "../../src/market/run-times.js";

const run = (kind: string, agent: string, speed: number) => ({ kind, agent, engine: "js", speed, fresh: false });
/** Times of six unlike agents, each with a bias of its own at each kind, and noise of a few percent. */
function world(seed: number) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const agents = Array.from({ length: 6 }, (_, index) => ({
    name: `agent${index}`,
    speed: 2_000 * (index + 1),
    bias: 0.6 + 0.8 * random(),
  }));
  const kinds = Array.from({ length: 8 }, (_, index) => ({ name: `kind${index}`, work: 10 ** (5 + 3 * random()) }));
  const affinity = new Map<string, number>();
  const timeOf = (kind: (typeof kinds)[number], agent: (typeof agents)[number]) => {
    const pair = `${kind.name} ${agent.name}`;
    if (!affinity.has(pair)) affinity.set(pair, 0.8 + 0.4 * random());
    return (kind.work / agent.speed) * agent.bias * (affinity.get(pair) ?? 1) * (0.97 + 0.06 * random());
  };
  return { agents, kinds, timeOf, random };
}

describe("the time of a run", () => {
  it("is unknown while no run of its kind is known", () => {
    expect(new RunTimes().predict(run("k", "a", 1_000))).toBeUndefined();
  });

  it("is work / speed on an agent that was never seen, once another has run the kind", () => {
    const times = new RunTimes();
    times.observe({ ...run("k", "a", 1_000), ms: 500 });
    expect(times.predict(run("k", "b", 2_000))).toBeCloseTo(250);
    expect(times.predict(run("k", "b", 500))).toBeCloseTo(1_000);
  });

  it("scales with the work and against the speed, whatever was seen", () => {
    const observed = fc.array(fc.record({ agent: fc.constantFrom("a", "b"), ms: fc.integer({ min: 1, max: 1e6 }) }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(observed, fc.integer({ min: 2, max: 50 }), (runs, factor) => {
        const [times, longer] = [new RunTimes(), new RunTimes()];
        for (const { agent, ms } of runs) {
          times.observe({ ...run("k", agent, 1_000), ms });
          longer.observe({ ...run("k", agent, 1_000), ms: ms * factor });
        }
        const predicted = times.predict(run("k", "a", 1_000)) ?? Number.NaN;
        expect(longer.predict(run("k", "a", 1_000))).toBeCloseTo(predicted * factor, 3);
        expect(times.predict(run("k", "a", 1_000 * factor))).toBeCloseTo(predicted / factor, 3);
      }),
    );
  });

  it("learns that an agent is slower at everything, and then expects it of kinds it has not run", () => {
    const times = new RunTimes();
    for (let kind = 0; kind < 10; kind++) {
      for (const agent of ["a", "b", "c"]) times.observe({ ...run(`k${kind}`, agent, 1_000), ms: 100 });
      times.observe({ ...run(`k${kind}`, "slow", 1_000), ms: 200 });
    }
    times.observe({ ...run("new", "a", 1_000), ms: 1_000 });
    const predicted = times.predict(run("new", "slow", 1_000)) ?? 0;
    expect(predicted).toBeGreaterThan(1_700);
    expect(predicted).toBeLessThan(2_300);
  });

  it("with the start of a sandbox is learned apart from the time without", () => {
    const times = new RunTimes();
    const fresh = { ...run("k", "a", 1_000), fresh: true };
    times.observe({ ...fresh, ms: 900 });
    expect(times.predict(run("k", "a", 1_000))).toBeCloseTo(900); // nothing better is known
    for (const ms of [200, 220, 180]) times.observe({ ...run("k", "a", 1_000), ms });
    expect(times.predict(run("k", "a", 1_000))).toBeCloseTo(200, -1);
    expect(times.predict(fresh)).toBeCloseTo(900);
  });

  it("is nearly what the pair's own first run took, where runs hardly vary", () => {
    const times = new RunTimes();
    for (let kind = 0; kind < 8; kind++) {
      for (let turn = 0; turn < 3; turn++) {
        times.observe({ ...run(`k${kind}`, "a", 1_000), ms: 100 });
        times.observe({ ...run(`k${kind}`, "b", 1_000), ms: kind % 2 ? 150 : 70 }); // better at some kinds than at others
      }
    }
    times.observe({ ...run("new", "a", 1_000), ms: 100 });
    times.observe({ ...run("new", "b", 1_000), ms: 160 });
    const predicted = times.predict(run("new", "b", 1_000)) ?? 0;
    expect(predicted).toBeGreaterThan(150);
    expect(predicted).toBeLessThan(165);
  });

  it("leans on what others took, where the same run varies more than agents do", () => {
    const times = new RunTimes();
    const wild = [50, 200, 100, 180, 60];
    for (let turn = 0; turn < 40; turn++) {
      for (const agent of ["a", "b", "c"]) {
        times.observe({ ...run(`k${turn % 4}`, agent, 1_000), ms: wild[(turn * 7 + agent.charCodeAt(0)) % 5] ?? 100 });
      }
    }
    for (let turn = 0; turn < 9; turn++) times.observe({ ...run("new", "a", 1_000), ms: 100 });
    times.observe({ ...run("new", "b", 1_000), ms: 200 });
    expect(times.predict(run("new", "b", 1_000)) ?? 0).toBeLessThan(160);
  });

  it("is not moved by a few wild values", () => {
    const times = new RunTimes();
    for (let turn = 0; turn < 20; turn++) times.observe({ ...run("k", "a", 1_000), ms: turn % 5 === 4 ? 1e7 : 100 });
    const predicted = times.predict(run("k", "a", 1_000)) ?? 0;
    expect(predicted).toBeGreaterThan(95);
    expect(predicted).toBeLessThan(105);
  });

  it("is not learned from a run without time or speed", () => {
    const times = new RunTimes();
    for (const bad of [0, -1, Number.NaN]) times.observe({ ...run("k", "a", 1_000), ms: bad });
    times.observe({ ...run("k", "a", 0), ms: 100 });
    expect(times.predict(run("k", "a", 1_000))).toBeUndefined();
    times.observe({ ...run("k", "a", 1_000), ms: 100 });
    expect(times.predict(run("k", "a", 0))).toBeUndefined();
  });

  it.each([1, 2, 3])("is within 10% at the median for unlike agents and kinds of job (seed %i)", (seed) => {
    const { agents, kinds, timeOf, random } = world(seed);
    const times = new RunTimes();
    const errors: number[] = [];
    for (let turn = 0; turn < 1_500; turn++) {
      const agent = agents[Math.floor(random() * agents.length)];
      const kind = kinds[Math.floor(random() * kinds.length)];
      if (!agent || !kind) throw new Error("an agent and a kind");
      const ms = timeOf(kind, agent);
      const predicted = times.predict(run(kind.name, agent.name, agent.speed));
      if (turn >= 300 && predicted !== undefined) errors.push(Math.abs(predicted - ms) / ms);
      times.observe({ ...run(kind.name, agent.name, agent.speed), ms });
    }
    errors.sort((a, b) => a - b);
    expect(errors[Math.floor(errors.length * 0.5)]).toBeLessThan(0.1);
    expect(errors[Math.floor(errors.length * 0.9)]).toBeLessThan(0.25);
  });
});
