import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { AegisError, type ModelTensor, writeModel } from "@aegis-pool/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { measureByTrainer, runTrainer, type Trainer, type TrainerResult } from "../../src/federated/trainer/trainer.js";

const model: readonly ModelTensor[] = [
  { name: "b", shape: [2], values: Float32Array.of(0.1, -2) },
  { name: "a", shape: [1, 3], values: Float32Array.of(3, 4, 5) },
];
const round = { model, round: 3, terms: { localEpochs: 2 } };
/** Of a trainer that hands the model back as its update. */
const leaveUpdate = "fs.copyFileSync(env.AEGIS_MODEL, env.AEGIS_UPDATE);";
const leaveMetrics = `fs.writeFileSync(env.AEGIS_METRICS, '{"loss":0.5,"rows":7}');`;
const leaveBoth = leaveUpdate + leaveMetrics;
const write = (file: Uint8Array): string =>
  `fs.writeFileSync(env.AEGIS_UPDATE, "${Buffer.from(file).toString("hex")}", "hex");`;
const flat = Float32Array.of(0.1, -2, 3, 4, 5);

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  folder = await temporaryDirectory();
  await mkdir(join(folder.path, "tmp"));
  vi.stubEnv("TMPDIR", join(folder.path, "tmp")); // where private folders are made: each test sees what is left there
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

/** A trainer whose program is this text of Node.js, with `args`. */
function program(text: string, ...args: readonly string[]): Trainer {
  const source = `const fs = require("node:fs"); const { env, argv } = process; ${text}`;
  return { command: [process.execPath, "-e", source, ...args], dataPath: join(folder.path, "data") };
}

async function failureOf(running: Promise<TrainerResult>): Promise<AegisError> {
  const failure = await running.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof AegisError) return failure;
  throw new TypeError("expected an AegisError", { cause: failure });
}

function leftBehind(): Promise<string[]> {
  return readdir(join(folder.path, "tmp"));
}

