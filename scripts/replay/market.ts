import { type BaseContract, Interface } from "ethers";

import { sqrtPriceX96, type Pool, type UniswapV3 } from "../deployment/uniswap.ts";
import { rootFromX96 } from "../lib/pool.ts";
import { priceToScaled, rawPrice } from "../lib/units.ts";
import type { Chain, Receipt } from "./chain.ts";
import { FEE } from "./parameters.ts";

const POOL = new Interface([
  "function slot0() view returns (uint160 sqrtPriceX96)",
  "function liquidity() view returns (uint128)",
  "event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)",
]);
const FOREVER = 2n ** 40n;
/** Where the arbitrageur left the pool it is off by so much at most. */
const ROUNDING = 1e-9;
/** More than anybody spends. */
const PLENTY = 2n ** 96n;

/**
 * The market of the pair: one Uniswap v3 pool, and an arbitrageur who trades it back whenever it is off the market's price by
 * more than the fee. What the arbitrageur buys and sells elsewhere has no effect there by itself; which part of a fall of the pool
 * the market follows is `PriceImpact`'s to say. What the pool can take within a step is bounded by its depth alone.
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

  /** Reads the pool. */
  async refresh(): Promise<void> {
    const { address } = this.pool;
    const read = async (view: "slot0" | "liquidity"): Promise<bigint> => {
      const answer = await this.chain.call(address, POOL.encodeFunctionData(view));
      return POOL.decodeFunctionResult(view, answer)[0] as bigint;
    };
    this.set(await read("slot0"), await read("liquidity"));
  }

  /**
   * Follows what a transaction did to the pool, without asking it.
   * @returns Log of the price before it over the price after it.
   */
  follow(receipt: Receipt): number {
    const before = this.root;
    for (const log of receipt.logs) {
      if (log.address.toLowerCase() !== this.pool.address.toLowerCase()) continue;
      const event = POOL.parseLog(log);
      if (event === null) continue;
      this.set(event.args.getValue("sqrtPriceX96") as bigint, event.args.getValue("liquidity") as bigint);
    }
    return 2 * Math.log(before / this.root);
  }

  private set(sqrtPrice: bigint, liquidity: bigint): void {
    this.root = rootFromX96(sqrtPrice, this.pool.baseIsToken0);
    this.liquidity = Number(liquidity);
  }

  /** Trades the pool to where it pays no longer: the market's price, less or plus the fee. */
  async arbitrage(price: number): Promise<void> {
    const market = rawPrice(price);
    const current = this.root ** 2;
    const isTooHigh = current * (1 - FEE) > market * (1 + ROUNDING);
    const isTooLow = current * (1 + ROUNDING) < market * (1 - FEE);
    if (!isTooHigh && !isTooLow) return;
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
    this.follow(receipt);
  }
}
