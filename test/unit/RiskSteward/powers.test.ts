import { expect } from "chai";

import { SECONDS_PER_YEAR, WAD } from "../../../sdk/math.ts";
import type { Bounds, Parameter } from "../../../sdk/stewardMath.ts";
import type { StewardConfigStruct } from "../../../typechain-types/contracts/risk/RiskSteward.ts";
import { ethers, loadFixture } from "../../helpers/chain.ts";
import {
  BOUNDS,
  boundsWith,
  CALM,
  CALM_SAID,
  calmVault,
  CONFIG,
  DAY,
  type Fourteen,
  HOUR,
  indexOf,
  LOOSE_DELAY,
  STEWARD_ROLE,
  STORM,
} from "../../helpers/steward.ts";

const word = (text: string): string => ethers.encodeBytes32String(text);

describe("RiskSteward: powers", () => {
  describe("configure", () => {
    it("keeps what the governor sets, and says so", async () => {
      const system = await loadFixture(calmVault);
      await expect(system.configure({ notice: 2n * DAY }, { hold: { ceiling: 300n } })).to.emit(
        system.steward,
        "Configured",
      );
      const config = await system.steward.config(system.vault);
      expect(config.notice).to.equal(2n * DAY);
      expect(config.coverage).to.equal(CONFIG.coverage);
      const dial = await system.steward.dial(system.vault, indexOf("hold"));
      expect([...dial]).to.deep.equal([150n, 300n, 7_200n, 3n * DAY, 30n, 20n, 0n, 0n, 0n]);
    });

    it("starts calms anew and forgets no change", async () => {
      const system = await loadFixture(calmVault);
      await system.tell(STORM);
      await system.applyTo();
      const before = await system.dials();
      await system.configure({});
      expect(await system.dials()).to.deep.equal(before);
    });

    it("RevertWhen it is not the governor's", async () => {
      const { steward, vault, guardian, stranger } = await loadFixture(calmVault);
      const bounds = boundsWith({}) as unknown as Fourteen<Bounds>;
      for (const by of [guardian, stranger]) {
        await expect(steward.connect(by).configure(vault, CONFIG, bounds)).to.be.revertedWithCustomError(
          steward,
          "AccessManagedUnauthorized",
        );
      }
    });

    const wrong: readonly (readonly [string, Partial<StewardConfigStruct>, bigint])[] = [
      ["feed", { feed: ethers.ZeroAddress }, 0n],
      ["calmVolatility", { calmVolatility: 10n ** 12n - 1n }, 10n ** 12n - 1n],
      ["calmVolatility", { calmVolatility: 5n * 10n ** 16n + 1n }, 5n * 10n ** 16n + 1n],
      ["wildVolatility", { wildVolatility: CONFIG.calmVolatility }, CONFIG.calmVolatility as bigint],
      ["wildVolatility", { wildVolatility: 5n * 10n ** 16n + 1n }, 5n * 10n ** 16n + 1n],
      ["stressVolatility", { stressVolatility: 10n * WAD + 1n }, 10n * WAD + 1n],
      ["calmDepth", { calmDepth: 0n }, 0n],
      ["depthKept", { depthKept: 0n }, 0n],
      ["depthKept", { depthKept: WAD + 1n }, WAD + 1n],
      ["depthKeptStressed", { depthKeptStressed: (CONFIG.depthKept as bigint) + 1n }, WAD / 4n + 1n],
      ["coverage", { coverage: 0n }, 0n],
      ["exposure", { exposure: 10n * WAD + 1n }, 10n * WAD + 1n],
      ["notice", { notice: DAY - 1n }, DAY - 1n],
      ["notice", { notice: 30n * DAY + 1n }, 30n * DAY + 1n],
      ["rampDuration", { rampDuration: DAY - 1n }, DAY - 1n],
      ["rampDuration", { rampDuration: SECONDS_PER_YEAR + 1n }, SECONDS_PER_YEAR + 1n],
      ["maxInputAge", { maxInputAge: 0n }, 0n],
      ["maxGap", { maxGap: 0n }, 0n],
      ["saleLossBps", { saleLossBps: 1_700n }, 10_000n],
      ["targetShareBps", { targetShareBps: 10_001n }, 10_001n],
      ["targetShareWildBps", { targetShareWildBps: 8_501n }, 8_501n],
      ["targetShareWildBps", { targetShareWildBps: 0n }, 0n],
    ];
    for (const [name, change, value] of wrong) {
      it(`RevertWhen ${name} is ${value}`, async () => {
        const system = await loadFixture(calmVault);
        await expect(system.configure(change))
          .to.be.revertedWithCustomError(system.steward, "InvalidParameter")
          .withArgs(word(name), value);
      });
    }

    const outside: readonly (readonly [Parameter, Partial<Bounds>])[] = [
      ["liquidationLtv", { floor: 1n }],
      ["borrowLtv", { floor: 0n }],
      ["borrowLtv", { ceiling: 10_001n }],
      ["startPremium", { ceiling: 2_001n }],
      ["hold", { ceiling: 5_001n }],
      ["maxDiscount", { floor: 0n }],
      ["maxDiscount", { ceiling: 5_001n }],
      ["targetLtv", { floor: 0n }],
      ["halfLife", { floor: 0n }],
      ["halfLife", { ceiling: 1_441n }],
      ["lot", { floor: 0n }],
      // A 64th of the largest position at least.
      ["lot", { floor: 156_249_999_999n }],
      ["stressDepth", { floor: 0n }],
      ["borrowCap", { ceiling: 2n ** 95n + 1n }],
      ["maxPositionDebt", { ceiling: 2n ** 95n + 1n }],
      ["urgency", { ceiling: 5_001n }],
      ["policyVolatility", { floor: 10n ** 12n - 1n }],
      ["policyVolatility", { ceiling: 5n * 10n ** 16n + 1n }],
      ["policyDepth", { floor: 0n }],
      ["hold", { floor: 251n }],
      ["hold", { tightStep: 0n }],
      ["hold", { looseStep: 0n }],
      ["hold", { tightDelay: 3n * DAY + 1n }],
    ];
    for (const [parameter, change] of outside) {
      const [what] = Object.entries(change);
      it(`RevertWhen the ${what?.[0]} of ${parameter} is ${what?.[1]}`, async () => {
        const system = await loadFixture(calmVault);
        const bounds = Object.values({ ...BOUNDS[parameter], ...change });
        await expect(system.configure({}, { [parameter]: change }))
          .to.be.revertedWithCustomError(system.steward, "InvalidEnvelope")
          .withArgs(indexOf(parameter), bounds);
      });
    }
  });

  it("RevertWhen the governor has configured nothing for a vault", async () => {
    const { steward, loan } = await loadFixture(calmVault);
    const at = await ethers.resolveAddress(loan);
    for (const call of [() => steward.applyTo(at), () => steward.preview(at)]) {
      await expect(call()).to.be.revertedWithCustomError(steward, "NotConfigured").withArgs(at);
    }
  });

  it("RevertWhen the manager has taken a role away: nothing is moved at all", async () => {
    const system = await loadFixture(calmVault);
    await system.authority.revokeRole(STEWARD_ROLE, system.steward);
    await system.tell(STORM);
    const before = await system.values();
    await expect(system.applyTo()).to.be.revertedWithCustomError(system.vault, "AccessManagedUnauthorized");
    expect(await system.values()).to.deep.equal(before);
    expect((await system.steward.dial(system.vault, indexOf("hold"))).changedAt).to.equal(0n);
  });

  describe("freeze", () => {
    it("stops all applications until the governor lets them go on", async () => {
      const system = await loadFixture(calmVault);
      await system.tell(STORM);
      await expect(system.steward.connect(system.guardian).freeze())
        .to.emit(system.steward, "FrozenSet")
        .withArgs(true);
      expect(await system.steward.isFrozen()).to.equal(true);
      await expect(system.applyTo()).to.be.revertedWithCustomError(system.steward, "Frozen");
      await expect(system.steward.connect(system.governor).unfreeze())
        .to.emit(system.steward, "FrozenSet")
        .withArgs(false);
      await system.applyTo();
    });

    it("RevertWhen others freeze, or the guardian unfreezes", async () => {
      const { steward, stranger, guardian } = await loadFixture(calmVault);
      for (const call of [
        () => steward.connect(stranger).freeze(),
        () => steward.connect(stranger).unfreeze(),
        () => steward.connect(guardian).unfreeze(),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(steward, "AccessManagedUnauthorized");
      }
    });
  });

  describe("caps that the guardian has tightened", () => {
    const MOST = 2n ** 256n - 1n;
    const [borrowCap, debt] = [BOUNDS.borrowCap.floor / 2n, BOUNDS.maxPositionDebt.floor / 2n];

    /** Tightened, and then three weeks of a calm that anybody looks at every six hours. */
    async function tightenedVault(tightened: readonly [bigint, bigint]) {
      const system = await calmVault();
      const { vault, guardian } = system;
      const [supplyCap] = await vault.caps();
      await vault.connect(guardian).tightenCaps(supplyCap, ...tightened);
      await system.tell(CALM_SAID);
      await system.applyFor(7n * LOOSE_DELAY, 6n * HOUR);
      return { ...system, supplyCap };
    }
    const closedVault = () => tightenedVault([0n, 0n]);
    const narrowVault = () => tightenedVault([borrowCap, debt]);

    it("stay closed, whoever looks however often", async () => {
      const system = await loadFixture(closedVault);
      const { wanted, current } = await system.preview();
      expect([current.borrowCap, current.maxPositionDebt]).to.deep.equal([0n, 0n]);
      expect([wanted.borrowCap, wanted.maxPositionDebt]).to.deep.equal([0n, 0n]);
      expect([...(await system.vault.caps())]).to.deep.equal([system.supplyCap, 0n, 0n]);
    });

    it("stay where they are under the floor of the envelope, and in a storm", async () => {
      const system = await loadFixture(narrowVault);
      expect([...(await system.vault.caps())]).to.deep.equal([system.supplyCap, borrowCap, debt]);
      await system.tell(STORM);
      await system.applyFor(DAY, 2n * HOUR);
      expect([...(await system.vault.caps())]).to.deep.equal([system.supplyCap, borrowCap, debt]);
    });

    it("hold although a storm had brought them there before", async () => {
      const system = await loadFixture(calmVault);
      await system.tell(STORM);
      await system.applyTo();
      const [supplyCap, lowCap, lowDebt] = await system.vault.caps();
      await system.vault.connect(system.guardian).tightenCaps(supplyCap, lowCap, lowDebt);
      await system.tell(CALM_SAID);
      await system.applyFor(3n * LOOSE_DELAY, 6n * HOUR);
      expect([...(await system.vault.caps())]).to.deep.equal([supplyCap, lowCap, lowDebt]);
    });

    it("follow a storm down and come back as far as the ceiling", async () => {
      const system = await loadFixture(calmVault);
      const [supplyCap] = await system.vault.caps();
      const ceiling = BOUNDS.borrowCap.ceiling - BOUNDS.borrowCap.looseStep;
      await system.vault.connect(system.guardian).tightenCaps(supplyCap, ceiling, CALM.maxPositionDebt);
      await system.tell(STORM);
      await system.applyTo();
      expect((await system.values()).borrowCap).to.equal(ceiling - BOUNDS.borrowCap.tightStep);
      await system.tell(CALM_SAID);
      await system.applyFor(9n * LOOSE_DELAY, 6n * HOUR);
      expect((await system.values()).borrowCap).to.equal(ceiling);
    });

    it("are the steward's again, each by itself, once the governor has set them higher", async () => {
      const system = await loadFixture(closedVault);
      const { vault, supplyCap } = system;
      await vault.connect(system.governor).setCaps(supplyCap, borrowCap, 0n);
      expect([...(await vault.capCeilings())]).to.deep.equal([MOST, 0n]);
      await system.applyFor(2n * LOOSE_DELAY, 6n * HOUR);
      expect((await system.values()).borrowCap).to.be.greaterThan(borrowCap);
      expect((await system.values()).maxPositionDebt).to.equal(0n);
      await vault.connect(system.governor).setCaps(supplyCap, borrowCap, debt);
      expect([...(await vault.capCeilings())]).to.deep.equal([MOST, MOST]);
      await system.applyFor(2n * LOOSE_DELAY, 6n * HOUR);
      expect((await system.values()).maxPositionDebt).to.be.greaterThan(debt);
    });
  });

  it("reaches no token: none comes near it in a storm of applications", async () => {
    const system = await loadFixture(calmVault);
    await system.tell(STORM);
    const receipt = await (await system.applyTo()).wait();
    const tokens = [await system.loan.getAddress(), await system.collateral.getAddress()];
    expect(receipt?.logs.filter((log) => tokens.includes(log.address))).to.deep.equal([]);
  });
});
