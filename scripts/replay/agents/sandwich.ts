import { rawPrice } from "../../../sdk/units.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import type { Keeper } from "./keeper.ts";

/** A keeper's purse for it, as a part of what the pool holds virtually of either asset at the start. */
const PURSE = 0.2;

/** Keepers who push the pool down before a sale of their own, and buy back what that took after it. */
export class Sandwich {
  /** Loan units that it left them. */
  profits = 0n;
  private readonly ground: Ground;

  private constructor(ground: Ground) {
    this.ground = ground;
  }

  /** Gives keepers what they push with. */
  static async prepare(ground: Ground, keepers: readonly Keeper[]): Promise<Sandwich> {
    const { tokens, market } = ground;
    const { root, liquidity } = market.state;
    for (const { address } of keepers) {
      await tokens.wrap(address, BigInt(Math.ceil((liquidity / root) * PURSE)));
      await tokens.mintLoan(address, BigInt(Math.ceil(liquidity * root * PURSE)));
      for (const token of ["loan", "collateral"] as const)
        await tokens.approve(address, token, market.routerAddress);
    }
    return new Sandwich(ground);
  }

  /**
   * Sells until the pool's price, loan units per collateral unit, is down at the target.
   * @returns Collateral units sold.
   */
  async push(desk: Desk, { address: account }: Keeper, target: number): Promise<bigint> {
    const { market, tokens } = this.ground;
    const amount = await tokens.balanceOf(tokens.collateral, account);
    const limit = target / rawPrice(1);
    return this.swap(desk, account, market.encodeSwap({ account, sells: true, amount, limit }));
  }

  async buyBack(desk: Desk, { address: account }: Keeper, collateral: bigint): Promise<void> {
    await this.swap(desk, account, this.ground.market.encodeBuy(account, collateral));
  }

  private async swap(desk: Desk, account: string, data: string): Promise<bigint> {
    const { market } = this.ground;
    const sold = market.soldIn(await desk.send("upkeep", account, market.routerAddress, data));
    this.profits += sold.loan;
    return sold.collateral;
  }
}
