import { inspect } from "node:util";

import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { BPS, max, min, mulDivUp, WAD } from "../../sdk/math.ts";
import {
  type Bounds,
  type Dial,
  type Dials,
  fit,
  isTighterAbove,
  isUrgent,
  type Market,
  type Parameter,
  PARAMETERS,
  spentAfter,
  step,
  type StepQuery,
  type StewardBase,
  targets,
  type Values,
  type VaultRules,
  WHOLE_STEP,
} from "../../sdk/stewardMath.ts";
import { MOST_LOTS } from "../../sdk/terms.ts";
import { bits, sample } from "./inputs.ts";

const { ethers } = await network.create();

const CAP = 2n ** 95n;
/** Ranges that `RiskSteward.configure` admits. */
const ADMITTED: Readonly<Record<Parameter, readonly [bigint, bigint]>> = {
  liquidationLtv: [2n, 9_000n],
  borrowLtv: [1n, BPS],
  startPremium: [0n, 2_000n],
  hold: [0n, 5_000n],
  maxDiscount: [1n, 5_000n],
  targetLtv: [1n, BPS],
  halfLife: [1n, 1_440n],
  lot: [1n, 2n ** 96n - 1n],
  urgency: [0n, 5_000n],
  stressDepth: [1n, 2n ** 96n - 1n],
  borrowCap: [0n, CAP],
  maxPositionDebt: [0n, CAP],
  policyVolatility: [10n ** 12n, 5n * 10n ** 16n],
  policyDepth: [1n, 2n ** 96n - 1n],
};

/** Of any magnitude between two bounds. */
const between = (least: bigint, most: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt(least, most),
    bits(most.toString(2).length - 1).map((x) => max(least, x)),
  );

const anyBounds = (parameter: Parameter): fc.Arbitrary<Bounds> => {
  const [least, most] = ADMITTED[parameter];
  return fc
    .tuple(between(least, most), between(least, most), bits(20), bits(20), bits(88), bits(88))
    .map(([a, b, delay, more, tightStep, looseStep]) => ({
      floor: min(a, b),
      ceiling: max(a, b),
      tightDelay: delay,
      looseDelay: delay + more,
      tightStep: max(1n, tightStep),
      looseStep: max(1n, looseStep),
    }));
};

const START = 1_800_000_000n;
const anyDial = (parameter: Parameter): fc.Arbitrary<Dial> =>
  fc
    .tuple(
      anyBounds(parameter),
      bits(20),
      fc.oneof(
        fc.constant(0n),
        bits(20).map((x) => START - x),
      ),
      fc.oneof(fc.constantFrom(0n, WHOLE_STEP), fc.bigInt(0n, WHOLE_STEP)),
    )
    .map(([bounds, ago, calmSince, spent]) => ({ ...bounds, changedAt: START - ago, calmSince, spent }));

const anyDials = fc.record(
  Object.fromEntries(PARAMETERS.map((parameter) => [parameter, anyDial(parameter)])) as Readonly<
    Record<Parameter, fc.Arbitrary<Dial>>
  >,
) as fc.Arbitrary<Dials>;

const anyBase: fc.Arbitrary<StewardBase> = fc
  .tuple(
    fc.record({
      calmVolatility: between(10n ** 12n, 4n * 10n ** 16n),
      stressVolatility: between(0n, 10n * WAD),
      calmDepth: between(1n, 2n ** 128n - 1n),
      depthKept: between(10n ** 15n, WAD),
      capPerDepth: bits(64),
      coverage: between(WAD / 2n, 10n * WAD),
      exposure: between(0n, 10n * WAD),
      saleLossBps: between(0n, 999n),
      targetShareBps: between(1n, BPS),
    }),
    fc.bigInt(1n, 10n ** 16n),
    fc.bigInt(0n, WAD),
    fc.bigInt(1n, BPS),
  )
  .map(([base, span, stressed, wild]) => ({
    ...base,
    wildVolatility: base.calmVolatility + span,
    depthKeptStressed: (base.depthKept * stressed) / WAD,
    targetShareWildBps: min(base.targetShareBps, wild),
  }));

const anyMarket: fc.Arbitrary<Market> = fc.record({
  volatility: bits(64),
  depth: bits(128),
  stress: fc.bigInt(0n, WAD),
  hasVolatility: fc.boolean(),
});

/** The set-up rules' own form, as the vault checks them. */
function isSound(values: Values, rules: VaultRules): boolean {
  const exposure =
    rules.mostLtvBps * (WAD / BPS) + mulDivUp(2n * values.maxPositionDebt, WAD, values.stressDepth);
  const left = mulDivUp(exposure, BPS + rules.penaltyBps, BPS);
  return (
    values.borrowLtv * BPS <= rules.leastLtvBps * (BPS - rules.maxOracleStepBps) &&
    values.targetLtv < rules.leastLtvBps &&
    values.hold < values.maxDiscount &&
    values.maxPositionDebt <= values.lot * MOST_LOTS &&
    left < (BPS - values.maxDiscount) * (WAD / BPS)
  );
}

