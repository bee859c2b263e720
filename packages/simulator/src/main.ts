import { runStudy } from "./run-study.js";

process.exitCode = await runStudy(process.argv.slice(2));