/** Processes that have called a local socket, whose end is so an event. */
class Callers {
  readonly path: string;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor(path: string) {
    this.path = path;
    this.#server = createServer((socket) => {
      socket.on("error", () => {}).resume();
      this.#sockets.push(socket);
    }).listen(path);
  }

  /** Resolves when `count` have called. */
  async called(count: number): Promise<void> {
    while (this.#sockets.length < count) await once(this.#server, "connection");
  }

  /** Resolves when `count` have called and all have ended: how many. */
  async ended(count: number): Promise<number> {
    await this.called(count);
    for (const socket of this.#sockets) if (!socket.closed) await once(socket, "close");
    this.#server.close();
    return this.#sockets.length;
  }
}

/** Calls, and stays until it is killed. */
const call = 'require("node:net").connect(argv[1]);';
const ignoreTerm = 'process.on("SIGTERM", () => {});';
/** Starts one more process of this text that calls and stays. */
const withChild = (text: string): string =>
  `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(`const { argv } = process; ${text}`)}, argv[1]], { stdio: "inherit" });`;

describe("a trainer of the participant's own", () => {
  it("finds model, round and data, and hands back an update in the model's order", async () => {
    const seen = `fs.writeFileSync(env.AEGIS_DATA, JSON.stringify({
      model: fs.readFileSync(env.AEGIS_MODEL, "hex"), round: JSON.parse(fs.readFileSync(env.AEGIS_ROUND)),
      mode: (fs.statSync(require("node:path").dirname(env.AEGIS_MODEL)).mode & 0o777).toString(8), cwd: process.cwd() }));`;
    const result = await runTrainer(program(seen + leaveBoth), round);
    expect(result).toEqual({ update: flat, metrics: { loss: 0.5, rows: 7, others: new Map() } });
    expect(JSON.parse(await readFile(join(folder.path, "data"), "utf8"))).toEqual({
      model: Buffer.from(writeModel(model, new Map([["round", "3"]]))).toString("hex"),
      round: { version: 1, task: "train", round: 3, terms: { localEpochs: 2 } },
      mode: "700",
      cwd: process.cwd(),
    });
    expect(await leftBehind()).toEqual([]);
  });

  it("sees the environment, but for our own variables", async () => {
    vi.stubEnv("AEGIS_HOME", "/secret");
    vi.stubEnv("aegis_key", "secret");
    vi.stubEnv("OTHERS", "seen");
    const { command } = program(
      `fs.writeFileSync(argv[1], Object.keys(env).filter((name) => /aegis|others/i.test(name)).sort().join());${leaveBoth}`,
      join(folder.path, "seen"),
    );
    await runTrainer({ command }, round);
    const names = await readFile(join(folder.path, "seen"), "utf8");
    expect(names).toBe("AEGIS_METRICS,AEGIS_MODEL,AEGIS_ROUND,AEGIS_UPDATE,OTHERS");
  });

  it("gets its arguments as they are: nothing in them is a command", async () => {
    const args = ["$(touch injected)", "; touch injected", "a b", '"', "*"];
    const { command } = program(`fs.writeFileSync(argv[1], JSON.stringify(argv.slice(2)));${leaveBoth}`);
    const path = join(folder.path, "args");
    await runTrainer({ command: [...command, path, ...args] }, round);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(args);
  });

  it("can be run again after it crashed, hung or left rubbish", async () => {
    const flaky = program(
      `const n = fs.existsSync(argv[1]) ? fs.readFileSync(argv[1]).length : 0; fs.appendFileSync(argv[1], "x");
      if (n === 0) process.exit(1);
      if (n === 1) fs.writeFileSync(env.AEGIS_UPDATE, "rubbish"); else ${leaveUpdate} ${leaveMetrics}`,
      join(folder.path, "tries"),
    );
    expect((await failureOf(runTrainer(flaky, round))).code).toBe("trainer-failed");
    expect((await failureOf(runTrainer(flaky, round))).code).toBe("update-refused");
    expect((await runTrainer(flaky, round)).update).toEqual(flat);
    expect(await leftBehind()).toEqual([]);
  });

  it("may be asked to measure alone, and then leaves no update", async () => {
    const text = `const { task, round } = JSON.parse(fs.readFileSync(env.AEGIS_ROUND));
      if (task === "measure") fs.writeFileSync(env.AEGIS_METRICS, JSON.stringify({ loss: 0.25, rows: 7, round }));`;
    const metrics = await measureByTrainer(program(text), round);
    expect(metrics).toEqual({ loss: 0.25, rows: 7, others: new Map([["round", 3]]) });
    expect(await leftBehind()).toEqual([]);
  });

  it("may say as much as it likes", async () => {
    const text = `fs.writeSync(1, "x".repeat(1 << 20)); fs.writeSync(2, "y".repeat(1 << 20));${leaveBoth}`;
    expect((await runTrainer(program(text), round)).update).toEqual(flat);
  });
});

describe("a trainer that fails is named", () => {
  it.each([
    [
      "with its code and last words",
      'console.error("no such column: age"); process.exit(3);',
      /code 3; it said: no such column: age$/,
    ],
    [
      "with what it printed, where it complained of nothing",
      'console.log("epoch 1"); process.exit(1);',
      /code 1; it said: epoch 1$/,
    ],
    [
      "with the end of a long complaint",
      'fs.writeSync(2, "x".repeat(1 << 20) + "the end"); process.exit(1);',
      /it said: x{4089}the end$/,
    ],
    [
      "with its signal",
      'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);',
      /SIGKILL; it said nothing$/,
    ],
    ["by an uncaught error", 'throw new Error("diverged");', /code 1; it said: .*Error: diverged/s],
  ])("%s", async (_, text, message) => {
    const failure = await failureOf(runTrainer(program(text + leaveBoth), round));
    expect(failure.code).toBe("trainer-failed");
    expect(failure.message).toMatch(message);
    expect(await leftBehind()).toEqual([]);
  });

  it("where there is no such program", async () => {
    const failure = await failureOf(runTrainer({ command: ["no-such-trainer", "train.py"] }, round));
    expect(failure.code).toBe("trainer-failed");
    expect(failure.message).toMatch(/^the trainer "no-such-trainer train.py" did not start: .*ENOENT/);
    expect(await leftBehind()).toEqual([]);
  });

  it.each([
    ["timeoutMs", 0],
    ["timeoutMs", 2 ** 31],
    ["graceMs", -1],
    ["graceMs", 0.5],
  ])("where its %s is %d", async (name, value) => {
    const failure = await failureOf(runTrainer({ ...program(leaveBoth), [name]: value }, round));
    expect(failure).toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining(`${name} is ${value}`) as string,
    });
  });
});

