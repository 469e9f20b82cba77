import { expect } from "chai";

import { WAD } from "../../../sdk/math.ts";
import { PARAMETERS, type Values } from "../../../sdk/stewardMath.ts";
import { ethers, loadFixture, pass } from "../../helpers/chain.ts";
import {
  BOUNDS,
  boundsWith,
  CALM,
  CALM_DEPTH,
  CALM_SAID,
  CALM_VOLATILITY,
  calmVault,
  CONFIG,
  deploySteward,
  HOUR,
  LOOSE_DELAY,
  MAX_AGE,
  previewOf,
  type Said,
  STORM,
  type StewardSystem,
  TIGHT_DELAY,
} from "../../helpers/steward.ts";
import { STORY } from "../../helpers/vault.ts";

const MODE = { answers: 0n, reverts: 1n, burnsGas: 2n } as const;

/** What was announced in the storm stays announced: `liquidationLtv` has its own tests. */
async function othersOf(system: StewardSystem): Promise<Partial<Values>> {
  const { liquidationLtv: _, ...others } = await system.values();
  return others;
}

/** Looks every six hours for so long, each time told the same, ages and all. */
async function lookFor(system: StewardSystem, time: bigint, said: Said): Promise<void> {
  for (let passed = 0n; passed < time; passed += 6n * HOUR) {
    await pass(6n * HOUR);
    await system.tell(said);
    await system.applyTo();
  }
}

