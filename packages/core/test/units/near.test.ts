import { expect, it } from "vitest";
import { knownDevices } from "../../src/units/devices.js";
import { namesLike } from "../../src/units/devices/near.js";
import { boardPowers } from "../../src/units/devices/power.js";

const names = knownDevices.map(({ name }) => name);

it("names that are like a mistyped one are found, the likest first", () => {
  expect(namesLike("RTX 4090 Laptp", names)[0]).toBe("NVIDIA GeForce RTX 4090 Laptop");
  expect(namesLike("Radeon 7900XTX+", names)[0]).toBe("AMD Radeon RX 7900 XTX");
  expect(namesLike("", names)).toHaveLength(5);
});

it("every figure of power is of a device of the table, plausible and has a source", () => {
  for (const [name, { watts, source }] of boardPowers) {
    expect(names).toContain(name);
    expect(watts).toBeGreaterThanOrEqual(65);
    expect(watts).toBeLessThanOrEqual(1_000);
    expect(source).toMatch(/specifications|data sheets/);
  }
  expect(boardPowers.get("NVIDIA GeForce RTX 4090")?.watts).toBe(450);
});
