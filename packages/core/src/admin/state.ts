import type { AdminChange, Bannable } from "../protocol/statements/admin.js";
import { toHex } from "../shared/bytes.js";
import { defaultParameters, isWithinBounds, type Parameters } from "./parameters.js";
import { type AdminRole, mayActAs } from "./roles.js";

/** How a pool is run at the moment. It follows from what its administrators have done, and from nothing else. */
export interface AdminState {
  /** Why the pool is paused; undefined: it is not. */
  readonly paused: string | undefined;
  /** Reasons, by {@link banKey}. */
  readonly bans: ReadonlyMap<string, string>;
  readonly parameters: Parameters;
  /** Roles by key in hexadecimal; the pool's own administrator is an owner for ever. */
  readonly roles: ReadonlyMap<string, AdminRole>;
}

/** Why a change is refused. */
export type AdminRefusal = "not-allowed" | "out-of-bounds" | "not-banned" | "no-such-admin" | "root-stays";

/** What each change takes. */
export const neededRoles: Readonly<Record<AdminChange["do"], AdminRole>> = {
  pause: "moderator",
  resume: "moderator",
  ban: "moderator",
  unban: "moderator",
  set: "owner",
  grant: "owner",
  dismiss: "owner",
  backup: "owner",
};

/** A pool that nobody has changed. @param root the key of its own administrator, in hexadecimal */
export function firstAdminState(root: string): AdminState {
  return { paused: undefined, bans: new Map(), parameters: defaultParameters, roles: new Map([[root, "owner"]]) };
}

/** How a ban is found. @param key in hexadecimal */
export function banKey(who: Bannable, key: string): string {
  return `${who}:${key}`;
}

/** Why `admin` may not make this change now; undefined where they may. @param root as in {@link firstAdminState} */
export function refuseChange(
  state: AdminState,
  { admin, change, root }: { admin: string; change: AdminChange; root: string },
): AdminRefusal | undefined {
  if (!mayActAs(state.roles.get(admin), neededRoles[change.do])) return "not-allowed";
  switch (change.do) {
    case "set":
      return isWithinBounds(change.name, change.value) ? undefined : "out-of-bounds";
    case "unban":
      return state.bans.has(banKey(change.who, toHex(change.key))) ? undefined : "not-banned";
    case "grant":
      return toHex(change.key) === root ? "root-stays" : undefined;
    case "dismiss":
      if (toHex(change.key) === root) return "root-stays";
      return state.roles.has(toHex(change.key)) ? undefined : "no-such-admin";
    case "pause":
    case "resume":
    case "ban":
    case "backup":
      break;
  }
  return undefined;
}

/** The state after a change that was not refused. */
export function afterChange(state: AdminState, change: AdminChange): AdminState {
  switch (change.do) {
    case "pause":
      return { ...state, paused: change.reason };
    case "resume":
      return { ...state, paused: undefined };
    case "ban":
      return { ...state, bans: new Map([...state.bans, [banKey(change.who, toHex(change.key)), change.reason]]) };
    case "unban":
      return { ...state, bans: without(state.bans, banKey(change.who, toHex(change.key))) };
    case "set":
      return { ...state, parameters: { ...state.parameters, [change.name]: change.value } };
    case "grant":
      return { ...state, roles: new Map([...state.roles, [toHex(change.key), change.role]]) };
    case "dismiss":
      return { ...state, roles: without(state.roles, toHex(change.key)) };
    case "backup":
      break;
  }
  return state;
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  return new Map([...map].filter(([name]) => name !== key));
}
