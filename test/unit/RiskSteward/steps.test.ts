import { expect } from "chai";

import { abs } from "../../../sdk/math.ts";
import {
  isTighterAbove,
  mostDebt,
  type Parameter,
  PARAMETERS,
  type Values,
} from "../../../sdk/stewardMath.ts";
import { ethers, loadFixture, networkHelpers, now, pass } from "../../helpers/chain.ts";
import {
  BOUNDS,
  CALM,
  CALM_DEPTH,
  CALM_SAID,
  CALM_VOLATILITY,
  calmVault,
  HOUR,
  indexOf,
  LOOSE_DELAY,
  STORM,
  type StewardSystem,
  TIGHT_DELAY,
  WILD_VOLATILITY,
} from "../../helpers/steward.ts";

/** `liquidationLtv` is announced first: it has its own tests. The start premium stays at its ceiling. */
const AT_ONCE = PARAMETERS.filter(
  (parameter) => parameter !== "liquidationLtv" && parameter !== "startPremium",
);
/** Both end where the storm of these tests asks them to, not at a bound. */
const BEYOND: Partial<Values> = {
  borrowLtv: 6_790n,
  targetLtv: 5_600n,
  maxPositionDebt: 1_638_059_701_492n,
  policyVolatility: 10n * CALM_VOLATILITY,
  policyDepth: CALM_DEPTH / 16n,
};
const tightEnd = (parameter: Parameter): bigint =>
  isTighterAbove(parameter) ? BOUNDS[parameter].ceiling : BOUNDS[parameter].floor;

const MINUTE = 60n;
/** At which `hold` is asked to be so many bps above its calm end. */
const volatilityOf = (bps: bigint): bigint => {
  const { floor, ceiling } = BOUNDS.hold;
  return CALM_VOLATILITY + ((WILD_VOLATILITY - CALM_VOLATILITY) * bps) / (ceiling - floor);
};

const changeOf = (from: Values, to: Values, parameter: Parameter): bigint =>
  abs(to[parameter] - from[parameter]);

/** So many applications in a storm, a delay apart; what is before the first and after each. */
async function storm(system: StewardSystem, applications: number): Promise<Values[]> {
  const seen = [await system.values()];
  for (let i = 0; i < applications; ++i) {
    await pass(TIGHT_DELAY);
    await system.tell(STORM);
    await system.applyTo();
    seen.push(await system.values());
  }
  return seen;
}

/** As if the vault had numbered so many terms: the number stands in the slot of its parameters. */
async function numberTerms({ vault, governor, terms }: StewardSystem, termsId: bigint): Promise<void> {
  const at = await vault.getAddress();
  const { borrowLtvBps, termsId: before } = await vault.params();
  for (let slot = 0n; slot < 30n; ++slot) {
    const word = BigInt(await ethers.provider.getStorage(at, slot));
    if (word % 2n ** 16n !== borrowLtvBps || (word >> 168n) % 2n ** 16n !== before) continue;
    const changed = word + ((termsId - 1n - before) << 168n);
    await networkHelpers.setStorageAt(at, slot, changed);
    await vault.connect(governor).setTerms(terms);
    return;
  }
  throw new Error("the vault's parameters stand elsewhere");
}

