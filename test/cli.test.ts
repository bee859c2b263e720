import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AegisProcess, startAegis, stopAegis } from "./fixtures/aegis-process.js";

const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");

let home: string;
const started: AegisProcess[] = [];
let poolUrl = "";

/** Runs `aegis ARGS` to its end. */
const run = (...args: string[]) => runAt(join(home, "home"), ...args);

/** The same for a user whose keys are elsewhere. */
async function runAt(aegisHome: string, ...args: string[]) {
  const env = { ...process.env, AEGIS_HOME: aegisHome, AEGIS_POOL: poolUrl };
  const child = spawn(process.execPath, [aegis, ...args], { env, cwd: home, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, stdout, stderr };
}

/** The same for `aegis admin`, with the pool's own administrator's key. */
const admin = (...args: string[]) => run("admin", ...args, "--key-file", join(home, "pool", "admin.key"));

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "aegis-cli-"));
  started.push(
    await startAegis(["pool", "--port", "0", "--challenge", "20", "--test-money", "--data", join(home, "pool")]),
  );
  poolUrl = String(started[0]?.ready["url"]);
  const share = ["--share", "cpu=50%,memory=2GiB", "--state", join(home, "home", "agent")];
  started.push(await startAegis(["agent", "--pool", poolUrl, ...share]));
  await run("account", "fund", "100 AIS");
  await writeFile(join(home, "square.mjs"), "export default (n) => n * n\n");
  await writeFile(join(home, "boom.mjs"), 'export default () => { console.log("almost"); throw new Error("boom") }\n');
});

afterAll(async () => {
  for (const child of started.toReversed()) await stopAegis(child);
  await rm(home, { recursive: true, force: true });
});

