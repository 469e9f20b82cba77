/**
 * Depth of Uniswap v3 pools: contracts/libraries/DepthMath.sol on bigint, and what the oracle should find in pools whose
 * positions are known.
 */
import { BPS, max, min, WAD } from "./math.ts";
import { sqrt, sqrtUp } from "./riskMath.ts";

export const STEPS = 8;
const FIRST_STEP = 8n;
const WHOLE = 255n;
const MOST_LIQUIDITY = 2n ** 128n - 1n;

/** Liquidity between two ticks. */
export interface Range {
  readonly lower: bigint;
  readonly upper: bigint;
  readonly liquidity: bigint;
}

/** A stretch of time in which a pool's liquidity in range stood still. */
export interface Stretch {
  readonly seconds: bigint;
  readonly liquidity: bigint;
}

/** What one pool was like over one window. */
export interface WindowMean {
  readonly liquidity: bigint;
  readonly tick: bigint;
  /** Least evenness that was seen in it; none where nobody looked. */
  readonly evenness?: bigint;
}

/** A pool in the windows that count, and the lowest shares that were seen in any; none where nobody looked. */
export interface PoolDepth {
  readonly windows: readonly WindowMean[];
  readonly shares?: readonly bigint[];
}

/** Ticks from the price to the end of a step. */
export function stepEnd(step: number): bigint {
  return FIRST_STEP << BigInt(step);
}

/** 1.0001^(-stepEnd / 2), WAD, rounded up. */
const STEP_ENDS = Array.from({ length: STEPS }, (_, step) => {
  const places = 512n;
  const power = powerOfTick(-stepEnd(step) / 2n, places);
  return ((power * WAD) >> places) + 1n;
});

/** 1.0001^exponent with so many binary places. */
function powerOfTick(exponent: bigint, places: bigint): bigint {
  const one = 1n << places;
  let base = exponent < 0n ? (one * 10_000n) / 10_001n : (one * 10_001n) / 10_000n;
  let power = one;
  for (let n = exponent < 0n ? -exponent : exponent; n > 0n; n >>= 1n) {
    if (n & 1n) power = (power * base) >> places;
    base = (base * base) >> places;
  }
  return power;
}

/** Harmonic mean of the liquidity over stretches of time, as a pool remembers it: an empty pool counts as holding 1. */
export function harmonicMean(stretches: readonly Stretch[]): bigint {
  const seconds = stretches.reduce((sum, stretch) => sum + stretch.seconds, 0n);
  const perLiquidity = stretches.reduce(
    (sum, stretch) => sum + (stretch.seconds << 128n) / max(stretch.liquidity, 1n),
    0n,
  );
  return perLiquidity === 0n ? 0n : min((seconds << 128n) / perLiquidity, MOST_LIQUIDITY);
}

/** Tick at or beyond the mean price of a time, downward or upward, from the sum of the ticks over its seconds. */
export function meanTick(moved: bigint, seconds: bigint, upward: boolean): bigint {
  const isWhole = moved % seconds === 0n;
  const floor = moved / seconds - (moved < 0n && !isWhole ? 1n : 0n);
  // A pool's ticks are rounded down.
  return upward ? floor + (isWhole ? 1n : 2n) : floor;
}

/** Virtual reserve of token1, or of token0, at a tick; exact to far more than a unit, rounded down. */
export function reserveAt(liquidity: bigint, tick: bigint, ofToken1: boolean): bigint {
  const places = 256n;
  // The square root of a number with 512 binary places has 256.
  const power = powerOfTick(ofToken1 ? tick : -tick, 2n * places);
  return (liquidity * sqrt(power)) >> places;
}

const liquidityAt = (ranges: readonly Range[], tick: bigint): bigint =>
  ranges.reduce(
    (sum, { lower, upper, liquidity }) => (lower <= tick && tick < upper ? sum + liquidity : sum),
    0n,
  );

