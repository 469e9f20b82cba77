import { fixed2, fixed5 } from "./fixedBonus.ts";
import { auto, batch, direct, dutch } from "./gavel.ts";
import type { Mechanism } from "./mechanism.ts";
import type { MechanismName } from "./mechanismNames.ts";

/** All ways of selling that a crash can be replayed with. */
export const MECHANISMS: Readonly<Record<MechanismName, Mechanism>> = {
  dutch,
  direct,
  batch,
  auto,
  fixed5,
  fixed2,
};
