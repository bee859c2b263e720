import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { boundOf, type Report } from "./report.js";

const root = new URL("../../../", import.meta.url);
/** One line of JSON per benchmark, as `--json` printed it. */
const measured = new URL("docs/measurements/latest.jsonl", root);
const readme = new URL("README.md", root);
const [begin, end] = ["<!-- measured: begin -->", "<!-- measured: end -->"];

/** Writes the README's table of measured results from the objects in `docs/measurements/latest.jsonl`. */
export async function writeReadmeTable(): Promise<string> {
  const lines = (await readFile(measured, "utf8")).split("\n").filter((line) => line.trim() !== "");
  const reports = lines.map((line) => JSON.parse(line) as Report);
  const text = await readFile(readme, "utf8");
  const [head, rest] = text.split(begin);
  const tail = rest?.split(end)[1];
  if (head === undefined || tail === undefined) throw new Error(`README.md has no ${begin} ... ${end}`);
  await writeFile(readme, `${head}${begin}\n${toMarkdown(reports)}\n${end}${tail}`);
  return fileURLToPath(readme);
}

function toMarkdown(reports: readonly Report[]): string {
  const rows = reports.flatMap(({ bench, figures, commit, loadBefore }) =>
    figures.map((figure) => {
      const bound = boundOf(figure);
      const verdict = bound === "" ? "" : figure.ok ? "reached" : "**falls short**";
      return `| \`${bench}\` | ${figure.name} | ${figure.value} ${figure.unit} | ${bound} | ${verdict} | ${commit.slice(0, 7)}, ${loadBefore} |`;
    }),
  );
  const machines = [...new Set(reports.map(({ machine }) => machine))].join("; ");
  return [
    "| benchmark | figure | measured | target | | commit, load before |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `Measured on ${machines}.`,
  ].join("\n");
}
