import { bonding, bondNotice, bondVesting, noticeMs, type Signed, tierNames, tierTerms, Type } from "@aegis-pool/core";
import type { BondNow } from "../services/bonds/bonds.js";
import type { TierNow } from "../services/bonds/tiers.js";
import type { PoolServices } from "../services/index.js";
import { openAsked } from "./accounts.js";
import { Base64, HexKey, parseCborText } from "./base64.js";
import { requireAccountKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

const Digits = Type.String({ pattern: "^[0-9]{1,19}$", description: "nAIS" });
const Bond = Type.Object({
  bond: Digits,
  counting: Digits,
  notices: Type.Array(
    Type.Object({
      key: Type.String(),
      amount: Digits,
      givenAt: Type.Integer({ description: "ms since 1970" }),
      payableAt: Type.Integer({ description: "ms since 1970" }),
    }),
  ),
  vesting: Type.Optional(
    Type.Object(
      { percent: Type.Integer(), target: Digits },
      { description: "So much of what is earned goes into it at the end of each epoch, until it is so large" },
    ),
  ),
});
const Standing = { provenSpeed: Type.Number({ description: "µSCU" }), bond: Digits };
const Tier = Type.Object({
  tier: Type.Enum(tierNames),
  belowSince: Type.Optional(Type.Integer({ description: "ms since 1970; where less is there than the tier asks for" })),
  ...Standing,
  next: Type.Optional(
    Type.Object({ tier: Type.Enum(tierNames), ...Standing }, { description: "What the next one asks for" }),
  ),
});

/** Bonds, which their operators alone change and see, and tiers, which everybody may see. */
export function bondRoutes(app: PoolHttp, services: PoolServices): void {
  const { bonds, ledger, tiers } = services;
  const put = { body: Type.Object({ bonding: Base64(1_024) }), response: { 201: Bond } };
  app.post("/v1/accounts/bond", { schema: put }, async ({ body }, reply) => {
    const asked = openAsked(services, bonding, body.bonding);
    await ledger.bond(asked);
    await tiers.refresh();
    return reply.status(201).send(bondJson(await bonds.of(asked.account)));
  });
  const notice = { body: Type.Object({ notice: Base64(1_024) }), response: { 201: Bond } };
  app.post("/v1/accounts/bond/notice", { schema: notice }, async ({ body }, reply) => {
    const asked = openAsked(services, bondNotice, body.notice);
    if (asked.amount === "0") await bonds.cancelNotice(asked.account, asked.key);
    else await bonds.giveNotice(asked);
    await tiers.refresh();
    return reply.status(201).send(bondJson(await bonds.of(asked.account)));
  });
  const vesting = { body: Type.Object({ vesting: Base64(1_024) }), response: { 201: Bond } };
  app.post("/v1/accounts/bond/vesting", { schema: vesting }, async ({ body }, reply) => {
    const asked = openAsked(services, bondVesting, body.vesting);
    await bonds.vest(asked, parseCborText(body.vesting) as Signed);
    return reply.status(201).send(bondJson(await bonds.of(asked.account)));
  });
  const own = { params: Type.Object({ key: HexKey }), response: { 200: Bond } };
  app.get("/v1/accounts/operator/:key/bond", { schema: own }, async ({ raw, params }) =>
    bondJson(await bonds.of(requireAccountKey(raw, params.key, services))),
  );
  const tier = { params: Type.Object({ key: HexKey }), response: { 200: Tier } };
  app.get("/v1/operators/:key/tier", { schema: tier }, async ({ params }) => tierJson(tiers.of(params.key)));
}

function bondJson({ bond, counting, notices, vesting }: BondNow) {
  return {
    ...(vesting && { vesting: { percent: vesting.percent, target: String(vesting.target) } }),
    bond: String(bond),
    counting: String(counting),
    notices: notices.map(({ key, amount, givenAt }) => ({
      key,
      amount: String(amount),
      givenAt,
      payableAt: givenAt + noticeMs,
    })),
  };
}

function tierJson({ state: { tier, belowSince }, standing }: TierNow) {
  const next = tierNames[tierNames.indexOf(tier) + 1];
  const asked = next && tierTerms(next);
  return {
    tier,
    ...(belowSince !== undefined && { belowSince }),
    provenSpeed: standing.provenSpeed,
    bond: String(standing.bond),
    ...(asked && { next: { tier: next, provenSpeed: asked.provenSpeed, bond: String(asked.bond) } }),
  };
}
