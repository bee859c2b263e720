/** Entry of a process that is a pool. */
import { type PoolOptions, startPool } from "@aegis-pool/pool";
import { ownOptions, serveParent } from "./parent.js";
import { silentLog } from "./silent-log.js";

const options = ownOptions<Pick<PoolOptions, "directory" | "ratings" | "committeeTrust">>();
const pool = await startPool({ ...options, host: "127.0.0.1", port: 0, log: silentLog, testMoney: true });
serveParent(pool.url, () => pool.stop());