const anyRules: fc.Arbitrary<VaultRules> = fc
  .record({
    maxOracleStepBps: fc.bigInt(1n, 2_000n),
    penaltyBps: fc.bigInt(0n, 500n),
    leastLtvBps: fc.bigInt(1_000n, 8_800n),
    mostLtvBps: fc.bigInt(1_000n, 8_800n),
    keeperMargin: between(0n, WAD / 5n),
    blockTime: fc.oneof(fc.constant(0n), fc.bigInt(50n, 60_000n)),
  })
  .map((rules) => ({ ...rules, mostLtvBps: max(rules.leastLtvBps, rules.mostLtvBps) }));

/** Values in the ranges of their parameters, near enough to each other for the set-up rules to bind now and then. */
const anyValues = fc.record({
  liquidationLtv: fc.bigInt(1_000n, 8_900n),
  borrowLtv: fc.bigInt(1n, 8_900n),
  startPremium: fc.bigInt(0n, 2_000n),
  hold: fc.bigInt(0n, 1_500n),
  maxDiscount: fc.bigInt(1n, 2_500n),
  targetLtv: fc.bigInt(1n, 8_900n),
  halfLife: fc.bigInt(1n, 1_440n),
  lot: bits(96).map((x) => max(1n, x)),
  urgency: fc.bigInt(0n, 5_000n),
  stressDepth: fc.bigInt(10n ** 9n, 10n ** 12n),
  borrowCap: bits(95),
  maxPositionDebt: fc.bigInt(0n, 10n ** 11n),
  policyVolatility: fc.bigInt(10n ** 12n, 5n * 10n ** 16n),
  policyDepth: bits(96).map((x) => max(1n, x)),
}) as fc.Arbitrary<Values>;

const list = (values: Values): bigint[] => PARAMETERS.map((parameter) => values[parameter]);
const ZERO = {
  feed: ethers.ZeroAddress,
  notice: 0n,
  rampDuration: 0n,
  maxInputAge: 0n,
  maxGap: 0n,
};

/** A question takes up to 4 kB: as many as a call can carry. */
const BATCH = 100;

/** Feeds the same inputs to the contract, many a call, and to the model; both must give the same integers. */
async function expectSame<I>(
  inputs: readonly I[],
  contract: (inputs: I[]) => Promise<readonly (readonly bigint[])[]>,
  model: (input: I) => readonly bigint[],
): Promise<void> {
  for (let from = 0; from < inputs.length; from += BATCH) {
    const batch = inputs.slice(from, from + BATCH);
    const results = await contract(batch);
    for (const [i, input] of batch.entries()) {
      expect([...(results[i] ?? [])], inspect(input, { depth: 4 })).to.deep.equal(model(input));
    }
  }
}

