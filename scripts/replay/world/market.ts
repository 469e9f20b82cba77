import { type BaseContract, Interface, type Result } from "ethers";

import { sqrtPriceX96, type Pool, type UniswapV3 } from "../../kit/uniswap.ts";
import { rootFromX96 } from "../../world/pool.ts";
import { priceToScaled, rawPrice } from "../../../sdk/units.ts";
import type { Chain, Receipt } from "./chain.ts";
import { BLOCK_SECONDS, FEE, FOREVER } from "./parameters.ts";

const POOL = new Interface([
  "function slot0() view returns (uint160 sqrtPriceX96)",
  "function liquidity() view returns (uint128)",
  "event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)",
]);
/** Where the arbitrageur left the pool it is off by so much at most. */
const ROUNDING = 1e-9;
/** More than anybody spends. */
const PLENTY = 2n ** 96n;

/**
 * The market of the pair: one Uniswap v3 pool, and an arbitrageur who trades it back whenever it is off the market's price by
 * more than the fee: a share of the way in each block. What the arbitrageur buys and sells elsewhere has no effect there by itself;
 * which part of a fall of the pool the market follows is `PriceImpact`'s to say.
 */
export class Market {
  readonly pool: Pool;
  private readonly chain: Chain;
  private readonly router: BaseContract;
  private readonly arbitrageur: string;
  /** Share of the way back that the pool goes in a block. */
  private readonly share: number;
  private arbitragedAt: number;
  /** Root of the pool's price, loan units per collateral unit. */
  private root = 0;
  private liquidity = 0;

  constructor(
    chain: Chain,
    uniswap: UniswapV3,
    pool: Pool,
    arbitrageur: { readonly account: string; readonly share: number },
  ) {
    this.chain = chain;
    this.router = uniswap.router;
    this.pool = pool;
    this.arbitrageur = arbitrageur.account;
    this.share = arbitrageur.share;
    this.arbitragedAt = chain.time;
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
    for (const event of this.swapsIn(receipt)) {
      this.set(event.getValue("sqrtPriceX96") as bigint, event.getValue("liquidity") as bigint);
    }
    return 2 * Math.log(before / this.root);
  }

  private set(sqrtPrice: bigint, liquidity: bigint): void {
    this.root = rootFromX96(sqrtPrice, this.pool.baseIsToken0);
    this.liquidity = Number(liquidity);
  }

  /**
   * Trades the pool towards where that pays no longer, the market's price less or plus the fee: the rest of the way shrinks by the
   * share of each block since the last call.
   */
  async arbitrage(price: number, time: number): Promise<void> {
    const blocks = (time - this.arbitragedAt) / BLOCK_SECONDS;
    this.arbitragedAt = time;
    const market = rawPrice(price);
    const current = this.root ** 2;
    const isTooHigh = current * (1 - FEE) > market * (1 + ROUNDING);
    const isTooLow = current * (1 + ROUNDING) < market * (1 - FEE);
    if (!isTooHigh && !isTooLow) return;
    const edge = isTooHigh ? price / (1 - FEE) : price * (1 - FEE);
    const left = (1 - this.share) ** blocks;
    if (left === 1) return;
    const target = edge * (current / rawPrice(edge)) ** left;
    const order = { account: this.arbitrageur, sells: isTooHigh, amount: PLENTY, limit: target };
    const receipt = await this.chain.send(this.arbitrageur, this.routerAddress, this.encodeSwap(order));
    this.follow(receipt);
  }

  /** Sells collateral until the pool's price is down at the limit, loan assets per collateral asset. */
  async sellDownTo(account: string, limit: number) {
    const data = this.encodeSwap({ account, sells: true, amount: PLENTY, limit });
    const receipt = await this.chain.send(account, this.routerAddress, data);
    this.follow(receipt);
    return { ...this.soldIn(receipt), gasUsed: receipt.gasUsed };
  }

  get routerAddress(): string {
    return String(this.router.target);
  }

  /** Call of the router that swaps until the pool's price is at the limit, loan assets per collateral asset. */
  encodeSwap(order: {
    readonly account: string;
    /** Collateral for loan assets; else the other way. */
    readonly sells: boolean;
    readonly amount: bigint;
    readonly limit: number;
  }): string {
    const { base, quote, fee, baseIsToken0 } = this.pool;
    const [tokenIn, tokenOut] = order.sells ? [base, quote] : [quote, base];
    return this.router.interface.encodeFunctionData("exactInputSingle", [
      {
        tokenIn,
        tokenOut,
        fee,
        recipient: order.account,
        deadline: FOREVER,
        amountIn: order.amount,
        amountOutMinimum: 0n,
        sqrtPriceLimitX96: sqrtPriceX96(priceToScaled(order.limit), baseIsToken0),
      },
    ]);
  }

  /** Call of the router that buys so much collateral, whatever it costs. */
  encodeBuy(account: string, collateral: bigint): string {
    const { base, quote, fee } = this.pool;
    return this.router.interface.encodeFunctionData("exactOutputSingle", [
      {
        tokenIn: quote,
        tokenOut: base,
        fee,
        recipient: account,
        deadline: FOREVER,
        amountOut: collateral,
        amountInMaximum: PLENTY,
        sqrtPriceLimitX96: 0n,
      },
    ]);
  }

  /** What a transaction sold into the pool, collateral units, and got for it, loan units. */
  soldIn(receipt: Receipt): { readonly collateral: bigint; readonly loan: bigint } {
    let [collateral, loan] = [0n, 0n];
    for (const event of this.swapsIn(receipt)) {
      const amounts = [event.getValue("amount0") as bigint, event.getValue("amount1") as bigint] as const;
      const [base, quote] = this.pool.baseIsToken0 ? amounts : [amounts[1], amounts[0]];
      collateral += base;
      loan -= quote;
    }
    return { collateral, loan };
  }

  private swapsIn(receipt: Receipt): readonly Result[] {
    const own = receipt.logs.filter(
      ({ address }) => address.toLowerCase() === this.pool.address.toLowerCase(),
    );
    return own.flatMap((log) => POOL.parseLog(log) ?? []).map(({ args }) => args);
  }
}
