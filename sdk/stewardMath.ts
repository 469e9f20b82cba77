/** From the market to a vault's parameters: contracts/libraries/StewardMath.sol on bigint, to the last digit. */
import { abs, BPS, ceilDiv, clamp, expWad, lnWad, max, min, mulDivUp, WAD, zeroFloorSub } from "./math.ts";
import { hazard, sqrtUp } from "./riskMath.ts";
import { leastLot, MOST_LOTS } from "./terms.ts";

/** What a steward moves, in the order of the contract's arrays. */
export const PARAMETERS = [
  "liquidationLtv",
  "borrowLtv",
  "startPremium",
  "hold",
  "maxDiscount",
  "targetLtv",
  "halfLife",
  "lot",
  "urgency",
  "stressDepth",
  "borrowCap",
  "maxPositionDebt",
  "policyVolatility",
  "policyDepth",
] as const;

export type Parameter = (typeof PARAMETERS)[number];
export type Values = Readonly<Record<Parameter, bigint>>;

/** One change that a steward made, in the parameter's unit. */
export interface ParameterMove {
  /** Unix seconds. */
  readonly time: number;
  readonly parameter: Parameter;
  readonly from: bigint;
  readonly to: bigint;
  readonly tightens: boolean;
}

/** The governor's bounds of one parameter, in its unit; see contracts/types/Steward.sol. */
export interface Bounds {
  readonly floor: bigint;
  readonly ceiling: bigint;
  /** Seconds. */
  readonly tightDelay: bigint;
  /** Seconds. */
  readonly looseDelay: bigint;
  readonly tightStep: bigint;
  readonly looseStep: bigint;
}

/** Bounds and past of one parameter. */
export interface Dial extends Bounds {
  /** Unix seconds. */
  readonly changedAt: bigint;
  /** Unix seconds; 0 while no looser value is asked for. */
  readonly calmSince: bigint;
  /** What is used up of `tightStep`, in 1/`WHOLE_STEP`. */
  readonly spent: bigint;
}

export type Dials = Readonly<Record<Parameter, Dial>>;

/** The governor's base values that targets depend on. */
export interface StewardBase {
  readonly calmVolatility: bigint;
  readonly wildVolatility: bigint;
  readonly stressVolatility: bigint;
  readonly calmDepth: bigint;
  readonly depthKept: bigint;
  readonly depthKeptStressed: bigint;
  readonly capPerDepth: bigint;
  readonly coverage: bigint;
  readonly exposure: bigint;
  readonly saleLossBps: bigint;
  readonly targetShareBps: bigint;
  readonly targetShareWildBps: bigint;
}

/** The inputs as they count. */
export interface Market {
  readonly volatility: bigint;
  readonly depth: bigint;
  readonly stress: bigint;
  readonly hasVolatility: boolean;
}

/** What a vault says of itself. */
export interface VaultRules {
  readonly maxOracleStepBps: bigint;
  readonly penaltyBps: bigint;
  readonly leastLtvBps: bigint;
  readonly mostLtvBps: bigint;
  readonly keeperMargin: bigint;
  /** Milliseconds. */
  readonly blockTime: bigint;
}

export const MIN_VOLATILITY = 10n ** 12n;
const MAX_VOLATILITY = 10n * WAD;
export const HALF_LIVES = 5n;

const WAD_PER_BPS = WAD / BPS;
const LOT_PER_DEPTH = 750_844_777_407_908n;
const DECAY_FACTOR = 16n * 10n ** 17n;
const LN_2 = 693_147_180_559_945_309n;
const MAX_UINT128 = 2n ** 128n - 1n;

const within = (dial: Bounds, value: bigint): bigint => clamp(value, dial.floor, dial.ceiling);

/** From `calm` to `wild`, rounded towards `wild`. */
const blend = (calm: bigint, wild: bigint, wildness: bigint): bigint =>
  wild < calm ? calm - mulDivUp(calm - wild, wildness, WAD) : calm + mulDivUp(wild - calm, wildness, WAD);