describe("a trainer that does not end", () => {
  let callers: Callers;
  beforeEach(() => {
    callers = new Callers(join(folder.path, "socket"));
  });

  it("is ended at its time limit", async () => {
    const trainer = { ...program('fs.writeSync(2, "epoch 1"); setInterval(() => {}, 1000);'), timeoutMs: 1_000 };
    const failure = await failureOf(runTrainer(trainer, round));
    expect(failure.code).toBe("trainer-timeout");
    expect(failure.message).toMatch(/ended after 1 s; it said/);
    expect(await leftBehind()).toEqual([]);
  });

  it("is asked first, and has time to tidy up", async () => {
    const tidied = join(folder.path, "tidied");
    const tidyUp = 'setTimeout(() => { fs.writeFileSync(argv[2], ""); process.exit(); }, 50);';
    const text = `process.on("SIGTERM", () => { ${tidyUp} });${call}`;
    const interrupt = new AbortController();
    const running = failureOf(runTrainer(program(text, callers.path, tidied), round, interrupt.signal));
    await callers.called(1);
    interrupt.abort();
    expect((await running).code).toBe("cancelled");
    expect(await readFile(tidied, "utf8")).toBe("");
  });

  it("is ended on Ctrl-C with all that it started", async () => {
    const interrupt = new AbortController();
    const text = ignoreTerm + withChild(ignoreTerm + call) + call;
    const running = failureOf(runTrainer({ ...program(text, callers.path), graceMs: 1 }, round, interrupt.signal));
    await callers.called(2);
    interrupt.abort();
    expect((await running).code).toBe("cancelled");
    expect(await callers.ended(2)).toBe(2);
    expect(await leftBehind()).toEqual([]);
  });

  it("is ended at once where Ctrl-C was earlier", async () => {
    const running = runTrainer({ ...program(call, callers.path) }, round, AbortSignal.abort());
    expect((await failureOf(running)).code).toBe("cancelled");
  });

  it("leaves nobody behind who works on after its end", async () => {
    const go = join(folder.path, "go");
    const text = `${withChild(call)}${call} setInterval(() => { if (fs.existsSync(argv[2])) { ${leaveBoth} process.exit(); } }, 5);`;
    const running = runTrainer(program(text, callers.path, go), round);
    await callers.called(2);
    await writeFile(go, "");
    expect((await running).update).toEqual(flat);
    expect(await callers.ended(2)).toBe(2);
  });

  it("is ended with our own process", async () => {
    const stay = program(call, callers.path);
    const source = `import { runTrainer } from "@aegis-pool/sdk";
      void runTrainer(${JSON.stringify(stay)}, { model: [], round: 1, terms: {} });
      process.on("SIGUSR2", () => process.exit());`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", source], {
      cwd: import.meta.dirname,
      stdio: "inherit",
    });
    await callers.called(1);
    parent.kill("SIGUSR2");
    expect(await callers.ended(1)).toBe(1);
  });
});

describe("an update is refused", () => {
  const nan = [{ ...model[0], values: Float32Array.of(Number.NaN, 0) }, model[1]] as readonly ModelTensor[];
  it.each([
    ["that is not there", "", /update.safetensors is not used: it is not there$/],
    ["that is a link", "fs.symlinkSync(env.AEGIS_MODEL, env.AEGIS_UPDATE);", /it is a symbolic link$/],
    ["that is a folder", "fs.mkdirSync(env.AEGIS_UPDATE);", /it is no regular file$/],
    [
      "that is a pipe",
      'require("node:child_process").execFileSync("mkfifo", [env.AEGIS_UPDATE]);',
      /it is no regular file$/,
    ],
    [
      "that is far too large",
      'fs.writeFileSync(env.AEGIS_UPDATE, ""); fs.truncateSync(env.AEGIS_UPDATE, 2 ** 40);',
      /has 1099511627776 bytes, more than 1048604$/,
    ],
    ["that is no safetensors file", 'fs.writeFileSync(env.AEGIS_UPDATE, "rubbish!" + "{}");', /\(header-too-long\)$/],
    [
      "that claims a header beyond its end",
      `fs.writeFileSync(env.AEGIS_UPDATE, Buffer.of(9, 0, 0, 0, 0, 0, 0, 0, 123));`,
      /\(header-cut-off\)$/,
    ],
    ["of another model", write(writeModel(model.slice(1))), /the tensor "b" is not in it \(tensor-missing\)$/],
    ["with NaN", write(writeModel(nan)), /value 0 of the tensor "b" is NaN \(value-not-finite\)$/],
  ])("%s", async (_, text, message) => {
    const failure = await failureOf(runTrainer(program(text + leaveMetrics), round));
    expect(failure.code).toBe("update-refused");
    expect(failure.message).toMatch(message);
    expect(await leftBehind()).toEqual([]);
  });

  it.each([
    ["are not there", "", /metrics.json is not used: it is not there$/],
    ["are a link", "fs.symlinkSync(env.AEGIS_ROUND, env.AEGIS_METRICS);", /it is a symbolic link$/],
    [
      "are above 64 KiB",
      `fs.writeFileSync(env.AEGIS_METRICS, '{"loss":1,"rows":1}' + " ".repeat(65536));`,
      /65555 bytes, more than 65536$/,
    ],
    ["are not JSON", 'fs.writeFileSync(env.AEGIS_METRICS, "loss=1");', /it is not JSON/],
  ])("whose metrics %s", async (_, text, message) => {
    const failure = await failureOf(runTrainer(program(leaveUpdate + text), round));
    expect(failure.code).toBe("update-refused");
    expect(failure.message).toMatch(message);
  });
});
