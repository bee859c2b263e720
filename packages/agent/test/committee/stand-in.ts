import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Committee,
  type CommitteeShape,
  equalBytes,
  type GroupSumContext,
  maskUpload,
  openCommittee,
  type Signed,
  type Signer,
  smallCommittee,
  type Survivor,
  toHex,
  type ToPool,
  type Upload,
  rosterNameOf,
} from "@aegis-pool/core";
import { boxSealer, createEd25519Signer, primitives } from "@aegis-pool/platform";
import { onTestFinished } from "vitest";
import { CommitteeDuty, type DutyEvent, SignLog, SumFiles } from "../../src/committee/index.js";
import type { Asked, CommitteeMessage } from "../../src/committee/messages.js";
import { Inbox } from "../work/table.js";

export const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
export const state = filled(0x52);

/** How the pool's side answers a request for a file; by default with the file. */
type Serve = (response: ServerResponse, file: Uint8Array | undefined) => void;

/** The files of the pool that a test plays. */
export interface FileServer {
  readonly url: string;
  readonly files: Map<string, Uint8Array>;
  /** Whatever was asked for, by method and path. */
  readonly asked: string[];
  serve: Serve;
}

export async function serveFiles(): Promise<FileServer> {
  const files = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const hash = request.url?.split("/").at(-1) ?? "";
    asked.push(`${request.method} ${request.url}`);
    if (request.method === "GET") return served.serve(response, files.get(hash));
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const bytes = Buffer.concat(pieces);
      const isGenuine = toHex(primitives.sha256(bytes)) === hash;
      if (isGenuine) files.set(hash, bytes);
      response.writeHead(isGenuine ? 204 : 422).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const served: FileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    serve: (response, file) => void response.writeHead(file ? 200 : 404).end(file),
  };
  return served;
}

/** What the owner is told, as an inbox sorts it. */
type Told = DutyEvent extends infer E ? (E extends DutyEvent ? E & { readonly type: E["kind"] } : never) : never;

/** A member as it runs in an agent, with a folder of its own. */
export class Member {
  readonly signer = createEd25519Signer();
  readonly directory = mkdtempSync(join(tmpdir(), "aegis-member-"));
  readonly said = new Inbox<ToPool>();
  readonly events = new Inbox<Told>();
  readonly pool: Uint8Array;
  duty: CommitteeDuty;
  now = 1_000_000;
  readonly #url: string;
  readonly #options: { readonly memoryBytes?: number; readonly patienceMs?: number };

  constructor(url: string, pool: Uint8Array, options: { memoryBytes?: number; patienceMs?: number } = {}) {
    this.#url = url;
    this.pool = pool;
    this.#options = options;
    this.duty = this.#start();
    onTestFinished(async () => {
      await this.duty.leave();
      await rm(this.directory, { recursive: true, force: true });
    });
  }

  get logPath(): string {
    return join(this.directory, "committee.log");
  }

  /** Another process over the same folder. */
  async restart(): Promise<void> {
    await this.duty.leave();
    this.duty = this.#start();
  }

  /** Says something to the member; @returns what it says next */
  async ask<T extends ToPool["type"]>(message: CommitteeMessage, expected: T): Promise<Extract<ToPool, { type: T }>> {
    this.duty.receive(message);
    return this.said.next(expected);
  }

  /** Why it does not do what is asked. */
  async refusal(message: CommitteeMessage): Promise<string> {
    return (await this.ask(message, "committee-refused")).reason;
  }

  #start(): CommitteeDuty {
    const { memoryBytes = 2 ** 26, patienceMs } = this.#options;
    return new CommitteeDuty({
      agent: this.signer,
      pool: this.pool,
      files: new SumFiles(this.#url, patienceMs),
      log: new SignLog(this.logPath),
      memoryBytes,
      now: () => this.now,
      send: (message) => this.said.push(message),
      onEvent: (event) => this.events.push({ ...event, type: event.kind } as Told),
    });
  }
}

/** What a test says of a sum. */
export interface Setting {
  readonly shape?: CommitteeShape;
  /** Participants of each group. */
  readonly groups?: readonly number[];
  readonly length?: number;
  readonly member?: { readonly memoryBytes?: number; readonly patienceMs?: number };
}

/** A pool's side of one attempt, over real members, with real participants. */
export class StandIn {
  readonly run = filled(0x51);
  readonly rosterBody = filled(0x53);
  readonly served: FileServer;
  readonly pool = createEd25519Signer();
  readonly members: readonly Member[];
  readonly participants: readonly Signer[];
  readonly groupOf: readonly number[];
  readonly shape: CommitteeShape;
  readonly length: number;
  readonly uploads = new Map<number, Upload>();
  keys: readonly Signed[] = [];

  static async of(setting: Setting = {}): Promise<StandIn> {
    return new StandIn(await serveFiles(), setting);
  }

