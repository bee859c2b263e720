import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const aegis = join(import.meta.dirname, "../bin/aegis.js");
const nobody = "http://127.0.0.1:1";
const estimate = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [aegis, "earnings", "estimate", "--device", "RTX 4090", ...args], {
    env: { ...process.env, AEGIS_POOL: nobody },
  });

describe("the price of aegis earnings estimate", () => {
  test("is the default, and said to be, where no pool is here and none was named", async () => {
    const { stdout } = await estimate();
    expect(stdout).toContain(`3087 nAIS per SCU-second, the default, since no pool answers at ${nobody}`);
  });

  test("is refused where the pool that was named is not there", async () => {
    await expect(estimate("--pool", nobody)).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining("pool-unreachable"),
    });
  });
});
