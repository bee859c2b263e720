import { type AgentKeys, certify } from "@aegis-pool/agent";
import { type Lease, runStatement, type RunStatement, signStatements, toHex, type ToAgent } from "@aegis-pool/core";
import { createEd25519Signer, createSecp256k1Signer, primitives } from "@aegis-pool/platform";
import type { AgentSession, Trading } from "@aegis-pool/pool";

type Offer = AgentSession["offer"];

const offer: Offer = {
  class: "cpu",
  engines: ["js"],
  slots: 4,
  memoryBytes: 1024 ** 3,
  speeds: { fp32FlopsPerSecond: 4e12, memoryBytesPerSecond: 4e11 },
  floorPrice: "3000",
  share: "cpu=50%",
};

/** What every task answers: there is nothing to run. */
const result = new Uint8Array(32);
const resultHash = primitives.sha256(result);

/** What a pool's checks want of an agent, where they are measured too. */
export interface CheckedAgent {
  /** Its keys, since trust is of these. */
  readonly keys: AgentKeys;
  /** What all runs commit to; undefined: nothing, as for tasks that nobody checks. */
  check: RunStatement["check"];
  /** The market tells it something. */
  onMessage(session: AgentSession, message: ToAgent): void;
  /** Does what is this agent's own work. */
  work<T>(own: () => T): T;
}

/** An agent without a network and without a sandbox: it takes whatever it is offered and answers at once. */
export class DirectAgent {
  readonly #trading: Trading;
  readonly #keys: AgentKeys;
  readonly #session: AgentSession;
  readonly #checked: CheckedAgent | undefined;
  /** The hash of each manifest that it holds. */
  readonly #manifests = new Map<number, Uint8Array>();
  /** Runs that are to be signed. */
  #ran: Lease[] = [];

  private constructor(trading: Trading, keys: AgentKeys, room: number, checked: CheckedAgent | undefined) {
    this.#trading = trading;
    this.#checked = checked;
    this.#keys = keys;
    const certificate = certify(keys, trading.signer.publicKey, Date.now());
    this.#session = {
      key: keys.agent.publicKey,
      id: toHex(keys.agent.publicKey),
      operatorKey: keys.operator.publicKey,
      certificate,
      session: { body: certificate.body, signature: certificate.agentSignature },
      offer,
      attested: undefined,
      wanted: room,
      slotSpeed: 20_000,
      provenSpeed: 20_000,
      challenged: false,
      roundTripMs: () => Promise.resolve(0),
      send: (message) => this.#receive(message),
      close: (reason) => {
        throw new Error(`the market closes an agent's connection: ${reason}`);
      },
    };
  }

  /** Enrols an agent that holds up to `room` tasks, and connects it. */
  static async connect(trading: Trading, room: number, checked?: CheckedAgent): Promise<DirectAgent> {
    const agent = new DirectAgent(trading, checked?.keys ?? newAgentKeys(), room, checked);
    await trading.identities.enrol(agent.#session.certificate);
    trading.market.leases.connect(agent.#session, []);
    trading.market.matcher.consider(agent.#session.id);
    return agent;
  }

  disconnect(): void {
    this.#trading.market.leases.disconnect(this.#session);
  }

  #receive(message: ToAgent): void {
    this.#checked?.onMessage(this.#session, message);
    const { leases } = this.#trading.market;
    if (message.type === "offer") this.#require(leases.accept(this.#session, message));
    else if (message.type === "task") this.#manifests.set(message.number, primitives.sha256(message.manifest.body));
    else if (message.type === "key") this.#run(message);
    else if (message.type !== "settled" && message.type !== "reveal")
      throw new Error(`the market says ${message.type}`);
  }

  /** What is run in one turn of the event loop is signed together, as its messages would share a frame. */
  #run({ number, fence }: Lease): void {
    if (this.#ran.push({ number, fence }) === 1) setImmediate(() => this.#answer());
  }

  #answer(): void {
    const ran = this.#ran;
    this.#ran = [];
    const sign = () =>
      signStatements(
        runStatement,
        ran.map((lease) => this.#statement(lease)),
        this.#keys.agent,
        primitives,
      );
    for (const run of this.#checked ? this.#checked.work(sign) : sign()) {
      const message = { type: "result", run, inline: result } as const;
      void this.#trading.market.results.receive(this.#session, message).then((refusal) => this.#require(refusal));
    }
  }

  #statement({ number, fence }: Lease): RunStatement {
    const manifest = this.#manifests.get(number) ?? new Uint8Array(32);
    this.#manifests.delete(number);
    return {
      number,
      fence,
      agent: this.#session.key,
      manifest,
      outcome: "completed",
      result: resultHash,
      resultBytes: result.length,
      ...(this.#checked?.check && { check: this.#checked.check }),
      ranMs: 0,
      engine: "none",
    };
  }

  #require(refusal: string | undefined): void {
    if (refusal) throw new Error(`the market refuses: ${refusal}`);
  }
}

/** Keys of an agent of an operator of its own. */
export function newAgentKeys(): AgentKeys {
  return { operator: createEd25519Signer(), agent: createEd25519Signer(), evm: createSecp256k1Signer() };
}
