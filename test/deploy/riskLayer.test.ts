import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { network } from "hardhat";

import { ROLES } from "../../deploy/roles.ts";
import { type Parameter, PARAMETERS } from "../../sdk/stewardMath.ts";
import { type Deployed, deployLocally } from "./fixtures.ts";

/** The risk layer of a deployed system at work, on its own feeds and pools. */

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const [lender, governor, guardian, borrower, anybody] = (await ethers.getSigners()) as [
  HardhatEthersSigner,
  HardhatEthersSigner,
  HardhatEthersSigner,
  HardhatEthersSigner,
  HardhatEthersSigner,
];

const MINUTE = 60;
const DAY = 86_400;
const EVERY = 10 * MINUTE;
const ONE_ANSWER = 10n ** 8n;
const PRICE = 2_000n;

const byName = (values: readonly bigint[]) =>
  Object.fromEntries(PARAMETERS.map((name, i) => [name, values[i]])) as Record<Parameter, bigint>;

async function partsOf({ addresses, parameters, system }: Deployed) {
  const aggregators = await Promise.all(
    [parameters.oracle.primary, parameters.oracle.second].map((source) => {
      if (source?.kind !== "chainlink") throw new Error("expected an aggregator");
      return ethers.getContractAt("MockAggregator", source.aggregator);
    }),
  );
  const vault = await ethers.getContractAt("IVault", addresses.vault);
  const steward = await ethers.getContractAt("RiskSteward", addresses.riskSteward);
  const volatility = await ethers.getContractAt("VolatilityOracle", addresses.volatilityOracle);
  const depth = await ethers.getContractAt("DepthOracle", addresses.depthOracle);
  const damped = await ethers.getContractAt("DampedSource", addresses.dampedVaultSource);
  const monitor = await ethers.getContractAt("ContagionMonitor", addresses.contagionMonitor);
  const deleverager = await ethers.getContractAt("Deleverager", addresses.deleverager);
  const direct = await ethers.getContractAt("DirectSaleLiquidator", addresses.directLiquidator);
  /** All that keepers do at a price, whole loan tokens. */
  const keep = async (price: bigint) => {
    for (const aggregator of aggregators) await aggregator.pushAnswer(price * ONE_ANSWER);
    await volatility.connect(anybody).poke(system.risk.volatility.feed.address, 100n);
    await depth.connect(anybody).poke(parameters.collateral.address, parameters.loan.address);
    await damped.connect(anybody).poke();
  };
  const preview = async () => {
    const [market, current, wanted] = await steward.preview(vault);
    return { market, current: byName(current), wanted: byName(wanted) };
  };
  const authority = await ethers.getContractAt("AccessManager", addresses.authority);
  return { authority, vault, steward, monitor, deleverager, direct, keep, preview, system, parameters };
}

async function deploy() {
  return partsOf(await deployLocally(connection));
}

/** After two quiet hours in which keepers did their work. */
async function warmUp() {
  const parts = await deploy();
  for (let passed = 0; passed < 2 * 60 * MINUTE; passed += EVERY) {
    await time.increase(EVERY);
    await parts.keep(passed % (2 * EVERY) === 0 ? PRICE + 2n : PRICE);
  }
  return parts;
}

