import { randomBytes } from "node:crypto";
import {
  accountRequest,
  adminAction,
  type AdminChange,
  type AdminRole,
  type Bannable,
  type ParameterTerms,
  type Signed,
  signStatement,
  type Signer,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import type { PoolClient } from "./pool-client/pool-client.js";

/** How a pool is run. Keys are in hexadecimal. */
export interface PoolRules {
  /** Why the pool is paused; undefined: it is not. */
  readonly paused?: string;
  readonly bans: readonly { readonly who: Bannable; readonly key: string; readonly reason: string }[];
  readonly parameters: readonly (ParameterTerms & { readonly name: string; readonly value: number })[];
  readonly roles: readonly { readonly key: string; readonly role: AdminRole }[];
  /** What was just written, where that was asked for: where it lies on the pool's machine, and how much it is. */
  readonly backup?: {
    readonly folder: string;
    readonly rows: number;
    readonly blobs: { readonly count: number; readonly bytes: number };
  };
}

/** The same, and how much there is of everything. */
export interface PoolStatus extends PoolRules {
  readonly agents: number;
  readonly jobs: number;
  readonly tasks: Readonly<Record<"queued" | "matched" | "running", number>>;
  /** Entries of the log. */
  readonly log: number;
  readonly blobs: { readonly completeBytes: number; readonly unfinishedBytes: number };
  readonly databaseBytes: number;
}

/** A connected agent, as those who run the pool see it. */
export interface AgentSeen {
  readonly agent: string;
  readonly operator: string;
  readonly class: string;
  readonly share: string;
  readonly slots: number;
  /** µSCU that a slot counts for. */
  readonly slotSpeed: number;
  /** Leases it holds. */
  readonly holds: number;
}

/** A job that is not over, or whose requester is connected. */
export interface JobSeen {
  readonly job: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly releaserConnected: boolean;
}

/** Something that was done. */
export interface ActionSeen {
  readonly id: number;
  readonly admin: string;
  /** ms since 1970. */
  readonly at: number;
  readonly change: { readonly do: string } & Readonly<Record<string, unknown>>;
}

/** For those who run a pool: what goes on there, and how it is run. */
export class PoolAdmin {
  readonly #client: PoolClient;
  readonly #signer: Signer;

  /** @param signer holds a key that has a role at the pool */
  constructor(client: PoolClient, signer: Signer) {
    this.#client = client;
    this.#signer = signer;
  }

  /** @throws {AegisError} `not-allowed` */
  async status(): Promise<PoolStatus> {
    return (await this.#get("status")) as PoolStatus;
  }

  /** The agents that are connected, a thousand at most. @throws {AegisError} `not-allowed` */
  async agents(): Promise<readonly AgentSeen[]> {
    return ((await this.#get("agents")) as { agents: AgentSeen[] }).agents;
  }

  /** A thousand at most. @throws {AegisError} `not-allowed` */
  async jobs(): Promise<readonly JobSeen[]> {
    return ((await this.#get("jobs")) as { jobs: JobSeen[] }).jobs;
  }

  /** What was done last, the newest first. @throws {AegisError} `not-allowed` */
  async actions(limit = 100): Promise<readonly ActionSeen[]> {
    return ((await this.#get(`actions?limit=${limit}`)) as { actions: ActionSeen[] }).actions;
  }

  /**
   * Changes how the pool is run.
   * @param once 16 bytes that name this request: sent again it changes nothing
   * @throws {AegisError} `not-allowed`, `bad-argument`, `not-found`
   */
  async change(change: AdminChange, once: Uint8Array = randomBytes(16)): Promise<PoolRules> {
    const asked = { account: this.#signer.publicKey, pool: this.#client.key, change, key: once, signedAt: Date.now() };
    const action = base64(signStatement(adminAction, asked, this.#signer));
    return (await this.#client.postJson("/v1/admin/actions", { action })) as PoolRules;
  }

  async #get(what: string): Promise<unknown> {
    const path = `/v1/admin/${toHex(this.#signer.publicKey)}/${what}`;
    const statement = { account: this.#signer.publicKey, pool: this.#client.key, method: "GET", path };
    const signed = signStatement(accountRequest, { ...statement, signedAt: Date.now() }, this.#signer);
    return this.#client.getJson(path, { authorization: `Aegis ${base64(signed)}` });
  }
}

const base64 = (signed: Signed) => Buffer.from(toCbor(signed)).toString("base64url");
