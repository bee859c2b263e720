/** Entry of a process that is a pool. */
import { startPool } from "@aegis-pool/pool";
import { ownOptions, serveParent } from "./parent.js";
import { silentLog } from "./silent-log.js";

const { directory } = ownOptions<{ directory: string }>();
const pool = await startPool({ directory, host: "127.0.0.1", port: 0, log: silentLog, testMoney: true });
serveParent(pool.url, () => pool.stop());
