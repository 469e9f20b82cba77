import { type BaseContract, Interface } from "ethers";

import type { UniswapV3 } from "../../kit/uniswap.ts";
import { amountsInRange, rootAtTick } from "../../world/pool.ts";
import type { Chain } from "./chain.ts";
import type { Market } from "./market.ts";
import { FOREVER } from "./parameters.ts";

/** A change of the wanted share of liquidity by less than this part of it is not worth a transaction. */
const STEP = 0.15;
/** Amounts are asked for with so much to spare: what is not needed stays where it is. */
const MARGIN = 1e-9;
const MOST_AMOUNT = 2n ** 128n - 1n;

const MANAGER = new Interface([
  "function balanceOf(address owner) view returns (uint256)",
  "function tokenOfOwnerByIndex(address owner, uint256 index) view returns (uint256)",
  "function positions(uint256 tokenId) view returns (uint96 nonce, address operator, address token0, address token1, uint24 fee, int24 tickLower, int24 tickUpper, uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128, uint128 tokensOwed0, uint128 tokensOwed1)",
  "function decreaseLiquidity(tuple(uint256 tokenId, uint128 liquidity, uint256 amount0Min, uint256 amount1Min, uint256 deadline) params)",
  "function increaseLiquidity(tuple(uint256 tokenId, uint256 amount0Desired, uint256 amount1Desired, uint256 amount0Min, uint256 amount1Min, uint256 deadline) params)",
  "function collect(tuple(uint256 tokenId, address recipient, uint128 amount0Max, uint128 amount1Max) params)",
  "function multicall(bytes[] data)",
]);

interface Range {
  readonly id: bigint;
  /** With all of it there. */
  readonly full: bigint;
  /** Roots of the pair's price. */
  readonly lower: number;
  readonly upper: number;
  now: bigint;
}

/** Who provides the pool's liquidity: takes part of it away where the market is wild, and brings it back. */
export class LiquidityProvider {
  private readonly chain: Chain;
  private readonly manager: string;
  private readonly market: Market;
  private readonly owner: string;
  private readonly ranges: readonly Range[];
  private share = 1;

  private constructor(
    chain: Chain,
    market: Market,
    who: { readonly owner: string; readonly manager: string; readonly ranges: readonly Range[] },
  ) {
    this.chain = chain;
    this.market = market;
    this.owner = who.owner;
    this.manager = who.manager;
    this.ranges = who.ranges;
  }

  /** Takes over all positions that the owner has; it must have let the position manager spend its tokens. */
  static async create(
    chain: Chain,
    { positionManager }: Pick<UniswapV3, "positionManager">,
    market: Market,
    owner: string,
  ): Promise<LiquidityProvider> {
    const manager = addressOf(positionManager);
    const read = async (view: string, ...args: readonly unknown[]) =>
      MANAGER.decodeFunctionResult(
        view,
        await chain.call(manager, MANAGER.encodeFunctionData(view, [...args])),
      );
    const count = Number((await read("balanceOf", owner))[0]);
    const ranges: Range[] = [];
    for (let i = 0; i < count; ++i) {
      const id = (await read("tokenOfOwnerByIndex", owner, i))[0] as bigint;
      const position = await read("positions", id);
      const roots = [position.getValue("tickLower"), position.getValue("tickUpper")].map((tick) =>
        rootAtTick(Number(tick), market.pool.baseIsToken0),
      );
      const liquidity = position.getValue("liquidity") as bigint;
      ranges.push({
        id,
        full: liquidity,
        now: liquidity,
        lower: Math.min(...roots),
        upper: Math.max(...roots),
      });
    }
    return new LiquidityProvider(chain, market, { owner, manager, ranges });
  }

  /** Brings the pool's liquidity to a share of all of it, from 0 to 1; small changes wait until they add up. */
  async follow(wanted: number): Promise<void> {
    const isSmall = Math.abs(wanted / this.share - 1) < STEP;
    if (wanted === this.share || (isSmall && wanted !== 1)) return;
    const calls = this.ranges.flatMap((range) => this.callsTo(range, wanted));
    this.share = wanted;
    if (calls.length === 0) return;
    await this.chain.send(this.owner, this.manager, MANAGER.encodeFunctionData("multicall", [calls]));
    await this.market.refresh();
  }

  private callsTo(range: Range, wanted: number): readonly string[] {
    const target = (range.full * BigInt(Math.round(wanted * 1e9))) / 1_000_000_000n;
    const change = target - range.now;
    range.now = target;
    if (change === 0n) return [];
    return change < 0n ? this.withdraw(range.id, -change) : [this.add(range, change)];
  }

  private withdraw(tokenId: bigint, liquidity: bigint): readonly string[] {
    const limits = { amount0Min: 0n, amount1Min: 0n, deadline: FOREVER };
    return [
      MANAGER.encodeFunctionData("decreaseLiquidity", [{ tokenId, liquidity, ...limits }]),
      MANAGER.encodeFunctionData("collect", [
        { tokenId, recipient: this.owner, amount0Max: MOST_AMOUNT, amount1Max: MOST_AMOUNT },
      ]),
    ];
  }

  private add({ id, lower, upper }: Range, liquidity: bigint): string {
    const { root } = this.market.state;
    const { loan, collateral } = amountsInRange(Number(liquidity), root, lower, upper);
    const [base, quote] = [collateral, loan].map((amount) => BigInt(Math.ceil(amount * (1 + MARGIN)) + 1));
    const [amount0Desired, amount1Desired] = this.market.pool.baseIsToken0 ? [base, quote] : [quote, base];
    return MANAGER.encodeFunctionData("increaseLiquidity", [
      { tokenId: id, amount0Desired, amount1Desired, amount0Min: 0n, amount1Min: 0n, deadline: FOREVER },
    ]);
  }
}

const addressOf = ({ target }: BaseContract): string => String(target);