describe("RiskSteward: inputs", () => {
  const withoutPolicy = () => deploySteward({ withoutPolicy: true });
  /** Two applications deep in a storm that has ended. */
  async function clearingVault() {
    const system = await calmVault();
    for (let i = 0; i < 2; ++i) {
      await pass(TIGHT_DELAY);
      await system.tell(STORM);
      await system.applyTo();
    }
    await pass(TIGHT_DELAY);
    await system.tell(CALM_SAID);
    return system;
  }

  const missing: readonly (readonly [string, Said])[] = [
    ["the volatility is incomplete", { hasVolatility: false }],
    ["the volatility is stale", { volatilityAge: MAX_AGE + 1n }],
    ["the volatility is from the future", { volatilityAge: -1n }],
    ["the depth is incomplete", { hasDepth: false }],
    ["the depth is stale", { depthAge: MAX_AGE + 1n }],
    ["the stress is unknown", { hasStress: false }],
  ];
  for (const [what, said] of missing) {
    it(`loosens nothing while ${what}`, async () => {
      const system = await loadFixture(clearingVault);
      const before = await othersOf(system);
      await lookFor(system, 2n * LOOSE_DELAY, { ...CALM_SAID, ...said });
      const after = await othersOf(system);
      expect(after).to.deep.equal(before);
      await lookFor(system, LOOSE_DELAY + 6n * HOUR, CALM_SAID);
      expect((await system.values()).stressDepth, "loosens again").to.be.greaterThan(
        before.stressDepth ?? 0n,
      );
    });

    it(`RISK-2: neither ends nor begins a calm by a look at which ${what}`, async () => {
      const system = await loadFixture(clearingVault);
      const before = await system.values();
      await system.applyTo();
      await lookFor(system, LOOSE_DELAY - 6n * HOUR, CALM_SAID);
      await system.tell({ ...CALM_SAID, ...said });
      await system.applyTo();
      await pass(6n * HOUR);
      await system.tell(CALM_SAID);
      await system.applyTo();
      expect((await system.values()).stressDepth).to.be.greaterThan(before.stressDepth);
    });
  }

  it("counts an input as alive up to its age, and no longer", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ volatilityAge: MAX_AGE, depthAge: MAX_AGE });
    expect([...(await system.preview()).market].slice(3)).to.deep.equal([true, true, true, true]);
    await system.tell({ volatilityAge: MAX_AGE + 1n, depthAge: MAX_AGE + 1n });
    expect([...(await system.preview()).market].slice(3)).to.deep.equal([false, false, true, true]);
  });

  it("loosens nothing while the vault's price sources disagree", async () => {
    const system = await loadFixture(clearingVault);
    const before = await othersOf(system);
    await system.suspect({ deciding: STORY.price });
    await lookFor(system, 2n * LOOSE_DELAY, CALM_SAID);
    expect(await othersOf(system)).to.deep.equal(before);
    await system.stale();
    await lookFor(system, 2n * LOOSE_DELAY, CALM_SAID);
    expect(await othersOf(system)).to.deep.equal(before);
  });

  it("still tightens by the inputs that are there", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ ...STORM, hasVolatility: false, hasStress: false });
    await system.applyTo();
    const values = await system.values();
    expect(values.stressDepth).to.equal(CALM.stressDepth - BOUNDS.stressDepth.tightStep);
    expect(values.hold, "volatility").to.equal(CALM.hold);
    await pass(TIGHT_DELAY);
    await system.tell({ ...STORM, hasDepth: false });
    await system.applyTo();
    expect((await system.values()).hold).to.equal(CALM.hold + BOUNDS.hold.tightStep);
    expect((await system.values()).stressDepth, "depth").to.equal(values.stressDepth);
  });

  it("takes a missing depth for the usual one, wherever a market stops being calm", async () => {
    const { steward, vault, governor, tell } = await loadFixture(calmVault);
    await steward
      .connect(governor)
      .configure(vault, { ...CONFIG, calmDepth: CALM_DEPTH / 10n }, boundsWith({}));
    await tell({ ...CALM_SAID, hasDepth: false });
    const { market, wanted } = await previewOf(steward, vault);
    expect(market.depth).to.equal(BOUNDS.policyDepth.ceiling);
    expect(wanted.lot).to.equal(CALM.lot);
  });

  it("an input that is missing counts as calm, not as what it last said", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ ...STORM, hasVolatility: false, hasDepth: false, stress: WAD, hasStress: false });
    const { market } = await system.preview();
    expect([...market]).to.deep.equal([CALM_VOLATILITY, CALM_DEPTH, 0n, false, false, false, true]);
  });

  it("stress works through volatility and depth", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ stress: WAD / 2n });
    const { wanted } = await system.preview();
    expect(wanted.policyVolatility).to.equal((CALM_VOLATILITY * 3n) / 2n);
    // Of 25% halfway to 6% a crash leaves 15.5%.
    expect(wanted.stressDepth).to.equal((CALM_DEPTH * 155n) / 1_000n);
    expect(wanted.policyDepth).to.equal((CALM_DEPTH * 62n) / 100n);
  });

  it("takes a stress above 1 for 1", async () => {
    const system = await loadFixture(calmVault);
    await system.tell({ stress: WAD });
    const full = await system.preview();
    await system.tell({ stress: 2n ** 64n - 1n });
    expect((await system.preview()).wanted).to.deep.equal(full.wanted);
  });

  it("makes direct sales more urgent as the market grows wild, within their bounds, and less so as it calms", async () => {
    const system = await loadFixture(calmVault);
    await system.tell(STORM);
    const { wanted } = await system.preview();
    expect(wanted.urgency).to.be.greaterThan(CALM.urgency);
    expect(wanted.urgency).to.be.at.most(BOUNDS.urgency.ceiling);
    await system.applyTo();
    const after = await system.values();
    expect(after.urgency - CALM.urgency).to.equal(BOUNDS.urgency.tightStep);
    const { termsId } = await system.vault.params();
    expect((await system.vault.terms(termsId)).urgencyBps).to.equal(after.urgency);
    await lookFor(system, 6n * LOOSE_DELAY, CALM_SAID);
    expect((await system.values()).urgency).to.equal(CALM.urgency);
  });

  it("leaves the other two terms of direct sales as the governor set them", async () => {
    const system = await loadFixture(calmVault);
    const before = await system.vault.terms((await system.vault.params()).termsId);
    await system.tell(STORM);
    await system.applyTo();
    const after = await system.vault.terms((await system.vault.params()).termsId);
    expect([after.impactBps, after.fallWindow]).to.deep.equal([before.impactBps, before.fallWindow]);
  });

  it("neither moves direct sales nor their premium for want of a volatility", async () => {
    const system = await loadFixture(calmVault);
    const before = await system.values();
    await system.tell({ hasVolatility: false });
    await system.applyTo();
    await pass(2n * HOUR);
    await system.tell({ hasVolatility: false });
    await system.applyTo();
    expect(await system.values()).to.deep.equal(before);
  });

  it("leaves a policy alone that the governor has not set up", async () => {
    const system = await loadFixture(withoutPolicy);
    await system.tell(STORM);
    await system.applyTo();
    expect((await system.policy.inputs(system.vault)).depth).to.equal(0n);
    expect((await system.values()).hold).to.be.greaterThan(CALM.hold);
  });

  for (const [what, mode] of Object.entries(MODE)) {
    if (mode === MODE.answers) continue;
    it(`takes volatility and depth for missing when their oracle ${what}`, async () => {
      const system = await loadFixture(calmVault);
      await system.inputs.setMode(mode);
      await system.steward.applyTo(system.vault, { gasLimit: 8_000_000n });
      await pass(HOUR);
      await system.steward.applyTo(system.vault, { gasLimit: 8_000_000n });
      expect((await system.vault.params()).borrowLtvBps).to.equal(CALM.borrowLtv);
    });
  }

  it("RevertWhen a caller brings too little gas for an input to be read in full", async () => {
    const system = await loadFixture(calmVault);
    await system.inputs.setMode(MODE.burnsGas);
    // Under 2.07 million one of the two would be starved.
    for (const gasLimit of [600_000n, 1_200_000n, 1_800_000n]) {
      await expect(
        system.steward.applyTo.staticCall(system.vault, { gasLimit }),
      ).to.be.revertedWithCustomError(system.steward, "InsufficientGas");
    }
  });

  it("never reverts, whatever extreme the inputs say", async () => {
    const system = await loadFixture(calmVault);
    const extremes: Said[] = [
      { volatility: 0n, depth: 0n },
      { volatility: 2n ** 64n - 1n, depth: 0n, stress: 2n ** 64n - 1n },
      { volatility: 0n, depth: 2n ** 128n - 1n, stress: 0n },
      { volatility: 2n ** 64n - 1n, depth: 2n ** 128n - 1n, stress: WAD },
      { volatility: 1n, depth: 1n, stress: 1n },
    ];
    for (let round = 0; round < 6; ++round) {
      for (const said of extremes) {
        await pass(TIGHT_DELAY);
        await system.tell(said);
        await system.applyTo();
      }
    }
    const values = await system.values();
    for (const parameter of PARAMETERS) {
      expect(values[parameter] >= BOUNDS[parameter].floor, parameter).to.equal(true);
      expect(values[parameter] <= BOUNDS[parameter].ceiling, parameter).to.equal(true);
    }
  });

  it("knows its oracles", async () => {
    const { steward, inputs, policy } = await loadFixture(calmVault);
    const at = await ethers.resolveAddress(inputs);
    expect(await steward.volatilityOracle()).to.equal(at);
    expect(await steward.depthOracle()).to.equal(at);
    expect(await steward.contagionMonitor()).to.equal(at);
    expect(await steward.policy()).to.equal(await ethers.resolveAddress(policy));
  });
});
