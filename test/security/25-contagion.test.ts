import { expect } from "chai";

import {
  deployBatch,
  ethers,
  type Market,
  MIN_DEBT,
  networkHelpers,
  ONE_COLLATERAL,
  ONE_LOAN,
  openPosition,
  passBoundary,
} from "../unit/BatchAuctionLiquidator/fixture.ts";

const { loadFixture, time } = networkHelpers;
const K = 1_000n * ONE_LOAN;
/** Debt 160,000 against collateral of 130,000. */
const UNDER_WATER = 1_300n * 10n ** 24n;

/** Two vaults of one factory: the same loan asset, lender, bidders, curve, rate model and batch liquidator. */
async function twoVaults() {
  const system = await loadFixture(deployBatch);
  const other = await system.deployVault();
  return { system, other };
}

/** Everything that a lender, borrower or bidder of a vault owns, bit by bit. */
async function stateOf(
  { vault, collateral, oracle }: Market,
  batch: {
    book(vault: Market["vault"]): Promise<unknown>;
    holdings(vault: Market["vault"]): Promise<unknown>;
  },
  loan: { balanceOf(of: Market["vault"]): Promise<bigint> },
  borrower: string,
) {
  return [
    await vault.totals(),
    await vault.totalAssets(),
    await vault.totalSupply(),
    await vault.convertToAssets(10n ** 18n),
    await vault.markdown(),
    await vault.position(borrower),
    await loan.balanceOf(vault),
    await collateral.balanceOf(vault),
    await batch.book(vault),
    await batch.holdings(vault),
    await oracle.price(),
  ].toString();
}

describe("Security 25: a loss stays in its vault", () => {
  it("a crash, a batch, a loss for lenders and a run in one vault leave the other bit-equal", async () => {
    const { system, other } = await twoVaults();
    const { vault, oracle, batch, lender, alice, bob, keeper } = system;
    const safe = await openPosition(other);
    const lost = await openPosition(system);
    await other.loan.connect(bob).approve(batch, ethers.MaxUint256);
    await batch.connect(bob).placeBid(other.vault, 3n, 200n * K, bob);
    await batch.connect(alice).placeBid(vault, 50n, 500n * K, alice);
    await passBoundary(batch);
    const before = await stateOf(other, batch, other.loan, safe);
    const price = await vault.convertToAssets(10n ** 18n);

    await oracle.setPrice(UNDER_WATER);
    await vault.startSale(lost, ethers.ZeroAddress);
    // Proofs within each half-life: the clock goes on.
    for (let i = 0; i < 10; ++i) {
      await time.increase(120);
      for (const borrower of [lost]) await vault.touch(borrower);
    }
    await batch.connect(keeper).clear(vault, [lost]);
    const debt = await vault.debtOf(lost);
    expect(debt).to.be.above(30n * K);
    await vault.realizeLoss(lost);
    await vault.connect(lender).withdraw(1_000n * K, lender, lender);

    // The loss is there: lenders of this vault bear it.
    expect(await vault.convertToAssets(10n ** 18n)).to.be.below(price - (price * 3n) / 1_000n);
    expect(await stateOf(other, batch, other.loan, safe)).to.equal(before);
  });

  it("bids for one collateral buy none of another, and pay no other vault's loss", async () => {
    const { system, other } = await twoVaults();
    const { vault, oracle, batch, bob } = system;
    const lost = await openPosition(system);
    await other.loan.connect(bob).approve(batch, ethers.MaxUint256);
    await batch.connect(bob).placeBid(other.vault, 0n, 500n * K, bob);
    await passBoundary(batch);
    await oracle.setPrice(UNDER_WATER);
    await vault.startSale(lost, ethers.ZeroAddress);
    await passBoundary(batch, 300n);
    await expect(batch.clear(vault, [lost])).to.be.revertedWithCustomError(batch, "NothingToClear");
    await expect(batch.clear(other.vault, [lost])).to.be.revertedWithCustomError(batch, "NothingToClear");
    expect(await batch.holdings(other.vault)).to.deep.equal([500n * K, 0n]);
    expect((await batch.bid(1n)).open).to.equal(500n * K);
  });

  it("a dead oracle in one vault closes nothing in the other", async () => {
    const { system, other } = await twoVaults();
    const { oracle, lender } = system;
    await oracle.set({
      deciding: 0n,
      low: 0n,
      high: 0n,
      startBound: 0n,
      liveSince: 0n,
      aliveUntil: 0n,
      state: 0n,
    });
    await expect(openPosition(system)).to.be.revertedWithCustomError(system.vault, "OracleNotFresh");
    const borrower = await openPosition(other, ONE_COLLATERAL, MIN_DEBT);
    expect(await other.vault.debtOf(borrower)).to.equal(MIN_DEBT);
    await other.vault.connect(lender).withdraw(K, lender, lender);
  });
});
