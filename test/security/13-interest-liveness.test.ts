import { expect } from "chai";

import { loadFixture } from "../helpers/chain.ts";
import {
  COLL,
  deployVault,
  LOAN,
  MAX,
  NO_DATA,
  openStory,
  prepare,
  price,
  RATE_MODEL,
  STORY,
  YEAR,
} from "../helpers/vault.ts";

const behaviours: [string, bigint, bigint][] = [
  ["reverts", 0n, RATE_MODEL.reverts],
  ["burns all its gas", 0n, RATE_MODEL.burnsGas],
  ["answers too little", 0n, RATE_MODEL.answersShort],
  ["answers the largest number", MAX, RATE_MODEL.answers],
  ["answers nothing at all", 0n, RATE_MODEL.answers],
];

/** Of so high a debt the collateral must be worth more, for a sale that covers it. */
const HIGH_PRICE = price(10n ** 15n);

/** Without caps that the interest of decades would pass. */
async function uncappedVault() {
  const most = 2n ** 96n - 1n;
  return openStory(await prepare(await deployVault({ config: { supplyCap: most, borrowCap: most } })));
}

describe("Security 13: interest that overflows, rate models that break", () => {
  for (const [what, answer, mode] of behaviours) {
    for (const years of [0n, 10n, 38n]) {
      it(`with a rate model that ${what}, everything works ${years} years after the last touch, twice`, async () => {
        const system = await loadFixture(uncappedVault);
        const { vault, loan, borrower, lender, stranger, otherBorrower, rateModel } = system;
        const { fund, open, pass, sink, start, take } = system;
        await rateModel.set(answer, answer, mode);
        await pass(years * YEAR + 1n);
        await sink(HIGH_PRICE);

        await vault.connect(stranger).deposit(1_000n * LOAN, stranger);
        await open(otherBorrower, COLL, 1_000n * LOAN);
        await vault.connect(otherBorrower).withdrawCollateral(1n, otherBorrower, otherBorrower);
        await pass(years * YEAR + 1n);
        await vault.connect(lender).withdraw(LOAN, lender, lender);

        await sink(STORY.underWater);
        await start();
        await take({ maxRepay: LOAN });
        await take();
        await vault.realizeLoss(borrower);

        const debt = await vault.debtOf(otherBorrower);
        await fund(otherBorrower, debt, 0n);
        await vault
          .connect(otherBorrower)
          .repayAndWithdrawCollateral(MAX, MAX, otherBorrower, otherBorrower, NO_DATA);
        expect((await vault.totals()).scaledDebt).to.equal(0n);
        for (const user of [stranger, lender]) {
          const shares = await vault.maxRedeem(user);
          await vault.connect(user).redeem(shares, user, user);
        }
        expect(await loan.balanceOf(lender)).to.be.above(LOAN);
      });
    }
  }
});