  private constructor(served: FileServer, setting: Setting) {
    const { shape = smallCommittee, groups = [6], length = 40, member } = setting;
    this.served = served;
    this.shape = shape;
    this.length = length;
    this.groupOf = groups.flatMap((size, group) => Array.from({ length: size }, () => group));
    this.participants = this.groupOf.map(() => createEd25519Signer());
    this.members = Array.from({ length: shape.size }, () => new Member(served.url, this.pool.publicKey, member));
  }

  /** The roster's hash, as participants hold members to it. */
  get roster(): Uint8Array {
    return this.rosterOf(
      5,
      this.participants.map(({ publicKey }) => publicKey),
    );
  }

  rosterOf(floor: number, participants: readonly Uint8Array[]): Uint8Array {
    return rosterNameOf({ run: this.run, floor, participants, body: this.rosterBody }, primitives);
  }

  get attempt() {
    return { number: 77, round: 1, attempt: 1 };
  }

  get binding() {
    return { run: this.run, round: 1, attempt: 1 };
  }

  member(place: number): Member {
    return known(this.members[place]);
  }

  /** Where participants or floor are others, so is the roster: such a change is told from what is wrong with it. */
  opening(member: number, change: Partial<Asked<"open">> = {}): Asked<"open"> {
    const { run, shape, groupOf, length } = this;
    const agents = this.members.map(({ signer }) => signer.publicKey);
    const participants = this.participants.map(({ publicKey }) => publicKey);
    const opened = { ...this.attempt, run, shape, member, agents, participants, groupOf: [...groupOf] };
    const changed = { ...opened, floor: 5, length, rosterBody: this.rosterBody, ...change };
    const roster = rosterNameOf({ ...changed, body: changed.rosterBody }, primitives);
    return { type: "committee-open", ...changed, roster: change.roster ?? roster };
  }

  /** Opens the attempt at all members. */
  async open(): Promise<void> {
    const asked = this.members.map((member, place) => member.ask(this.opening(place), "committee-keys"));
    this.keys = (await Promise.all(asked)).map(({ keys }) => keys);
  }

  get committee(): Committee {
    const { shape, roster } = this;
    const agents = this.members.map(({ signer }) => signer.publicKey);
    return known(openCommittee(this.keys, this.binding, { shape, roster, agents }, primitives));
  }

  /** What the pool knows of a group's sum. */
  context(group = 0): GroupSumContext {
    const { roster, length, committee, groupOf } = this;
    const keys = this.participants.map(({ publicKey }, place) => [place, publicKey] as const);
    const participants = new Map(keys.filter(([place]) => groupOf[place] === group));
    return { binding: { ...this.binding, group }, committee, roster, participants, floor: 5, length, primitives };
  }

  /** Every participant uploads `valueOf` it in each word. */
  async upload(valueOf: (place: number) => number, randomBytes?: (length: number) => Uint8Array): Promise<void> {
    for (const [place, participant] of this.participants.entries()) {
      const values = new Int32Array(this.length).fill(valueOf(place));
      const binding = { ...this.binding, group: known(this.groupOf[place]) };
      const context = { binding, committee: this.committee, state };
      const upload = known(
        await maskUpload(values, context, participant, boxSealer, {
          ...primitives,
          ...(randomBytes && { randomBytes }),
        }),
      );
      this.uploads.set(place, upload);
      this.served.files.set(toHex(primitives.sha256(upload.masked)), upload.masked);
    }
  }

  checking(places: Iterable<number> = this.uploads.keys()): Asked<"uploads"> {
    const uploads = [...places].map((place) => ({ place, statement: known(this.uploads.get(place)).statement }));
    return { type: "committee-uploads", ...this.attempt, keys: [...this.keys], uploads };
  }

  survivors(group = 0): Survivor[] {
    const places = [...this.uploads.keys()].filter((place) => this.groupOf[place] === group);
    return places.map((place) => {
      const { body } = known(this.uploads.get(place)).statement;
      return { place, statement: primitives.sha256(body) };
    });
  }

  signing(survivors: Survivor[] | undefined = this.survivors(), group = 0): Asked<"sign"> {
    return { type: "committee-sign", ...this.attempt, group, survivors };
  }

  /** Opens, uploads, and has all members sign. */
  async signed(): Promise<Signed[]> {
    await this.open();
    await this.upload((place) => place + 2);
    return Promise.all(
      this.members.map(async (member) => {
        await member.ask(this.checking(), "committee-checked");
        return (await member.ask(this.signing(), "committee-verdict")).verdict;
      }),
    );
  }

  answering(verdicts: Signed[], group = 0): Asked<"answer"> {
    return { type: "committee-answer", ...this.attempt, group, verdicts };
  }

  showing(subsets?: number[], group = 0): Asked<"show"> {
    return { type: "committee-show", ...this.attempt, group, ...(subsets && { subsets }) };
  }

  confirming(answers: Signed[], group = 0): Asked<"confirm"> {
    return { type: "committee-confirm", ...this.attempt, group, answers };
  }
}

/** Whether both say the same, byte by byte. */
export function isSameSigned(a: Signed, b: Signed): boolean {
  return equalBytes(a.body, b.body) && equalBytes(a.signature, b.signature);
}

export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("there is no such thing");
  return value;
}
