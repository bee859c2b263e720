import { type DeviceMeasurements, type KnownDevice, measurementOf, ratingOfDevice } from "@aegis-pool/core";

/** One or two devices of each size: a chart of all would be as long as the table. */
const shown = new Set([
  "Raspberry Pi 5",
  "Intel Core i7-8700",
  "Apple M1",
  "AMD Ryzen 9 7950X",
  "Apple M3 Max",
  "NVIDIA GeForce RTX 4060 Laptop",
  "AMD EPYC 9654",
  "NVIDIA GeForce RTX 3060",
  "Intel Arc A770",
  "NVIDIA GeForce RTX 3090",
  "NVIDIA L4",
  "AMD Radeon RX 7900 XTX",
  "NVIDIA GeForce RTX 4090",
  "NVIDIA GeForce RTX 5090",
  "NVIDIA A100 80GB SXM",
  "NVIDIA H100 SXM",
  "AMD Instinct MI300X",
  "NVIDIA B200 SXM",
]);

const [labelWidth, plotWidth, valueWidth, rowHeight, top] = [230, 400, 60, 22, 48];
/** The axis: powers of ten from the first to the last, in SCU. */
const [axisFrom, axisTo] = [-2, 2.25];

const style = [
  "text{font:12px system-ui,sans-serif;fill:#222}",
  ".value{font-weight:600}.grid{stroke:#ccc}.sheet{fill:#5b8def}.measured{fill:#2e9e5b}",
  "@media (prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}",
].join("");

/** Bars of some devices' SCU as SVG, by a logarithmic axis; the same devices give the same bytes. */
export function chartOf(devices: readonly KnownDevice[], measurements?: DeviceMeasurements): string {
  const rows = devices
    .filter(({ name }) => shown.has(name))
    .map((device) => ({
      name: device.name,
      scu: ratingOfDevice(device, measurements) / 1e6,
      isMeasured: measurementOf(device, measurements) !== undefined,
    }))
    .toSorted((one, other) => one.scu - other.scu);
  const [width, height] = [labelWidth + plotWidth + valueWidth, top + rows.length * rowHeight + 8];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">Standard compute units of ${rows.length} devices, logarithmic axis</title>`,
    `<style>${style}</style>`,
    `<text x="${labelWidth}" y="16">SCU, logarithmic; blue: by data sheet, green: measured here</text>`,
    ...[0.01, 0.1, 1, 10, 100].flatMap((scu) => gridLine(scu, height)),
    ...rows.flatMap((row, index) => bar(row, top + index * rowHeight)),
    "</svg>",
    "",
  ].join("\n");
}

function gridLine(scu: number, height: number): string[] {
  const x = labelWidth + lengthOf(scu);
  return [
    `<line class="grid" x1="${x}" y1="${top - 8}" x2="${x}" y2="${height - 8}"/>`,
    `<text x="${x}" y="${top - 13}" text-anchor="middle">${scu}</text>`,
  ];
}

function bar(row: { readonly name: string; readonly scu: number; readonly isMeasured: boolean }, y: number): string[] {
  const length = lengthOf(row.scu);
  return [
    `<text x="${labelWidth - 8}" y="${y + 14}" text-anchor="end">${row.name}</text>`,
    `<rect class="${row.isMeasured ? "measured" : "sheet"}" x="${labelWidth}" y="${y + 3}" width="${length}" height="${rowHeight - 7}" rx="2"/>`,
    `<text class="value" x="${labelWidth + length + 6}" y="${y + 14}">${row.scu.toPrecision(3)}</text>`,
  ];
}

/** Pixels of a bar of `scu`, to a tenth, so that no platform's last digit shows. */
function lengthOf(scu: number): number {
  const part = (Math.log10(scu) - axisFrom) / (axisTo - axisFrom);
  return Math.round(Math.max(0, part) * plotWidth * 10) / 10;
}
