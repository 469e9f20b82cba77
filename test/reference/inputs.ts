/** Random inputs for the differential tests: the same ones on every run. */
import fc from "fast-check";

import { value } from "../../sdk/saleMath.ts";
import { BPS } from "../../sdk/math.ts";
import type { SaleTerms } from "../../sdk/terms.ts";

export const SEED = 20_260_101;
/** Evaluations that one eth_call carries. */
const BATCH = 500;

/** `count` values of an arbitrary. */
export function sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: SEED });
}

/** Integers from 0 whose number of bits is uniform: small and huge ones alike. */
export function bits(most: number): fc.Arbitrary<bigint> {
  return fc
    .integer({ min: 0, max: most })
    .chain((width) =>
      fc.bigInt({ min: width === 0 ? 0n : 1n << BigInt(width - 1), max: (1n << BigInt(width)) - 1n }),
    );
}

/** Terms over the whole range of their fields. */
export const anyTerms: fc.Arbitrary<SaleTerms> = fc.record({
  startPremiumBps: bits(16),
  holdBps: bits(16),
  maxDiscountBps: bits(16),
  penaltyBps: bits(16),
  targetLtvBps: bits(16),
  halfLife: bits(16),
  horizon: bits(16),
  lot: bits(96),
  impactBps: bits(16),
  urgencyBps: bits(16),
  fallWindow: bits(16),
});

/** Terms such as a vault accepts. */
export const plausibleTerms: fc.Arbitrary<SaleTerms> = fc
  .record({
    startPremiumBps: fc.bigInt(0n, 500n),
    maxDiscountBps: fc.bigInt(100n, 2_000n),
    holdShare: fc.bigInt(0n, 99n),
    penaltyBps: fc.bigInt(0n, 300n),
    targetLtvBps: fc.bigInt(3_000n, 9_000n),
    halfLife: fc.bigInt(10n, 3_600n),
    horizons: fc.bigInt(1n, 10n),
    lot: bits(90),
    impactBps: fc.bigInt(0n, 500n),
    urgencyBps: fc.bigInt(0n, 2_000n),
    fallWindow: fc.bigInt(0n, 600n),
  })
  .map(({ holdShare, horizons, lot, ...terms }) => ({
    ...terms,
    holdBps: (terms.maxDiscountBps * holdShare) / 100n,
    horizon: terms.halfLife * horizons,
    lot: lot + 1n,
  }));

/** Values from 10^least to 10^(most + 1), evenly over the orders of magnitude. */
function magnitudes(least: number, most: number): fc.Arbitrary<bigint> {
  return fc
    .integer({ min: least, max: most })
    .chain((e) => fc.bigInt(10n ** BigInt(e), 10n ** BigInt(e + 1)));
}

/** An unhealthy position, one loan unit over its limit or far beyond, and a sale price inside its terms' band. */
export const unhealthyPosition = fc
  .record({
    liquidationLtvBps: fc.bigInt(3_000n, 9_500n),
    targetShare: fc.bigInt(50n, 97n),
    penaltyBps: fc.bigInt(0n, 300n),
    discountBps: fc.bigInt(-500n, 2_000n),
    collateral: magnitudes(0, 27),
    deciding: magnitudes(15, 45),
    excessBps: fc.oneof(fc.constant(0n), fc.bigInt(0n, 10_000n)),
    minDebt: fc.oneof(fc.constant(0n), fc.bigInt(0n, 10n ** 10n)),
  })
  .map(
    ({
      liquidationLtvBps,
      targetShare,
      penaltyBps,
      discountBps,
      collateral,
      deciding,
      excessBps,
      minDebt,
    }) => {
      const most = (value(collateral, deciding) * liquidationLtvBps) / BPS;
      return {
        liquidationLtvBps,
        collateral,
        deciding,
        minDebt,
        price: (deciding * (BPS - discountBps)) / BPS,
        debt: most + (most * excessBps) / BPS + 1n,
        terms: { penaltyBps, targetLtvBps: (liquidationLtvBps * targetShare) / 100n },
      };
    },
  );

/** Splits a list so that one call's gas and data stay small. */
export function* batches<T>(items: readonly T[]): Generator<T[]> {
  for (let i = 0; i < items.length; i += BATCH) yield items.slice(i, i + BATCH);
}
