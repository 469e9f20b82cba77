import { expect } from "chai";

import { BPS, ceilDiv, mulDivUp, WAD } from "../../../sdk/math.ts";
import type { SaleTerms } from "../../../sdk/terms.ts";
import { ethers, loadFixture, now } from "../../helpers/chain.ts";
import {
  CALM_TERMS,
  CONFIG,
  DAY,
  deployVault,
  emptyVault,
  LOAN,
  loanVault,
  MAX,
  MAX_CAP,
  PAUSE,
  RATE_MODEL,
  STORY,
  YEAR,
} from "../../helpers/vault.ts";

const name32 = (name: string): string => ethers.encodeBytes32String(name);
const MAX_UINT128 = 2n ** 128n - 1n;
const ROOMY_POSITION = CONFIG.maxPositionDebt;

/** A vault whose other parameters leave room for any single term. */
async function roomyVault() {
  const system = await deployVault({
    config: { borrowLtvBps: 10n, liquidationLtvBps: 100n, stressDepth: MAX_UINT128 },
    terms: { targetLtvBps: 50n },
  });
  return { ...system, asGovernor: system.vault.connect(system.governor) };
}

async function governedVault() {
  const system = await emptyVault();
  return { ...system, asGovernor: system.vault.connect(system.governor) };
}

async function governedLoanVault() {
  const system = await loanVault();
  return { ...system, asGovernor: system.vault.connect(system.governor) };
}

