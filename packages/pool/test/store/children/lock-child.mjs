// Holds the directory argv[2] until it is killed.
import { lockDirectory } from "../../../dist/store/directory-lock.js";

await lockDirectory(process.argv[2]);
process.stdout.write("held\n");
process.stdin.resume();
