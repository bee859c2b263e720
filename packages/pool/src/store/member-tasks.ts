import type { WriteKind } from "../services/group-commit.js";

/** What a committee member has done, as a task: it was drawn, not matched, and is there once it is done. */
export interface MemberTaskRow {
  readonly number: number;
  readonly job: Uint8Array;
  readonly agent: Uint8Array;
  readonly manifest: Uint8Array;
  readonly manifestSignature: Uint8Array;
  readonly price: number;
}

/** Writes it as completed; again it changes nothing. */
export const insertMemberTask: WriteKind<MemberTaskRow, true> = {
  order: 21,
  async write(client, rows) {
    for (const { number, job, agent, manifest, manifestSignature, price } of rows) {
      await client.query(
        `INSERT INTO tasks (number, job, age, state, fence, manifest, manifest_signature, agent, price, speed)
         VALUES ($1, $2, 0, 'completed', 1, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING`,
        [number, job, manifest, manifestSignature, agent, price],
      );
    }
    return rows.map(() => true);
  },
};
