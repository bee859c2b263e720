import { open } from "node:fs/promises";
import { openTrading, type Trading } from "@aegis-pool/pool";
import { silentLog } from "../market/silent-log.js";
import { sayWhatItTook } from "./took.js";

const { directory, file } = JSON.parse(process.argv[2] ?? "") as { readonly directory: string; readonly file: string };

const trading = await openTrading(directory, (error) => {
  throw error;
});
const epochs = await trading.openEpochs(silentLog);
await sayWhatItTook(() => epochs.keep());
await saveFile(trading);
await trading.close();

/** The public file, as the pool serves it. */
async function saveFile({ database }: Trading): Promise<void> {
  const out = await open(file, "w");
  for (let part = 0; ; part++) {
    const { rows } = await database.query<{ text: Buffer }>("SELECT text FROM epoch_parts WHERE part = $1", [part]);
    if (!rows[0]) break;
    await out.write(rows[0].text);
  }
  const { rows } = await database.query<{ statement: Buffer }>("SELECT statement FROM epochs");
  await out.write(`${JSON.stringify({ statement: rows[0]?.statement.toString("base64url") })}\n`);
  await out.close();
}
