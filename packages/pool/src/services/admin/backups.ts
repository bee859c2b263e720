import { join } from "node:path";
import type { BackupDescription } from "../../backup/description.js";
import { type BackupSource, writeBackup } from "../../backup/write-backup.js";
import type { Clock } from "../clock.js";
import type { Retention } from "../retention/retention.js";

/** A backup that was written. */
export interface WrittenBackup {
  /** Where it lies, on the pool's machine. */
  readonly folder: string;
  readonly description: BackupDescription;
}

/** Backups of the running pool, in its folder. */
export class Backups {
  readonly #source: BackupSource;
  readonly #retention: Pick<Retention, "pauseWhile">;
  readonly #clock: Clock;

  constructor(source: BackupSource, retention: Pick<Retention, "pauseWhile">, clock: Clock) {
    this.#source = source;
    this.#retention = retention;
    this.#clock = clock;
  }

  /** @param name of the new folder under `backups` @throws {AegisError} `bad-argument` where it is there already, `disk-full` */
  async write(name: string): Promise<WrittenBackup> {
    const folder = join(this.#source.directory, "backups", name);
    const description = await this.#retention.pauseWhile(() => writeBackup(folder, this.#source, this.#clock()));
    return { folder, description };
  }
}
