import type { Holders } from "../world/holders.ts";

export interface Keeper {
  readonly name: string;
  readonly address: string;
  /** Least profit after gas, as a share of what is paid. */
  readonly margin: number;
  /** Chance to get into a block. */
  readonly presence: number;
}

/** Cheap ones miss more blocks. */
const KEEPERS = [
  { name: "keeper A", margin: 0.001, presence: 0.5 },
  { name: "keeper B", margin: 0.0025, presence: 0.7 },
  { name: "keeper C", margin: 0.005, presence: 0.9 },
] as const;

export async function hireKeepers(holders: Holders): Promise<readonly Keeper[]> {
  const keepers: Keeper[] = [];
  for (const keeper of KEEPERS) keepers.push({ ...keeper, address: await holders.actor(keeper.name) });
  return keepers;
}