describe("RiskSteward: steps", () => {
  async function stormyVault() {
    const system = await calmVault();
    await storm(system, 12);
    return system;
  }
  /** The storm is over, and its last application too long ago to hold anything back. */
  async function clearingVault() {
    const system = await stormyVault();
    await pass(LOOSE_DELAY);
    await system.tell(CALM_SAID);
    return system;
  }

  it("leaves a calm vault as it is, and only remembers that it looked", async () => {
    const system = await loadFixture(calmVault);
    await pass(HOUR);
    await system.tell();
    expect(await system.steward.applyTo.staticCall(system.vault)).to.equal(0n);
    const before = await system.vault.params();
    await expect(system.applyTo()).not.to.emit(system.steward, "ParameterMoved");
    expect(await system.values()).to.deep.equal(CALM);
    expect((await system.vault.params()).termsId).to.equal(before.termsId);
    expect((await system.steward.state(system.vault)).observedAt).to.equal(await now());
  });

  for (const parameter of AT_ONCE) {
    it(`tightens ${parameter} at once by its step`, async () => {
      const system = await loadFixture(calmVault);
      const [before, after] = (await storm(system, 1)) as [Values, Values];
      const bound = BOUNDS[parameter];
      const sign = isTighterAbove(parameter) ? 1n : -1n;
      expect(after[parameter]).to.equal(before[parameter] + sign * bound.tightStep);
    });

    it(`holds ${parameter} until its delay for tightening has passed`, async () => {
      const system = await loadFixture(calmVault);
      await storm(system, 1);
      const before = await system.values();
      await pass(TIGHT_DELAY - 1n);
      await system.tell();
      await system.applyTo();
      expect((await system.values())[parameter]).to.equal(before[parameter]);
      await pass(1n);
      await system.applyTo();
      expect((await system.values())[parameter]).not.to.equal(before[parameter]);
    });

    it(`ends ${parameter} where the market asks, never past its bound`, async () => {
      const system = await loadFixture(calmVault);
      const seen = await storm(system, 12);
      const last = await system.values();
      expect(last[parameter]).to.equal(BEYOND[parameter] ?? tightEnd(parameter));
      for (const [i, values] of seen.entries()) {
        const next = seen[i + 1];
        if (next === undefined) break;
        const change = changeOf(values, next, parameter);
        expect(change <= BOUNDS[parameter].tightStep, `${parameter} moved by ${change}`).to.equal(true);
      }
    });

    it(`loosens ${parameter} by its step only after a calm that held for the delay`, async () => {
      const system = await loadFixture(clearingVault);
      const before = await system.values();
      await system.applyTo();
      expect((await system.steward.dial(system.vault, indexOf(parameter))).calmSince).to.equal(await now());
      await system.applyFor(LOOSE_DELAY - 6n * HOUR, 6n * HOUR);
      await pass(6n * HOUR - 1n);
      await system.tell();
      await system.applyTo();
      expect((await system.values())[parameter]).to.equal(before[parameter]);
      await pass(1n);
      await system.applyTo();
      const after = await system.values();
      const step = BOUNDS[parameter].looseStep;
      const sign = isTighterAbove(parameter) ? -1n : 1n;
      expect(after[parameter]).to.equal(before[parameter] + sign * step);
      await pass(HOUR);
      await system.tell();
      await system.applyTo();
      expect((await system.values())[parameter], "once a delay").to.equal(after[parameter]);
    });

    it(`does not know of a calm for ${parameter} over a gap between looks`, async () => {
      const system = await loadFixture(clearingVault);
      await system.applyTo();
      const before = await system.values();
      await pass(LOOSE_DELAY);
      await system.tell();
      await system.applyTo();
      expect((await system.values())[parameter]).to.equal(before[parameter]);
      expect((await system.steward.dial(system.vault, indexOf(parameter))).calmSince).to.equal(await now());
    });

    it(`starts the calm for ${parameter} anew after one look at a storm`, async () => {
      const system = await loadFixture(clearingVault);
      await system.applyTo();
      const before = await system.values();
      await system.applyFor(LOOSE_DELAY - 6n * HOUR, 6n * HOUR);
      await system.tell(STORM);
      await system.applyTo();
      expect((await system.steward.dial(system.vault, indexOf(parameter))).calmSince).to.equal(0n);
      await pass(6n * HOUR);
      await system.tell(CALM_SAID);
      await system.applyTo();
      expect((await system.values())[parameter]).to.equal(before[parameter]);
    });
  }

  it("has a dead band: what is less than a step looser stays", async () => {
    const system = await loadFixture(stormyVault);
    const { looseStep } = BOUNDS.policyVolatility;
    await system.tell({ ...STORM, volatility: 10n * CALM_VOLATILITY - looseStep + 1n });
    await system.applyFor(2n * LOOSE_DELAY, 6n * HOUR);
    expect((await system.values()).policyVolatility).to.equal(10n * CALM_VOLATILITY);
    await system.tell({ volatility: 10n * CALM_VOLATILITY - looseStep });
    await system.applyTo();
    await system.applyFor(LOOSE_DELAY, 6n * HOUR);
    expect((await system.values()).policyVolatility).to.equal(10n * CALM_VOLATILITY - looseStep);
  });

  it("finds its way back to the calm end of every envelope, in steps of at most the bound", async () => {
    const system = await loadFixture(clearingVault);
    await system.configure(
      {},
      Object.fromEntries(
        PARAMETERS.map((parameter) => [parameter, { tightDelay: 1n, looseDelay: 2n * HOUR }]),
      ),
    );
    let before = await system.values();
    for (let i = 0; i < 40; ++i) {
      await pass(2n * HOUR);
      await system.tell();
      await system.applyTo();
      const after = await system.values();
      for (const parameter of AT_ONCE) {
        expect(changeOf(before, after, parameter) <= BOUNDS[parameter].looseStep, parameter).to.equal(true);
      }
      before = after;
    }
    expect(before).to.deep.equal({ ...CALM, liquidationLtv: before.liquidationLtv });
  });

  it("keeps the horizon at five half-lives and the penalty as it was, in one version of the terms", async () => {
    const system = await loadFixture(calmVault);
    const { termsId } = await system.vault.params();
    await storm(system, 1);
    expect((await system.vault.params()).termsId).to.equal(termsId + 1n);
    const terms = await system.vault.terms(termsId + 1n);
    expect(terms.halfLife).to.equal(CALM.halfLife - 60n);
    expect(terms.horizon).to.equal(5n * terms.halfLife);
    expect(terms.penaltyBps).to.equal(50n);
  });

  it("leaves a live sale its terms", async () => {
    const system = await loadFixture(calmVault);
    await system.sink();
    await system.start();
    const { termsId } = await system.vault.position(system.borrower);
    const terms = await system.vault.terms(termsId);
    await storm(system, 3);
    expect((await system.vault.position(system.borrower)).termsId).to.equal(termsId);
    expect(await system.vault.terms(termsId)).to.deep.equal(terms);
  });

  it("writes new terms once an hour at most, whatever the delays say, unless a storm tightens one by a quarter of a step", async () => {
    const system = await loadFixture(calmVault);
    await system.configure(
      {},
      Object.fromEntries(PARAMETERS.map((parameter) => [parameter, { tightDelay: 0n }])),
    );
    await system.tell({ volatility: volatilityOf(5n) });
    await system.applyTo();
    const first = await system.values();
    expect(first.hold).to.equal(CALM.hold + 5n);
    await pass(HOUR - 2n);
    await system.tell({ volatility: volatilityOf(BOUNDS.hold.tightStep / 4n) });
    await system.applyTo();
    const second = await system.values();
    expect(second.hold, "less than a quarter of a step").to.equal(first.hold);
    expect(second.policyVolatility).to.be.greaterThan(first.policyVolatility);
    await pass(2n);
    await system.tell({ volatility: volatilityOf(BOUNDS.hold.tightStep / 4n) });
    await system.applyTo();
    expect((await system.values()).hold).to.equal(CALM.hold + BOUNDS.hold.tightStep / 4n);
  });

  it("a storm's first look tightens terms although a hair was tightened a moment before, after five minutes at least", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ volatility: volatilityOf(1n) });
    await system.applyTo();
    const before = await system.values();
    expect(before.hold).to.equal(CALM.hold + 1n);
    const { termsId } = await system.vault.params();
    await pass(5n * MINUTE - 1n);
    await system.tell(STORM);
    await system.applyTo();
    expect((await system.vault.params()).termsId).to.equal(termsId);
    await pass(1n);
    await system.applyTo();
    const after = await system.values();
    for (const parameter of ["hold", "maxDiscount", "urgency", "targetLtv", "halfLife"] as const) {
      const moved = changeOf(CALM, after, parameter);
      // What the hair has used up of the step is rounded up.
      expect(moved, parameter).to.be.within(BOUNDS[parameter].tightStep - 2n, BOUNDS[parameter].tightStep);
    }
    await pass(5n * MINUTE);
    await system.tell(STORM);
    await system.applyTo();
    expect((await system.values()).hold, "the step is used up").to.equal(after.hold);
  });

  it("RISK-1: many looks in a storm that grows tighten by one step within a delay, as one look does", async () => {
    const system = await loadFixture(calmVault);
    const step = BOUNDS.hold.tightStep;
    for (let bps = 8n; bps <= 4n * step; bps += 8n) {
      await system.tell({ volatility: volatilityOf(bps) });
      await system.applyTo();
      await pass(5n * MINUTE);
      if (bps * 5n * MINUTE >= (TIGHT_DELAY - 10n * MINUTE) * 8n) break;
    }
    const moved = (await system.values()).hold - CALM.hold;
    expect(moved).to.be.within((step * 3n) / 4n, step);
  });

  it("RISK-2: a storm's first look tightens everything, although a calm has loosened it a minute before", async () => {
    const system = await loadFixture(clearingVault);
    await system.applyTo();
    const stormy = await system.values();
    await system.applyFor(LOOSE_DELAY, 6n * HOUR);
    const loosened = await system.values();
    for (const parameter of AT_ONCE) expect(loosened[parameter], parameter).not.to.equal(stormy[parameter]);
    await pass(60n);
    await system.tell(STORM);
    await system.applyTo();
    const after = await system.values();
    for (const parameter of AT_ONCE) expect(after[parameter], parameter).to.equal(stormy[parameter]);
  });

  it("waits as ever after that: what it has just tightened it neither tightens nor loosens", async () => {
    const system = await loadFixture(clearingVault);
    await system.configure({}, { hold: { tightStep: 1n }, lot: { tightStep: 1n } });
    await system.applyTo();
    await system.applyFor(LOOSE_DELAY, 6n * HOUR);
    const { termsId } = await system.vault.params();
    await system.tell(STORM);
    for (let i = 0; i < 5; ++i) {
      await system.applyTo();
      await pass(60n);
      await system.tell();
    }
    expect((await system.vault.params()).termsId).to.equal(termsId + 1n);
    const { hold, lot } = await system.values();
    expect(hold).to.equal(BOUNDS.hold.ceiling - BOUNDS.hold.looseStep + 1n);
    expect(lot).to.equal(BOUNDS.lot.floor + BOUNDS.lot.looseStep - 1n);
  });

  it("several applications in one second write terms once", async () => {
    const system = await loadFixture(calmVault);
    await system.configure({}, { borrowLtv: { tightDelay: 0n }, stressDepth: { tightDelay: 0n } });
    const { termsId } = await system.vault.params();
    await system.tell(STORM);
    for (let i = 0; i < 3; ++i) await system.applyTo();
    expect((await system.values()).borrowLtv).to.equal(CALM.borrowLtv - 3n * BOUNDS.borrowLtv.tightStep);
    expect((await system.vault.params()).termsId).to.equal(termsId + 1n);
  });

  it("leaves the last numbers of terms to the governor", async () => {
    const system = await loadFixture(calmVault);
    await numberTerms(system, 59_999n);
    await storm(system, 1);
    expect((await system.vault.params()).termsId).to.equal(60_000n);
    await storm(system, 1);
    expect((await system.vault.params()).termsId).to.equal(60_000n);
    expect((await system.values()).borrowLtv).to.equal(CALM.borrowLtv - 2n * BOUNDS.borrowLtv.tightStep);
    await system.vault.connect(system.governor).setTerms(system.terms);
  });

  it("holds back what the vault's set-up rules leave no room for, and goes on once there is room", async () => {
    const system = await loadFixture(calmVault);
    // As large as positions may be at these terms, this depth and this LTV; it can fall only slowly.
    const largest = mostDebt(CALM.maxDiscount, 50n, CALM.liquidationLtv, CALM.stressDepth);
    await system.configure(
      {},
      {
        maxPositionDebt: { ceiling: largest, tightStep: largest / 50n },
        lot: { floor: largest / 50n },
      },
    );
    const [supplyCap] = await system.vault.caps();
    await system.vault.connect(system.governor).setCaps(supplyCap, CALM.borrowCap, largest);
    const [, first, second] = (await storm(system, 2)) as [Values, Values, Values];
    const debt = largest - largest / 50n;
    expect(first.maxPositionDebt).to.equal(debt);
    // 2% of less than 9% of exposure: 17 bps of discount, and nothing is left for a smaller depth but a rest.
    expect(first.maxDiscount).to.equal(817n);
    expect(mostDebt(817n, 50n, CALM.liquidationLtv, first.stressDepth)).to.be.at.least(debt);
    expect(mostDebt(817n, 50n, CALM.liquidationLtv, first.stressDepth - 1n)).to.be.lessThan(debt);
    expect(first.stressDepth).to.be.greaterThan(CALM.stressDepth - BOUNDS.stressDepth.tightStep);
    expect(second.maxDiscount).to.be.greaterThan(first.maxDiscount);
  });

  it("leaves the supply cap and the policy's other inputs alone", async () => {
    const system = await loadFixture(calmVault);
    const [supplyCap] = await system.vault.caps();
    const before = await system.policy.inputs(system.vault);
    await storm(system, 2);
    expect((await system.vault.caps())[0]).to.equal(supplyCap);
    const after = await system.policy.inputs(system.vault);
    expect(after.volatility).to.equal(before.volatility + 4n * 10n ** 15n);
    expect(after.depth).to.equal(before.depth - 2n * BOUNDS.policyDepth.tightStep);
    expect([...after.cascade]).to.deep.equal([...before.cascade]);
    expect(after.keeperMargin).to.equal(before.keeperMargin);
    expect(after.batchInterval).to.equal(before.batchInterval);
  });

  it("says what it moved, from where to where, why, and on which inputs", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ volatility: 2n * CALM_VOLATILITY });
    const moved = await system.steward.applyTo.staticCall(system.vault);
    const receipt = await (await system.applyTo()).wait();
    const events = await system.steward.queryFilter(
      system.steward.filters.ParameterMoved(),
      receipt?.blockNumber,
    );
    let bits = 0n;
    for (const { args } of events) bits |= 1n << args.parameter;
    expect(moved).to.equal(bits);
    const hold = events.find(({ args }) => args.parameter === indexOf("hold"))?.args;
    expect(hold?.oldValue).to.equal(150n);
    expect(hold?.newValue).to.equal(180n);
    expect(hold?.reason).to.equal(0n);
    expect([...(hold?.market ?? [])]).to.deep.equal([
      2n * CALM_VOLATILITY,
      CALM_DEPTH,
      0n,
      true,
      true,
      true,
      true,
    ]);
  });

  it("walks back step by step from where the governor has put a value outside of the envelope", async () => {
    const system = await loadFixture(calmVault);
    await system.vault.connect(system.governor).setStressDepth(900n * 10n ** 12n);
    await system.tell();
    await system.applyTo();
    expect((await system.values()).stressDepth).to.equal(800n * 10n ** 12n);
  });
});
