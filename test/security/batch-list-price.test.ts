import { expect } from "chai";

import {
  type BatchSystem,
  crash,
  CRASHED,
  deployBatch,
  networkHelpers,
  ONE_COLLATERAL,
  ONE_LOAN,
  openPosition,
  passBoundary,
  tickPrice,
} from "../unit/BatchAuctionLiquidator/fixture.ts";

const { loadFixture, time } = networkHelpers;
const K = 1_000n * ONE_LOAN;

/**
 * Whoever clears writes the list. With bids that cover a victim's lot at the best tick, a bidder appends a large sale of his own,
 * so that no price covers all: the whole list was then sold at the deepest price that the clock allows.
 */
describe("A batch whose list is written by a bidder", () => {
  /** A victim of 92k and a large sale, the clock 7% down, bids of 100k at tick 0 and nothing further down. */
  const prepare = async (system: BatchSystem, isBefore: boolean) => {
    // By address before the victim's, or after it.
    const openOwn = (under?: bigint) =>
      openPosition(system, 1_000n * ONE_COLLATERAL, 1_600_000n * ONE_LOAN, under);
    const first = isBefore ? await openPosition(system) : await openOwn();
    const [victim, own] = isBefore
      ? [first, await openOwn(BigInt(first))]
      : [await openPosition(system, undefined, undefined, BigInt(first)), first];
    const list = await crash(system, system, [victim, own]);
    await system.batch.connect(system.alice).placeBid(system.vault, 0n, 100n * K, system.alice);
    // Proofs that join.
    for (let times = 0; times < 10; times++) {
      await time.increase(138);
      for (const borrower of list) await system.vault.touch(borrower);
    }
    await passBoundary(system.batch);
    return { victim, own, list };
  };

  const lossOf = (payment: bigint, collateral: bigint): bigint =>
    (collateral * CRASHED) / 10n ** 36n - payment;

  for (const isBefore of [false, true]) {
    it(`sells no lower with the bidder's sale ${isBefore ? "before" : "after"} the victim's than without it (BAT-4)`, async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault } = system;
      const { victim, list } = await prepare(system, isBefore);
      const alone = await batch.preview(vault, [victim]);
      expect(alone.price).to.equal(tickPrice(CRASHED, 0n));
      const together = await batch.clear.staticCall(vault, list);
      expect(together.price).to.equal(alone.price);
      await batch.clear(vault, list);
      // Nothing was sold under the deciding price.
      expect(lossOf(together.payment, together.collateral)).to.be.at.most(1n);
    });
  }

  it("leaves what the bids do not reach to the next clearing, further down", async () => {
    const system = await loadFixture(deployBatch);
    const { batch, vault, alice } = system;
    const { victim, own, list } = await prepare(system, false);
    await batch.connect(alice).placeBid(vault, 40n, 5_000n * K, alice);
    await passBoundary(batch);
    await batch.clear(vault, list);
    expect((await vault.position(victim)).saleStartedAt).to.equal(0n);
    expect((await batch.bid(1n)).open).to.equal(0n);
    const next = await batch.clear.staticCall(vault, [own]);
    expect(next.tick).to.equal(40n);
    await batch.clear(vault, list);
    expect((await vault.position(own)).saleStartedAt).to.equal(0n);
  });
});
