import { expect } from "chai";

import {
  type BatchSystem,
  crash,
  CRASHED,
  deployBatch,
  ethers,
  MIN_DEBT,
  networkHelpers,
  ONE_LOAN,
  openPosition,
  passBoundary,
  putForSale,
  tickPrice,
} from "../unit/BatchAuctionLiquidator/fixture.ts";
import { BidState } from "../unit/BatchAuctionLiquidator/states.ts";

const { loadFixture } = networkHelpers;
const K = 1_000n * ONE_LOAN;

const ascending = (addresses: readonly string[]): string[] =>
  [...addresses].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));

describe("Attack 16, batch auctions: front-running, last looks and the order of calls", () => {
  it("a bid placed just before a clearing, in the same interval, buys nothing", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice, bob } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 5n, 500n * K, alice);
    await passBoundary(batch);
    const before = await batch.preview(vault, borrowers);
    await batch.connect(bob).placeBid(vault, 0n, 500n * K, bob);
    const after = await batch.preview(vault, borrowers);
    expect(after.tick).to.equal(before.tick);
    await batch.connect(bob).clear(vault, borrowers);
    expect((await batch.bid(2n)).open).to.equal(500n * K);
    expect((await batch.bid(1n)).open).to.be.lessThan(450n * K);
  });

  it("a bid cancelled just before a clearing, in the same interval, is filled all the same", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, loan, alice } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 5n, 500n * K, alice);
    await passBoundary(batch);
    await batch.connect(alice).cancel(1n);
    const { payment } = await batch.clear.staticCall(vault, borrowers);
    await batch.clear(vault, borrowers);
    const bid = await batch.bid(1n);
    expect(bid.state).to.equal(BidState.LEAVING);
    expect(bid.open).to.be.within(500n * K - payment - 2n, 500n * K - payment);
    expect(bid.claimable).to.be.greaterThan(0n);
    await passBoundary(batch);
    await expect(batch.withdraw(1n)).to.changeTokenBalance(ethers, loan, alice, bid.open);
  });

  it("a bid that left at the boundary is out, though nobody has touched the book since", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice, bob } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 5n, 500n * K, alice);
    await batch.connect(bob).placeBid(vault, 6n, 500n * K, bob);
    await passBoundary(batch);
    await batch.connect(alice).cancel(1n);
    await passBoundary(batch);
    const result = await batch.preview(vault, borrowers);
    expect(result.tick).to.equal(6n);
    await batch.clear(vault, borrowers);
    expect((await batch.bid(1n)).open).to.equal(500n * K);
    expect((await batch.bid(1n)).claimable).to.equal(0n);
  });

  it("neither the order of bids nor who clears changes a price or a fill", async () => {
    const outcome = async (order: readonly number[]) => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice, bob, carol, keeper } = system;
      const borrowers = await putForSale(system);
      const bidders = [alice, bob, carol];
      const ids = new Map<number, bigint>();
      for (const [i, who] of order.entries()) {
        const bidder = bidders[who] ?? alice;
        await batch.connect(bidder).placeBid(vault, BigInt(2 + who), BigInt(40 + 10 * who) * K, bidder);
        ids.set(who, BigInt(i + 1));
      }
      await passBoundary(batch);
      const clearer = order[0] === 0 ? keeper : carol;
      const { price } = await batch.connect(clearer).clear.staticCall(vault, borrowers);
      await batch.connect(clearer).clear(vault, borrowers);
      const open = await Promise.all(
        [0, 1, 2].map(async (who) => (await batch.bid(ids.get(who) ?? 0n)).open),
      );
      return { price, open: open.map((left) => left / ONE_LOAN) };
    };
    expect(await outcome([0, 1, 2])).to.deep.equal(await outcome([2, 0, 1]));
  });

  it("a clearing with an empty or useless list uses nothing up", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice, bob } = system;
    const healthy = await openPosition(system);
    const borrowers = await putForSale(system);
    await vault.connect(bob).repay(100_000n * ONE_LOAN, healthy);
    await batch.connect(alice).placeBid(vault, 5n, 500n * K, alice);
    await passBoundary(batch);
    for (const list of [[], [bob.address], [healthy]]) {
      await expect(batch.connect(bob).clear(vault, list)).to.be.revertedWithCustomError(
        batch,
        "NothingToClear",
      );
    }
    await batch.clear(vault, borrowers);
    await expect(batch.clear(vault, borrowers)).to.be.revertedWithCustomError(batch, "NothingToClear");
  });

  it("whoever clears one small position first shuts nobody else's out, and moves no price under the clock", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice, bob } = system;
    const [first = "", ...others] = await putForSale(system, 3);
    await batch.connect(alice).placeBid(vault, 1n, 50n * K, alice);
    await batch.connect(bob).placeBid(vault, 6n, 500n * K, bob);
    await passBoundary(batch);
    const one = await batch.clear.staticCall(vault, [first]);
    await batch.connect(bob).clear(vault, [first]);
    const rest = await batch.clear.staticCall(vault, others);
    await batch.connect(alice).clear(vault, others);
    expect(rest.boundary).to.equal(one.boundary);
    expect(rest.payment).to.equal(rest.supply);
    expect(rest.price).to.equal(tickPrice(CRASHED, 6n));
    for (const borrower of others) expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("a list with a fresh sale in it raises the bound for all in it, and leaves the older ones to the next list", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice } = system;
    const [old = ""] = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 16n, 500n * K, alice);
    await passBoundary(batch, 50n);
    const fresh = await openPositionAt(system);
    await vault.startSale(fresh, ethers.ZeroAddress);
    await passBoundary(batch);
    await expect(batch.clear(vault, ascending([old, fresh]))).to.be.revertedWithCustomError(
      batch,
      "NothingToClear",
    );
    await batch.clear(vault, [old]);
    expect((await vault.position(old)).saleStartedAt).to.equal(0n);
  });

  it("a borrower who bids for himself pays the clock's price at least, and the penalty", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, collateral, alice } = system;
    await collateral.mint(alice, 100n * 10n ** 18n);
    await collateral.connect(alice).approve(vault, ethers.MaxUint256);
    await vault.connect(alice).supplyCollateral(100n * 10n ** 18n, alice);
    await vault.connect(alice).borrow(160_000n * ONE_LOAN, alice, alice);
    await crash(system, system, [alice.address]);
    await batch.connect(alice).placeBid(vault, 63n, 500n * K, alice);
    await batch.connect(alice).placeBid(vault, 0n, 10n * K, alice);
    await passBoundary(batch);
    const lendersBefore = await vault.totalAssets();
    const reserveBefore = (await vault.totals()).reserve;
    const { price } = await vault.quoteTake(alice);
    const debtBefore = await vault.debtOf(alice);
    const result = await batch.clear.staticCall(vault, [alice]);
    await batch.connect(alice).clear(vault, [alice]);
    expect(result.price).to.be.greaterThanOrEqual(price);
    expect(result.payment).to.be.at.most(10n * K);
    const repaid = debtBefore - (await vault.debtOf(alice));
    const penalty = (await vault.totals()).reserve - reserveBefore;
    expect(repaid + penalty).to.be.within(result.payment - 1n, result.payment + 1n);
    expect(penalty * 200n).to.be.closeTo(repaid, 200n);
    // What he bought is worth less than a discount of hold more than what he paid.
    expect((result.collateral * CRASHED * 985n) / 10n ** 39n).to.be.at.most(result.payment);
    expect(await vault.totalAssets()).to.be.at.least(lendersBefore);
  });

  it("loops of placing, cancelling and withdrawing gain nothing, also beside fills", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, loan, alice, bob } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 5n, 333_333_333_333n, alice);
    await passBoundary(batch);
    await batch.clear(vault, borrowers);
    const before = await loan.balanceOf(bob);
    for (let i = 0n; i < 20n; ++i) {
      const id = (await batch.bidCount()) + 1n;
      await batch.connect(bob).placeBid(vault, 5n, MIN_DEBT + i, bob);
      await passBoundary(batch);
      await batch.connect(bob).cancel(id);
      await passBoundary(batch);
      await batch.withdraw(id);
    }
    expect(await loan.balanceOf(bob)).to.be.within(before - 20n, before);
    const [assets] = await batch.holdings(vault);
    expect(assets).to.be.within((await batch.bid(1n)).open, (await batch.bid(1n)).open + 22n);
  });

  it("nobody's allowance is spent but the caller's in his own bid", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, loan, alice, bob } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 5n, 500n * K, alice);
    await passBoundary(batch);
    const before = await loan.balanceOf(alice);
    await batch.connect(bob).placeBid(vault, 0n, K, alice);
    await batch.connect(bob).clear(vault, borrowers);
    await batch.connect(bob).claim(1n);
    expect(await loan.balanceOf(alice)).to.equal(before);
    expect(await loan.allowance(batch, vault)).to.equal(0n);
  });
});

/** Opens at the start price, back to the crashed one. */
async function openPositionAt(system: BatchSystem): Promise<string> {
  // Healthy while the price is up for a moment: the old sale is not touched meanwhile.
  await system.oracle.setExactPrice(2_000n * 10n ** 24n);
  const borrower = await openPosition(system);
  await system.oracle.setPrice(CRASHED);
  return borrower;
}
