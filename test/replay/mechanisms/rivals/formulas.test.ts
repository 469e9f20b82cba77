import { expect } from "chai";
import { network } from "hardhat";

import { CALM_LTVS } from "../../../../scripts/kit/defaults.ts";
import { ONE_COLLATERAL, ONE_LOAN } from "../../../../sdk/units.ts";
import {
  AAVE4,
  type BonusRules,
  EULER,
  poolRules,
} from "../../../../scripts/replay/mechanisms/fixedBonus.ts";
import { expectNear } from "../../../helpers/near.ts";

const { ethers } = await network.create({ network: "sim", chainType: "l1" });

const DEBT = 8_000n * ONE_LOAN;
const COLLATERAL = 10n * ONE_COLLATERAL;
/** Loan units per collateral unit, 1e36 scale, of a price in whole assets. */
const scaled = (price: bigint): bigint => price * 10n ** 24n;

/** A position of 10 whole collateral assets and 8,000 loan assets, whose LTV is 80% at a price of 1,000. */
async function open(rules: BonusRules) {
  const [owner] = await ethers.getSigners();
  if (owner === undefined) throw new Error("the chain has no accounts");
  const loan = await ethers.deployContract("MockERC20", ["Loan", "L", 6n]);
  const collateral = await ethers.deployContract("MockERC20", ["Collateral", "C", 18n]);
  const oracle = await ethers.deployContract("MockOracle", [collateral, loan]);
  await oracle.setExactPrice(scaled(1_000n));
  const { borrowLtvBps, liquidationLtvBps } = CALM_LTVS;
  const pool = await ethers.deployContract("MockFixedBonusPool", [
    loan,
    collateral,
    oracle,
    borrowLtvBps,
    liquidationLtvBps,
    100n * ONE_LOAN,
    poolRules(rules, { liquidationLtvBps, targetLtvBps: 7_055n }),
  ]);
  await loan.mint(owner, DEBT);
  await loan.approve(pool, DEBT);
  await pool.deposit(DEBT, owner);
  await collateral.mint(owner, COLLATERAL);
  await collateral.approve(pool, COLLATERAL);
  await pool.supplyCollateral(COLLATERAL, owner);
  await pool.borrow(DEBT, owner, owner);
  return {
    /** The largest liquidation at a price, whole assets. */
    largestAt: async (price: bigint) => {
      await oracle.setExactPrice(scaled(price));
      const [view] = await pool.positions(pool, [owner]);
      const inWhole = (units: bigint | undefined, one: bigint) => Number(units) / Number(one);
      return {
        repay: inWhole(view?.closeAmount, ONE_LOAN),
        collateral: inWhole(view?.collateralOut, ONE_COLLATERAL),
      };
    },
  };
}

describe("Euler v2's rules", () => {
  it("sell nothing of a position at health 1 or more", async () => {
    const { largestAt } = await open(EULER);
    expect(await largestAt(970n)).to.deep.equal({ repay: 0, collateral: 0 });
  });

  it("sell the whole position at a discount of one less its health", async () => {
    const { largestAt } = await open(EULER);
    // Health 0.83 x 9,600 / 8,000 = 0.996: 8,000 / 960 / 0.996.
    const shallow = await largestAt(960n);
    expect(shallow.repay).to.equal(8_000);
    expectNear(shallow.collateral, 8.366800535, 1e-9);
    // Health 0.83 x 9,200 / 8,000 = 0.9545: 8,000 / 920 / 0.9545.
    const deeper = await largestAt(920n);
    expect(deeper.repay).to.equal(8_000);
    expectNear(deeper.collateral, 9.110164666, 1e-9);
  });

  it("give 15% at most: all collateral for 85% of its value", async () => {
    const { largestAt } = await open(EULER);
    const { repay, collateral } = await largestAt(800n);
    expect(collateral).to.equal(10);
    expectNear(repay, 6_800, 1e-5);
  });
});

describe("Aave v4's rules", () => {
  it("sell as much as brings health to 1.05, at a bonus that grows as health falls", async () => {
    const { largestAt } = await open(AAVE4);
    // Health 0.996, bonus 1% + 4% x 0.04: (8,000 - 0.7904 x 9,600) / (1 - 0.7904 x 1.0116).
    const shallow = await largestAt(960n);
    expectNear(shallow.repay, 2_056.364832, 2e-6);
    expectNear(shallow.collateral, 2.166894442, 1e-8);
    // Health 0.9545, bonus 1% + 4% x 0.455: (8,000 - 0.7904 x 9,200) / (1 - 0.7904 x 1.0282).
    const deeper = await largestAt(920n);
    expectNear(deeper.repay, 3_888.298545, 2e-6);
    expectNear(deeper.collateral, 4.345596265, 1e-8);
  });

  it("leave the position at health 1.05", async () => {
    const { largestAt } = await open(AAVE4);
    const { repay, collateral } = await largestAt(920n);
    const health = (0.83 * (10 - collateral) * 920) / (8_000 - repay);
    expectNear(health, 1.05, 2e-4);
  });

  it("give 5% at most", async () => {
    const { largestAt } = await open(AAVE4);
    const { repay, collateral } = await largestAt(850n);
    expectNear((collateral * 850) / repay, 1.05, 1e-8);
  });
});