/** Least liquidity in each step below the price at a tick, over the mean, in 255ths. */
export function sharesOf(
  ranges: readonly Range[],
  { liquidity, tick }: WindowMean,
  sellsToken0: boolean,
): bigint[] {
  const at = (t: bigint): bigint => liquidityAt(ranges, t);
  let from = tick;
  return Array.from({ length: STEPS }, (_, step) => {
    const to = sellsToken0 ? tick - stepEnd(step) : tick + stepEnd(step) - 1n;
    const ends = ranges.flatMap(({ lower, upper }) => [lower - 1n, lower, upper - 1n, upper]);
    const [low, high] = sellsToken0 ? [to, from] : [from, to];
    const within = [low, high, ...ends].filter((t) => low <= t && t <= high);
    const least = within.map(at).reduce(min, MOST_LIQUIDITY);
    from = to;
    return liquidity === 0n ? 0n : min((least * WHOLE) / liquidity, WHOLE);
  });
}

/** Eight bytes, the nearest step lowest. */
export function packShares(shares: readonly bigint[]): bigint {
  return shares.reduce((packed, share, step) => packed | (share << BigInt(8 * step)), 0n);
}

export function lowerShares(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  return a.map((share, step) => min(share, b[step] ?? 0n));
}

/** What is paid until the price has fallen by so much, over the virtual reserve, WAD, rounded down. */
export function paidShare(shares: readonly bigint[], impactBps: bigint): bigint {
  const last = sqrtUp((BPS - impactBps) * 10n ** 32n);
  let upper = WAD;
  let sum = 0n;
  for (const [step, end] of STEP_ENDS.entries()) {
    const lower = max(end, last);
    if (lower >= upper) break;
    sum += (shares[step] ?? 0n) * (upper - lower);
    upper = end - 1n;
  }
  return sum / WHOLE;
}

/** The fall of the price over which `evenness` is measured. */
const EVEN_IMPACT_BPS = 200n;
const EVEN = 254n;

/** A pool that is whole in one step and empty in all others. */
const onlyStep = (step: number): bigint[] =>
  Array.from({ length: STEPS }, (_, i) => (i === step ? WHOLE : 0n));

/** Liquidity at some tick over the mean, in 255ths, at most 255. */
export function nearOf(
  ranges: readonly Range[],
  { liquidity }: WindowMean,
  ticks: readonly bigint[],
): bigint {
  const most = ticks.map((tick) => liquidityAt(ranges, tick)).reduce(max);
  return liquidity === 0n ? 0n : min((most * WHOLE) / liquidity, WHOLE);
}

/** What is paid until the price has fallen by 2% over what the share at the price would pay all the way, from 1 to 255. */
export function evenness(shares: readonly bigint[], near: bigint): bigint {
  if (near === 0n) return 1n;
  const paid = (counted: readonly bigint[]): bigint =>
    counted.reduce((sum, share, step) => sum + share * paidShare(onlyStep(step), EVEN_IMPACT_BPS), 0n);
  const all = paid(shares.map(() => near));
  return (paid(shares.map((share) => min(share, near))) * EVEN) / all + 1n;
}

/** The least over the windows of what the pools hold together, each as it counts. */
function worst(
  pools: readonly PoolDepth[],
  partOf: (pool: PoolDepth, reserve: bigint, mean: WindowMean) => bigint,
  sellsToken0: boolean,
): bigint {
  const count = Math.max(...pools.map(({ windows }) => windows.length));
  const sums = Array.from({ length: count }, (_, i) =>
    pools.reduce((sum, pool) => {
      const mean = pool.windows[i];
      if (mean === undefined) return sum;
      return sum + partOf(pool, reserveAt(mean.liquidity, mean.tick, sellsToken0), mean);
    }, 0n),
  );
  return sums.reduce(min);
}

/** The pair's depth, rounded down: by evenness where somebody looked, and nothing of a pool at which nobody ever did. */
export function depthOf(pools: readonly PoolDepth[], sellsToken0: boolean): bigint {
  const isSeen = ({ windows }: PoolDepth): boolean => windows.some((mean) => mean.evenness !== undefined);
  return worst(
    pools,
    (pool, reserve, mean) => {
      if (!isSeen(pool)) return 0n;
      return mean.evenness === undefined ? reserve : (reserve * (mean.evenness - 1n)) / EVEN;
    },
    sellsToken0,
  );
}

/** What the pools pay until their price has fallen by so much, rounded down. */
export function sellableOf(pools: readonly PoolDepth[], impactBps: bigint, sellsToken0: boolean): bigint {
  return worst(
    pools,
    ({ shares }, reserve) => (shares === undefined ? 0n : (reserve * paidShare(shares, impactBps)) / WAD),
    sellsToken0,
  );
}
