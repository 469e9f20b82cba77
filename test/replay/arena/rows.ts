import type { ArenaRow } from "../../../scripts/replay/arena/row.ts";

/** A row of the arena, but for what a test changes. */
export const row = (change: Partial<ArenaRow>): ArenaRow => ({
  crash: "one",
  rebound: true,
  lagSeconds: 12,
  arbitrage: 100,
  mechanism: "auto",
  debt: "1000",
  borrowersCost: "10",
  borrowersCostAtDue: "12",
  lendersLoss: "0",
  reserveLoss: "0",
  badDebt: "0",
  repaid: "100",
  unsoldDebt: "0",
  conservation: true,
  ...change,
});
