import { colorOf, colors, spread, style } from "../picture/style.js";
import type { Outcome } from "./study.js";

const panel = { width: 420, height: 330 } as const;
const plot = { left: 56, right: 150, top: 44, bottom: 36 } as const;
/** The left panel's axis: wrong results as a part of all tasks, by powers of ten. */
const [leastPart, mostPart] = [-7, -2];
/** What the figure asks for. */
const bound = -4;
/** Where bars begin, and how far they go for what honest work brings. */
const bars = { left: 130, honest: 220, height: 17, gap: 7 } as const;

/** The study as SVG: wrong final results as tasks go by, and what a run brings each kind beside honest work. */
export function pictureOf(outcomes: readonly Outcome[]): string {
  const size = `viewBox="0 0 ${panel.width * 2} ${panel.height}" width="${panel.width * 2}" height="${panel.height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title">`,
    `<title id="title">What cheats achieve where a fifth of all agents cheats</title>`,
    `<style>${style}</style>`,
    ...wrongResults(outcomes),
    `<g transform="translate(${panel.width} 0)">`,
    ...profits(outcomes[0]),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function wrongResults(outcomes: readonly Outcome[]): string[] {
  const powers = Array.from({ length: mostPart - leastPart + 1 }, (_, index) => leastPart + index);
  const ends = outcomes.map(({ scenario, wrongPart }, index) => ({
    scenario,
    at: y(wrongPart),
    color: colorOf(index),
  }));
  return [
    `<text class="title" x="${plot.left}" y="16">Wrong results that became final</text>`,
    `<text x="${plot.left}" y="32">part of all tasks so far; dashed: one in ten thousand</text>`,
    ...powers.flatMap((power) => gridLine(power)),
    `<line class="bound" x1="${plot.left}" x2="${panel.width - plot.right}" y1="${y(10 ** bound)}" y2="${y(10 ** bound)}"/>`,
    ...outcomes.map(curve),
    ...spread(ends).map(
      ({ scenario, at, color }) =>
        `<text x="${panel.width - plot.right + 6}" y="${at}" style="fill:${color}">${scenario}</text>`,
    ),
    `<text x="${(plot.left + panel.width - plot.right) / 2}" y="${panel.height - 10}" text-anchor="middle">tasks: 0 to ${(outcomes[0]?.tasks ?? 0).toLocaleString("en-US")}</text>`,
  ];
}

function gridLine(power: number): string[] {
  const at = y(10 ** power);
  return [
    `<line class="grid" x1="${plot.left}" x2="${panel.width - plot.right}" y1="${at}" y2="${at}"/>`,
    `<text x="${plot.left - 6}" y="${at + 4}" text-anchor="end">10<tspan dy="-4" font-size="8">${power}</tspan></text>`,
  ];
}

function curve({ wrongOverTime, tasks }: Outcome, index: number): string {
  const steps = wrongOverTime.length;
  const points = wrongOverTime.map(
    (wrong, step) => `${x((step + 1) / steps)},${y((wrong * steps) / ((step + 1) * tasks))}`,
  );
  return `<polyline class="line" stroke="${colorOf(index)}" points="${points.join(" ")}"/>`;
}

function profits(outcome: Outcome | undefined): string[] {
  const kinds = outcome?.kinds ?? [];
  const honest = kinds[0]?.profitPerRun ?? 1;
  return [
    `<text class="title" x="8" y="16">What a run brings, less the cost of computing</text>`,
    `<text x="8" y="32">percent of what it brings honest agents; all kinds, who come back</text>`,
    ...kinds.flatMap(({ kind, profitPerRun }, index) => bar(kind, profitPerRun / honest, index)),
  ];
}

function bar(kind: string, part: number, index: number): string[] {
  const top = plot.top + index * (bars.height + bars.gap);
  const width = Math.max(1, Math.max(0, part) * bars.honest);
  const text = top + bars.height - 4;
  return [
    `<text x="${bars.left - 6}" y="${text}" text-anchor="end">${kind}</text>`,
    `<rect x="${bars.left}" y="${top}" width="${width.toFixed(1)}" height="${bars.height}" fill="${index === 0 ? colors[1] : colors[0]}"/>`,
    `<text x="${(bars.left + width + 5).toFixed(1)}" y="${text}">${(100 * part).toFixed(0)}%</text>`,
  ];
}

function x(part: number): number {
  return Number((plot.left + part * (panel.width - plot.left - plot.right)).toFixed(1));
}

function y(part: number): number {
  const power = Math.max(leastPart, Math.min(mostPart, Math.log10(Math.max(part, 1e-12))));
  const up = (power - leastPart) / (mostPart - leastPart);
  return Number((plot.top + (1 - up) * (panel.height - plot.top - plot.bottom)).toFixed(1));
}
