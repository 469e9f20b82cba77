/** Expected losses of each way of selling a lot: contracts/libraries/RiskMath.sol on bigint, to the last digit. */
import { ceilDiv, clamp, expWad, lnWad, max, min, mulDivUp, WAD, zeroFloorSub } from "./math.ts";

/** Most by which `normalCdf` is off on either side. */
export const CDF_ERROR = 50n;
/** Collateral over debt above this counts as this. */
export const MAX_COVERAGE = 100n * WAD;

const INVERSE_SQRT_2_PI = 398_942_280_401_432_678n;
const MAX_DEVIATIONS = 9n * WAD;

/** Hart et al. (1968), algorithm 5666; highest power first. */
const NUMERATOR = [
  35_262_496_599_891_100n,
  700_383_064_443_688_000n,
  6_373_962_203_531_650_000n,
  33_912_866_078_383_000_000n,
  112_079_291_497_871_000_000n,
  221_213_596_169_931_000_000n,
  220_206_867_912_376_000_000n,
];
const DENOMINATOR = [
  88_388_347_648_318_400n,
  1_755_667_163_182_640_000n,
  16_064_177_579_207_000_000n,
  86_780_732_202_946_100_000n,
  296_564_248_779_674_000_000n,
  637_333_633_378_831_000_000n,
  793_826_512_519_948_000_000n,
  440_413_735_824_752_000_000n,
];

const mulUp = (a: bigint, b: bigint): bigint => mulDivUp(a, b, WAD);

const horner = (x: bigint, coefficients: readonly bigint[]): bigint =>
  coefficients.reduce((sum, coefficient) => (sum * x) / WAD + coefficient, 0n);

const expOfHalfSquare = (x: bigint): bigint => expWad(-(x * x) / (2n * WAD));