describe("aegis benchmark", () => {
  test("rates the part of the machine that would be lent, component by component, in the sandbox", async () => {
    const { code, stdout } = await run("benchmark", "--share", "cpu=100%,memory=1GiB", "--seconds", "1", "--json");
    const { classes } = JSON.parse(stdout) as { classes: { class: string; scu: number; components: unknown[] }[] };
    expect([code, classes[0]?.class]).toEqual([0, "cpu"]);
    const named = expect.objectContaining({ sustained: expect.any(Number) as number }) as unknown;
    expect(classes[0]?.components).toEqual([named, named, named, named]);
    expect(classes[0]?.scu).toBeGreaterThan(100);
  });

  test("shows a table and a chart beside known devices", async () => {
    const { stdout } = await run("benchmark", "--share", "cpu=50%,memory=1GiB", "--seconds", "1");
    for (const text of [
      "FP32 matrix product",
      "memory triad",
      "this machine, cpu",
      "webgpu class",
      "NVIDIA GeForce RTX 4090",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  test("refuses a share that is none, in one sentence", async () => {
    const { code, stderr } = await run("benchmark", "--share", "cpu=lots");
    expect(code).toBe(2);
    expect(stderr).toContain("cpu=lots: expected a whole percentage");
  });
});

test("aegis canary shows how fast each agent is at public programs of every kind, and what it counts for", async () => {
  const { code, stdout } = await run("canary", "--each", "1", "--json");
  const { agents, spent } = JSON.parse(stdout) as { agents: { tasks: number; ms: object }[]; spent: string };
  expect([code, agents.length, Number(spent) > 0]).toEqual([0, 1, true]);
  expect(agents[0]).toMatchObject({ tasks: 4, failed: 0, slotSpeed: expect.any(Number) as number });
  expect(Object.keys(agents[0]?.ms ?? {})).toEqual(["products", "walk", "words", "mixing"]);
});

describe("aegis account", () => {
  test("is filled with test money, shown, and listed line by line", async () => {
    const key = ["--key-file", join(home, "another.key")];
    expect((await run("account", "fund", "1.5 AIS", ...key)).stdout).toContain("the account holds 1.5 AIS");
    await run("account", "fund", "250 µAIS", ...key);
    expect(JSON.parse((await run("account", "show", ...key, "--json")).stdout)).toMatchObject({
      balance: "1500250000",
    });
    const { stdout } = await run("account", "statement", ...key, "--csv");
    const [title, ...lines] = stdout.trim().split("\n");
    expect(title).toBe("time,what,amount_nais,balance_nais,other,reference");
    expect(lines.map((line) => line.split(",").slice(1, 5).join(" "))).toEqual([
      "fund 1500000000 1500000000 test-money",
      "fund 250000 1500250000 test-money",
    ]);
    const asText = await run("account", "statement", ...key);
    expect(asText.stdout).toMatch(/fund +\+1\.5 AIS +1\.5 AIS {2}test-money\n.*\+250 µAIS +1\.50025 AIS/);
  });

  test.each(["0 AIS", "-1 AIS", "0.0000000001 AIS", "much"])("takes no %s", async (amount) => {
    expect((await run("account", "fund", "--", amount)).code).toBe(2);
  });
});

describe("aegis admin", () => {
  test("shows what goes on, pauses and resumes, and keeps what was done", async () => {
    expect((await admin("status")).stdout).toMatch(/^Open: .*\n {2}owner +[0-9a-f]{64}\n[^]*resultDays +30 +days/);
    expect((await admin("agents")).stdout).toMatch(/^agent .*\n.*\n[0-9a-f]{64} .*cpu=50%,memory=2GiB/);
    expect((await admin("pause", "a new version")).stdout).toContain("Paused: a new version");
    const refused = await run("run", "js", "square.mjs", "--input", "2");
    expect([refused.code, refused.stderr.includes("takes no new work now: a new version")]).toEqual([1, true]);
    expect((await admin("resume")).stdout).toContain("Open: work is taken");
    expect((await admin("actions")).stdout).toMatch(
      /^\d{4}-.* UTC {2}[0-9a-f]{16} {2}resume\n.* {2}pause {2}a new version\n$/,
    );
  });

  test("changes parameters within their bounds, and says what they are", async () => {
    expect((await admin("set", "resultDays", "7")).stdout).toMatch(/resultDays +7 +days/);
    const { code, stderr } = await admin("set", "resultDays", "1000");
    expect([code, stderr.includes("1 to 365 days, not 1000")]).toEqual([2, true]);
    expect((await admin("set", "colour", "7")).stderr).toContain("resultDays, receiptDays");
  });

  test("backs the running pool up, and makes a pool of that", async () => {
    const { stdout } = await admin("backup", "monday");
    expect(stdout).toMatch(/^\d+ rows and \d+ blobs .* are in .*monday\n/);
    expect((await admin("backup", "../monday")).stderr).toContain("is no name");
    const backup = join(home, "pool", "backups", "monday");
    const restored = await run("admin", "restore", backup, "--data", join(home, "restored"));
    expect(restored.stdout).toMatch(
      /^The pool [0-9a-f]{16} as it was on .* its books balance, its log has \d+ entries\./,
    );
    const again = await run("admin", "restore", backup, "--data", join(home, "restored"));
    expect([again.code, again.stderr.includes("is not empty")]).toEqual([2, true]);
  });

  test("refuses who has no role, and a key that is none", async () => {
    const stranger = await run("admin", "status", "--key-file", join(home, "home", "account.key"));
    expect(stranger.stderr).toContain("takes the role viewer");
    expect((await run("admin", "status", "--key-file", "square.mjs")).stderr).toContain(
      "Name the key file with --key-file",
    );
    expect((await admin("ban", "operator", "abc", "mischief")).stderr).toContain('"abc" is no key');
  });
});

describe("aegis payout", () => {
  test("asks for an address, says when it takes effect, and takes it back", async () => {
    const key = ["--operator-key", join(home, "paid.key")];
    const wallet = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    await run("account", "fund", "1 AIS", "--key-file", join(home, "paid.key"));
    expect((await run("payout", "set", wallet, ...key)).stdout).toBe(`Payout address ${wallet}\n`); // nothing is earned
    const { stdout } = await run("payout", "set", "none", ...key);
    expect(stdout).toMatch(/^Payout address 0x5aAeb6\w+\n {2}changes to none on \d{4}-.* UTC.*\n {2}Not you\?/);
    const shown = JSON.parse((await run("payout", "--json", ...key)).stdout) as object;
    expect(shown).toMatchObject({ sequence: 2, address: wallet, pending: { askedAt: expect.any(Number) as number } });
    expect((await run("payout", "cancel", ...key)).stdout).toBe(`Payout address ${wallet}\n`);
  });

  test("makes the operator's key where this machine has none yet, so that the address is in effect before its first agent", async () => {
    const fresh = join(home, "fresh");
    const wallet = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    const { code, stdout, stderr } = await runAt(fresh, "payout", "set", wallet);
    expect([code, stdout]).toEqual([0, `Payout address ${wallet}\n`]);
    expect(stderr).toContain("names no chain");
    expect(await readFile(join(fresh, "agent", "operator.key"), "utf8")).toContain("PRIVATE KEY");
  });

  test("refuses an address that was mistyped", async () => {
    const { code, stderr } = await run("payout", "set", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD");
    expect([code, stderr.includes("checksum")]).toEqual([2, true]);
  });
});

describe("aegis bond", () => {
  test("is put up, given notice of and taken back, and says what the next tier asks for", async () => {
    const key = ["--operator-key", join(home, "bonded.key")];
    await run("account", "fund", "500 AIS", "--key-file", join(home, "bonded.key"));
    expect((await run("bond", "add", "400 AIS", "--from", "requester", ...key)).stdout).toContain("Bond 400 AIS\n");
    const withdrawn = await run("bond", "withdraw", "150 AIS", ...key);
    expect(withdrawn.stdout).toMatch(/^Bond 400 AIS, of which 250 AIS count\n {2}150 AIS are paid out on \d{4}-/);
    const { notices } = JSON.parse((await run("bond", "--json", ...key)).stdout) as { notices: { key: string }[] };
    const { stdout } = await run("bond", "cancel", notices[0]?.key ?? "", ...key);
    expect(stdout).toMatch(/^Bond 400 AIS\nTier none: .*\nNext tier bonded: 10 SCU and a bond of 3,?000 AIS/);
  });

  test("grows from earnings where that is asked for, and says how large it is to be", async () => {
    const key = ["--operator-key", join(home, "bonded.key")];
    expect((await run("bond", "vest", "50%", "900 AIS", ...key)).stdout).toContain("50% of what is earned go into it");
    expect((await run("bond", "vest", "0%", ...key)).stdout).not.toContain("of what is earned");
    for (const wrong of [["50%"], ["120%", "1 AIS"]]) {
      expect(await run("bond", "vest", ...wrong, ...key)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^aegis: .*\n/),
      });
    }
  });

  test("refuses to withdraw nothing, and what is no notice's key", async () => {
    expect((await run("bond", "withdraw", "0 AIS")).stderr).toContain('"0 AIS" is nothing to withdraw');
    expect((await run("bond", "cancel", "abcd")).stderr).toContain(`"abcd" is no notice's key`);
  });
});

describe("aegis earnings", () => {
  test("lists what this machine's agent has earned, writes it as CSV, and says why a task was paid", async () => {
    await run("run", "js", "square.mjs", "--input", "8");
    const { code, stdout } = await run("earnings", "--json");
    const { tasks } = JSON.parse(stdout) as { tasks: { task: number; rewardNais: string; payment: string }[] };
    expect([code, tasks.at(-1)?.payment]).toEqual([0, "paid"]);
    const account = JSON.parse((await run("account", "show", "--operator", "--json")).stdout) as { balance: string };
    const earned = tasks.reduce((sum, { rewardNais }) => sum + BigInt(rewardNais), 0n);
    expect(String(earned)).toBe(account.balance);
    expect((await run("earnings")).stdout).toContain(`${tasks.length} tasks, `);
    await run("earnings", "--csv", "earnings.csv");
    const lines = (await readFile(join(home, "earnings.csv"), "utf8")).trimEnd().split("\r\n");
    expect(lines).toHaveLength(tasks.length + 1);
    expect(lines[0]).toMatch(/^time,task,agent,outcome,/);
    const why = await run("earnings", "why", String(tasks.at(-1)?.task));
    expect(why.stdout).toMatch(/SCU-seconds at \d+ nAIS each, rounded up, are .* were paid to you\./);
  });

  test("knows nothing of tasks of others, nor of what is no number or no date", async () => {
    const other = await run("earnings", "why", "12345");
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("has ever had task 12345")]);
    expect((await run("earnings", "why", "twelve")).code).toBe(2);
    expect((await run("earnings", "--since", "some day")).code).toBe(2);
    const nobody = await run("earnings", "--operator-key", join(home, "nobody.key"));
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("nobody.key")]);
  });
});

