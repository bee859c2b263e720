import { open } from "node:fs/promises";

/** Makes the names in `directory` durable: without it a renamed file can vanish when power is lost. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return; // a directory cannot be opened there
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