describe("Reference: the steward against its bigint form", () => {
  const deploy = () => ethers.deployContract("StewardMathHarness");

  it("gives the same targets, within the envelope, for any market, base and bounds", async () => {
    const harness = await deploy();
    const queries = sample(fc.tuple(anyMarket, anyBase, anyDials, anyRules), 1_500);
    await expectSame(
      queries,
      (batch) =>
        harness.targets(
          batch.map(([market, base, dials, rules]) => ({
            market: { ...market, hasDepth: true, hasStress: true, hasPrice: true },
            config: { ...base, ...ZERO },
            dials: PARAMETERS.map((parameter) => dials[parameter]) as never,
            rules,
          })),
        ),
      ([market, base, dials, rules]) => list(targets(market, base, dials, rules)),
    );
    for (const [market, base, dials, rules] of queries) {
      const wanted = targets(market, base, dials, rules);
      for (const parameter of PARAMETERS) {
        expect(wanted[parameter] >= dials[parameter].floor, parameter).to.equal(true);
        expect(wanted[parameter] <= dials[parameter].ceiling, parameter).to.equal(true);
      }
    }
  });

  it("asks for nothing looser in a market that is worse", () => {
    for (const [market, base, dials, rules, more] of sample(
      fc.tuple(anyMarket, anyBase, anyDials, anyRules, bits(63)),
      1_500,
    )) {
      const worse = {
        ...market,
        volatility: market.volatility + more,
        depth: market.depth / 2n,
        stress: (market.stress + WAD) / 2n,
      };
      const before = targets(market, base, dials, rules);
      const after = targets(worse, base, dials, rules);
      for (const parameter of PARAMETERS) {
        // Faster for the risk, slower for the deeper discount and the smaller premium: F3 weighs them.
        if (parameter === "halfLife") continue;
        const isTighter = isTighterAbove(parameter)
          ? after[parameter] >= before[parameter]
          : after[parameter] <= before[parameter];
        expect(isTighter, `${parameter} ${before[parameter]} ${after[parameter]}`).to.equal(true);
      }
    }
  });

  it("gives the same step, never beyond its bound, its target or what its delay leaves", async () => {
    const harness = await deploy();
    const anyStep: fc.Arbitrary<StepQuery> = fc.constantFrom(...PARAMETERS).chain((parameter) =>
      fc.record({
        parameter: fc.constant(parameter),
        current: between(...ADMITTED[parameter]),
        target: between(...ADMITTED[parameter]),
        dial: anyDial(parameter),
        timestamp: bits(21).map((x) => START + x),
        mayLoosen: fc.boolean(),
        unseen: fc.oneof(fc.constant(0n), bits(21)),
      }),
    );
    const queries = sample(anyStep, 6_000);
    await expectSame(
      queries,
      (batch) =>
        harness.step(
          batch.map((query) => ({ ...query, parameter: BigInt(PARAMETERS.indexOf(query.parameter)) })),
        ),
      (query) => {
        const { next, calmSince } = step(query);
        const { current, dial, timestamp } = query;
        const spent = spentAfter(current, next, dial, timestamp);
        return [next, calmSince, spent, isUrgent(current, next, dial) ? 1n : 0n];
      },
    );
    let [moves, followed] = [0, 0];
    for (const query of queries) {
      const { next } = step(query);
      if (next === query.current) continue;
      ++moves;
      const { dial, current, target, timestamp } = query;
      const isTightening = next > current === isTighterAbove(query.parameter);
      const most = isTightening ? dial.tightStep : dial.looseStep;
      expect(max(next, current) - min(next, current) <= most).to.equal(true);
      expect(target > current ? next <= target : next >= target).to.equal(true);
      expect(isTightening || query.mayLoosen).to.equal(true);
      const delay = isTightening ? dial.tightDelay : dial.looseDelay;
      if (timestamp - dial.changedAt >= delay) continue;
      // Within its delay a parameter is tightened only, by a quarter of a step at least, and never by more than is left of one.
      ++followed;
      expect(isTightening && isUrgent(current, next, dial)).to.equal(true);
      const moved = max(next, current) - min(next, current);
      expect(moved * WHOLE_STEP + dial.tightStep * dial.spent <= dial.tightStep * WHOLE_STEP).to.equal(true);
    }
    expect(moves).to.be.greaterThan(500);
    expect(followed).to.be.greaterThan(50);
  });

  it("gives the same fit; each write is sound when its turn comes, and lies between what is and what was asked", async () => {
    const harness = await deploy();
    const queries = sample(fc.tuple(anyValues, anyValues, anyRules), 20_000)
      .map(([any, stepped, rules]) => {
        const current = { ...any, liquidationLtv: rules.leastLtvBps };
        // A ramp under way leaves `liquidationLtv` alone.
        const isRamping = rules.leastLtvBps !== rules.mostLtvBps;
        return [
          current,
          isRamping ? { ...stepped, liquidationLtv: current.liquidationLtv } : stepped,
          rules,
        ] as const;
      })
      .filter(([current, , rules]) => isSound(current, rules));
    expect(queries.length).to.be.greaterThan(700);
    await expectSame(
      queries,
      (batch) =>
        harness.fit(
          batch.map(([current, stepped, rules]) => ({
            current: list(current) as never,
            stepped: list(stepped) as never,
            rules,
          })),
        ),
      ([current, stepped, rules]) => list(fit(current, stepped, rules)),
    );
    let held = 0;
    for (const [current, stepped, rules] of queries) {
      const next = fit(current, stepped, rules);
      for (const parameter of PARAMETERS) {
        const least = min(current[parameter], stepped[parameter]);
        const most = max(current[parameter], stepped[parameter]);
        const isBetween = next[parameter] >= least && next[parameter] <= most;
        expect(
          isBetween,
          `${parameter} ${current[parameter]} ${stepped[parameter]} ${next[parameter]}`,
        ).to.equal(true);
        if (next[parameter] !== stepped[parameter]) ++held;
      }
      expectOrder(current, next, rules);
    }
    expect(held).to.be.greaterThan(500);
  });
});

/** Every state on the way, in the order of the steward's writes. */
function expectOrder(current: Values, next: Values, rules: VaultRules): void {
  let now = current;
  let bounds = rules;
  const write = (what: string, change: Partial<Values>, isDue = true) => {
    if (!isDue) return;
    now = { ...now, ...change };
    expect(isSound(now, bounds), `${what} ${inspect(now)} ${inspect(bounds)}`).to.equal(true);
  };
  const { maxPositionDebt, borrowLtv, stressDepth, liquidationLtv } = next;
  write("caps down", { maxPositionDebt }, maxPositionDebt < current.maxPositionDebt);
  write("borrow LTV down", { borrowLtv }, borrowLtv < current.borrowLtv);
  write("depth up", { stressDepth }, stressDepth > current.stressDepth);
  const { hold, maxDiscount, targetLtv, lot } = next;
  write("terms", { hold, maxDiscount, targetLtv, lot });
  write("depth down", { stressDepth }, stressDepth < current.stressDepth);
  if (liquidationLtv !== current.liquidationLtv) {
    bounds = {
      ...rules,
      leastLtvBps: min(rules.leastLtvBps, liquidationLtv),
      mostLtvBps: max(rules.mostLtvBps, liquidationLtv),
    };
    write("liquidation LTV", { liquidationLtv });
  }
  write("borrow LTV up", { borrowLtv });
  write("caps up", { maxPositionDebt });
  expect(now.maxPositionDebt).to.equal(maxPositionDebt);
}