/** The market with what stress makes of it. */
export function figures(market: Market, base: StewardBase) {
  const added = mulDivUp(base.stressVolatility, market.stress, WAD);
  const volatility = clamp(mulDivUp(market.volatility, WAD + added, WAD), MIN_VOLATILITY, MAX_VOLATILITY);
  const taken = mulDivUp(base.depthKept - base.depthKeptStressed, market.stress, WAD);
  const crashDepth = (market.depth * (base.depthKept - taken)) / WAD;
  const depth = max(1n, (crashDepth * WAD) / base.depthKept);
  const above = zeroFloorSub(volatility, base.calmVolatility);
  const wildness = min(WAD, ceilDiv(above * WAD, base.wildVolatility - base.calmVolatility));
  return { volatility, crashDepth, depth, wildness };
}

/** F12, bps, rounded down. */
export function liquidationLtv(
  volatility: bigint,
  depth: bigint,
  base: StewardBase,
  calmLtvBps: bigint,
): bigint {
  const volatilityRatio = mulDivUp(volatility, WAD, base.calmVolatility);
  const depthRatio = sqrtUp(mulDivUp(base.calmDepth, WAD * WAD, depth));
  const exponent = mulDivUp(volatilityRatio, depthRatio, WAD);
  if (exponent <= WAD) return calmLtvBps;
  const logarithm = lnWad((calmLtvBps + base.saleLossBps) * WAD_PER_BPS);
  return zeroFloorSub(expWad((logarithm * exponent) / WAD) / WAD_PER_BPS, base.saleLossBps);
}

/** F3 with F6's hazard, seconds, rounded down; undefined where nothing presses. */
function halfLife(
  wanted: { readonly startPremium: bigint; readonly maxDiscount: bigint },
  volatility: bigint,
  base: StewardBase,
  ceiling: bigint,
  rules: VaultRules,
): bigint | undefined {
  if (rules.blockTime === 0n) return undefined;
  const risk = mulDivUp(hazard(base.coverage, volatility, ceiling * HALF_LIVES * WAD), base.exposure, WAD);
  const premium = wanted.startPremium * WAD_PER_BPS;
  const start = (premium + rules.keeperMargin) * DECAY_FACTOR;
  const pressed = mulDivUp(risk, start, rules.blockTime * 10n ** 33n);
  if (pressed === 0n) return undefined;
  const fall = premium + wanted.maxDiscount * WAD_PER_BPS;
  return (fall * LN_2) / (sqrtUp(pressed * WAD) * WAD);
}

/** What the market asks for, each within its envelope. */
export function targets(market: Market, base: StewardBase, dials: Dials, rules: VaultRules): Values {
  const { volatility, crashDepth, depth, wildness } = figures(market, base);
  const highest = within(
    dials.liquidationLtv,
    liquidationLtv(volatility, depth, base, dials.liquidationLtv.ceiling),
  );
  const ltv = min(highest, rules.leastLtvBps);
  const share = blend(base.targetShareBps, base.targetShareWildBps, wildness);
  const startPremium = dials.startPremium.ceiling;
  const maxDiscount = blend(dials.maxDiscount.floor, dials.maxDiscount.ceiling, wildness);
  const seconds = halfLife({ startPremium, maxDiscount }, volatility, base, dials.halfLife.ceiling, rules);
  const stressDepth = within(dials.stressDepth, crashDepth);
  return {
    liquidationLtv: highest,
    borrowLtv: within(dials.borrowLtv, mostBorrowLtv(ltv, rules.maxOracleStepBps)),
    startPremium,
    hold: blend(dials.hold.floor, dials.hold.ceiling, wildness),
    maxDiscount,
    targetLtv: within(dials.targetLtv, (ltv * share) / BPS),
    halfLife: seconds === undefined ? dials.halfLife.ceiling : within(dials.halfLife, seconds),
    lot: within(dials.lot, (depth * LOT_PER_DEPTH) / WAD),
    urgency: blend(dials.urgency.floor, dials.urgency.ceiling, wildness),
    stressDepth,
    borrowCap: within(dials.borrowCap, (crashDepth * base.capPerDepth) / WAD),
    maxPositionDebt: within(
      dials.maxPositionDebt,
      mostDebt(maxDiscount, rules.penaltyBps, rules.mostLtvBps, stressDepth),
    ),
    policyVolatility: within(dials.policyVolatility, volatility),
    policyDepth: within(dials.policyDepth, depth),
  };
}

