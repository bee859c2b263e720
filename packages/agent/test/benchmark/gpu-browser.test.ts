import { readFile } from "node:fs/promises";
import { checkProduct, decodeValue, drawRows, type TaskValue } from "@aegis-pool/core";
import { combineAndFold, primitives } from "@aegis-pool/platform";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumFor } from "../../../../test/fixtures/chromium.js";
import { present } from "../../../../test/fixtures/present.js";
import { GpuBench } from "../../src/benchmark/gpu-bench.js";
import type { Engines, RunOutcome } from "../../src/engines/index.js";
import { gpuProgramFile } from "../../src/sandbox/realm-files.js";
import { tagged } from "../engines/support/values.js";

const executablePath = chromiumFor("the reference kernels in a browser");

/** Runs one request in the page; bytes come back as base64. */
async function runIn(page: Page, input: Uint8Array): Promise<RunOutcome> {
  const request = decodeValue(input, primitives.text);
  const script = `(async () => {
    const { default: run } = await import("/program.js");
    try {
      const value = await run(${JSON.stringify(request)});
      if (!(value instanceof Uint8Array)) return { value };
      return { bytes: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join("")) };
    } catch (error) {
      return { thrown: String(error) };
    }
  })()`;
  const answer = await page.evaluate<{ value?: TaskValue; bytes?: string; thrown?: string }>(script);
  const ended = { log: "", wallMs: 0 };
  if (answer.thrown !== undefined) return { ok: false, reason: "threw", message: answer.thrown, ...ended };
  const value = answer.bytes === undefined ? answer.value : Uint8Array.from(Buffer.from(answer.bytes, "base64"));
  return { ok: true, output: tagged(value ?? null), ...ended };
}

/** Engines whose one program runs in a browser's page instead of a sandbox. */
function pageEngines(page: Page): Engines {
  const runtime = { usable: true, pid: 0, run: (input: Uint8Array) => runIn(page, input), close: async () => {} };
  return { open: async () => runtime } as unknown as Engines;
}

describe.skipIf(!executablePath)("the reference kernels in a browser, on SwiftShader", () => {
  let [browser, bench]: [Browser?, GpuBench?] = [];
  beforeAll(async () => {
    const args = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
    browser = await chromium.launch({ executablePath: present(executablePath), args });
    const page = await browser.newPage();
    const program = await readFile(gpuProgramFile, "utf8");
    await page.route("http://localhost/**", (route) => {
      const isProgram = route.request().url().endsWith("/program.js");
      return route.fulfill({
        contentType: isProgram ? "text/javascript" : "text/html",
        body: isProgram ? program : "<!doctype html>",
      });
    });
    await page.goto("http://localhost/");
    bench = await GpuBench.open(pageEngines(page), { memoryBytes: 2 ** 28 });
  });
  afterAll(() => browser?.close());

  it("answer a challenge that the pool's check accepts", async () => {
    const challenge = { seed: primitives.randomBytes(32), size: 256, blocks: 1, steps: 2 };
    const { commitment } = await present(bench).product(challenge);
    const indices = drawRows(challenge, primitives);
    const answer = { root: commitment.root, indices, rows: present(commitment.open(indices)) };
    expect(checkProduct(challenge, answer, { primitives, combineAndFold })).toBeUndefined();
  });
});
