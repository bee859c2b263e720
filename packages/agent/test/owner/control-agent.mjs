// An agent's control socket and nothing else, for control.test.ts: says when it listens.
import { openControl } from "../../dist/owner/index.js";

const control = await openControl(process.argv[2]);
control.serve(() => ({ pid: process.pid }));
process.stdout.write("listening\n");
process.stdin.resume();
