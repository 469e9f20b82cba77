/** Ways of selling that a crash can be replayed with: Gavel's, all of them together, and two pools with a bonus to compare with. */
export const MECHANISM_NAMES = ["dutch", "direct", "batch", "auto", "fixed5", "fixed2"] as const;
export type MechanismName = (typeof MECHANISM_NAMES)[number];
