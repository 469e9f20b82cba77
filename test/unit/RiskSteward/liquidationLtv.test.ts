import { expect } from "chai";

import { abs } from "../../../sdk/math.ts";
import { loadFixture, now, pass } from "../../helpers/chain.ts";
import {
  BOUNDS,
  CALM,
  CALM_SAID,
  calmVault,
  HOUR,
  indexOf,
  LOOSE_DELAY,
  NOTICE,
  RAMP,
  STORM,
  TIGHT_DELAY,
} from "../../helpers/steward.ts";

const LTV = CALM.liquidationLtv;
const STEP = BOUNDS.liquidationLtv.tightStep;

describe("RiskSteward: liquidationLtv", () => {
  async function announcedVault() {
    const system = await calmVault();
    await system.tell(STORM);
    await system.applyTo();
    return system;
  }
  /** The notice has run while the storm went on; the ramp is not started. */
  async function dueVault() {
    const system = await announcedVault();
    await pass(NOTICE);
    await system.tell();
    return system;
  }
  async function rampingVault() {
    const system = await dueVault();
    await system.applyTo();
    return system;
  }

  it("announces a lower one, by a step at most, and leaves the vault's as it is", async () => {
    const system = await loadFixture(calmVault);
    await system.tell(STORM);
    const market = [STORM.volatility, STORM.depth, 0n, true, true, true, true];
    await expect(system.applyTo())
      .to.emit(system.steward, "LiquidationLtvAnnounced")
      .withArgs(system.vault, LTV, LTV - STEP, (await now()) + NOTICE, market);
    const params = await system.vault.params();
    expect(params.liquidationLtvFromBps).to.equal(LTV);
    expect(params.liquidationLtvToBps).to.equal(LTV);
    const state = await system.steward.state(system.vault);
    expect(state.announcedBps).to.equal(LTV - STEP);
    expect(state.startsAt).to.equal((await now()) + NOTICE);
  });

  it("starts no ramp before the notice has run, whoever applies however often", async () => {
    const system = await loadFixture(announcedVault);
    await pass(NOTICE - 1n);
    await system.tell();
    await system.applyTo();
    await system.applyTo();
    expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV);
    await pass(1n);
    await expect(system.applyTo())
      .to.emit(system.vault, "LiquidationLtvRamped")
      .withArgs(LTV, LTV - STEP, await now(), (await now()) + RAMP);
  });

  it("does not move the date of what is announced, nor announce a second time meanwhile", async () => {
    const system = await loadFixture(announcedVault);
    const { startsAt } = await system.steward.state(system.vault);
    await pass(TIGHT_DELAY);
    await system.tell({ ...STORM, volatility: 30n * (STORM.volatility ?? 0n) });
    await expect(system.applyTo()).not.to.emit(system.steward, "LiquidationLtvAnnounced");
    const state = await system.steward.state(system.vault);
    expect(state.startsAt).to.equal(startsAt);
    expect(state.announcedBps).to.equal(LTV - STEP);
  });

  it("lowers no further than the market still asks for when the ramp is due", async () => {
    const system = await loadFixture(dueVault);
    // (0.83 + 0.08)^x - 0.08 with x = 1.1.
    await system.tell({ ...CALM_SAID, volatility: 11n * 10n ** 14n });
    const { wanted } = await system.preview();
    expect(wanted.liquidationLtv).to.be.greaterThan(LTV - STEP);
    expect(wanted.liquidationLtv).to.be.lessThan(LTV);
    await system.applyTo();
    expect((await system.vault.params()).liquidationLtvToBps).to.equal(wanted.liquidationLtv);
  });

  it("withdraws what was announced when the market is calm as it is due", async () => {
    const system = await loadFixture(dueVault);
    await system.tell(CALM_SAID);
    await expect(system.applyTo()).to.emit(system.steward, "AnnouncementWithdrawn");
    expect((await system.steward.state(system.vault)).startsAt).to.equal(0n);
    expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV);
  });

  it("RISK-2: reads an announcement again while an input is missing that did not ask for it", async () => {
    const system = await loadFixture(dueVault);
    await system.tell({ ...CALM_SAID, hasStress: false });
    await system.applyTo();
    expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV);
    expect((await system.steward.state(system.vault)).startsAt).to.equal(0n);
  });

  it("RISK-2: waits with a due announcement while an input that asked for it is missing", async () => {
    const system = await loadFixture(dueVault);
    await system.tell({ ...STORM, hasVolatility: false });
    await system.applyTo();
    expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV);
    expect((await system.steward.state(system.vault)).startsAt).to.be.greaterThan(0n);
    await system.tell(STORM);
    await system.applyTo();
    expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV - STEP);
  });

  it("stays above what borrowers may borrow, an oracle step apart, even when that is slow to fall", async () => {
    const system = await loadFixture(calmVault);
    await system.configure({}, { borrowLtv: { tightStep: 1n } });
    await system.tell(STORM);
    await system.applyTo();
    await pass(NOTICE);
    await system.tell();
    await system.applyTo();
    const { borrowLtvBps, liquidationLtvToBps } = await system.vault.params();
    expect(borrowLtvBps).to.equal(7_998n);
    // The least that 7,998 is not above 97% of.
    expect(liquidationLtvToBps).to.equal(8_246n);
  });

  it("stays above the target LTV of sales", async () => {
    const system = await loadFixture(calmVault);
    await system.configure(
      {},
      {
        targetLtv: { floor: 7_055n },
        borrowLtv: { tightStep: 2_000n },
        liquidationLtv: { tightStep: 1_300n },
      },
    );
    await system.tell(STORM);
    await system.applyTo();
    await pass(NOTICE);
    await system.tell();
    await system.applyTo();
    expect((await system.vault.params()).liquidationLtvToBps).to.equal(7_056n);
  });

  it("one ramp at a time: the next is announced after the one before has ended", async () => {
    const system = await loadFixture(rampingVault);
    await pass(RAMP - 1n);
    await system.tell();
    await expect(system.applyTo()).not.to.emit(system.steward, "LiquidationLtvAnnounced");
    await pass(1n);
    await system.tell();
    await expect(system.applyTo()).to.emit(system.steward, "LiquidationLtvAnnounced");
    expect((await system.steward.state(system.vault)).announcedBps).to.equal(LTV - 2n * STEP);
  });

  it("leaves a ramp that the governor started alone", async () => {
    const system = await loadFixture(calmVault);
    await system.vault.connect(system.governor).rampLiquidationLtv(8_250n, 3n * RAMP);
    await system.tell(STORM);
    await system.applyTo();
    await pass(NOTICE);
    await system.tell();
    await system.applyTo();
    const params = await system.vault.params();
    expect(params.liquidationLtvToBps).to.equal(8_250n);
    expect((await system.steward.state(system.vault)).startsAt).to.equal(0n);
    await expect(system.steward.connect(system.guardian).veto(system.vault)).to.be.revertedWithCustomError(
      system.steward,
      "NothingToVeto",
    );
  });

  it("rises at once by its step after a calm that held, and then lets borrowing follow", async () => {
    const system = await loadFixture(rampingVault);
    await pass(RAMP);
    await system.tell(CALM_SAID);
    await system.applyTo();
    expect(await system.vault.liquidationLtvBps()).to.equal(LTV - STEP);
    await system.applyFor(LOOSE_DELAY, 6n * HOUR);
    expect(await system.vault.liquidationLtvBps()).to.equal(LTV - STEP + BOUNDS.liquidationLtv.looseStep);
    await system.applyFor(LOOSE_DELAY * 8n, 6n * HOUR);
    const values = await system.values();
    expect(values.liquidationLtv).to.equal(LTV);
    expect(values.borrowLtv).to.be.greaterThan(7_700n);
  });

  it("falls to its floor and no lower, by a notice and a ramp for every step", async () => {
    const system = await loadFixture(calmVault);
    await system.tell(STORM);
    let before = LTV;
    for (let i = 0; i < 30; ++i) {
      await pass(NOTICE);
      await system.tell();
      await system.applyTo();
      const to = (await system.vault.params()).liquidationLtvToBps;
      expect(abs(to - before) <= STEP).to.equal(true);
      before = to;
    }
    await pass(RAMP);
    expect(await system.vault.liquidationLtvBps()).to.equal(BOUNDS.liquidationLtv.floor);
  });

  describe("veto", () => {
    it("takes back what was announced; the next announcement waits for the delay", async () => {
      const system = await loadFixture(announcedVault);
      await pass(HOUR);
      await expect(system.steward.connect(system.guardian).veto(system.vault))
        .to.emit(system.steward, "Vetoed")
        .withArgs(system.vault, LTV);
      await pass(TIGHT_DELAY - 1n);
      await system.tell();
      await expect(system.applyTo()).not.to.emit(system.steward, "LiquidationLtvAnnounced");
      await pass(1n);
      await expect(system.applyTo()).to.emit(system.steward, "LiquidationLtvAnnounced");
      expect((await system.steward.state(system.vault)).startsAt).to.equal((await now()) + NOTICE);
    });

    it("stops the steward's ramp where it is", async () => {
      const system = await loadFixture(rampingVault);
      await pass(RAMP / 2n);
      await system.steward.connect(system.guardian).veto(system.vault);
      const here = LTV - STEP / 2n;
      expect(await system.vault.liquidationLtvBps()).to.equal(here);
      await pass(RAMP);
      expect(await system.vault.liquidationLtvBps()).to.equal(here);
    });

    it("works while the steward is frozen", async () => {
      const system = await loadFixture(rampingVault);
      await system.steward.connect(system.guardian).freeze();
      await system.steward.connect(system.guardian).veto(system.vault);
      expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV);
    });

    it("RevertWhen nothing is announced and no ramp is under way", async () => {
      const system = await loadFixture(rampingVault);
      await pass(RAMP);
      await expect(system.steward.connect(system.guardian).veto(system.vault))
        .to.be.revertedWithCustomError(system.steward, "NothingToVeto")
        .withArgs(system.vault);
    });

    it("RevertWhen it is not the guardian's", async () => {
      const system = await loadFixture(announcedVault);
      await expect(system.steward.connect(system.stranger).veto(system.vault)).to.be.revertedWithCustomError(
        system.steward,
        "AccessManagedUnauthorized",
      );
    });
  });

  describe("what was announced before", () => {
    const FLOOR = LTV - STEP / 4n;
    const LAPSE = 7n * 24n * HOUR;
    const isAnnounced = async ({ steward, vault }: Awaited<ReturnType<typeof announcedVault>>) =>
      (await steward.state(vault)).startsAt !== 0n;

    it("goes no lower than a floor that the governor has raised meanwhile", async () => {
      const system = await loadFixture(announcedVault);
      await system.configure({}, { liquidationLtv: { floor: FLOOR } });
      await pass(NOTICE);
      await system.tell();
      await system.applyTo();
      expect((await system.vault.params()).liquidationLtvToBps).to.equal(FLOOR);
    });

    it("by no more than a step that the governor has made smaller meanwhile", async () => {
      const system = await loadFixture(announcedVault);
      await system.configure({}, { liquidationLtv: { tightStep: 7n } });
      await pass(NOTICE);
      await system.tell();
      await system.applyTo();
      expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV - 7n);
    });

    it("is withdrawn where the new envelope ends at what is", async () => {
      const system = await loadFixture(announcedVault);
      await system.configure({}, { liquidationLtv: { floor: LTV } });
      await pass(NOTICE);
      await system.tell();
      await expect(system.applyTo()).to.emit(system.steward, "AnnouncementWithdrawn");
      expect(await isAnnounced(system)).to.equal(false);
      expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV);
    });

    for (const [name, wait, goes] of [
      ["starts after a freeze that ends within seven days of its time", NOTICE + LAPSE, true],
      ["lapses in a freeze that lasts longer", NOTICE + LAPSE + 1n, false],
      ["lapses in a freeze of half a year", 180n * 24n * HOUR, false],
    ] as const) {
      it(name, async () => {
        const system = await loadFixture(announcedVault);
        const { steward, vault, guardian, governor } = system;
        await steward.connect(guardian).freeze();
        await pass(wait);
        await steward.connect(governor).unfreeze();
        await system.tell(STORM);
        await system.applyTo();
        expect((await vault.params()).liquidationLtvToBps).to.equal(goes ? LTV - STEP : LTV);
        expect(await isAnnounced(system)).to.equal(false);
        if (goes) return;
        // Whoever looks next announces it anew, with a notice of its own.
        await system.applyTo();
        expect((await steward.state(vault)).startsAt).to.equal((await now()) + NOTICE);
        await pass(NOTICE - 1n);
        await system.tell();
        await system.applyTo();
        expect((await vault.params()).liquidationLtvToBps).to.equal(LTV);
      });
    }

    it("is read again after a freeze: a market that has calmed withdraws it", async () => {
      const system = await loadFixture(announcedVault);
      await system.steward.connect(system.guardian).freeze();
      await pass(NOTICE + LAPSE / 2n);
      await system.steward.connect(system.governor).unfreeze();
      await system.tell(CALM_SAID);
      await expect(system.applyTo()).to.emit(system.steward, "AnnouncementWithdrawn");
      expect((await system.vault.params()).liquidationLtvToBps).to.equal(LTV);
    });
  });

  it("keeps an announcement when the governor configures anew, and its date", async () => {
    const system = await loadFixture(announcedVault);
    const before = await system.steward.state(system.vault);
    await system.configure({ notice: 5n * NOTICE });
    expect(await system.steward.state(system.vault)).to.deep.equal(before);
    const { changedAt } = await system.steward.dial(system.vault, indexOf("liquidationLtv"));
    expect(changedAt).to.equal(await now());
  });
});
