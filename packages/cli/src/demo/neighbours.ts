// Machines of operators of their own, for the demo, all in this process: the last one cheats. argv: the pool's URL, then a folder for
// each. Prints {"agents": [...]} once every one of them has proven its speed; ends when it is told to, or when the demo is gone.
import { EventEmitter, once } from "node:events";
import { basename } from "node:path";
import { type AgentEvent, type LentDevice, openCores, type RunningAgent, startAgent } from "@aegis-pool/agent";
import { untilInterrupted } from "../interrupts.js";
import { borrowed } from "./borrowed-engines.js";
import { cheating } from "./cheating-engines.js";

/** Lowest prices in nAIS per SCU-second: below the other machines', so that these are asked first, and the cheat before all. */
const floorPrices = { honest: 3_000n, cheat: 2_900n } as const;
/** What each claims, as a slow machine would: a claim decides how long the proof takes, and what is proven counts. */
const speeds = { fp32FlopsPerSecond: 1e9, memoryBytesPerSecond: 1e10 };
const memoryBytesPerSlot = 256 * 1024 ** 2;

const [, , pool = "", ...folders] = process.argv;
const interrupted = untilInterrupted();
const cores = await openCores({ slots: 2, cpuPercentPerSlot: 100, memoryBytesPerSlot, wholeMachine: true }, {});
const agents = await Promise.all(folders.map((folder, index) => ready(folder, index === folders.length - 1)));
process.stdout.write(`${JSON.stringify({ agents: agents.map(({ key }) => key) })}\n`);
await interrupted;
await Promise.all(agents.map((agent) => agent.leave()));
await cores.engines.close();

/** Starts an agent; resolves when the pool has rated it, and so gives it work. */
async function ready(directory: string, isCheat: boolean): Promise<RunningAgent> {
  const engines = isCheat ? cheating(cores.engines) : borrowed(cores.engines);
  const lent = { ...cores.lent, slots: 1 };
  const device: LentDevice = { ...cores, lent, engines, speeds: () => Promise.resolve(speeds) };
  const events = new EventEmitter<Record<AgentEvent["kind"], []>>();
  const rated = once(events, "rated");
  const onEvent = ({ kind }: AgentEvent) => void events.emit(kind);
  const floorPrice = isCheat ? floorPrices.cheat : floorPrices.honest;
  const agent = await startAgent({ pool, directory, device, share: "cpu=1%", floorPrice, onEvent });
  const refused = agent.ended.then((reason) => Promise.reject(reason ?? new Error(`${basename(directory)} has left`)));
  refused.catch(() => undefined); // later they end because they are told to
  await Promise.race([rated, refused]);
  return agent;
}