describe("Governance", () => {
  describe("setTerms", () => {
    it("adds a version, answers its number, and keeps the old ones", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      const terms: SaleTerms = { ...CALM_TERMS, penaltyBps: 75n, startPremiumBps: 100n };
      expect(await asGovernor.setTerms.staticCall(terms)).to.equal(2n);
      await expect(asGovernor.setTerms(terms)).to.emit(vault, "TermsSet").withArgs(2n, Object.values(terms));
      expect([...(await vault.terms(2n))]).to.deep.equal(Object.values(terms));
      expect([...(await vault.terms(1n))]).to.deep.equal(Object.values(CALM_TERMS));
      expect((await vault.params()).termsId).to.equal(2n);
    });

    const ranges: [keyof SaleTerms, bigint, bigint, Partial<SaleTerms>][] = [
      ["startPremiumBps", 0n, 2_000n, {}],
      ["maxDiscountBps", 1n, 5_000n, { holdBps: 0n }],
      ["holdBps", 0n, CALM_TERMS.maxDiscountBps - 1n, {}],
      ["penaltyBps", 0n, 2_000n, {}],
      ["targetLtvBps", 1n, 99n, {}],
      // A half-life of an eighth of the horizon at least: a proof must reach the next.
      ["halfLife", (CALM_TERMS.horizon + 7n) / 8n, CALM_TERMS.horizon, {}],
      // A 64th of the largest position at least.
      ["lot", ceilDiv(ROOMY_POSITION, 64n), 2n ** 96n - 1n, {}],
      ["impactBps", 0n, 5_000n, {}],
      ["urgencyBps", 0n, 5_000n, {}],
      ["fallWindow", 0n, 600n, {}],
    ];
    for (const [field, least, most, besides] of ranges) {
      it(`holds ${field} to ${least}..${most}`, async () => {
        const { vault, asGovernor } = await loadFixture(roomyVault);
        const base = { ...CALM_TERMS, targetLtvBps: 50n, ...besides };
        await asGovernor.setTerms({ ...base, [field]: least });
        await asGovernor.setTerms({ ...base, [field]: most });
        const refused = least === 0n ? [most + 1n, MAX] : [least - 1n, most + 1n, MAX];
        for (const value of refused) {
          await expect(asGovernor.setTerms({ ...base, [field]: value }))
            .to.be.revertedWithCustomError(vault, "InvalidParameter")
            .withArgs(name32(field), value);
        }
      });
    }
  });

  it("holds the horizon to 1..7200", async () => {
    const { vault, asGovernor } = await loadFixture(roomyVault);
    const base = { ...CALM_TERMS, targetLtvBps: 50n };
    await asGovernor.setTerms({ ...base, horizon: 1n, halfLife: 1n });
    await asGovernor.setTerms({ ...base, horizon: 7_200n, halfLife: 900n });
    for (const horizon of [0n, 7_201n]) {
      await expect(asGovernor.setTerms({ ...base, horizon, halfLife: 900n }))
        .to.be.revertedWithCustomError(vault, "InvalidParameter")
        .withArgs(name32("horizon"), horizon);
    }
  });

  it("refuses terms whose time to hold passes twelve horizons", async () => {
    const { vault, asGovernor } = await loadFixture(roomyVault);
    // log2(2801) half-lives of a whole horizon are 11.5 horizons, log2(4801) are 12.2.
    const base = { ...CALM_TERMS, targetLtvBps: 50n, halfLife: CALM_TERMS.horizon };
    await asGovernor.setTerms({ ...base, startPremiumBps: 2_000n, holdBps: 799n });
    await expect(
      asGovernor.setTerms({ ...base, startPremiumBps: 0n, maxDiscountBps: 4_801n, holdBps: 4_800n }),
    ).to.be.revertedWithCustomError(vault, "InvalidParameter");
  });

  describe("setBorrowLtv", () => {
    it("sets it", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      await expect(asGovernor.setBorrowLtv(7_000n)).to.emit(vault, "BorrowLtvSet").withArgs(7_000n);
      expect((await vault.params()).borrowLtvBps).to.equal(7_000n);
    });

    it("keeps an oracle step away from liquidation, to the basis point", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      const most = (CONFIG.liquidationLtvBps * (BPS - CONFIG.maxOracleStepBps)) / BPS;
      await asGovernor.setBorrowLtv(most);
      await expect(asGovernor.setBorrowLtv(most + 1n))
        .to.be.revertedWithCustomError(vault, "LtvGapTooSmall")
        .withArgs(most + 1n, CONFIG.liquidationLtvBps, CONFIG.maxOracleStepBps);
    });

    it("holds it to 1..10,000", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      for (const value of [0n, BPS + 1n, MAX]) {
        await expect(asGovernor.setBorrowLtv(value))
          .to.be.revertedWithCustomError(vault, "InvalidParameter")
          .withArgs(name32("borrowLtvBps"), value);
      }
      await asGovernor.setBorrowLtv(1n);
    });
  });

  describe("rampLiquidationLtv", () => {
    it("moves it linearly, rounded down, from what it is at the moment", async () => {
      const { vault, asGovernor, pass } = await loadFixture(governedVault);
      await asGovernor.setTerms({ ...CALM_TERMS, targetLtvBps: 6_000n });
      await asGovernor.setBorrowLtv(7_000n);
      const start = await now();
      const at = () => vault.liquidationLtvBps();
      await expect(asGovernor.rampLiquidationLtv(7_300n, 6n * DAY))
        .to.emit(vault, "LiquidationLtvRamped")
        .withArgs(8_300n, 7_300n, start, start + 6n * DAY);
      expect(await at()).to.equal(8_300n);
      await pass(3n * DAY);
      expect(await at()).to.equal(7_800n);
      await pass(1n);
      expect(await at()).to.equal((8_300n * (3n * DAY - 1n) + 7_300n * (3n * DAY + 1n)) / (6n * DAY));
      await pass(3n * DAY - 2n);
      expect(await at()).to.equal(7_300n);
      await pass(1n);
      expect(await at()).to.equal(7_300n);
      await pass(YEAR);
      expect(await at()).to.equal(7_300n);
    });

    it("half way: a new ramp begins where the old one is", async () => {
      const { vault, asGovernor, pass } = await loadFixture(governedVault);
      await asGovernor.setTerms({ ...CALM_TERMS, targetLtvBps: 6_000n });
      await asGovernor.setBorrowLtv(7_000n);
      await asGovernor.rampLiquidationLtv(7_300n, 6n * DAY);
      await pass(3n * DAY);
      await expect(asGovernor.rampLiquidationLtv(8_000n, 0n))
        .to.emit(vault, "LiquidationLtvRamped")
        .withArgs(7_800n, 8_000n, await now(), await now());
      expect(await vault.liquidationLtvBps()).to.equal(8_000n);
    });

    it("makes positions unhealthy as it goes, and starts and takes read it at their second", async () => {
      const { vault, borrower, asGovernor, pass, start } = await loadFixture(governedLoanVault);
      await asGovernor.setTerms({ ...CALM_TERMS, targetLtvBps: 6_000n });
      await asGovernor.setBorrowLtv(6_600n);
      // From 83% to 69%: an LTV of 75% is reached after four sevenths.
      await asGovernor.rampLiquidationLtv(6_900n, 7n * DAY);
      await pass(4n * DAY);
      await expect(start()).to.be.revertedWithCustomError(vault, "PositionHealthy");
      await pass(DAY / 100n);
      await start();
      expect((await vault.quoteTake(borrower)).repay).to.be.above(0n);
    });

    it("lowers by at most 200 bps a day, to the second", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      await asGovernor.setTerms({ ...CALM_TERMS, targetLtvBps: 6_000n });
      await asGovernor.setBorrowLtv(7_000n);
      for (const [to, least] of [
        [8_100n, DAY],
        [8_099n, (201n * DAY) / 200n],
        [7_500n, 4n * DAY],
      ] as const) {
        await expect(asGovernor.rampLiquidationLtv(to, least - 1n))
          .to.be.revertedWithCustomError(vault, "InvalidParameter")
          .withArgs(name32("duration"), least - 1n);
        await asGovernor.rampLiquidationLtv(to, least);
      }
    });

    it("however ramps are set, stopped and set again, none of its roundings lowers it sooner", async () => {
      const { vault, asGovernor, pass } = await loadFixture(governedVault);
      await asGovernor.setTerms({ ...CALM_TERMS, targetLtvBps: 6_000n });
      await asGovernor.setBorrowLtv(7_000n);
      const from = 8_300n;
      let passed = 0n;
      for (const [seconds, stops] of [
        [1n, true],
        [1n, false],
        [1n, true],
        [431n, true],
        [433n, true],
        [3_600n, false],
        [7_777n, true],
        [17_000n, true],
        [1n, false],
      ] as const) {
        const here = await vault.liquidationLtvBps();
        await asGovernor.rampLiquidationLtv(here - 799n, 4n * DAY);
        await pass(seconds);
        passed += seconds;
        if (stops) await asGovernor.rampLiquidationLtv(await vault.liquidationLtvBps(), 0n);
        // One bp for the one rounding of what is shown.
        expect(await vault.liquidationLtvBps()).to.be.at.least(from - (passed * 200n) / DAY - 1n);
      }
    });

    it("a steep ramp, stopped after 4.7 hours, is refused: 83% to 75%", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      await asGovernor.setTerms({ ...CALM_TERMS, targetLtvBps: 4_000n });
      await asGovernor.setBorrowLtv(4_000n);
      await expect(asGovernor.rampLiquidationLtv(4_200n, DAY)).to.be.revertedWithCustomError(
        vault,
        "InvalidParameter",
      );
    });

    it("takes a day at least to lower it and a year at most", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      const refused = [
        [8_299n, DAY - 1n],
        [8_299n, 0n],
        [8_299n, YEAR + 1n],
        [8_301n, YEAR + 1n],
      ] as const;
      for (const [to, duration] of refused) {
        await expect(asGovernor.rampLiquidationLtv(to, duration))
          .to.be.revertedWithCustomError(vault, "InvalidParameter")
          .withArgs(name32("duration"), duration);
      }
      await asGovernor.rampLiquidationLtv(8_299n, DAY);
      await asGovernor.rampLiquidationLtv(8_301n, YEAR);
      await asGovernor.rampLiquidationLtv(8_310n, 0n);
    });

    it("is checked on both ends: gap, target and toxicity", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      const least = ceilDiv(CONFIG.borrowLtvBps * BPS, BPS - CONFIG.maxOracleStepBps);
      await expect(asGovernor.rampLiquidationLtv(least - 1n, DAY))
        .to.be.revertedWithCustomError(vault, "LtvGapTooSmall")
        .withArgs(CONFIG.borrowLtvBps, least - 1n, CONFIG.maxOracleStepBps);
      await asGovernor.setBorrowLtv(1n);
      await expect(asGovernor.rampLiquidationLtv(CALM_TERMS.targetLtvBps, 30n * DAY))
        .to.be.revertedWithCustomError(vault, "InvalidParameter")
        .withArgs(name32("targetLtvBps"), CALM_TERMS.targetLtvBps);
      await expect(asGovernor.rampLiquidationLtv(9_200n, 0n)).to.be.revertedWithCustomError(
        vault,
        "TermsToxic",
      );
      await expect(asGovernor.rampLiquidationLtv(BPS + 1n, 0n))
        .to.be.revertedWithCustomError(vault, "InvalidParameter")
        .withArgs(name32("liquidationLtvBps"), BPS + 1n);
      // While it falls, what new borrowers may owe counts on the end, and toxicity on the beginning.
      await asGovernor.rampLiquidationLtv(7_500n, 10n * DAY);
      await expect(asGovernor.setBorrowLtv(7_400n)).to.be.revertedWithCustomError(vault, "LtvGapTooSmall");
      await expect(
        asGovernor.setTerms({ ...CALM_TERMS, maxDiscountBps: 1_700n }),
      ).to.be.revertedWithCustomError(vault, "TermsToxic");
    });
  });

  describe("caps", () => {
    const lower = [CONFIG.supplyCap - 1n, CONFIG.borrowCap - 1n, CONFIG.maxPositionDebt - 1n] as const;

    it("setCaps sets them", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      await expect(asGovernor.setCaps(1n, 2n, 3n))
        .to.emit(vault, "CapsSet")
        .withArgs(1n, 2n, 3n);
      expect([...(await vault.caps())]).to.deep.equal([1n, 2n, 3n]);
    });

    it("setCaps refuses what the books can't hold, to the unit", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      const names = ["supplyCap", "borrowCap", "maxPositionDebt"] as const;
      for (const [i, name] of names.entries()) {
        for (const cap of [MAX_CAP + 1n, MAX]) {
          const caps = [1n, 1n, 1n].map((least, j) => (i === j ? cap : least)) as [bigint, bigint, bigint];
          await expect(asGovernor.setCaps(...caps))
            .to.be.revertedWithCustomError(vault, "InvalidParameter")
            .withArgs(name32(name), cap);
        }
      }
      await asGovernor.setStressDepth(MAX_UINT128);
      await asGovernor.setTerms({ ...CALM_TERMS, lot: ceilDiv(MAX_CAP, 64n) });
      await asGovernor.setCaps(MAX_CAP, MAX_CAP, MAX_CAP);
    });

    it("setCaps refuses a position too large for the market", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      await expect(
        asGovernor.setCaps(CONFIG.supplyCap, CONFIG.borrowCap, CONFIG.stressDepth),
      ).to.be.revertedWithCustomError(vault, "TermsToxic");
    });

    it("tightenCaps lowers them, never raises one", async () => {
      const { vault, guardian } = await loadFixture(governedVault);
      const asGuardian = vault.connect(guardian);
      await expect(asGuardian.tightenCaps(...lower))
        .to.emit(vault, "CapsSet")
        .withArgs(...lower);
      for (const i of [0, 1, 2]) {
        const caps = lower.map((cap, j) => (i === j ? cap + 1n : cap)) as [bigint, bigint, bigint];
        await expect(asGuardian.tightenCaps(...caps)).to.be.revertedWithCustomError(vault, "CapsNotTighter");
      }
      await asGuardian.tightenCaps(0n, 0n, 0n);
      expect([...(await vault.caps())]).to.deep.equal([0n, 0n, 0n]);
    });

    it("a tightened cap is a ceiling until setCaps goes above it, each by itself", async () => {
      const { vault, guardian, asGovernor } = await loadFixture(governedVault);
      const ceilings = async (): Promise<readonly bigint[]> => [...(await vault.capCeilings())];
      const [supplyCap, borrowCap, debt] = lower;
      expect(await ceilings()).to.deep.equal([MAX, MAX]);
      await vault.connect(guardian).tightenCaps(...lower);
      expect(await ceilings()).to.deep.equal([borrowCap, debt]);
      await asGovernor.setCaps(supplyCap, borrowCap - 1n, debt);
      await asGovernor.setCaps(CONFIG.supplyCap, borrowCap, debt);
      expect(await ceilings()).to.deep.equal([borrowCap, debt]);
      await asGovernor.setCaps(supplyCap, borrowCap, debt + 1n);
      expect(await ceilings()).to.deep.equal([borrowCap, MAX]);
      await asGovernor.setCaps(supplyCap, borrowCap + 1n, 0n);
      expect(await ceilings()).to.deep.equal([MAX, MAX]);
      await vault.connect(guardian).tightenCaps(0n, 0n, 0n);
      expect(await ceilings()).to.deep.equal([0n, 0n]);
    });

    it("tightening below what is lent stops only what is new (LIVE-1)", async () => {
      const { vault, guardian, borrower, lender } = await loadFixture(governedLoanVault);
      await vault.connect(guardian).tightenCaps(0n, 0n, 0n);
      expect(await vault.maxDeposit(lender)).to.equal(0n);
      await expect(vault.connect(borrower).borrow(1n, borrower, borrower)).to.be.revertedWithCustomError(
        vault,
        "PositionDebtCapExceeded",
      );
      await vault.connect(borrower).repay(MAX, borrower);
      await vault.connect(lender).redeem(await vault.balanceOf(lender), lender, lender);
    });
  });

  it("setReserveFactor sets it, up to half", async () => {
    const { vault, asGovernor } = await loadFixture(governedVault);
    await expect(asGovernor.setReserveFactor(5_000n)).to.emit(vault, "ReserveFactorSet").withArgs(5_000n);
    expect((await vault.params()).reserveFactorBps).to.equal(5_000n);
    await asGovernor.setReserveFactor(0n);
    await expect(asGovernor.setReserveFactor(5_001n))
      .to.be.revertedWithCustomError(vault, "InvalidParameter")
      .withArgs(name32("reserveFactorBps"), 5_001n);
  });

  describe("setRewardConfig", () => {
    it("sets it, three digits of each", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      const config = { cap: 123_456_789n, nativePrice: 1_999_999_999n };
      await expect(asGovernor.setRewardConfig(config))
        .to.emit(vault, "RewardConfigSet")
        .withArgs([123_000_000n, 1_990_000_000n]);
      expect([...(await vault.rewardConfig())]).to.deep.equal([123_000_000n, 1_990_000_000n]);
    });

    for (const amount of [0n, 1n, 999n, 1_000n, 1_001n, 9_999n, MAX_UINT128]) {
      it(`keeps ${amount} to three digits, rounded down`, async () => {
        const { vault, asGovernor } = await loadFixture(governedVault);
        await asGovernor.setRewardConfig({ cap: amount, nativePrice: amount });
        const digits = amount.toString();
        const kept = BigInt(digits.slice(0, 3).padEnd(digits.length, "0"));
        expect([...(await vault.rewardConfig())]).to.deep.equal([kept, kept]);
        // Other changes of the parameters leave it as it is.
        await asGovernor.setBorrowLtv(7_000n);
        expect([...(await vault.rewardConfig())]).to.deep.equal([kept, kept]);
      });
    }
  });

  describe("setStressDepth", () => {
    it("sets it", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      const depth = 2n * CONFIG.stressDepth;
      await expect(asGovernor.setStressDepth(depth)).to.emit(vault, "StressDepthSet").withArgs(depth);
      expect(await vault.stressDepth()).to.equal(depth);
    });

    it("refuses nothing, and a market too thin for the largest position, to the unit", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      await expect(asGovernor.setStressDepth(0n))
        .to.be.revertedWithCustomError(vault, "InvalidParameter")
        .withArgs(name32("stressDepth"), 0n);
      const exposure = (depth: bigint): bigint => {
        const impact = mulDivUp(2n * CONFIG.maxPositionDebt, WAD, depth);
        return mulDivUp((CONFIG.liquidationLtvBps * WAD) / BPS + impact, BPS + CALM_TERMS.penaltyBps, BPS);
      };
      const bound = ((BPS - CALM_TERMS.maxDiscountBps) * WAD) / BPS;
      let [tooThin, enough] = [1n, CONFIG.stressDepth];
      while (enough - tooThin > 1n) {
        const middle = (enough + tooThin) / 2n;
        if (exposure(middle) < bound) enough = middle;
        else tooThin = middle;
      }
      await expect(asGovernor.setStressDepth(tooThin))
        .to.be.revertedWithCustomError(vault, "TermsToxic")
        .withArgs(exposure(tooThin), bound);
      await asGovernor.setStressDepth(enough);
    });
  });

  describe("set-up rules", () => {
    it("TermsToxic: no penalty or discount beyond what sales can bear", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      // 83% + 5% of impact: 0.88 x (1 + f) < 1 - d.
      await asGovernor.setTerms({ ...CALM_TERMS, penaltyBps: 454n });
      await expect(asGovernor.setTerms({ ...CALM_TERMS, penaltyBps: 455n }))
        .to.be.revertedWithCustomError(vault, "TermsToxic")
        .withArgs((WAD * 92_004n) / 100_000n, (WAD * 92n) / 100n);
      await asGovernor.setTerms({ ...CALM_TERMS, maxDiscountBps: 1_155n });
      await expect(
        asGovernor.setTerms({ ...CALM_TERMS, maxDiscountBps: 1_156n }),
      ).to.be.revertedWithCustomError(vault, "TermsToxic");
    });

    it("TermsToxic: no liquidation LTV near what the deepest discount leaves, whichever of the two moves", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      // (L + 5%) x 1.005 < 92%: the largest L that is admitted, and the next.
      await asGovernor.rampLiquidationLtv(8_654n, 0n);
      await expect(asGovernor.rampLiquidationLtv(8_655n, 0n)).to.be.revertedWithCustomError(
        vault,
        "TermsToxic",
      );
      await expect(asGovernor.rampLiquidationLtv(9_200n, 0n)).to.be.revertedWithCustomError(
        vault,
        "TermsToxic",
      );
      // With that L no terms go deeper by a single bp.
      await asGovernor.rampLiquidationLtv(8_654n, 0n);
      await expect(
        asGovernor.setTerms({ ...CALM_TERMS, maxDiscountBps: CALM_TERMS.maxDiscountBps + 1n }),
      ).to.be.revertedWithCustomError(vault, "TermsToxic");
      const [{ termsId }, ltv] = [await vault.params(), await vault.liquidationLtvBps()];
      const { maxDiscountBps } = await vault.terms(termsId);
      // What urgency and the water line are made of: room above, and a line above the liquidation LTV.
      expect(ltv + maxDiscountBps).to.be.below(BPS);
    });

    it("TermsToxic: equality is toxic", async () => {
      const { vault, asGovernor } = await loadFixture(governedVault);
      await asGovernor.setTerms({ ...CALM_TERMS, penaltyBps: 0n, maxDiscountBps: 1_199n });
      await expect(asGovernor.setTerms({ ...CALM_TERMS, penaltyBps: 0n, maxDiscountBps: 1_200n }))
        .to.be.revertedWithCustomError(vault, "TermsToxic")
        .withArgs((WAD * 88n) / 100n, (WAD * 88n) / 100n);
    });

    it("hold for a vault under construction too", async () => {
      const { code } = await loadFixture(emptyVault);
      const build = (config: object, terms = {}) => deployVault({ config, terms });
      const refused: [object, object, string][] = [
        [{ borrowLtvBps: 8_052n }, {}, "LtvGapTooSmall"],
        [{ stressDepth: CONFIG.maxPositionDebt }, {}, "TermsToxic"],
        [{ liquidationLtvBps: 8_655n }, {}, "TermsToxic"],
        [{ liquidationLtvBps: BPS - CALM_TERMS.maxDiscountBps }, {}, "TermsToxic"],
        [{}, { maxDiscountBps: BPS - CONFIG.liquidationLtvBps }, "TermsToxic"],
        [{ maxOracleStepBps: 0n }, {}, "InvalidParameter"],
        [{ maxOracleStepBps: BPS }, {}, "InvalidParameter"],
        [{ reserveFactorBps: 5_001n }, {}, "InvalidParameter"],
        [{ liquidationLtvBps: BPS + 1n }, {}, "InvalidParameter"],
        [{}, { targetLtvBps: CONFIG.liquidationLtvBps }, "InvalidParameter"],
        [{}, { horizon: 7_201n }, "InvalidParameter"],
      ];
      const extension = await ethers.getContractAt("VaultExtension", await code.getAddress());
      for (const [config, terms, error] of refused) {
        await expect(build(config, terms)).to.be.revertedWithCustomError(extension, error);
      }
    });
  });

  describe("pause and unpause", () => {
    it("add and remove bits", async () => {
      const { vault, guardian, asGovernor } = await loadFixture(governedVault);
      const asGuardian = vault.connect(guardian);
      await expect(asGuardian.pause(PAUSE.sales)).to.emit(vault, "PausedActionsSet").withArgs(PAUSE.sales);
      await asGuardian.pause(PAUSE.deposit | PAUSE.sales);
      expect((await vault.params()).pausedActions).to.equal(PAUSE.sales | PAUSE.deposit);
      await expect(asGovernor.unpause(PAUSE.sales | PAUSE.borrow))
        .to.emit(vault, "PausedActionsSet")
        .withArgs(PAUSE.deposit);
      await asGuardian.pause(PAUSE.all);
      expect((await vault.params()).pausedActions).to.equal(PAUSE.all);
    });

    describe("end by themselves after seven days", () => {
      const LONGEST = 7n * DAY;

      it("to the second, and the guardian alone cannot go on", async () => {
        const { vault, guardian, borrower, asGovernor, pass } = await loadFixture(governedLoanVault);
        const asGuardian = vault.connect(guardian);
        const borrow = () => vault.connect(borrower).borrow(LOAN, borrower, borrower);
        await expect(asGuardian.pause(PAUSE.borrow))
          .to.emit(vault, "PauseEndsAt")
          .withArgs(PAUSE.borrow, (await now()) + LONGEST);
        await pass(LONGEST - 2n);
        // Again meanwhile: it stays as it is.
        await asGuardian.pause(PAUSE.borrow);
        await pass(1n);
        await expect(borrow()).to.be.revertedWithCustomError(vault, "ActionPaused");
        await pass(1n);
        expect((await vault.params()).pausedActions).to.equal(0n);
        await expect(asGuardian.pause(PAUSE.borrow))
          .to.be.revertedWithCustomError(vault, "PauseSpent")
          .withArgs(PAUSE.borrow);
        await borrow();
        // With another one it is passed over; the other one is paused.
        await asGuardian.pause(PAUSE.borrow | PAUSE.deposit);
        expect((await vault.params()).pausedActions).to.equal(PAUSE.deposit);
        await asGovernor.unpause(PAUSE.borrow);
        await asGuardian.pause(PAUSE.borrow);
        expect((await vault.params()).pausedActions).to.equal(PAUSE.deposit | PAUSE.borrow);
      });

      it("or later, where the governor renews them; never a wind-down", async () => {
        const { vault, guardian, asGovernor, pass } = await loadFixture(governedVault);
        await vault.connect(guardian).pause(PAUSE.all);
        await pass(LONGEST - 1n);
        await asGovernor.renewPause(PAUSE.sales);
        await asGovernor.windDown();
        expect((await vault.params()).pausedActions).to.equal(PAUSE.all | PAUSE.windDown);
        await pass(1n);
        expect((await vault.params()).pausedActions).to.equal(PAUSE.sales | PAUSE.windDown);
        const end = (await vault.pauseEnds())[3];
        await pass(LONGEST - 1n);
        expect(await now()).to.equal(end);
        expect((await vault.params()).pausedActions).to.equal(PAUSE.windDown);
        await asGovernor.renewPause(PAUSE.sales);
        expect((await vault.params()).pausedActions).to.equal(PAUSE.sales | PAUSE.windDown);
      });

      it("AUC-3: the clocks of sales restart at that second, whoever comes when", async () => {
        const { vault, guardian, borrower, sink, start, take, asGovernor, pass } =
          await loadFixture(governedLoanVault);
        await sink();
        await start();
        await pass(30n);
        await vault.connect(guardian).pause(PAUSE.sales);
        const [, , , end] = await vault.pauseEnds();
        await pass(LONGEST - 1n);
        await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "ActionPaused");
        await pass(1n);
        expect((await vault.params()).clocksRestartedAt).to.equal(end);
        // Nobody proved it for a week: it starts afresh, and counts from that second only.
        await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "SaleLapsed");
        await start();
        const since = async () => (await now()) - end;
        expect((await vault.quoteTake(borrower)).ownSeconds).to.equal(await since());
        await pass(30n);
        expect(await since()).to.be.below(40n);
        expect((await vault.quoteTake(borrower)).ownSeconds).to.equal(await since());
        expect((await vault.quoteTake(borrower)).vaultSeconds).to.equal(await since());
        // What settles the slot, a setter or the governor's unpausing, loses none of it.
        await asGovernor.setBorrowLtv(7_000n);
        expect((await vault.quoteTake(borrower)).ownSeconds).to.equal(await since());
        await asGovernor.unpause(PAUSE.sales);
        expect((await vault.quoteTake(borrower)).ownSeconds).to.equal(await since());
        await take();
      });
    });

    it("know only their bits: a wind-down is none of them", async () => {
      const { vault, guardian, asGovernor } = await loadFixture(governedVault);
      for (const actions of [32n, 64n, PAUSE.windDown, 255n, MAX]) {
        for (const act of [vault.connect(guardian).pause, asGovernor.unpause]) {
          await expect(act(actions))
            .to.be.revertedWithCustomError(vault, "InvalidParameter")
            .withArgs(name32("actions"), actions);
        }
      }
    });

    it("restart the sale clocks only when sales were paused and go on", async () => {
      const { vault, guardian, asGovernor, pass } = await loadFixture(governedVault);
      const restartedAt = async () => (await vault.params()).clocksRestartedAt;
      await pass(10n);
      await asGovernor.unpause(PAUSE.all);
      expect(await restartedAt()).to.equal(0n);
      await vault.connect(guardian).pause(PAUSE.all);
      await pass(10n);
      await asGovernor.unpause(PAUSE.all - PAUSE.sales);
      expect(await restartedAt()).to.equal(0n);
      await asGovernor.unpause(PAUSE.sales);
      expect(await restartedAt()).to.equal(await now());
    });
  });

  it("windDown is for good: no borrowing, all else stays open", async () => {
    const { vault, guardian, borrower, lender, asGovernor, sink, start, take, fund } =
      await loadFixture(governedLoanVault);
    const tx = asGovernor.windDown();
    await expect(tx).to.emit(vault, "WoundDown");
    await expect(tx).to.emit(vault, "PausedActionsSet").withArgs(PAUSE.windDown);
    await vault.connect(guardian).pause(PAUSE.all);
    await asGovernor.unpause(PAUSE.all);
    expect((await vault.params()).pausedActions).to.equal(PAUSE.windDown);
    await expect(vault.connect(borrower).borrow(1n, borrower, borrower)).to.be.revertedWithCustomError(
      vault,
      "ActionPaused",
    );
    await fund(borrower, 0n, 1n);
    await vault.connect(borrower).supplyCollateral(1n, borrower);
    await vault.connect(borrower).withdrawCollateral(1n, borrower, borrower);
    await vault.connect(lender).withdraw(LOAN, lender, lender);
    await sink();
    await start();
    await take();
    await vault.connect(borrower).repay(MAX, borrower);
  });

  describe("claimReserve", () => {
    async function earnedVault() {
      const system = await governedLoanVault();
      await system.rateModel.set(WAD / YEAR, WAD / YEAR, RATE_MODEL.answers);
      await system.pass(YEAR);
      return system;
    }

    it("pays out of the reserve, interest up to now included, and leaves lenders' claims alone", async () => {
      const { vault, loan, receiver, asGovernor } = await loadFixture(earnedVault);
      const { reserve } = await vault.accruedTotals();
      expect(reserve).to.be.above(0n);
      const assets = await vault.totalAssets();
      await expect(asGovernor.claimReserve(receiver, reserve + 1n))
        .to.be.revertedWithCustomError(vault, "ReserveTooSmall")
        .withArgs(reserve + 1n, reserve);
      const tx = asGovernor.claimReserve(receiver, reserve);
      await expect(tx).to.emit(vault, "ReserveClaimed").withArgs(receiver, reserve);
      await expect(tx).to.changeTokenBalances(ethers, loan, [receiver, vault], [reserve, -reserve]);
      expect((await vault.totals()).reserve).to.equal(0n);
      expect(await vault.totalAssets()).to.equal(assets);
    });

    it("pays no more than the cash", async () => {
      const { vault, lender, receiver, asGovernor } = await loadFixture(earnedVault);
      await vault.connect(lender).withdraw(STORY.lent - STORY.debt - LOAN, lender, lender);
      const { cash } = await vault.totals();
      expect(cash).to.equal(LOAN);
      await expect(asGovernor.claimReserve(receiver, LOAN + 1n))
        .to.be.revertedWithCustomError(vault, "ReserveTooSmall")
        .withArgs(LOAN + 1n, LOAN);
      await asGovernor.claimReserve(receiver, LOAN);
    });
  });

  it("a setter refused changes nothing", async () => {
    const { vault, asGovernor } = await loadFixture(governedVault);
    const before = [...(await vault.params())];
    await expect(asGovernor.setTerms({ ...CALM_TERMS, penaltyBps: 455n })).to.revert(ethers);
    await expect(asGovernor.setStressDepth(1n)).to.revert(ethers);
    await expect(asGovernor.setCaps(1n, 1n, CONFIG.stressDepth)).to.revert(ethers);
    expect([...(await vault.params())]).to.deep.equal(before);
    expect(await vault.stressDepth()).to.equal(CONFIG.stressDepth);
    expect([...(await vault.caps())]).to.deep.equal([
      CONFIG.supplyCap,
      CONFIG.borrowCap,
      CONFIG.maxPositionDebt,
    ]);
  });
});