describe("aegis run", () => {
  test("prints each result on stdout and keeps everything else off it", async () => {
    const { code, stdout } = await run("run", "js", "square.mjs", "--input", "3", "4");
    expect(stdout.trim().split("\n").sort()).toEqual(["16", "9"]);
    expect(code).toBe(0);
  });

  test("writes results and receipts that verify offline, and an altered receipt does not", async () => {
    const { code } = await run("run", "js", "square.mjs", "--input", "5", "--out", "out");
    expect(code).toBe(0);
    expect(await readFile(join(home, "out/0.json"), "utf8")).toBe("25");
    const receipt = join(home, "out/receipts/0.json");
    const genuine = await run("receipt", "verify", receipt, "--json");
    expect(JSON.parse(genuine.stdout)).toMatchObject({ outcome: "completed" });
    const stored = JSON.parse(await readFile(receipt, "utf8")) as { bundle: string };
    const bytes = Buffer.from(stored.bundle, "base64");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(receipt, JSON.stringify({ ...stored, bundle: bytes.toString("base64") }));
    const altered = await run("receipt", "verify", receipt);
    expect(altered.code).toBe(4);
    expect(altered.stderr).toContain("[bad-signature]");
  });

  test("shows the log of a task that failed, and exits with 1", async () => {
    const { code, stderr } = await run("run", "js", "boom.mjs", "--input", "1");
    expect(stderr).toContain("| almost");
    expect(stderr).toContain("Error: boom");
    expect(code).toBe(1);
  });

  test("forgets a job that has ended", async () => {
    const { stdout } = await run("job", "list", "--json");
    expect(JSON.parse(stdout)).toEqual([]);
  });
});

