import {
  AegisError,
  AgentCertificate,
  agentEnrolment,
  Check,
  operatorSigned,
  readStatement,
  SignedSchema,
  toCbor,
  toHex,
  Type,
} from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { badMessage, Base64, HexKey, parseCborText, toBase64 } from "./base64.js";
import type { PoolHttp } from "./server.js";

/** Enrolment and revocation of agents by their operators. */
export function agentRoutes(app: PoolHttp, { administration, identities }: PoolServices): void {
  app.post("/v1/agents", { schema: { body: Type.Object({ certificate: Base64(2_048) }) } }, async ({ body }, reply) => {
    const certificate = parseCborText(body.certificate);
    if (!Check(AgentCertificate, certificate)) throw badMessage("The certificate cannot be read.");
    const operator = readStatement(agentEnrolment, operatorSigned(certificate))?.operator;
    if (operator) administration.requireNotBanned("operator", toHex(operator));
    const { logIndex } = await identities.enrol(certificate);
    return reply.status(201).send({ logIndex });
  });
  app.post("/v1/agents/revoke", { schema: { body: Type.Object({ revocation: Base64(8_192) }) } }, async ({ body }) => {
    const revocation = parseCborText(body.revocation);
    if (!Check(SignedSchema, revocation)) throw badMessage("The revocation cannot be read.");
    await identities.revoke(revocation);
    return { revoked: true };
  });
  app.get("/v1/agents/:agent", { schema: { params: Type.Object({ agent: HexKey }) } }, async ({ params }) => {
    const known = identities.find(params.agent);
    if (!known) throw notEnrolled(params.agent);
    const { logIndex, revoked, certificate } = known;
    return { logIndex, revoked, certificate: toBase64(toCbor(certificate)) };
  });
}

const notEnrolled = (agent: string) =>
  new AegisError({
    code: "not-found",
    message: `No agent ${agent} is enrolled here.`,
    next: "Start it with `aegis agent --pool URL`, which enrols it.",
  });
