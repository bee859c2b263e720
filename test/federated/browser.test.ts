import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type GroupSum, type Step, toHex } from "@aegis-pool/core";
import {
  type CreditSettings,
  describePlan,
  type KnownPlan,
  planProcedure,
  resultFiles,
  sumsOf,
} from "@aegis-pool/plans";
import { syntheticLenders, syntheticSchema } from "@aegis-pool/workload-credit";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyProcedure, saveInvitation } from "../../packages/sdk/src/index.js";
import { applicantsFile } from "../fixtures/applicants-file.js";
import { chromiumFor } from "../fixtures/chromium.js";
import { type FederatedSetting, federatedSetting } from "../fixtures/federated.js";
import { ParticipantPage, serveFiles } from "../fixtures/participant-page.js";
import { present } from "../fixtures/present.js";
import { startTestPool, type TestPool } from "../fixtures/test-pool.js";

const executablePath = chromiumFor("a participant in a browser");

const participants = 5;
const files = syntheticLenders({ lenders: participants, applicants: 400, seed: 11 }).map(({ applicants }) =>
  applicantsFile(applicants),
);
const schema = { ...syntheticSchema, label: { column: "default", bad: "1", good: "0" } } as CreditSettings["schema"];
const settings: CreditSettings = {
  ...{ schema, model: "lr", rounds: 6, hidden: [], mostParticipants: participants, mostRows: 400 },
  ...{ seed: 3, salt: new Uint8Array(16).fill(7) },
};
const plan: KnownPlan = { name: "credit", settings };
const promised = describePlan(plan, { participants, floor: participants, groups: 1 });

/** Everybody but the first, in Node.js: the files that each has in the end. @param gate before their third sum, which no other can have without them */
function joinOthers(setting: FederatedSetting, gate: Promise<unknown> = Promise.resolve()) {
  return files.slice(1).map(async (text, index) => {
    const own = planProcedure(plan, { name: "applicants.csv", text });
    const result = await setting.join(index + 1, waiting(own, gate));
    return resultFiles(result, promised.privacy);
  });
}

/** The same procedure, which waits for `gate` before its third step. */
async function* waiting<Result>(
  procedure: AnyProcedure<Result>,
  gate: Promise<unknown>,
): AsyncGenerator<Step, Result, readonly GroupSum[]> {
  let turn = await procedure.next();
  for (let step = 1; !turn.done; step++) {
    if (step === 3) await gate;
    turn = await procedure.next(yield turn.value);
  }
  return turn.value;
}

/** The first one's invitation, as it was given its file, and its applicants. */
async function chosen({ created, folder }: FederatedSetting) {
  const path = join(folder, "invitation-01.json");
  await saveInvitation(path, present(created.invitations[0]));
  const invitation = { name: "invitation-01.json", text: await readFile(path, "utf8") };
  return [invitation, { name: "applicants.csv", text: present(files[0]) }] as const;
}

function asHex(content: Uint8Array | string): string {
  return toHex(typeof content === "string" ? Buffer.from(content) : content);
}

describe.skipIf(!executablePath)("a participant in a browser", () => {
  let pool: TestPool;
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serveFiles>>;
  /** A browser trusts this name as it trusts https. */
  let origin: string;
  beforeAll(async () => {
    pool = await startTestPool("off", { committeeTrust: 0 });
    site = await serveFiles();
    origin = `http://localhost:${site.port}`;
    const args = ["--no-sandbox", `--host-resolver-rules=MAP lender.example 127.0.0.1`];
    browser = await chromium.launch({ executablePath: present(executablePath), args });
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
    await pool.stop();
  });

  const openSetting = () => federatedSetting(pool, { rounds: sumsOf(plan), values: 2 ** 16, plan });

  it("has the same model in the end as four in Node.js, and talks to nobody but the pool", async () => {
    const setting = await openSetting();
    const context = await browser.newContext();
    const page = await ParticipantPage.open(context, origin);
    await page.join(...(await chosen(setting)));
    expect(await page.text("#run")).toContain(promised.privacy);
    const others = await Promise.all(joinOthers(setting));
    const own = await page.files();
    expect(await page.text("#worth")).toMatch(/^Over \d+ rows of all participants/);
    for (const other of others) {
      expect([...own].map(([name, content]) => [name, asHex(content)])).toEqual(
        other.map(([name, content]) => [name, asHex(content)]),
      );
    }
    expect([...page.origins].sort()).toEqual([origin, new URL(pool.url).origin].sort());
    expect(page.errors).toEqual([]);
    await context.close();
    await setting.stop();
  });

  it("goes on as the same after its page was loaded anew in the middle", async () => {
    const setting = await openSetting();
    const context = await browser.newContext();
    const page = await ParticipantPage.open(context, origin);
    const choice = await chosen(setting);
    await page.join(...choice);
    const gate = new EventEmitter();
    const others = joinOthers(setting, once(gate, "open"));
    await page.page.getByText(/^Sum 2,/).waitFor();
    await page.page.reload();
    await page.join(...choice);
    await page.page.getByText(/^Sum 2,/).waitFor();
    gate.emit("open");
    const own = await page.files();
    const [first] = await Promise.all(others);
    expect(asHex(present(own.get("model.onnx")))).toBe(asHex(present(first?.[0])[1]));
    await context.close();
    await setting.stop();
  });

  it("takes part once, however many pages have its invitation, and says so", async () => {
    const setting = await openSetting();
    const context = await browser.newContext();
    const [page, second] = [await ParticipantPage.open(context, origin), await ParticipantPage.open(context, origin)];
    const choice = await chosen(setting);
    await page.join(...choice);
    await page.page.getByText("seats were taken before").waitFor();
    await second.join(...choice);
    expect(await second.text("#message")).toBe("Another page of this browser takes part with this invitation.");
    await page.page.locator("#stop").click();
    expect(await page.text("#message")).toBe("Taking part in the run was stopped, as was asked.");
    await second.page.locator("#start").click();
    await second.page.getByText("seats were taken before").waitFor();
    await context.close();
    await setting.stop();
  });

  it("names what does not fit before anything is sent", async () => {
    const setting = await openSetting();
    const context = await browser.newContext();
    const page = await ParticipantPage.open(context, origin);
    const [invitation, applicants] = await chosen(setting);
    const broken = applicants.text.replace(/\n[^,]*,/, "\nmuch,");
    await page.join(invitation, { name: "applicants.csv", text: broken });
    expect(await page.text("#message")).toMatch(/^applicants.csv does not fit the run's plan: line 2/);
    await page.page.setInputFiles("#invitation", { name: "a.json", mimeType: "text/plain", buffer: Buffer.from("{}") });
    await page.page.getByText("a.json is no invitation of this version: it has another form.").waitFor();
    expect(await page.page.locator("#start").isDisabled()).toBe(true);
    await context.close();
    await setting.stop();
  });

  it("does not take part in a page that anybody could have altered on its way", async () => {
    const setting = await openSetting();
    const context = await browser.newContext();
    const page = await ParticipantPage.open(context, `http://lender.example:${site.port}`);
    await page.join(...(await chosen(setting)));
    expect(await page.text("#message")).toBe(
      `This page came from http://lender.example:${site.port}, by a connection on which anybody could have altered it.`,
    );
    await context.close();
    await setting.stop();
  });
});