describe("the market", () => {
  test("gives aegis earnings estimate its price, by the leases of the device's class", async () => {
    const estimate = async (device: string) => (await run("earnings", "estimate", "--device", device)).stdout;
    await run("run", "js", "square.mjs", "--input", "2");
    expect(await estimate("Ryzen 9 7950X")).toMatch(/the median of the last \d+ leases at http/);
    expect(await estimate("RTX 4090")).toContain("the default, since nothing like it has been leased at http");
  });

  test("is seen by aegis price, with what to ask and to bid", async () => {
    const { code, stdout } = await run("price");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cpu, in nAIS per SCU-second: (the last \d+ leases cost 3087|nothing has been leased)/m);
    expect(stdout).toMatch(/to lend: --floor-price "3087 nAIS" {3}to run: --max-price "4000 nAIS"/);
  });

  test("says why a job waits and why an agent has no work", async () => {
    const waiting = run("run", "js", "square.mjs", "--input", "2", "--max-price", "3000 nAIS");
    let job = "";
    await expect
      .poll(async () => {
        const jobs = JSON.parse((await run("job", "list", "--json")).stdout) as { job: string }[];
        job = jobs[0]?.job ?? "";
        return jobs;
      })
      .toHaveLength(1);
    await expect
      .poll(async () => (await run("job", "why", job)).stdout)
      .toContain("  1  the floor is above the top price");
    expect((await run("agent", "why")).stdout).toContain("  1  the floor is above the top price");
    expect((await run("job", "delete", job)).stderr).toContain("1 tasks of this job have not ended");
    await run("job", "cancel", job);
    const { code, stderr } = await waiting; // it is told, though another process has cancelled its job
    expect([code, stderr]).toEqual([130, expect.stringContaining("cancelled")]);
  });
});

describe("wrong input", () => {
  test.each([
    ["a missing program", ["run", "js", "none.mjs", "--input", "1"], 2, "there is no such file"],
    ["no input", ["run", "js", "square.mjs"], 2, "There is no input"],
    ["input that is no JSON", ["run", "js", "square.mjs", "--input", "{"], 2, "is not JSON"],
    ["an engine that does not exist", ["run", "cobol", "square.mjs"], 2, "Allowed choices are js, wasm, onnx"],
    ["a share of nothing", ["agent", "--share", "cpu=0%"], 2, "from 1% to 100%"],
    [
      "a pool that is not there",
      ["run", "js", "square.mjs", "--input", "1", "--pool", "http://127.0.0.1:9"],
      3,
      "No pool answers",
    ],
    ["another pool's key", ["run", "js", "square.mjs", "--input", "1", "--pool-key", "00".repeat(32)], 4, "is pinned"],
    ["a folder without contracts", ["audit", "home"], 2, "holds no .sol file"],
    ["a job that is not known", ["job", "show", "ff"], 1, "No job on this machine"],
    ["an amount that is none", ["run", "js", "square.mjs", "--input", "1", "--budget", "much"], 2, "is not an amount"],
  ] as const)("%s gets one clear error", async (_name, args, code, message) => {
    const ended = await run(...args);
    expect(ended.stderr).toContain(message);
    expect(ended.code).toBe(code);
  });

  test("with --json the error is JSON with a stable code", async () => {
    const { stderr } = await run("job", "show", "ff", "--json");
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "job-unknown" } });
  });
});

describe("aegis audit", () => {
  test("audits contracts on the pool into one SARIF report", async () => {
    const contracts = join(import.meta.dirname, "../workloads/audit/contracts");
    const { code, stdout } = await run("audit", join(contracts, "reentrancy.sol"), "--sarif", "report.sarif");
    expect(stdout).toContain("1 of 1 contracts audited");
    expect(stdout).toContain("SWC-107");
    const sarif = JSON.parse(await readFile(join(home, "report.sarif"), "utf8")) as { version: string };
    expect(sarif.version).toBe("2.1.0");
    expect(code).toBe(0);
  });
});
