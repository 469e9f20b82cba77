import { expect } from "chai";

import { closeAmount, collateralFor, penaltyOn, rewind, valueUp } from "../../../sdk/saleMath.ts";
import { BPS, ceilDiv } from "../../../sdk/math.ts";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ethers, loadFixture, networkHelpers, now } from "../../helpers/chain.ts";
import {
  banded,
  CALM_TERMS,
  CONFIG,
  deployVault,
  ENDED,
  LOAN,
  MAX,
  NO_DATA,
  openStory,
  PAUSE,
  prepare,
  SOME_DATA,
  STORY,
} from "../../helpers/vault.ts";

/** Under the anchor, above the floor; no clock has come there yet. */
const PRICE = (STORY.sunk * 97n) / 100n;
const FLOOR = ceilDiv(banded(STORY.sunk).low * (BPS - CALM_TERMS.maxDiscountBps), BPS);

async function sellersVault() {
  const [direct, batch, backstop] = (await ethers.getSigners()).slice(-3) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const system = await openStory(
    await prepare(
      await deployVault({ config: { directLiquidator: direct, batchLiquidator: batch, backstop } }),
    ),
  );
  for (const seller of [direct, batch, backstop]) await system.fund(seller, STORY.lent, 0n);
  await system.sink();
  await system.start();
  const sell = (by: HardhatEthersSigner, change = {}) =>
    system.vault.connect(by).sell({
      borrowers: [system.borrower],
      receiver: system.receiver,
      maxRepay: MAX,
      price: PRICE,
      data: NO_DATA,
      ...change,
    });
  return { ...system, direct, batch, backstop, sell };
}

const inputs = {
  debt: STORY.debt,
  collateral: STORY.collateral,
  price: PRICE,
  deciding: STORY.sunk,
  minDebt: CONFIG.minDebt,
};

describe("Sell", () => {
  for (const who of ["direct", "batch", "backstop"] as const) {
    it(`sells at a price away from the clock for the ${who} seller, who pays`, async () => {
      const { vault, loan, collateral, borrower, receiver, sell, ...sellers } =
        await loadFixture(sellersVault);
      const size = closeAmount(inputs, CALM_TERMS);
      const bought = collateralFor(size.repay, size.penaltyRate, PRICE);
      const { saleClock } = await vault.totals();
      const quote = await vault.quoteSell(borrower, PRICE, MAX);
      expect([quote.price, quote.repay, quote.penalty, quote.collateral]).to.deep.equal([
        PRICE,
        size.repay,
        size.penalty,
        bought,
      ]);
      // The direct seller is paid for gas out of the penalty: at no base fee nothing.
      await networkHelpers.setNextBlockBaseFeePerGas(0n);
      const tx = sell(sellers[who]);
      await expect(tx)
        .to.emit(vault, "Take")
        .withArgs(borrower, sellers[who], size.repay, size.penalty, bought, PRICE);
      await expect(tx).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.sold);
      await expect(tx).to.changeTokenBalance(ethers, loan, sellers[who], -(size.repay + size.penalty));
      await expect(tx).to.changeTokenBalance(ethers, collateral, receiver, bought);
      expect((await vault.totals()).saleClock).to.equal(
        rewind(saleClock, await now(), valueUp(bought, STORY.sunk), CALM_TERMS.horizon, CALM_TERMS.lot),
      );
    });
  }

  it("is for these three only", async () => {
    const { vault, taker, governor, sell } = await loadFixture(sellersVault);
    for (const user of [taker, governor]) {
      await expect(sell(user)).to.be.revertedWithCustomError(vault, "NotSeller").withArgs(user);
    }
  });

  it("goes down to the floor, and not one unit of price under it", async () => {
    const { vault, batch, sell } = await loadFixture(sellersVault);
    await expect(sell(batch, { price: FLOOR - 1n }))
      .to.be.revertedWithCustomError(vault, "PriceBelowFloor")
      .withArgs(FLOOR - 1n, FLOOR);
    await expect(sell(batch, { price: 0n }))
      .to.be.revertedWithCustomError(vault, "PriceBelowFloor")
      .withArgs(0n, FLOOR);
    await sell(batch, { price: FLOOR });
  });

  it("has its floor at the lower price", async () => {
    const { vault, batch, suspect, sell } = await loadFixture(sellersVault);
    const low = (STORY.sunk * 98n) / 100n;
    await suspect({ deciding: STORY.sunk, low });
    const floor = ceilDiv(low * (BPS - CALM_TERMS.maxDiscountBps), BPS);
    await expect(sell(batch, { price: floor - 1n })).to.be.revertedWithCustomError(vault, "PriceBelowFloor");
    await sell(batch, { price: floor });
  });

  it("refuses a price that sales can't reckon with", async () => {
    const { vault, batch, sell } = await loadFixture(sellersVault);
    for (const price of [2n ** 188n, MAX]) {
      await expect(sell(batch, { price })).to.be.revertedWithCustomError(vault, "PriceTooHigh");
    }
  });

  it("every seller may sell while sources disagree", async () => {
    const { direct, batch, backstop, suspect, sell } = await loadFixture(sellersVault);
    await suspect({ deciding: STORY.sunk });
    await sell(direct, { maxRepay: 1_000n * LOAN });
    await sell(batch, { maxRepay: 1_000n * LOAN });
    await sell(backstop, { maxRepay: 1_000n * LOAN });
  });

  it("sells live sales of unhealthy positions only, the close amount at most, and leaves no dust", async () => {
    const { vault, borrower, otherBorrower, batch, direct, sink, open, stale, guardian, governor, sell } =
      await loadFixture(sellersVault);
    const { repay } = closeAmount(inputs, CALM_TERMS);
    await expect(sell(batch, { borrowers: [otherBorrower] })).to.be.revertedWithCustomError(
      vault,
      "NothingToTake",
    );
    await sink(STORY.price);
    await open(otherBorrower);
    await expect(sell(batch, { price: STORY.price })).to.be.revertedWithCustomError(vault, "NothingToTake");
    await sink();
    await expect(sell(batch, { borrowers: [otherBorrower] })).to.be.revertedWithCustomError(
      vault,
      "NothingToTake",
    );
    await stale();
    await expect(sell(direct)).to.be.revertedWithCustomError(vault, "OracleStale");
    await sink();
    await vault.connect(guardian).pause(PAUSE.sales);
    await expect(sell(batch)).to.be.revertedWithCustomError(vault, "ActionPaused");
    await vault.connect(governor).unpause(PAUSE.sales);
    await sell(batch, { borrowers: [borrower, otherBorrower, borrower], maxRepay: repay });
    expect(await vault.debtOf(borrower)).to.equal(STORY.debt - repay);
  });

  it("takes a part within its budget", async () => {
    const { vault, loan, backstop, borrower, sell } = await loadFixture(sellersVault);
    const part = 1_000n * LOAN;
    const quote = await vault.quoteSell(borrower, PRICE, part);
    expect([quote.repay, quote.penalty]).to.deep.equal([part, penaltyOn(part, CALM_TERMS.penaltyBps)]);
    await expect(sell(backstop, { maxRepay: part })).to.changeTokenBalance(
      ethers,
      loan,
      backstop,
      -(part + quote.penalty),
    );
  });

  it("calls its payer back where there is data: one without code fails", async () => {
    const { batch, sell } = await loadFixture(sellersVault);
    await expect(sell(batch, { data: SOME_DATA })).to.revert(ethers);
  });
});
