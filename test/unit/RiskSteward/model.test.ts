import { expect } from "chai";
import fc from "fast-check";

import { max, min, WAD } from "../../../sdk/math.ts";
import * as model from "../../../sdk/stewardMath.ts";
import { sample } from "../../reference/inputs.ts";
import { loadFixture, now, pass } from "../../helpers/chain.ts";
import {
  BASE,
  BOUNDS,
  CALM_DEPTH,
  CALM_VOLATILITY,
  calmVault,
  HOUR,
  MAX_GAP,
  type Said,
  type StewardSystem,
} from "../../helpers/steward.ts";

interface Turn {
  readonly said: Said;
  readonly wait: bigint;
}

const anyTurn: fc.Arbitrary<Turn> = fc.record({
  said: fc.record({
    volatility: fc.oneof(
      fc.bigInt(0n, 3n * CALM_VOLATILITY),
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.constant(CALM_VOLATILITY / 2n),
    ),
    depth: fc.oneof(fc.bigInt(CALM_DEPTH / 8n, 2n * CALM_DEPTH), fc.bigInt(0n, 2n ** 128n - 1n)),
    stress: fc.oneof(fc.constant(0n), fc.bigInt(0n, WAD)),
    hasVolatility: fc.integer({ min: 0, max: 9 }).map((x) => x !== 0),
    hasDepth: fc.integer({ min: 0, max: 9 }).map((x) => x !== 0),
    hasStress: fc.integer({ min: 0, max: 9 }).map((x) => x !== 0),
  }),
  wait: fc.oneof(fc.bigInt(1n, 3n * HOUR), fc.bigInt(3n * HOUR, 30n * HOUR)),
});
/** Of `loosened`: the terms as a whole, after the parameters. */
const TERMS_BIT = 14;

/** A few turns of the same market: calms must hold to count. */
const anyScene = fc
  .tuple(anyTurn, fc.integer({ min: 1, max: 12 }))
  .map(([turn, times]) =>
    Array.from({ length: times }, (_, i) => (i === 0 ? turn : { ...turn, wait: 9n * HOUR })),
  );

/** What an application must leave, from what is on chain before it: its parts are the model's, its order is told again here. */
async function expected(system: StewardSystem, said: Said): Promise<model.Values> {
  const { steward, vault } = system;
  const [current, dials, rules, state, params, at] = await Promise.all([
    system.values(),
    system.dials(),
    system.rules(),
    steward.state(vault),
    vault.params(),
    now(),
  ]);
  const market: model.Market = {
    volatility: said.hasVolatility ? (said.volatility ?? 0n) : BASE.calmVolatility,
    depth: said.hasDepth ? (said.depth ?? 0n) : BOUNDS.policyDepth.ceiling,
    stress: said.hasStress ? (said.stress ?? 0n) : 0n,
    hasVolatility: said.hasVolatility ?? true,
  };
  const mayLoosen = market.hasVolatility && (said.hasDepth ?? true) && (said.hasStress ?? true);
  const wanted = model.targets(market, BASE, dials, rules);
  const gap = at - state.observedAt;
  const unseen = gap <= MAX_GAP ? 0n : gap;
  const isLoosened = (bit: number): boolean => (Number(state.loosened) >> bit) % 2 === 1;
  const stepped = Object.fromEntries(
    model.PARAMETERS.map((parameter) => [
      parameter,
      model.step({
        parameter,
        current: current[parameter],
        target: wanted[parameter],
        dial: isLoosened(model.PARAMETERS.indexOf(parameter))
          ? { ...dials[parameter], tightDelay: 0n }
          : dials[parameter],
        timestamp: at,
        mayLoosen,
        unseen,
      }).next,
    ]),
  ) as Record<model.Parameter, bigint>;
  if (at < state.termsAt + HOUR) {
    for (const parameter of [
      "startPremium",
      "hold",
      "maxDiscount",
      "targetLtv",
      "halfLife",
      "lot",
      "urgency",
    ] as const) {
      const change = stepped[parameter] - current[parameter];
      const isTighter = model.isTighterAbove(parameter) ? change > 0n : change < 0n;
      if (!isTighter || !isLoosened(TERMS_BIT)) stepped[parameter] = current[parameter];
    }
  }
  const ltv = current.liquidationLtv;
  if (at < params.rampEnd) stepped.liquidationLtv = ltv;
  else if (state.startsAt !== 0n) {
    const asked = max(state.announcedBps, wanted.liquidationLtv);
    const isThere = [market.hasVolatility, said.hasDepth ?? true, said.hasStress ?? true];
    const waits = isThere.some((there, i) => !there && (Number(state.askedBy) >> i) % 2 === 1);
    const isEarly = at < state.startsAt || waits || at > state.startsAt + 7n * 24n * HOUR;
    const step = dials.liquidationLtv.tightStep;
    stepped.liquidationLtv = isEarly ? ltv : max(min(asked, ltv), ltv - step);
  } else stepped.liquidationLtv = max(stepped.liquidationLtv, ltv);
  return model.fit(current, stepped, rules);
}

describe("RiskSteward: against its model", () => {
  it("leaves what the model says over any sequence of inputs, and the vault refuses none of it", async () => {
    const system = await loadFixture(calmVault);
    const { vault } = system;
    let ramps = 0;
    let moves = 0n;
    const moved = new Set<model.Parameter>();
    for (const { said, wait } of sample(anyScene, 60).flat()) {
      await pass(wait);
      await system.tell(said);
      const before = await system.values();
      const after = await expected(system, said);
      await system.applyTo();
      const { liquidationLtvToBps, rampStart } = await vault.params();
      const values = await system.values();
      for (const parameter of model.PARAMETERS) {
        if (values[parameter] !== before[parameter]) {
          ++moves;
          moved.add(parameter);
        }
        if (parameter === "liquidationLtv") continue;
        expect(values[parameter], parameter).to.equal(after[parameter]);
      }
      if (after.liquidationLtv !== before.liquidationLtv) {
        ++ramps;
        expect(rampStart).to.equal(await now());
        expect(liquidationLtvToBps).to.equal(after.liquidationLtv);
      }
    }
    // The sequence is a fixed one: it is known to do all of this. The start premium stays at its ceiling.
    expect(moved.size).to.equal(13);
    expect(ramps).to.be.greaterThan(5);
    expect(Number(moves)).to.be.greaterThan(200);
  });
});
