import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { knownDevices } from "@aegis-pool/core";
import { chartOf } from "./chart.js";
import { pageOf } from "./page.js";

// writes docs/devices.md and its chart from core's table; test/devices.test.ts tells when they are stale
const docs = new URL("../../../docs/", import.meta.url);

for (const [name, text] of [
  ["devices.md", pageOf(knownDevices)],
  ["devices.svg", chartOf(knownDevices)],
] as const) {
  const file = new URL(name, docs);
  await writeFile(file, text);
  process.stdout.write(`written: ${fileURLToPath(file)}\n`);
}
