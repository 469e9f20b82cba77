/** Expected loss of each way of selling a lot, and of splits: contracts/liquidation/SalePolicy.sol on bigint. */
import { discount } from "./decayCurve.ts";
import { impact, isUnderWater, urgency } from "./directSaleMath.ts";
import { BPS, ceilDiv, lnWad, max, min, mulDivDown, mulDivUp, WAD, zeroFloorSub } from "./math.ts";
import {
  bonusMax,
  bonusMin,
  clearingDiscount,
  deviation,
  directLoss,
  emptyProbability,
  expectedShortfall,
  fillSeconds,
  impactFactor,
  lossVersusFair,
  priceAfterDirect,
  stalePriceLoss,
} from "./riskMath.ts";
import type { SaleTerms } from "./terms.ts";

export const MECHANISMS = ["direct", "dutch", "batch", "backstop"] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/** A split is accepted if it is expected to lose at most this much more than the best single mechanism. */
export const TOLERANCE = 5n * 10n ** 14n;

const WAD_PER_BPS = WAD / BPS;
const LN_2 = 693_147_180_559_945_309n;
const GUARD_HORIZONS = 8n;
const MAX_SECONDS = 10n ** 27n;

/** What a vault's market is like, as in contracts/types/SaleRisk.sol; lists are in the order of `MECHANISMS`. */
export interface RiskInputs {
  readonly volatility: bigint;
  readonly fee: bigint;
  readonly priceMargin: bigint;
  readonly keeperMargin: bigint;
  readonly bidSpread: bigint;
  readonly backstopMargin: bigint;
  readonly forcedLoss: bigint;
  readonly cascade: readonly bigint[];
  readonly gas: readonly bigint[];
  readonly depth: bigint;
  readonly backstopCapacity: bigint;
  readonly bidArrival: bigint;
  readonly blockTime: bigint;
  readonly batchInterval: bigint;
  readonly feedDelay: bigint;
}

/** The lot and its position as they stand. */
export interface Lot {
  readonly inputs: RiskInputs;
  readonly terms: SaleTerms;
  /** Value of the lot at the deciding price, loan units. */
  readonly value: bigint;
  readonly collateralValue: bigint;
  readonly debt: bigint;
  readonly sellsAll: boolean;
  /** Whether there is a reference venue and the oracle's first source decides. */
  readonly isDirectOpen: boolean;
  readonly liquidationLtvBps: bigint;
  /** The sale's age. */
  readonly ownSeconds: bigint;
  /** Live seconds since its clock began. */
  readonly liveSeconds: bigint;
  readonly vaultSeconds: bigint;
  /** Discount of the clock's price from the deciding one, WAD. */
  readonly discount: bigint;
  /** Price of one gas unit, loan units x 1e18. */
  readonly gasPrice: bigint;
  readonly timestamp: bigint;
  readonly hasBatches: boolean;
  readonly hasBackstop: boolean;
}

export interface Assessment {
  readonly feasible: boolean;
  readonly mechanismLoss: bigint;
  readonly waiting: bigint;
  readonly gas: bigint;
  readonly cascade: bigint;
  readonly total: bigint;
  readonly time: bigint;
}

type Sale = Pick<Assessment, "feasible" | "mechanismLoss" | "time">;

const blockSeconds = (lot: Lot): bigint => lot.inputs.blockTime * 10n ** 15n;
const mostDiscount = (lot: Lot): bigint => lot.terms.maxDiscountBps * WAD_PER_BPS;
const hold = (lot: Lot): bigint => lot.terms.holdBps * WAD_PER_BPS;

function gasShare(lot: Lot, mechanism: Mechanism): bigint {
  const gas = lot.inputs.gas[MECHANISMS.indexOf(mechanism)] ?? 0n;
  return ceilDiv(gas * lot.gasPrice, lot.value);
}

/** F1, within F5. */
function sellDirect(lot: Lot): Sale {
  const { inputs } = lot;
  const mechanismLoss = min(WAD, directLoss(lot.value, inputs.depth, inputs.fee) + inputs.priceMargin);
  const isAllowed = lot.isDirectOpen && isWithinImpact(lot);
  const feasible = isAllowed && (lot.sellsAll || isNotToxic(lot, mechanismLoss));
  return { feasible, mechanismLoss, time: blockSeconds(lot) };
}

