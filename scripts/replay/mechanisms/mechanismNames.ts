/** Ways of selling that a crash can be replayed with: Gavel's, all of them together, and two pools with a bonus to compare with. */
export const MECHANISM_NAMES = ["dutch", "direct", "batch", "auto", "fixed5", "fixed2"] as const;
/** Other protocols: Aave v3 and Morpho Blue themselves, and pools with the rules of Euler v2 and Aave v4. */
export const RIVAL_NAMES = ["aave", "morpho", "euler", "aave4"] as const;
/** All of them, as `--mechanism all` and the arena run them. */
export const ALL_NAMES = [
  "dutch",
  "direct",
  "batch",
  "auto",
  "aave",
  "morpho",
  "fixed2",
  "fixed5",
  "euler",
  "aave4",
] as const;
/** What is replayed where nobody says what: the textbook's three ways, all of them together, a small bonus, and a real rival. */
export const DEFAULT_NAMES = ["dutch", "direct", "batch", "auto", "fixed2", "aave"] as const;
/** `whole5` sells whole positions at a bonus of 5%: what the first generation did. */
export type MechanismName = (typeof MECHANISM_NAMES)[number] | (typeof RIVAL_NAMES)[number] | "whole5";

/**
 * This field's generations. First: a static ratio, the whole position at the market. Second: a ratio that follows the market, and a
 * Dutch auction. Third: terms that follow risk, the cheapest way of selling, and rescues before it.
 */
export const GENERATIONS = [1, 2, 3] as const;
export type Generation = (typeof GENERATIONS)[number];

export type RunName = Exclude<MechanismName, "whole5"> | `generation${Generation}`;
export const generationName = (generation: Generation): RunName => `generation${generation}`;
