import { colorOf, spread, style } from "./style.js";

const panel = { width: 420, height: 330 } as const;
const plot = { left: 56, right: 150, top: 44, bottom: 36 } as const;
const bars = { left: 172, height: 15, gap: 6 } as const;

/** A line of a panel; x goes evenly from the first value to the last. */
export interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

/** What a panel of lines shows. */
export interface LinesPanel {
  readonly title: string;
  readonly subtitle: string;
  readonly lines: readonly Line[];
  /** The axis: from zero to this, with so many marks. */
  readonly most: number;
  readonly marks: number;
  readonly xLabel: string;
  /** Dashed. */
  readonly bounds?: readonly number[];
}

/** What a panel of bars shows; values below zero go to the left. */
export interface BarsPanel {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

/** Panels beside each other, two in a row, as one SVG. */
export function pictureOfPanels(title: string, panels: readonly (LinesPanel | BarsPanel)[]): string {
  const [width, height] = [panel.width * 2, panel.height * Math.ceil(panels.length / 2)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${title}</title>`,
    `<style>${style}</style>`,
    ...panels.flatMap((each, index) => [
      `<g transform="translate(${(index % 2) * panel.width} ${Math.floor(index / 2) * panel.height})">`,
      ...head(each),
      ...("lines" in each ? linesPanel(each) : barsPanel(each)),
      "</g>",
    ]),
    "</svg>",
    "",
  ].join("\n");
}

function head({ title, subtitle }: { readonly title: string; readonly subtitle: string }): string[] {
  return [`<text class="title" x="8" y="16">${title}</text>`, `<text x="8" y="32">${subtitle}</text>`];
}

function linesPanel({ lines, most, marks, xLabel, bounds = [] }: LinesPanel): string[] {
  const y = (value: number) => round(plot.top + (1 - value / most) * (panel.height - plot.top - plot.bottom));
  const x = (part: number) => round(plot.left + part * (panel.width - plot.left - plot.right));
  const [left, right] = [plot.left, panel.width - plot.right];
  const ends = lines.map(({ name, values }, index) => ({ name, at: y(values.at(-1) ?? 0), color: colorOf(index) }));
  return [
    ...Array.from({ length: marks + 1 }, (_, mark) => (mark * most) / marks).flatMap((value) => [
      `<line class="grid" x1="${left}" x2="${right}" y1="${y(value)}" y2="${y(value)}"/>`,
      `<text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${round(value)}</text>`,
    ]),
    ...bounds.map((value) => `<line class="bound" x1="${left}" x2="${right}" y1="${y(value)}" y2="${y(value)}"/>`),
    ...lines.map(({ values }, index) => {
      const points = values.map((value, at) => `${x(at / Math.max(1, values.length - 1))},${y(value)}`);
      return `<polyline class="line" stroke="${colorOf(index)}" points="${points.join(" ")}"/>`;
    }),
    ...spread(ends).map(
      ({ name, at, color }) => `<text x="${right + 6}" y="${at}" style="fill:${color}">${name}</text>`,
    ),
    `<text x="${(left + right) / 2}" y="${panel.height - 10}" text-anchor="middle">${xLabel}</text>`,
  ];
}

function barsPanel({ bars: all }: BarsPanel): string[] {
  const [least, most] = [Math.min(0, ...all.map(({ value }) => value)), Math.max(0, ...all.map(({ value }) => value))];
  const room = panel.width - bars.left - 46;
  const zero = bars.left + (-least / (most - least)) * room;
  return all.flatMap(({ name, value }, index) => {
    const top = plot.top + index * (bars.height + bars.gap);
    const length = (Math.abs(value) / (most - least)) * room;
    const from = value < 0 ? zero - length : zero;
    return [
      `<text x="${bars.left - 6}" y="${top + 12}" text-anchor="end">${name}</text>`,
      `<rect x="${round(from)}" y="${top}" width="${round(Math.max(1, length))}" height="${bars.height}" fill="${colorOf(value < 0 ? 2 : 1)}"/>`,
      `<text x="${round(value < 0 ? zero + 5 : zero + length + 5)}" y="${top + 12}">${value.toFixed(1)}</text>`,
    ];
  });
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