/** Whether higher values of a parameter are the tighter ones. */
export const isTighterAbove = (parameter: Parameter): boolean =>
  parameter === "hold" ||
  parameter === "maxDiscount" ||
  parameter === "urgency" ||
  parameter === "policyVolatility";

const towards = (current: bigint, target: bigint, most: bigint): bigint =>
  target > current ? min(target, current + most) : max(target, zeroFloorSub(current, most));

/** One question about a step. */
export interface StepQuery {
  readonly parameter: Parameter;
  readonly current: bigint;
  readonly target: bigint;
  readonly dial: Dial;
  readonly timestamp: bigint;
  readonly mayLoosen: boolean;
  readonly unseen: bigint;
}

/** A whole tightening step, in the unit of `Dial.spent`. */
export const WHOLE_STEP = 2n ** 16n - 1n;
/** A change of one part of a step in so many is urgent. */
const URGENT_PARTS = 4n;

const isFollowing = (dial: Dial, timestamp: bigint): boolean => timestamp < dial.changedAt + dial.tightDelay;

/** Whether a change is at least a quarter of a tightening step. */
export const isUrgent = (current: bigint, next: bigint, { tightStep }: Dial): boolean =>
  abs(next - current) * URGENT_PARTS >= tightStep;

/** What of a parameter's step is used up once it is tightened from one value to another, in 1/`WHOLE_STEP`, rounded up. */
export function spentAfter(current: bigint, next: bigint, dial: Dial, timestamp: bigint): bigint {
  const before = isFollowing(dial, timestamp) ? dial.spent : 0n;
  return min(WHOLE_STEP, before + ceilDiv(abs(next - current) * WHOLE_STEP, dial.tightStep));
}

/** By a step; within the delay by what the changes before have left of it, and not for less than what counts as urgent. */
function tightened({ current, target, dial, timestamp }: StepQuery): bigint {
  if (!isFollowing(dial, timestamp)) return towards(current, target, dial.tightStep);
  const room = dial.tightStep - ceilDiv(dial.tightStep * dial.spent, WHOLE_STEP);
  const next = towards(current, target, room);
  return isUrgent(current, next, dial) ? next : current;
}

/** How far one parameter may go now, and since when it has been calm. */
export function step(query: StepQuery): { readonly next: bigint; readonly calmSince: bigint } {
  const { parameter, dial, timestamp, current, target } = query;
  const isUp = target > current;
  if (target !== current && isUp === isTighterAbove(parameter)) {
    return { next: tightened(query), calmSince: 0n };
  }
  const distance = abs(target - current);
  const isEnd = target === (isUp ? dial.ceiling : dial.floor);
  const isBeyondBand = distance !== 0n && (distance >= dial.looseStep || isEnd);
  if (!isBeyondBand) return { next: current, calmSince: 0n };
  if (!query.mayLoosen) return { next: current, calmSince: dial.calmSince };
  const calmSince = dial.calmSince === 0n ? timestamp : min(dial.calmSince + query.unseen, timestamp);
  const isDue = timestamp >= max(calmSince, dial.changedAt) + dial.looseDelay;
  return { next: isDue ? towards(current, target, dial.looseStep) : current, calmSince };
}

/** Highest borrow LTV an oracle step under `ltvBps`. */
export const mostBorrowLtv = (ltvBps: bigint, maxOracleStepBps: bigint): bigint =>
  (ltvBps * (BPS - maxOracleStepBps)) / BPS;

const mostExposure = (discountBps: bigint, penaltyBps: bigint): bigint =>
  (((BPS - discountBps) * WAD_PER_BPS - 1n) * BPS) / (BPS + penaltyBps);

const roomFor = (discountBps: bigint, penaltyBps: bigint, ltvBps: bigint): bigint =>
  zeroFloorSub(mostExposure(discountBps, penaltyBps), ltvBps * WAD_PER_BPS);

