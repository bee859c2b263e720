import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { knownDevices, measurementOf } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { chartOf } from "../bench/src/devices/chart.js";
import { pageOf } from "../bench/src/devices/page.js";
import { root } from "./tidy/sources.js";

const written = (path: string): string => readFileSync(join(root, path), "utf8");

const rowOf = (page: string): string | undefined => page.split("\n").find((line) => line.startsWith("| NVIDIA L4 |"));

describe("the page of devices", () => {
  it("is what the table gives; `npm run devices` writes it", () => {
    expect(written("docs/devices.md")).toBe(pageOf(knownDevices));
    expect(written("docs/devices.svg")).toBe(chartOf(knownDevices));
  });

  it("has a row for each device, with what its figures are and a source that the page lists", () => {
    const page = pageOf(knownDevices);
    const sources = page.split("## Sources")[1] ?? "";
    for (const { name, source } of knownDevices) {
      const rows = page.split("\n").filter((line) => line.startsWith(`| ${name} |`));
      const number = /\| (?:data sheet|measured here, \[[^\]]+\]\([^)]+\)) \| (\d+) \|$/.exec(rows[0] ?? "")?.[1];
      expect([name, rows.length, number]).toEqual([name, 1, expect.any(String)]);
      expect(sources.split("\n").find((line) => line.startsWith(`${number}. `))).toContain(source.title);
    }
  });

  it("says where a figure was measured, in place of the data sheet's", () => {
    const figures = { fp32Tflops: 52, fp16Tflops: 109, memoryGBps: 270 };
    const measurements = new Map([["NVIDIA L4", { date: "2027-01-31", page: "docs/measurements/l4.md", figures }]]);
    expect(rowOf(pageOf(knownDevices, measurements))).toMatch(
      /^\| NVIDIA L4 \| \*\*4\.93\*\* \| `cuda` \| 52 \| 109 \| 270 \| 24 \| measured here, \[2027-01-31\]\(measurements\/l4\.md\) \| \d+ \|$/,
    );
    expect(rowOf(pageOf(knownDevices, new Map()))).toMatch(
      /\*\*5\.56\*\* .* \| 60\.5 \| 121 \| 300 \| 24 \| data sheet \|/,
    );
    expect(chartOf(knownDevices, measurements).match(/class="measured"/g)).toHaveLength(1);
    expect(chartOf(knownDevices, new Map())).not.toContain('class="measured"');
  });

  it("links to pages that exist", () => {
    const pages = knownDevices.flatMap((device) => measurementOf(device)?.page ?? []);
    expect(pages.filter((page) => !existsSync(join(root, page)))).toEqual([]);
  });

  it("draws longer bars for faster devices", () => {
    const bars = [...chartOf(knownDevices).matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(bars.length).toBeGreaterThan(12);
    expect(bars).toEqual(bars.toSorted((one, other) => one - other));
    expect(bars[0]).toBeGreaterThan(0);
  });
});
