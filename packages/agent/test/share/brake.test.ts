import { expect, it } from "vitest";
import { Brake } from "../../src/share/index.js";

function brakeOn(...pids: number[]) {
  const sent: [number, string][] = [];
  const brake = new Brake((pid, name) => void sent.push([pid, name]));
  for (const pid of pids) brake.add(pid);
  return { brake, sent };
}

it("stops every process at once, and lets all of them go on", () => {
  const { brake, sent } = brakeOn(7, 9);
  brake.pull();
  brake.letOff();
  expect(sent).toEqual([
    [7, "SIGSTOP"],
    [9, "SIGSTOP"],
    [7, "SIGCONT"],
    [9, "SIGCONT"],
  ]);
});

it("lets nobody continue a process while it is on", () => {
  const { brake, sent } = brakeOn(7);
  brake.pull();
  brake.signal(7, "SIGCONT");
  expect(sent).toEqual([[7, "SIGSTOP"]]);
  brake.signal(7, "SIGSTOP");
  brake.letOff();
  brake.signal(7, "SIGCONT");
  expect(sent.slice(1)).toEqual([
    [7, "SIGSTOP"],
    [7, "SIGCONT"],
    [7, "SIGCONT"],
  ]);
});

it("stops a process that starts while it is on, and none that has gone", () => {
  const { brake, sent } = brakeOn(7);
  brake.remove(7);
  brake.pull();
  brake.add(8);
  expect(sent).toEqual([[8, "SIGSTOP"]]);
});