function isWithinImpact({
  inputs,
  terms,
  value,
  collateralValue,
  debt,
  liquidationLtvBps,
  liveSeconds,
}: Lot): boolean {
  const isYoung = liveSeconds < terms.halfLife;
  if (isYoung && isUnderWater(debt, collateralValue, liquidationLtvBps)) return false;
  const most = impact(terms, urgency(debt, collateralValue, liquidationLtvBps, terms.maxDiscountBps));
  return priceAfterDirect(value, inputs.depth) >= WAD - most;
}

function isNotToxic(lot: Lot, loss: bigint): boolean {
  const ltv = max(1n, mulDivUp(lot.debt, WAD, lot.collateralValue));
  const factor = impactFactor(lot.collateralValue, lot.inputs.depth);
  return bonusMin(loss, gasShare(lot, "direct")) <= bonusMax(ltv, factor);
}

/** F2 from the discount that takers want, F4 while it is not there yet. */
function sellDutch(lot: Lot): Sale {
  const { inputs, terms } = lot;
  const slice = min(lot.value, terms.lot);
  const wanted = directLoss(slice, inputs.depth, inputs.fee) + inputs.keeperMargin;
  const most = mostDiscount(lot);
  if (wanted >= most) {
    return {
      feasible: false,
      mechanismLoss: most,
      time: zeroFloorSub(terms.horizon, lot.ownSeconds) * WAD,
    };
  }
  const isHeld = wanted <= hold(lot);
  const decayRate = max(1n, ((most - wanted) * LN_2) / (terms.halfLife * (WAD - wanted)));
  const missing = zeroFloorSub(wanted, lot.discount);
  const loss =
    max(wanted, lot.discount) +
    lossVersusFair(decayRate, inputs.volatility, blockSeconds(lot)) +
    stalePriceLoss(missing, deviation(inputs.volatility, inputs.feedDelay * WAD));

  const guarded = zeroFloorSub(lot.ownSeconds, GUARD_HORIZONS * terms.horizon);
  const progress = isHeld ? lot.ownSeconds : min(lot.ownSeconds, max(lot.vaultSeconds, guarded));
  const ratio = ((most + terms.startPremiumBps * WAD_PER_BPS) * WAD) / (most - wanted);
  const toWanted = (terms.halfLife * lnWad(ratio) * WAD) / LN_2;
  const first = missing === 0n ? 0n : zeroFloorSub(toWanted, progress * WAD);
  const pace = isHeld ? blockSeconds(lot) : terms.horizon * WAD;
  // A sale younger than a half-life gives no discount that lenders would pay for.
  const covering = mulDivUp(lot.debt * (BPS + terms.penaltyBps), WAD, lot.collateralValue * BPS);
  const waits = wanted > zeroFloorSub(WAD, covering);
  const young = waits ? zeroFloorSub(terms.halfLife, lot.liveSeconds) * WAD : 0n;
  return {
    feasible: true,
    mechanismLoss: min(loss, most),
    time:
      max(first, young) +
      fillSeconds(0n, decayRate, inputs.volatility, blockSeconds(lot)) +
      mulDivUp(lot.value - slice, pace, 2n * terms.lot),
  };
}

/** F10, bounded by the clock at the boundary; what bidders leave falls back to the clock. */
function sellBatch(lot: Lot): Sale {
  const { inputs, terms } = lot;
  const toBoundary = inputs.batchInterval - (lot.timestamp % inputs.batchInterval);
  const vaultSeconds = min(lot.vaultSeconds + toBoundary, terms.horizon);
  const atClock = discount(terms, lot.ownSeconds + toBoundary, vaultSeconds);
  const isFirst = lot.ownSeconds < inputs.batchInterval;
  const bound = max(0n, isFirst ? min(atClock, hold(lot)) : atClock);
  const spread = min(inputs.bidSpread, bound);
  const bids = (inputs.bidArrival * inputs.batchInterval * spread) / inputs.bidSpread;
  const lots = mulDivUp(lot.value, WAD, terms.lot);
  const somebody = WAD - emptyProbability(bids);
  const filled = bids < lots ? mulDivDown(somebody, bids, lots) : somebody;
  const clock = sellDutch(lot);
  const left = WAD - filled;
  return {
    feasible: bound !== 0n && filled !== 0n && lot.hasBatches,
    mechanismLoss: ceilDiv(clearingDiscount(spread, lots, bids) * filled + clock.mechanismLoss * left, WAD),
    time: toBoundary * WAD + ceilDiv(clock.time * left, WAD),
  };
}

