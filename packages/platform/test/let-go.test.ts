import { expect, it } from "vitest";
import { letGo } from "../src/let-go.js";

it("memory is given back whole, and never what another may use", () => {
  const [whole, room] = [new Uint8Array(100), new Uint8Array(100)];
  const part = room.subarray(10, 20);
  letGo(whole);
  letGo(part);
  letGo(new Uint8Array(new SharedArrayBuffer(8)));
  expect([whole.length, part.length, room.length]).toEqual([0, 10, 100]);
});
