/** One run of the arena, as its JSON holds it: money is a decimal string in the loan asset. */
import { z } from "zod";

const money = z.string().regex(/^-?\d+(\.\d+)?$/);

export const rowSchema = z.object({
  /** File of prices, or name of a generated crash. */
  crash: z.string(),
  /** Prices as recorded; else held within 3% of their low so far. */
  rebound: z.boolean(),
  lagSeconds: z.number(),
  /** Share of the gap between pool and market that is traded away in a block, in %. */
  arbitrage: z.number(),
  mechanism: z.string(),
  /** Debt that was opened. */
  debt: money,
  borrowersCost: money,
  borrowersCostAtDue: money,
  lendersLoss: money,
  reserveLoss: money,
  badDebt: money,
  repaid: money,
  unsoldDebt: money,
  conservation: z.boolean(),
});

export type ArenaRow = z.infer<typeof rowSchema>;
