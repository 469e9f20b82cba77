import type { IVault } from "../../../typechain-types/index.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import { isStartWorthIt, promiseOfStart, START_GAS } from "../../strategies/starts.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import type { Keeper } from "./keeper.ts";

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
    const promise = promiseOfStart(view, sizes, keeper.margin);
    const cost = desk.gasCost(START_GAS);
    if (!isStartWorthIt(promise, promise.mostReward, cost)) return false;
    const data = calls.encodeFunctionData("startSale", [view.borrower, keeper.address]);
    const answer = await chain.call(String(target), data, keeper.address);
    const [reward] = calls.decodeFunctionResult("startSale", answer);
    if (!isStartWorthIt(promise, Number(reward), cost)) return false;
    await desk.send("startSale", keeper.address, String(target), data);
    return true;
  }
}
