import {
  AegisError,
  AgentCertificate,
  type AgentEnrolment,
  agentRevocation,
  Check,
  equalBytes,
  fromCbor,
  openStatement,
  type Primitives,
  readStatement,
  type Signed,
  toCbor,
  toHex,
  verifyCertificate,
} from "@aegis-pool/core";
import type pg from "pg";
import type { TransparencyLog } from "./transparency-log.js";

/** Who an agent is, as the log has it. */
export interface KnownAgent {
  readonly operator: Uint8Array;
  readonly certificate: AgentCertificate;
  readonly logIndex: number;
  readonly revoked: boolean;
}

/** Operators enrol agents and take them back; each enrolment and revocation is an entry of the log. */
export class Identities {
  readonly #log: TransparencyLog;
  readonly #primitives: Primitives;
  readonly #pool: Uint8Array;
  readonly #agents = new Map<string, KnownAgent>();
  #enrolling: Promise<unknown> = Promise.resolve();
  onRevoked: (agent: string) => void = () => undefined;

  private constructor(parts: { log: TransparencyLog; primitives: Primitives; pool: Uint8Array }) {
    this.#log = parts.log;
    this.#primitives = parts.primitives;
    this.#pool = parts.pool;
  }

  static async open(parts: { database: pg.Pool; log: TransparencyLog; primitives: Primitives; pool: Uint8Array }) {
    const identities = new Identities(parts);
    const { rows } = await parts.database.query<AgentRow>(
      "SELECT agent, operator, certificate, log_index, revoked FROM agents",
    );
    for (const row of rows) identities.#agents.set(toHex(row.agent), fromRow(row));
    return identities;
  }

  /** The agent with this key in hexadecimal, revoked or not. */
  find(agent: string): KnownAgent | undefined {
    return this.#agents.get(agent);
  }

  /**
   * Enrols an agent; enrolling the same certificate again changes nothing.
   * @throws {AegisError} `bad-signature`, `certificate-revoked`
   */
  enrol(certificate: AgentCertificate): Promise<KnownAgent> {
    // one after another: of two at once the second finds the first
    const enrolled = this.#enrolling.then(() => this.#enrol(certificate));
    this.#enrolling = enrolled.catch(() => undefined);
    return enrolled;
  }

  async #enrol(certificate: AgentCertificate): Promise<KnownAgent> {
    const enrolment = verifyCertificate(certificate, this.#pool, this.#primitives);
    if (!enrolment) throw badCertificate();
    const id = toHex(enrolment.agent);
    const known = this.#agents.get(id);
    if (known) return this.#again(known, enrolment);
    const { operator, agent } = enrolment;
    const logIndex = await this.#log.append({ kind: "agent", certificate }, (client, index) =>
      client.query("INSERT INTO agents (agent, operator, certificate, log_index) VALUES ($1, $2, $3, $4)", [
        agent,
        operator,
        toCbor(certificate),
        index,
      ]),
    );
    const enrolled = { operator, certificate, logIndex, revoked: false };
    this.#agents.set(id, enrolled);
    return enrolled;
  }

  /**
   * Takes an agent's enrolment back, for ever; only its operator can.
   * @throws {AegisError} `bad-signature`, `not-found`
   */
  async revoke(revocation: Signed): Promise<void> {
    const claimed = readStatement(agentRevocation, revocation);
    const known = claimed && this.#agents.get(toHex(claimed.agent));
    if (!known) throw unknownAgent(claimed ? toHex(claimed.agent) : "unreadable");
    const statement = openStatement(agentRevocation, revocation, known.operator, this.#primitives);
    if (!statement || !equalBytes(statement.pool, this.#pool)) throw badRevocation();
    if (known.revoked) return;
    await this.#log.append({ kind: "revocation", revocation }, (client) =>
      client.query("UPDATE agents SET revoked = true WHERE agent = $1", [statement.agent]),
    );
    const id = toHex(statement.agent);
    this.#agents.set(id, { ...known, revoked: true });
    this.onRevoked(id);
  }

  #again(known: KnownAgent, { operator, agent }: AgentEnrolment): KnownAgent {
    if (known.revoked) throw revoked(toHex(agent));
    if (!equalBytes(known.operator, operator)) throw badCertificate();
    return known;
  }
}

interface AgentRow {
  agent: Buffer;
  operator: Buffer;
  certificate: Buffer;
  log_index: number;
  revoked: boolean;
}

function fromRow(row: AgentRow): KnownAgent {
  const certificate = fromCbor(row.certificate);
  if (!Check(AgentCertificate, certificate)) throw new TypeError("an agent's stored certificate cannot be read");
  return { operator: row.operator, certificate, logIndex: row.log_index, revoked: row.revoked };
}

const badCertificate = () =>
  new AegisError({
    code: "bad-signature",
    message: "The certificate is not signed by its operator and by both of the agent's keys for this pool.",
    next: "Enrol again with `aegis agent`, which makes a certificate for the pool it connects to.",
  });

const badRevocation = () =>
  new AegisError({
    code: "bad-signature",
    message: "The revocation is not signed by the agent's operator for this pool.",
    next: "Sign it with the operator key that enrolled the agent.",
  });

const unknownAgent = (agent: string) =>
  new AegisError({
    code: "not-found",
    message: `No agent ${agent} is enrolled here.`,
    next: "Check the agent's key: `aegis keys list` shows it.",
  });

const revoked = (agent: string) =>
  new AegisError({
    code: "certificate-revoked",
    message: `The operator of agent ${agent} has revoked it.`,
    next: "Start the agent with another --state folder, so that it gets new keys.",
  });
