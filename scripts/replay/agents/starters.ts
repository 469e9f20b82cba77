import type { IVault } from "../../../typechain-types/index.ts";
import { BPS, max } from "../../../sdk/math.ts";
import { coveringPrice } from "../../../sdk/saleMath.ts";
import type { SaleTerms } from "../../../sdk/terms.ts";
import type { PositionView } from "../world/lens.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import { decidingPrice, sizeAt } from "./sizing.ts";
import type { Keeper } from "./keeper.ts";

/** What a start costs, reckoned with before it is sent. */
export const START_GAS = 125_000;

export function needsStart({ status }: PositionView): boolean {
  return status === "STARTABLE" || status === "LAPSED";
}

/**
 * Price at which the sale of a position that needs a start opens; where a lapsed one does, the clock has come to hold. Lenders pay
 * for no discount of a young sale.
 */
export function openingPrice(
  view: PositionView,
  { startPremiumBps, holdBps, penaltyBps }: Pick<SaleTerms, "startPremiumBps" | "holdBps" | "penaltyBps">,
): bigint {
  const deciding = decidingPrice(view);
  const off = view.status === "LAPSED" ? holdBps : -startPremiumBps;
  const covering = coveringPrice({ ...view, deciding }, penaltyBps);
  return max((deciding * (BPS - off)) / BPS, covering);
}

/** Starts are sent where the reward, and the margin on what there will be to sell, pay for their gas. */
export class Starters {
  private readonly ground: Ground;
  private readonly vault: IVault;

  constructor(ground: Ground, vault: IVault) {
    this.ground = ground;
    this.vault = vault;
  }

  /** @returns Whether it was started. */
  async start(desk: Desk, keeper: Keeper, view: PositionView): Promise<boolean> {
    const { chain, sizes } = this.ground;
    const { interface: calls, target } = this.vault;
    const { repay } = sizeAt(view, openingPrice(view, sizes.terms), sizes);
    const hoped = Number(repay) * keeper.margin;
    const cost = desk.gasCost(START_GAS);
    // The vault never pays more than half the penalty on what there is to sell.
    const mostReward = Number(repay * sizes.terms.penaltyBps) / Number(2n * BPS);
    if (mostReward + hoped < cost) return false;
    const data = calls.encodeFunctionData("startSale", [view.borrower, keeper.address]);
    const answer = await chain.call(String(target), data, keeper.address);
    const [reward] = calls.decodeFunctionResult("startSale", answer);
    if (Number(reward) + hoped < cost) return false;
    await desk.send("startSale", keeper.address, String(target), data);
    return true;
  }
}
