import { expect } from "chai";

import {
  CRASHED,
  deployBatch,
  ethers,
  MIN_DEBT,
  networkHelpers,
  ONE_LOAN,
  passBoundary,
  putForSale,
  tickPrice,
} from "../unit/BatchAuctionLiquidator/fixture.ts";

const { loadFixture, time } = networkHelpers;
const K = 1_000n * ONE_LOAN;
/** `low x (1 - maxDiscount)`. */
const FLOOR = (CRASHED * 92n) / 100n;

describe("Attack 17, batch auctions: cheap bids, a lone bidder, congestion", () => {
  it("a lone bidder at the deepest tick buys nothing until the clock is there, and never under the floor", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 63n, 500n * K, alice);
    // Two hours without any keeper.
    for (let i = 0; i < 4; ++i) {
      await time.increase(1_800);
      await expect(batch.clear(vault, borrowers)).to.be.revertedWithCustomError(batch, "NothingToClear");
    }
    expect(tickPrice(CRASHED, 63n)).to.be.lessThan(FLOOR);
    await batch.connect(alice).placeBid(vault, 51n, 500n * K, alice);
    await passBoundary(batch);
    await expect(batch.clear(vault, borrowers)).to.be.revertedWithCustomError(batch, "NothingToClear");
    // Proofs within each half-life: the clock goes on.
    for (let i = 0; i < 10; ++i) {
      await time.increase(120);
      for (const borrower of borrowers) await vault.touch(borrower);
    }
    await passBoundary(batch);
    const result = await batch.clear.staticCall(vault, borrowers);
    await batch.clear(vault, borrowers);
    expect(result.price).to.be.at.least(FLOOR);
    expect((await batch.bid(1n)).open).to.equal(500n * K, "the cheap bid");
  });

  it("a lone bidder who bids for too little gets the clock's price, as any taker would, not a better one", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 0n, 50n * K, alice);
    await passBoundary(batch, 120n);
    const { price } = await vault.quoteTake(borrowers[0] ?? "");
    const result = await batch.preview(vault, borrowers);
    expect(result.price).to.be.at.least(price);
    expect(result.payment).to.be.within(50n * K - 1n, 50n * K);
  });

  it("a second bidder takes that price away from him", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice, bob } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 0n, 50n * K, alice);
    await batch.connect(bob).placeBid(vault, 1n, 100n * K, bob);
    await passBoundary(batch, 120n);
    expect((await batch.preview(vault, borrowers)).price).to.equal(tickPrice(CRASHED, 1n));
  });

  it("boundaries come by time: where nobody clears for an hour the bids stand and clear later", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice } = system;
    const borrowers = await putForSale(system);
    await batch.connect(alice).placeBid(vault, 4n, 500n * K, alice);
    const boundary = await batch.nextBoundary();
    await time.increase(3_600);
    expect((await batch.nextBoundary()) - boundary).to.be.within(3_600n, 3_660n);
    const result = await batch.clear.staticCall(vault, borrowers);
    await batch.clear(vault, borrowers);
    expect(result.price).to.equal(tickPrice(CRASHED, 4n));
  });

  it("the smallest bids at all 64 ticks make a clearing dearer by a bounded amount, once", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, loan, alice } = system;
    const borrowers = await putForSale(system);
    const spammer = await ethers.deployContract("MockBidder", [batch]);
    await loan.mint(spammer, 64n * MIN_DEBT);
    await spammer.placeMany(vault, 64n, 64n, MIN_DEBT, spammer);
    // Proofs within each half-life: the clock goes on.
    for (let i = 0; i < 10; ++i) {
      await time.increase(120);
      for (const borrower of borrowers) await vault.touch(borrower);
    }
    await batch.connect(alice).placeBid(vault, 50n, 500n * K, alice);
    await passBoundary(batch);
    const receipt = await (await batch.clear(vault, borrowers)).wait();
    console.log(`      gas of clear through 51 ticks of dust: ${String(receipt?.gasUsed)}`);
    expect(receipt?.gasUsed).to.be.lessThan(8_000_000n);
    for (const id of [1n, 50n]) expect((await batch.bid(id)).open).to.equal(0n, "the dust was spent");
    expect((await batch.bid(64n)).open).to.equal(MIN_DEBT);
  });
});