const impactOf = (debt: bigint, depth: bigint): bigint => mulDivUp(2n * debt, WAD, depth);

/** F5: largest debt of one position that the vault's set-up rule bears. */
export const mostDebt = (discountBps: bigint, penaltyBps: bigint, ltvBps: bigint, depth: bigint): bigint =>
  (roomFor(discountBps, penaltyBps, ltvBps) * depth) / (2n * WAD);

function leastDepth(discountBps: bigint, penaltyBps: bigint, ltvBps: bigint, debt: bigint): bigint {
  if (debt === 0n) return 1n;
  const room = roomFor(discountBps, penaltyBps, ltvBps);
  return room === 0n ? MAX_UINT128 : mulDivUp(2n * debt, WAD, room);
}

function mostDiscount(penaltyBps: bigint, ltvBps: bigint, debt: bigint, depth: bigint): bigint {
  const exposure = ltvBps * WAD_PER_BPS + impactOf(debt, depth);
  return zeroFloorSub(BPS, mulDivUp(exposure, BPS + penaltyBps, BPS) / WAD_PER_BPS + 1n);
}

/** What the vault's set-up rules leave of a change, in the order in which the steward writes. */
export function fit(current: Values, stepped: Values, rules: VaultRules): Values {
  const { penaltyBps, leastLtvBps, mostLtvBps } = rules;
  const debt = min(current.maxPositionDebt, stepped.maxPositionDebt);

  let maxDiscount = max(stepped.maxDiscount, min(current.hold, stepped.hold) + 1n);
  if (maxDiscount > current.maxDiscount) {
    const depth = max(current.stressDepth, stepped.stressDepth);
    const most = mostDiscount(penaltyBps, mostLtvBps, debt, depth);
    maxDiscount = clamp(most, current.maxDiscount, maxDiscount);
  }
  const hold = min(stepped.hold, maxDiscount - 1n);
  const targetLtv =
    stepped.targetLtv > current.targetLtv
      ? clamp(leastLtvBps - 1n, current.targetLtv, stepped.targetLtv)
      : stepped.targetLtv;

  const lot = stepped.lot < current.lot ? clamp(leastLot(debt), stepped.lot, current.lot) : stepped.lot;

  const stressDepth =
    stepped.stressDepth < current.stressDepth
      ? clamp(leastDepth(maxDiscount, penaltyBps, mostLtvBps, debt), stepped.stressDepth, current.stressDepth)
      : stepped.stressDepth;

  const before = current.liquidationLtv;
  let ltv = stepped.liquidationLtv;
  if (ltv > before) {
    const room = zeroFloorSub(mostExposure(maxDiscount, penaltyBps), impactOf(debt, stressDepth));
    ltv = clamp(room / WAD_PER_BPS, before, ltv);
  } else if (ltv < before) {
    const borrowLtv = min(current.borrowLtv, stepped.borrowLtv);
    const least = ceilDiv(borrowLtv * BPS, BPS - rules.maxOracleStepBps);
    ltv = clamp(max(least, targetLtv + 1n), ltv, before);
  }
  const isMoved = ltv !== before;
  const lowest = isMoved ? min(ltv, leastLtvBps) : leastLtvBps;
  const highest = isMoved ? max(ltv, mostLtvBps) : mostLtvBps;

  return {
    ...stepped,
    liquidationLtv: ltv,
    maxDiscount,
    hold,
    targetLtv,
    lot,
    stressDepth,
    borrowLtv:
      stepped.borrowLtv > current.borrowLtv
        ? clamp(mostBorrowLtv(lowest, rules.maxOracleStepBps), current.borrowLtv, stepped.borrowLtv)
        : stepped.borrowLtv,
    maxPositionDebt:
      stepped.maxPositionDebt > current.maxPositionDebt
        ? clamp(
            min(mostDebt(maxDiscount, penaltyBps, highest, stressDepth), MOST_LOTS * lot),
            current.maxPositionDebt,
            stepped.maxPositionDebt,
          )
        : stepped.maxPositionDebt,
  };
}