describe("The risk layer of a deployed system", () => {
  describe("given inputs that know nothing yet", () => {
    it("moves nothing, and leaves direct sales on", async () => {
      const { vault, steward, preview } = await loadFixture(deploy);
      const before = await preview();
      expect(before.market.hasVolatility || before.market.hasDepth || before.market.hasStress).to.equal(
        false,
      );
      await steward.connect(anybody).applyTo(vault);
      await time.increase(3_600);
      await steward.connect(anybody).applyTo(vault);
      const { current } = await preview();
      expect(current).to.deep.equal(before.current);
    });
  });

  it("hears three sources, for 360 days from the moment at which the steward got its role", async () => {
    const { authority, steward, monitor } = await loadFixture(deploy);
    const { since } = await authority.getAccess(ROLES.steward, steward);
    expect(await time.latest()).to.be.within(since, since + 600n);
    const ends = (await monitor.sources()).map(({ expiresAt }) => expiresAt);
    expect(ends).to.deep.equal(Array.from({ length: 3 }, () => since + 360n * BigInt(DAY)));
  });

  describe("given two quiet hours", () => {
    it("hears all of its inputs", async () => {
      const { monitor, preview } = await loadFixture(warmUp);
      expect((await monitor.readings()).map(({ isLive }) => isLive)).to.deep.equal([true, true, true]);
      const { market } = await preview();
      expect([market.hasVolatility, market.hasDepth, market.hasStress, market.hasPrice]).to.deep.equal([
        true,
        true,
        true,
        true,
      ]);
      expect(market.stress).to.be.below(10n ** 17n);
      expect(market.depth).to.be.within(29_900_000n * 10n ** 6n, 30_000_000n * 10n ** 6n);
    });

    it("asks for the parameters that were deployed, and lets one relax: what the policy expects", async () => {
      const { preview } = await loadFixture(warmUp);
      const { current, wanted } = await preview();
      expect(wanted.policyVolatility).to.be.below(current.policyVolatility);
      const asDeployed = { policyVolatility: 0n };
      expect({ ...wanted, ...asDeployed }).to.deep.equal({ ...current, ...asDeployed });
    });

    it("knows how far a position is from liquidation", async () => {
      const { vault, deleverager, parameters } = await loadFixture(warmUp);
      const loan = await ethers.getContractAt("MockERC20", parameters.loan.address);
      const collateral = await ethers.getContractAt("MockERC20", parameters.collateral.address);
      await loan.approve(vault, 10n ** 12n);
      await vault.connect(lender).deposit(10n ** 12n, lender);
      await collateral.mint(borrower, 10n ** 19n);
      await collateral.connect(borrower).approve(vault, 10n ** 19n);
      await vault.connect(borrower).supplyCollateral(10n ** 19n, borrower);
      await vault.connect(borrower).borrow(15_000n * 10n ** 6n, borrower, borrower);
      // 10% of the price, at volatilities of 2% to 10% a day.
      expect(await deleverager.distance(vault, borrower, DAY)).to.be.within(10n ** 18n, 6n * 10n ** 18n);
    });
  });

  describe("given a fall of a quarter within an hour", () => {
    async function storm() {
      const parts = await loadFixture(warmUp);
      for (const price of [1_900n, 1_800n, 1_700n, 1_600n, 1_500n]) {
        await time.increase(EVERY);
        await parts.keep(price);
      }
      return parts;
    }

    it("is tightened by anybody, with the steward's role", async () => {
      const { vault, steward, preview } = await storm();
      const before = await preview();
      await expect(steward.connect(anybody).applyTo(vault)).to.emit(steward, "LiquidationLtvAnnounced");
      const { current } = await preview();
      expect(current.liquidationLtv).to.equal(before.current.liquidationLtv);
      for (const name of ["borrowLtv", "targetLtv", "maxPositionDebt"] as const) {
        expect(current[name] < before.current[name], name).to.equal(true);
      }
      for (const name of ["hold", "maxDiscount", "policyVolatility"] as const) {
        expect(current[name] > before.current[name], name).to.equal(true);
      }
    });

    it("leaves the guardian a veto, and a way to stop it", async () => {
      const { vault, steward } = await storm();
      await steward.connect(anybody).applyTo(vault);
      await expect(steward.connect(guardian).veto(vault)).to.emit(steward, "Vetoed");
      await steward.connect(guardian).freeze();
      await expect(steward.connect(anybody).applyTo(vault)).to.be.revertedWithCustomError(steward, "Frozen");
      await expect(steward.connect(guardian).unfreeze()).to.be.revertedWithCustomError(
        steward,
        "AccessManagedUnauthorized",
      );
      await steward.connect(governor).unfreeze();
      await steward.connect(anybody).applyTo(vault);
    });
  });
});
