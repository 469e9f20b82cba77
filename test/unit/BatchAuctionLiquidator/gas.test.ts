import { expect } from "chai";

import { deployBatch, ethers, networkHelpers, ONE_LOAN, passBoundary, putForSale } from "./fixture.ts";

const { loadFixture } = networkHelpers;
const PER_CALL = 125n;

/** Gas of a clearing that fills two ticks and part of a third, each shared by a third of the bids; the third by a large one too. */
async function gasOfClear(bids: bigint): Promise<bigint> {
  const system = await loadFixture(deployBatch);
  const { batch, vault, loan, alice } = system;
  const bidder = await ethers.deployContract("MockBidder", [batch]);
  // What is bid at two ticks does not cover one of the positions, which pay 918k each; the third covers both.
  const assets = (1_200_000n * ONE_LOAN) / bids;
  await loan.mint(bidder, bids * assets);
  const borrowers = await putForSale(system, 2, 10n);
  const calls = (bids + PER_CALL - 1n) / PER_CALL;
  for (let i = 0n; i < calls; ++i) {
    await bidder.placeMany(vault, bids / calls, 3n, assets, ethers.ZeroAddress, { gasLimit: 55_000_000n });
  }
  await batch.connect(alice).placeBid(vault, 2n, 1_200_000n * ONE_LOAN, alice);
  await passBoundary(batch);
  const receipt = await (await batch.clear(vault, borrowers)).wait();
  if (receipt === null) throw new Error("not mined");
  const last = await batch.bid(3n);
  expect(last.open).to.be.within(1n, assets - 1n, "the third tick is filled in part");
  expect((await batch.bid(2n)).open).to.equal(0n, "the second whole");
  return receipt.gasUsed;
}

describe("BatchAuctionLiquidator: gas of a clearing", () => {
  it("is the same after 10, 1,000 and 10,000 bids", async () => {
    const few = await gasOfClear(10n);
    const many = await gasOfClear(1_000n);
    const most = await gasOfClear(10_000n);
    console.log(`      gas of clear, 2 positions, 3 ticks: ${[few, many, most].map(String).join(", ")}`);
    for (const gas of [many, most]) expect(gas).to.be.within((few * 98n) / 100n, (few * 102n) / 100n);
  }).timeout(600_000);
});
