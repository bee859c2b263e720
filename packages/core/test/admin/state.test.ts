import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultParameters, isWithinBounds, parameterNames, parameterTerms } from "../../src/admin/parameters.js";
import { adminRoles, mayActAs } from "../../src/admin/roles.js";
import {
  type AdminState,
  afterChange,
  banKey,
  firstAdminState,
  neededRoles,
  refuseChange,
} from "../../src/admin/state.js";
import type { AdminChange } from "../../src/protocol/statements/admin.js";
import { toHex } from "../../src/shared/bytes.js";
import { filled } from "../fixtures.js";

const [rootKey, helperKey, otherKey] = [filled(1), filled(2), filled(3)] as const;
const [root, helper] = [toHex(rootKey), toHex(helperKey)];
const first = firstAdminState(root);
const refusal = (state: AdminState, admin: string, change: AdminChange) => refuseChange(state, { admin, change, root });

const changes: Readonly<Record<AdminChange["do"], AdminChange>> = {
  pause: { do: "pause", reason: "a new version" },
  resume: { do: "resume" },
  ban: { do: "ban", who: "agent", key: otherKey, reason: "forged results" },
  unban: { do: "unban", who: "agent", key: otherKey },
  set: { do: "set", name: "resultDays", value: 7 },
  grant: { do: "grant", key: otherKey, role: "viewer" },
  dismiss: { do: "dismiss", key: helperKey },
  backup: { do: "backup", name: "monday" },
};
const all = Object.values(changes);

describe("roles", () => {
  it.each(adminRoles.map((role) => [role]))("let a %s do what it may and nothing else", (role) => {
    const banned = afterChange(first, changes.ban);
    const state = afterChange(banned, { do: "grant", key: helperKey, role });
    const allowed = all.filter((change) => refusal(state, helper, change) !== "not-allowed");
    expect(allowed).toEqual(all.filter((change) => mayActAs(role, neededRoles[change.do])));
  });

  it("are none for a stranger, and none for who was dismissed", () => {
    const dismissed = afterChange(afterChange(first, { do: "grant", key: helperKey, role: "owner" }), changes.dismiss);
    for (const change of all) {
      expect([refusal(first, helper, change), refusal(dismissed, helper, change)]).toEqual([
        "not-allowed",
        "not-allowed",
      ]);
    }
  });

  it("leave the pool's own administrator an owner, whatever other owners do", () => {
    const state = afterChange(first, { do: "grant", key: helperKey, role: "owner" });
    expect(refusal(state, helper, { do: "dismiss", key: rootKey })).toBe("root-stays");
    expect(refusal(state, helper, { do: "grant", key: rootKey, role: "viewer" })).toBe("root-stays");
    expect(refusal(state, root, changes.dismiss)).toBeUndefined();
  });
});

describe("a change", () => {
  it("pauses and resumes", () => {
    const paused = afterChange(first, changes.pause);
    expect([first.paused, paused.paused]).toEqual([undefined, "a new version"]);
    expect(afterChange(paused, changes.resume)).toEqual(first);
  });

  it("bans and unbans, each kind apart, and takes back only what is", () => {
    expect(refusal(first, root, changes.unban)).toBe("not-banned");
    const banned = afterChange(first, changes.ban);
    expect([...banned.bans]).toEqual([[banKey("agent", toHex(otherKey)), "forged results"]]);
    expect(refusal(banned, root, { do: "unban", who: "operator", key: otherKey })).toBe("not-banned");
    expect(refusal(banned, root, changes.unban)).toBeUndefined();
    expect(afterChange(banned, changes.unban)).toEqual(first);
  });

  it.each(parameterNames.map((name) => [name]))("sets %s within its bounds alone", (name) => {
    const { least, most } = parameterTerms[name];
    const tried = [least - 1, least, most, most + 1].map((value) => refusal(first, root, { do: "set", name, value }));
    expect(tried).toEqual(["out-of-bounds", undefined, undefined, "out-of-bounds"]);
    expect(afterChange(first, { do: "set", name, value: least }).parameters).toEqual({
      ...defaultParameters,
      [name]: least,
    });
  });

  it("of who has no role is not found out of bounds: nothing is said of how the pool is run", () => {
    expect(refusal(first, helper, { do: "set", name: "resultDays", value: 0 })).toBe("not-allowed");
    expect(refusal(first, helper, changes.unban)).toBe("not-allowed");
    expect(refusal(first, helper, { do: "dismiss", key: otherKey })).toBe("not-allowed");
  });

  it("never leaves a pool without an owner or a parameter out of its bounds, whatever was asked by whom", () => {
    const key = fc.constantFrom(rootKey, helperKey, otherKey);
    const change: fc.Arbitrary<AdminChange> = fc.oneof(
      fc.constantFrom(...all),
      fc.record({ do: fc.constant("grant" as const), key, role: fc.constantFrom(...adminRoles) }),
      fc.record({ do: fc.constant("dismiss" as const), key }),
      fc.record({
        do: fc.constant("set" as const),
        name: fc.constantFrom(...parameterNames),
        value: fc.nat(2_000_000),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, change)), (asked) => {
        let state = first;
        for (const [by, wanted] of asked) {
          if (!refusal(state, toHex(by), wanted)) state = afterChange(state, wanted);
        }
        expect(state.roles.get(root)).toBe("owner");
        expect(parameterNames.every((name) => isWithinBounds(name, state.parameters[name]))).toBe(true);
      }),
    );
  });
});