/** At the clock's own end, whatever others bought. */
function sellToBackstop(lot: Lot): Sale {
  const wait = zeroFloorSub(lot.terms.horizon, lot.liveSeconds);
  const own = lot.ownSeconds + wait;
  return {
    feasible: lot.value <= lot.inputs.backstopCapacity && lot.hasBackstop,
    mechanismLoss: max(0n, discount(lot.terms, own, own)) + lot.inputs.backstopMargin,
    time: wait * WAD + blockSeconds(lot),
  };
}

const SELL: Readonly<Record<Mechanism, (lot: Lot) => Sale>> = {
  direct: sellDirect,
  dutch: sellDutch,
  batch: sellBatch,
  backstop: sellToBackstop,
};

/** F14: the mechanism's loss, waiting, gas, and what others are forced to sell. */
export function assess(lot: Lot, mechanism: Mechanism): Assessment {
  const sale = SELL[mechanism](lot);
  const { inputs } = lot;
  let waiting = 0n;
  if (lot.debt !== 0n) {
    const coverage = mulDivDown(lot.collateralValue, zeroFloorSub(WAD, sale.mechanismLoss), lot.debt);
    const until = deviation(inputs.volatility, min(sale.time, MAX_SECONDS));
    const shortfall = zeroFloorSub(expectedShortfall(until, coverage), zeroFloorSub(WAD, coverage));
    waiting = mulDivUp(shortfall, lot.debt, lot.value);
  }
  const gas = gasShare(lot, mechanism);
  const cascade = mulDivUp(inputs.cascade[MECHANISMS.indexOf(mechanism)] ?? 0n, inputs.forcedLoss, WAD);
  return { ...sale, waiting, gas, cascade, total: sale.mechanismLoss + waiting + gas + cascade };
}

/** Every mechanism, and the best: of those that can be done the one that loses least, the faster one of equals. */
export function recommend(lot: Lot): { assessments: readonly Assessment[]; best: Mechanism } {
  const assessments = MECHANISMS.map((mechanism) => assess(lot, mechanism));
  let best: number | undefined;
  for (const [i, candidate] of assessments.entries()) {
    if (!candidate.feasible) continue;
    const leader = best === undefined ? undefined : assessments[best];
    const isBetter =
      leader === undefined ||
      candidate.total < leader.total ||
      (candidate.total === leader.total && candidate.time < leader.time);
    if (isBetter) best = i;
  }
  return { assessments, best: MECHANISMS[best ?? 1] ?? "dutch" };
}

/** A split; the direct part comes first, the rest waits on a position that is smaller by it. */
export function evaluate(lot: Lot, shares: readonly bigint[]): Assessment {
  const sum = { mechanismLoss: 0n, waiting: 0n, gas: 0n, cascade: 0n, time: 0n };
  let feasible = true;
  let state = lot;
  let rest = lot.value;
  for (const [i, mechanism] of MECHANISMS.entries()) {
    const share = shares[i] ?? 0n;
    if (share === 0n) continue;
    state = { ...state, value: max(1n, mulDivDown(lot.value, share, WAD)) };
    const whole = assess(state, mechanism);
    const part = { ...whole, waiting: mulDivUp(whole.waiting, state.value, i === 0 ? state.value : rest) };
    feasible &&= part.feasible;
    for (const term of ["mechanismLoss", "waiting", "gas", "cascade", "time"] as const) {
      sum[term] += mulDivUp(part[term], share, WAD);
    }
    if (i !== 0) continue;
    const proceeds = mulDivDown(state.value, zeroFloorSub(WAD, part.mechanismLoss), WAD);
    rest = lot.value - min(lot.value - 1n, state.value);
    state = {
      ...state,
      debt: zeroFloorSub(state.debt, (proceeds * BPS) / (BPS + lot.terms.penaltyBps)),
      collateralValue: zeroFloorSub(state.collateralValue, state.value),
    };
  }
  return { ...sum, feasible, total: sum.mechanismLoss + sum.waiting + sum.gas + sum.cascade };
}

/** Whether a split can be done and is expected to lose at most `TOLERANCE` more than the best single mechanism. */
export function isAcceptable(lot: Lot, shares: readonly bigint[]): boolean {
  const { assessments, best } = recommend(lot);
  const split = evaluate(lot, shares);
  const single = assessments[MECHANISMS.indexOf(best)]?.total ?? 0n;
  return split.feasible && split.total <= single + TOLERANCE;
}