/** Square root rounded down. */
export function sqrt(x: bigint): bigint {
  if (x === 0n) return 0n;
  let root = 1n << BigInt((x.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Square root rounded up. */
export function sqrtUp(x: bigint): bigint {
  const root = sqrt(x);
  return root * root < x ? root + 1n : root;
}

/** Density of the standard normal distribution, rounded up. */
export function normalPdf(x: bigint): bigint {
  if (x > MAX_DEVIATIONS || x < -MAX_DEVIATIONS) return 1n;
  return mulUp(expOfHalfSquare(x) + 1n, INVERSE_SQRT_2_PI);
}

/** Standard normal distribution, within `CDF_ERROR`. */
export function normalCdf(x: bigint): bigint {
  const isUpper = x > 0n;
  if (x > MAX_DEVIATIONS || x < -MAX_DEVIATIONS) return isUpper ? WAD : 0n;
  const y = isUpper ? x : -x;
  const tail = (expOfHalfSquare(y) * horner(y, NUMERATOR)) / horner(y, DENOMINATOR);
  return isUpper ? WAD - tail : tail;
}

/** F1: share of the value that is lost in the pool, rounded up. */
export function directLoss(value: bigint, depth: bigint, fee: bigint): bigint {
  if (depth === 0n) return WAD;
  return WAD - ((WAD - fee) * depth) / (depth + mulUp(value, WAD - fee));
}

/** F1: the pool's price after the sale over that before, rounded down. */
export function priceAfterDirect(value: bigint, depth: bigint): bigint {
  if (value === 0n) return WAD;
  const ratio = (depth * WAD) / (depth + value);
  return (ratio * ratio) / WAD;
}

/** F2: how far the price asked is under the fair one when it is taken, rounded up. */
export function overshoot(decayRate: bigint, volatility: bigint, blockTime: bigint): bigint {
  const drift = mulUp(decayRate, blockTime);
  const squared = drift * drift + ceilDiv(2n * volatility * volatility * blockTime, WAD);
  return (drift + sqrtUp(squared) + 1n) / 2n;
}

/** F2: loss versus fair, rounded up. */
export function lossVersusFair(decayRate: bigint, volatility: bigint, blockTime: bigint): bigint {
  const over = overshoot(decayRate, volatility, blockTime);
  return mulDivUp(over, WAD, WAD + over);
}

/** F2: expected seconds until the price asked is taken, rounded up. */
export function fillSeconds(
  premium: bigint,
  decayRate: bigint,
  volatility: bigint,
  blockTime: bigint,
): bigint {
  return mulDivUp(premium + overshoot(decayRate, volatility, blockTime), WAD, decayRate);
}

/** F4: loss to the first taker of a price that is a while old, rounded up. */
export function stalePriceLoss(buffer: bigint, deviationOfPrice: bigint): bigint {
  if (deviationOfPrice === 0n) return 0n;
  const ratio = (buffer * WAD) / deviationOfPrice;
  if (ratio > MAX_DEVIATIONS) return 1n;
  const gain = mulUp(deviationOfPrice, normalPdf(ratio));
  return zeroFloorSub(gain, (buffer * zeroFloorSub(normalCdf(-ratio), CDF_ERROR)) / WAD);
}

/** F5: lambda_c, rounded up. */
export function impactFactor(collateralValue: bigint, depth: bigint): bigint {
  return WAD + ceilDiv(2n * collateralValue * WAD, depth);
}

/** F5: bonus under which nobody comes, rounded up. */
export function bonusMin(slippage: bigint, costs: bigint): bigint {
  return mulDivUp(slippage, WAD, WAD - slippage) + costs;
}

/** F5: bonus above which each step leaves the position worse, rounded down towards zero before the 1 is taken off. */
export function bonusMax(ltv: bigint, factor: bigint): bigint {
  return (WAD * WAD) / mulUp(ltv, factor) - WAD;
}

/** F6: s sqrt(tau), rounded up. */
export function deviation(volatility: bigint, time: bigint): bigint {
  return mulUp(volatility, sqrtUp(time * WAD));
}

function distances(deviationOfPrice: bigint, coverage: bigint): [d1: bigint, d2: bigint] {
  const centre = (lnWad(coverage) * WAD) / deviationOfPrice;
  const half = deviationOfPrice / 2n;
  const most = 2n * MAX_DEVIATIONS;
  return [clamp(centre + half, -most, most), clamp(centre - half, -most, most)];
}

/** F6: expected shortfall over the debt, rounded up. */
export function expectedShortfall(deviationOfPrice: bigint, anyCoverage: bigint): bigint {
  const coverage = min(anyCoverage, MAX_COVERAGE);
  const least = zeroFloorSub(WAD, coverage);
  if (deviationOfPrice === 0n || coverage === 0n) return least;
  const [d1, d2] = distances(deviationOfPrice, coverage);
  const lost = normalCdf(-d2) + CDF_ERROR;
  const kept = (coverage * zeroFloorSub(normalCdf(-d1), CDF_ERROR)) / WAD;
  return min(WAD, max(least, zeroFloorSub(lost, kept)));
}

/** F6: what one more second of waiting costs over the debt, rounded up. */
export function hazard(anyCoverage: bigint, volatility: bigint, time: bigint): bigint {
  const coverage = min(anyCoverage, MAX_COVERAGE);
  if (coverage === 0n) return 0n;
  const [d1] = distances(deviation(volatility, time), coverage);
  return ceilDiv(mulUp(coverage, normalPdf(d1)) * volatility, 2n * sqrt(time * WAD));
}

/** F10: expected discount at which a batch clears, rounded up. */
export function clearingDiscount(spread: bigint, lots: bigint, bids: bigint): bigint {
  return lots >= bids ? spread : ceilDiv(spread * (lots + WAD), bids + WAD);
}

/** F10: probability that nobody bids, rounded up. */
export function emptyProbability(bids: bigint): bigint {
  return bids > 42n * WAD ? 1n : min(WAD, expWad(-bids) + 1n);
}
