import { expect } from "chai";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { ethers, loadFixture, networkHelpers, now, pass, setBaseFee } from "../../helpers/chain.ts";
import {
  CALM_TERMS,
  deployVault,
  ENDED,
  LOAN,
  MAX,
  NO_DATA,
  NOBODY,
  openStory,
  ORACLE,
  PAUSE,
  prepare,
  STORY,
} from "../../helpers/vault.ts";

/** Under the anchor, above the floor; no clock has come there yet. */
const PRICE = (STORY.sunk * 97n) / 100n;

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
  const params = (change = {}) => ({
    borrowers: [system.borrower.address],
    receiver: system.receiver.address,
    maxRepay: MAX,
    price: PRICE,
    data: NO_DATA,
    ...change,
  });
  return { ...system, direct, batch, backstop, params };
}

describe("A direct sale of what is not for sale yet", () => {
  it("does what a start without reward and a sale do together", async () => {
    const { vault, borrower, direct, sink, start, params } = await loadFixture(sellersVault);
    await sink();
    const snapshot = await networkHelpers.takeSnapshot();
    const outcome = async () => ({
      position: [...(await vault.position(borrower))],
      totals: [...(await vault.totals())],
    });
    await start();
    await setBaseFee(0n);
    await vault.connect(direct).sell(params({ maxRepay: 1_000n * LOAN }));
    const apart = await outcome();
    await snapshot.restore();
    await setBaseFee(0n);
    const together = vault.connect(direct).sell(params({ maxRepay: 1_000n * LOAN }));
    await expect(together).to.emit(vault, "SaleStarted");
    await expect(together).to.emit(vault, "Take");
    expect(await outcome()).to.deep.equal(apart);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(await now());
  });

  it("ends the sale that it started where the maximum is sold", async () => {
    const { vault, borrower, direct, sink, params } = await loadFixture(sellersVault);
    await sink();
    const sale = vault.connect(direct).sell(params());
    await expect(sale).to.emit(vault, "SaleStarted");
    await expect(sale).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.sold);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("puts no reward on the borrower's debt and mints nothing", async () => {
    const { vault, borrower, direct, sink, params } = await loadFixture(sellersVault);
    await sink();
    const shares = await vault.totalSupply();
    await setBaseFee(10n ** 11n);
    const sale = vault.connect(direct).sell(params(), { maxFeePerGas: 10n ** 12n });
    const [started] = await sale.then(() => vault.queryFilter(vault.filters.SaleStarted(borrower), "latest"));
    expect(started?.args.reward).to.equal(0n);
    expect(await vault.totalSupply()).to.equal(shares);
  });

  it("sells what is for sale already as it is", async () => {
    const { vault, direct, sink, start, params } = await loadFixture(sellersVault);
    await sink();
    await start();
    const sale = vault.connect(direct).sell(params());
    await expect(sale).not.to.emit(vault, "SaleStarted");
    await expect(sale).to.emit(vault, "Take");
  });

  it("passes over a sale that has lapsed", async () => {
    const { vault, direct, sink, start, params } = await loadFixture(sellersVault);
    await sink();
    await start();
    await pass(13n * CALM_TERMS.horizon);
    await sink();
    await expect(vault.connect(direct).sell(params())).to.be.revertedWithCustomError(vault, "NothingToTake");
  });

  it("starts nothing that is healthy on the price that binds starts, nor what is empty", async () => {
    const { vault, borrower, otherBorrower, direct, sink, say, params } = await loadFixture(sellersVault);
    await expect(vault.connect(direct).sell(params({ price: STORY.price }))).to.be.revertedWithCustomError(
      vault,
      "PositionHealthy",
    );
    await sink();
    await say({ deciding: STORY.sunk, startBound: STORY.price, state: ORACLE.suspect });
    await expect(vault.connect(direct).sell(params())).to.be.revertedWithCustomError(
      vault,
      "PositionHealthy",
    );
    await sink();
    await expect(vault.connect(direct).sell(params({ borrowers: [otherBorrower.address] })))
      .to.be.revertedWithCustomError(vault, "PositionEmptied")
      .withArgs(otherBorrower);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("is started for the direct seller alone, while sales are not paused and the oracle is not STALE", async () => {
    const { vault, taker, guardian, direct, batch, backstop, sink, stale, params } =
      await loadFixture(sellersVault);
    await sink();
    await expect(vault.connect(taker).sell(params()))
      .to.be.revertedWithCustomError(vault, "NotSeller")
      .withArgs(taker);
    for (const seller of [batch, backstop]) {
      await expect(vault.connect(seller).sell(params())).to.be.revertedWithCustomError(
        vault,
        "NothingToTake",
      );
    }
    await stale();
    await expect(vault.connect(direct).sell(params())).to.be.revertedWithCustomError(vault, "OracleStale");
    await sink();
    await vault.connect(guardian).pause(PAUSE.sales);
    await expect(vault.connect(direct).sell(params())).to.be.revertedWithCustomError(vault, "ActionPaused");
  });

  it("shows what must be known of a sale in one call", async () => {
    const { vault, borrower, start, sink } = await loadFixture(sellersVault);
    const facts = async () => vault.saleFacts(borrower);
    const { termsId } = await vault.params();
    const expectFacts = async (id: bigint) => {
      const { position, terms, liquidationLtvBps, reward } = await facts();
      expect(position).to.deep.equal(await vault.position(borrower));
      expect(terms).to.deep.equal(await vault.terms(id));
      expect(liquidationLtvBps).to.equal(await vault.liquidationLtvBps());
      expect(reward).to.deep.equal(await vault.rewardConfig());
    };
    await expectFacts(termsId);
    await sink();
    await start(borrower, NOBODY);
    await expectFacts(termsId);
  });

  it("shows the terms of a live sale, and those of the next one where none is live", async () => {
    const { vault, governor, borrower, start, sink, terms } = await loadFixture(sellersVault);
    await sink();
    await start();
    await vault.connect(governor).setTerms({ ...terms, impactBps: terms.impactBps + 1n });
    expect((await vault.saleFacts(borrower)).terms.impactBps).to.equal(terms.impactBps);
    await sink(STORY.price * 2n);
    await vault.endSale(borrower);
    expect((await vault.saleFacts(borrower)).terms.impactBps).to.equal(terms.impactBps + 1n);
  });
});
