import { expect } from "chai";

import { PRICE_SCALE } from "../../sdk/math.ts";
import { loadFixture } from "../helpers/chain.ts";
import { CONFIG, deployVault, LOAN, prepare } from "../helpers/vault.ts";

/** A unit worth so much is worth a thousandth of the smallest debt. */
const COARSEST = (CONFIG.minDebt * PRICE_SCALE) / 1_000n;
/** Under the LTV at which loans go out, and above the one at which sales start once the price has fallen by a ninth. */
const LENT_BPS = 7_900n;
const UNITS = 2_000n;

const vaultAt = async (unitPrice: bigint) => {
  const system = await prepare(await deployVault());
  await system.oracle.setPrice(unitPrice);
  return system;
};

async function coarseVault() {
  const system = await vaultAt(100_000n * LOAN * PRICE_SCALE);
  await system.fund(system.borrower, 0n, 10n);
  await system.vault.connect(system.borrower).supplyCollateral(10n, system.borrower);
  return system;
}

async function coarsestVault() {
  const system = await vaultAt(COARSEST);
  const debt = (((UNITS * COARSEST) / PRICE_SCALE) * LENT_BPS) / 10_000n;
  await system.open(system.borrower, UNITS, debt);
  await system.sink((COARSEST * 90n) / 100n);
  await system.start();
  return system;
}

describe("Security: collateral whose units are worth much", () => {
  it("bears no debt where one is worth more than a thousandth of the smallest", async () => {
    const { vault, borrower } = await loadFixture(coarseVault);
    await expect(vault.connect(borrower).borrow(780_000n * LOAN, borrower, borrower))
      .to.be.revertedWithCustomError(vault, "CollateralTooCoarse")
      .withArgs(100_000n * LOAN * PRICE_SCALE, CONFIG.minDebt);
    await vault.connect(borrower).withdrawCollateral(10n, borrower, borrower);
  });

  it("bears none at the coarsest and a little", async () => {
    const system = await vaultAt(COARSEST + PRICE_SCALE);
    const { vault, borrower } = system;
    await expect(system.open(borrower, UNITS, 120n * LOAN)).to.be.revertedWithCustomError(
      vault,
      "CollateralTooCoarse",
    );
  });

  it("is sold at the coarsest still: the largest take gets what it pays for to half a percent", async () => {
    const { vault, borrower, take } = await loadFixture(coarsestVault);
    const { repay, penalty, collateral, price: asked } = await vault.quoteTake(borrower);
    expect(collateral).to.be.above(0n);
    const got = (collateral * asked) / PRICE_SCALE;
    expect(got * 1_000n).to.be.at.least((repay + penalty) * 995n);
    await take();
    expect(await vault.debtOf(borrower)).to.be.below(repay + CONFIG.minDebt * 20n);
  });
});
