import { type Static, Type } from "typebox";
import { parameterNames } from "../../admin/parameters.js";
import { adminRoles } from "../../admin/roles.js";
import { Bytes, Exactly, Instant, Text, Whole } from "../../shared/schema.js";
import { kind, type StatementOf } from "./identity.js";

/** Who can be banned: an agent, an operator with all its agents, or a requester's account. */
export const bannable = ["agent", "operator", "requester"] as const;
export type Bannable = (typeof bannable)[number];

const banned = { who: Type.Enum([...bannable]), key: Bytes(32) };

/** What is changed about a pool. */
export const AdminChange = Type.Union([
  /** No new work is taken and none is handed out; what runs goes on and is paid. */
  Exactly({ do: Type.Literal("pause"), reason: Text(200) }),
  Exactly({ do: Type.Literal("resume") }),
  Exactly({ do: Type.Literal("ban"), ...banned, reason: Text(200) }),
  Exactly({ do: Type.Literal("unban"), ...banned }),
  Exactly({ do: Type.Literal("set"), name: Type.Enum(parameterNames), value: Whole() }),
  Exactly({ do: Type.Literal("grant"), key: Bytes(32), role: Type.Enum([...adminRoles]) }),
  Exactly({ do: Type.Literal("dismiss"), key: Bytes(32) }),
  /** Changes nothing; the pool writes itself into a folder of this name. */
  Exactly({ do: Type.Literal("backup"), name: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,39}$" }) }),
]);
export type AdminChange = Static<typeof AdminChange>;

/** Somebody who runs the pool changes something, once per key. Signed by their key. */
export const adminAction = kind(
  "admin-action",
  Exactly({ account: Bytes(32), pool: Bytes(32), change: AdminChange, key: Bytes(16), signedAt: Instant }),
);
export type AdminAction = StatementOf<typeof adminAction>;
