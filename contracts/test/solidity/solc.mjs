#!/usr/bin/env node
// npm's solc as the program that forge expects, of which it uses these two commands: forge would download one of its own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");
if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (process.argv.includes("--standard-json")) {
  process.stdout.write(solc.compile(readFileSync(0, "utf8"))); // forge has resolved all imports
} else {
  throw new TypeError(
    `of solc's commands, --version and --standard-json are here, not ${process.argv.slice(2).join(" ")}`,
  );
}
