import { aave4, euler, fixed2, fixed5, fixedBonus } from "./fixedBonus.ts";
import { auto, batch, direct, dutch, gavel } from "./gavel.ts";
import type { Mechanism } from "./mechanism.ts";
import type { RunName } from "./mechanismNames.ts";
import { aave } from "./rivals/aave.ts";
import { morpho } from "./rivals/morpho.ts";

/** All that a crash can be replayed with: ways of selling, and this field's generations. */
export const MECHANISMS: Readonly<Record<RunName, Mechanism>> = {
  dutch,
  direct,
  batch,
  auto,
  fixed5,
  fixed2,
  aave,
  morpho,
  euler,
  aave4,
  /** The whole position at a bonus of 5%; what its buyer does not keep is sold at the market. */
  generation1: fixedBonus(
    "whole5",
    { minBonusBps: 500n, maxBonusBps: 500n, deepHealthBps: 9_500n, closeFactorBps: 10_000n },
    1,
  ),
  generation2: gavel("dutch", { dutch: true }, { generation: 2, stewarded: "ltvs", rescues: false }),
  generation3: gavel(
    "auto",
    { dutch: true, direct: true, batch: true },
    { generation: 3, stewarded: "everything", rescues: true },
  ),
};
