/** What somebody may do at a pool, the least first: look; also pause it and ban; also change how it is run, and who may. */
export const adminRoles = ["viewer", "moderator", "owner"] as const;
export type AdminRole = (typeof adminRoles)[number];

/** Whether `role` may do all that `needed` may; undefined: it has none. */
export function mayActAs(role: AdminRole | undefined, needed: AdminRole): boolean {
  return role !== undefined && adminRoles.indexOf(role) >= adminRoles.indexOf(needed);
}
