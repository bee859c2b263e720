import { pointsPerCapacity } from "./replay.js";

/** A line over the percent of arrivals, one point for each. */
export interface Line {
  readonly name: string;
  readonly color: string;
  readonly values: readonly number[];
}

/** One mix of requests. */
export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Published points: percent unallocated at a percent of arrivals. */
  readonly points: readonly { readonly color: string; readonly at: number; readonly value: number }[];
  /** No policy comes below it at the right edge. */
  readonly bound: number;
}

const [width, height] = [330, 360];
const plot = { left: 40, right: 84, top: 44, bottom: 36 } as const;
/** The part of the axes where policies differ, in percent. */
const [fromArrivals, toArrivals, mostUnallocated] = [80, 130, 15];

const style = [
  "text{font:11px system-ui,sans-serif;fill:#222}.title{font-size:13px;font-weight:600}",
  ".grid{stroke:#ccc;stroke-width:.7}.line{fill:none;stroke-width:1.8}.bound{stroke:#888;stroke-dasharray:4 3}",
  "@media (prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}",
].join("");

/** Curves of what is unallocated against arrivals as SVG, the mixes side by side. */
export function chartOf(panels: readonly Panel[]): string {
  const size = `viewBox="0 0 ${width * panels.length} ${height}" width="${width * panels.length}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title">`,
    `<title id="title">Percent of GPUs unallocated against arrivals in percent of all GPUs</title>`,
    `<style>${style}</style>`,
    ...panels.flatMap((panel, index) => [`<g transform="translate(${index * width} 0)">`, ...drawn(panel), "</g>"]),
    "</svg>",
    "",
  ].join("\n");
}

function drawn({ title, lines, points, bound }: Panel): string[] {
  const ends = [
    ...lines.map(({ name, values }) => ({ name, value: values.at(-1) ?? 0 })),
    { name: "bound", value: bound },
  ];
  return [
    `<text class="title" x="${plot.left}" y="16">${title}</text>`,
    `<text x="${plot.left}" y="32">% of GPUs unallocated; dots: published</text>`,
    ...[0, 5, 10, 15].flatMap((value) => gridLine(value)),
    ...[80, 90, 100, 110, 120, 130].map(
      (at) => `<text x="${x(at)}" y="${height - 20}" text-anchor="middle">${at}</text>`,
    ),
    `<text x="${x(105)}" y="${height - 5}" text-anchor="middle">arrivals, % of all GPUs</text>`,
    `<line class="bound" x1="${x(fromArrivals)}" x2="${x(toArrivals)}" y1="${y(bound)}" y2="${y(bound)}"/>`,
    ...lines.map(curve),
    ...points.map(({ color, at, value }) => `<circle cx="${x(at)}" cy="${y(value)}" r="3.5" fill="${color}"/>`),
    ...labels(ends),
  ];
}

function gridLine(value: number): string[] {
  return [
    `<line class="grid" x1="${x(fromArrivals)}" x2="${x(toArrivals)}" y1="${y(value)}" y2="${y(value)}"/>`,
    `<text x="${plot.left - 6}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
  ];
}

function curve({ color, values }: Line): string {
  const shown = values
    .map((value, index) => ({ value, at: Math.min(toArrivals, (100 * index) / pointsPerCapacity) }))
    .filter(({ value, at }) => at >= fromArrivals && value <= mostUnallocated);
  return `<polyline class="line" stroke="${color}" points="${shown.map(({ value, at }) => `${x(at)},${y(value)}`).join(" ")}"/>`;
}

/** What each line ends at, written beside it, moved apart where they would touch. */
function labels(ends: readonly { readonly name: string; readonly value: number }[]): string[] {
  let lowest = -Infinity;
  return ends
    .toSorted((one, other) => other.value - one.value)
    .map(({ name, value }) => {
      lowest = Math.max(lowest + 13, y(value) + 4);
      return `<text x="${x(toArrivals) + 7}" y="${lowest.toFixed(1)}">${name} ${value.toFixed(2)}</text>`;
    });
}

function x(arrivals: number): number {
  const part = (arrivals - fromArrivals) / (toArrivals - fromArrivals);
  return Number((plot.left + part * (width - plot.left - plot.right)).toFixed(1));
}

function y(unallocated: number): number {
  const part = 1 - unallocated / mostUnallocated;
  return Number((plot.top + part * (height - plot.top - plot.bottom)).toFixed(1));
}
