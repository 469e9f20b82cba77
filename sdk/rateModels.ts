/** Borrow rates: contracts/rates/ on bigint. All WAD; rates per second. */
import { abs, clamp, expWad, lnWad, min, WAD } from "./math.ts";

/** What a rate model answers: the rate to compound over the interval, and the state to pass next time. */
export interface RateAnswer {
  readonly rate: bigint;
  readonly state: bigint;
}

/** A rate model as the vault sees it. */
export type RateModel = (state: bigint, utilisation: bigint, dt: bigint) => RateAnswer;

export interface AdaptiveRateConfig {
  readonly targetUtilisation: bigint;
  readonly steepness: bigint;
  readonly speed: bigint;
  readonly initialRateAtTarget: bigint;
  readonly minRateAtTarget: bigint;
  readonly maxRateAtTarget: bigint;
}

export interface KinkedRateConfig {
  readonly base: bigint;
  readonly slope1: bigint;
  readonly slope2: bigint;
  readonly kink: bigint;
}

const MAX_SECONDS = 2n ** 40n;
const MAX_EXPONENT = 40n * WAD;
const SERIES_EXPONENT = 10n ** 12n;

/** AdaptiveRateModel: a curve through a rate at target that climbs or sinks with utilisation's distance from target. */
export function adaptiveRateModel(config: AdaptiveRateConfig): RateModel {
  return (state, utilisation, dt) => {
    const distance = utilisationError(config, utilisation);
    const exponent = (config.speed * distance * min(dt, MAX_SECONDS)) / WAD;
    const start =
      state === 0n
        ? config.initialRateAtTarget
        : clamp(state, config.minRateAtTarget, config.maxRateAtTarget);
    const { average, end } = moveRate(config, start, exponent);
    return { rate: (average * curve(config, distance)) / (WAD * WAD), state: end };
  };
}

/** KinkedRateModel: two straight lines that meet at the kink. */
export function kinkedRateModel(config: KinkedRateConfig): RateModel {
  return (_state, utilisation) => {
    const u = min(utilisation, WAD);
    const rate =
      u <= config.kink
        ? config.base + (config.slope1 * u) / config.kink
        : config.base + config.slope1 + (config.slope2 * (u - config.kink)) / (WAD - config.kink);
    return { rate, state: rate };
  };
}

/** Distance from target as a share of the room on that side, -1 to 1. */
function utilisationError(config: AdaptiveRateConfig, utilisation: bigint): bigint {
  if (utilisation >= WAD) return WAD;
  const distance = utilisation - config.targetUtilisation;
  return (distance * WAD) / (distance > 0n ? WAD - config.targetUtilisation : config.targetUtilisation);
}

/** What the curve multiplies the rate at target by. */
function curve(config: AdaptiveRateConfig, distance: bigint): bigint {
  const slope = distance > 0n ? config.steepness - WAD : WAD - (WAD * WAD) / config.steepness;
  return WAD + (slope * distance) / WAD;
}

/** Moves the rate at target by e^exponent between its bounds; the average is in units of 1e-18 of a rate. */
function moveRate(
  config: AdaptiveRateConfig,
  start: bigint,
  exponent: bigint,
): { average: bigint; end: bigint } {
  const { minRateAtTarget: least, maxRateAtTarget: most } = config;
  const factor = expWad(clamp(exponent, -MAX_EXPONENT, MAX_EXPONENT));
  const unbounded = (start * factor + WAD / 2n) / WAD;
  if (unbounded >= least && unbounded <= most) {
    return { average: clamp(start * meanFactor(exponent, factor), least * WAD, most * WAD), end: unbounded };
  }
  const end = unbounded > most ? most : least;
  const toBound = (end * WAD) / start;
  const moving = lnWad(toBound);
  return {
    average: (start * meanFactor(moving, toBound) * moving + end * WAD * (exponent - moving)) / exponent,
    end,
  };
}

/** (e^s - 1) / s: average of e^t while t goes from 0 to s. */
function meanFactor(exponent: bigint, factor: bigint): bigint {
  if (abs(exponent) < SERIES_EXPONENT) return WAD + exponent / 2n + (exponent * exponent) / (6n * WAD);
  return ((factor - WAD) * WAD) / exponent;
}
