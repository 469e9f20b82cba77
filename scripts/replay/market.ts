import { type BaseContract, Interface } from "ethers";

import { sqrtPriceX96, type Pool, type UniswapV3 } from "../deployment/uniswap.ts";
import { rootFromX96 } from "../lib/pool.ts";
import { priceToScaled, rawPrice } from "../lib/units.ts";
import type { Chain, Receipt } from "./chain.ts";
import { FEE } from "./parameters.ts";

/** The first word of each is all that is needed. */
const POOL_VIEWS = new Interface([
  "function slot0() view returns (uint160 sqrtPriceX96)",
  "function liquidity() view returns (uint128)",
]);
const FOREVER = 2n ** 40n;
/** More than anybody spends. */
const PLENTY = 2n ** 96n;

/**
 * The market of the pair: one Uniswap v3 pool, and an arbitrageur who trades it back whenever it is off the market's price by
 * more than the fee. What the arbitrageur buys and sells elsewhere has no effect there: the impact of forced sales is
 * temporary, it is gone at the next step. What the pool can take within a step is bounded by its depth alone.
 */
export class Market {
  readonly pool: Pool;
  private readonly chain: Chain;
  private readonly router: BaseContract;
  private readonly arbitrageur: string;
  /** Root of the pool's price, loan units per collateral unit. */
  private root = 0;
  private liquidity = 0;

  constructor(chain: Chain, uniswap: UniswapV3, pool: Pool, arbitrageur: string) {
    this.chain = chain;
    this.router = uniswap.router;
    this.pool = pool;
    this.arbitrageur = arbitrageur;
  }

  /** What the pool is now, to plan with. */
  get state(): { readonly root: number; readonly liquidity: number } {
    return { root: this.root, liquidity: this.liquidity };
  }

  /** Reads the pool after others traded with it. */
  async refresh(): Promise<void> {
    const { address, baseIsToken0 } = this.pool;
    const read = async (view: "slot0" | "liquidity"): Promise<bigint> => {
      const answer = await this.chain.call(address, POOL_VIEWS.encodeFunctionData(view));
      return POOL_VIEWS.decodeFunctionResult(view, answer)[0] as bigint;
    };
    this.root = rootFromX96(await read("slot0"), baseIsToken0);
    this.liquidity = Number(await read("liquidity"));
  }

  /** Trades the pool to where it pays no longer: the market's price, less or plus the fee. */
  async arbitrage(price: number): Promise<Receipt | undefined> {
    const market = rawPrice(price);
    const current = this.root ** 2;
    const isTooHigh = current * (1 - FEE) > market;
    const isTooLow = current < market * (1 - FEE);
    if (!isTooHigh && !isTooLow) return undefined;
    const { base, quote, fee, baseIsToken0 } = this.pool;
    const [tokenIn, tokenOut] = isTooHigh ? [base, quote] : [quote, base];
    const target = isTooHigh ? price / (1 - FEE) : price * (1 - FEE);
    const receipt = await this.chain.send(
      this.arbitrageur,
      String(this.router.target),
      this.router.interface.encodeFunctionData("exactInputSingle", [
        {
          tokenIn,
          tokenOut,
          fee,
          recipient: this.arbitrageur,
          deadline: FOREVER,
          amountIn: PLENTY,
          amountOutMinimum: 0n,
          sqrtPriceLimitX96: sqrtPriceX96(priceToScaled(target), baseIsToken0),
        },
      ]),
    );
    await this.refresh();
    return receipt;
  }
}
