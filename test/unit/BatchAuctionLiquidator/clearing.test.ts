import { expect } from "chai";

import {
  banded,
  type BatchSystem,
  crash,
  CRASHED,
  deployBatch,
  deploySlowBatch,
  ethers,
  HOLD_BPS,
  MIN_DEBT,
  networkHelpers,
  NO_PRICE,
  ONE_COLLATERAL,
  ONE_LOAN,
  openPosition,
  passBoundary,
  putForSale,
  TERMS,
  tickPrice,
} from "./fixture.ts";
import { BidState } from "./states.ts";

const { loadFixture, time } = networkHelpers;
const K = 1_000n * ONE_LOAN;
/** 1.5% off, the last tick that the hold allows. */
const HOLD_TICK = 10n;

/** A position for sale and bids of alice, bob and carol, active at the sale's first boundary. */
async function withBids(bids: readonly [bigint, bigint, bigint], ticks: readonly [bigint, bigint, bigint]) {
  const system = await loadFixture(deployBatch);
  const borrowers = await putForSale(system);
  const { batch, vault, alice, bob, carol } = system;
  for (const [i, bidder] of [alice, bob, carol].entries()) {
    const assets = bids[i] ?? 0n;
    if (assets !== 0n) await batch.connect(bidder).placeBid(vault, ticks[i] ?? 0n, assets, bidder);
  }
  await passBoundary(batch);
  return { ...system, borrowers };
}

/** The sale prices of the vault's takes in a transaction. */
async function pricesOf({ vault }: BatchSystem, hash: string): Promise<bigint[]> {
  const receipt = await ethers.provider.getTransactionReceipt(hash);
  const events = (receipt?.logs ?? []).map((log) => vault.interface.parseLog(log));
  return events.flatMap((event) => (event?.name === "Take" ? [event.args.getValue("price") as bigint] : []));
}

describe("BatchAuctionLiquidator: clearing", () => {
  describe("the price", () => {
    it("is the best at which the bids cover what is for sale", async () => {
      const { batch, vault, borrowers } = await withBids([60n * K, 60n * K, 60n * K], [2n, 4n, 6n]);
      const result = await batch.preview(vault, borrowers);
      // Some 92k are for sale: 60k at tick 2 are too few, 120k at tick 4 are enough.
      expect(result.tick).to.equal(4n);
      expect(result.price).to.equal(tickPrice(CRASHED, 4n));
      expect(result.demand).to.equal(120n * K);
      expect(result.payment).to.equal(result.supply);
      await batch.clear(vault, borrowers);
      expect(await vault.debtOf(borrowers[0] ?? "")).to.be.greaterThan(0n);
      expect((await vault.position(borrowers[0] ?? "")).saleStartedAt).to.equal(0n, "the sale is over");
    });

    it("is rounded up where a tick falls between two units, against the bidders", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, oracle, alice } = system;
      const borrowers = await putForSale(system);
      await batch.connect(alice).placeBid(vault, 4n, 500n * K, alice);
      await passBoundary(batch);
      await oracle.setPrice(CRASHED + 1n);
      const { tick, price } = await batch.preview(vault, borrowers);
      expect(tick).to.equal(4n);
      // 99.4% of one more unit is less than one: rounded down it would be the price of CRASHED.
      expect(price).to.equal(tickPrice(CRASHED, 4n) + 1n);
    });

    it("BAT-1: is one for all positions of a clearing, and what the preview said", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, collateral, alice } = system;
      const borrowers = await putForSale(system, 3);
      await batch.connect(alice).placeBid(vault, 5n, 1_000n * K, alice);
      await passBoundary(batch);
      await time.setNextBlockTimestamp((await time.latest()) + 5);
      const preview = await ethers.provider.send("eth_call", [
        {
          to: await batch.getAddress(),
          data: batch.interface.encodeFunctionData("preview", [await vault.getAddress(), borrowers]),
        },
        "pending",
      ]);
      const [expected] = batch.interface.decodeFunctionResult("preview", preview as string);
      const heldBefore = await collateral.balanceOf(batch);
      const clear = await batch.clear(vault, borrowers);
      const prices = await pricesOf(system, clear.hash);
      expect(prices).to.deep.equal([5n, 5n, 5n].map((tick) => tickPrice(CRASHED, tick)));
      const event = (await batch.queryFilter(batch.filters.BatchCleared()))[0]?.args;
      expect(event?.price).to.equal(prices[0]);
      expect(event?.payment).to.equal(expected.payment);
      expect(event?.collateral).to.equal(expected.collateral);
      expect((await collateral.balanceOf(batch)) - heldBefore).to.equal(event?.collateral);
    });

    it("BAT-2: better bids are filled, the last ones pro rata, worse ones and those not yet active untouched", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice, bob, carol, keeper } = system;
      const borrowers = await putForSale(system);
      await batch.connect(alice).placeBid(vault, 1n, 50n * K, alice);
      await batch.connect(bob).placeBid(vault, 3n, 60n * K, bob);
      await batch.connect(carol).placeBid(vault, 3n, 180n * K, carol);
      await batch.connect(keeper).placeBid(vault, 4n, 50n * K, keeper);
      await passBoundary(batch);
      await batch.connect(keeper).placeBid(vault, 1n, 50n * K, keeper);
      const result = await batch.clear.staticCall(vault, borrowers);
      await batch.clear(vault, borrowers);
      const [best, small, large, worse, late] = await Promise.all(
        [1n, 2n, 3n, 4n, 5n].map((id) => batch.bid(id)),
      );
      expect(best?.state).to.equal(BidState.FILLED);
      expect(best?.open).to.equal(0n);
      const spentBySmall = 60n * K - (small?.open ?? 0n);
      const spentByLarge = 180n * K - (large?.open ?? 0n);
      expect(spentBySmall).to.be.greaterThan(10n * K);
      expect(spentBySmall * 3n).to.be.closeTo(spentByLarge, 4n);
      expect(50n * K + spentBySmall + spentByLarge).to.be.closeTo(result.payment, 3n * ONE_LOAN);
      for (const untouched of [worse, late]) {
        expect(untouched?.open).to.equal(50n * K);
        expect(untouched?.claimable).to.equal(0n);
      }
      // All pay the one price, the better bid too.
      expect(best?.claimable).to.be.closeTo((result.collateral * 50n * K) / result.payment, 10n ** 13n);
      expect((large?.claimable ?? 0n) / 10n ** 6n).to.be.closeTo(
        ((small?.claimable ?? 0n) * 3n) / 10n ** 6n,
        10n ** 8n,
      );
    });

    it("is at most hold off at a sale's first boundary, whatever is bid deeper and where the clock is", async () => {
      const system = await loadFixture(deploySlowBatch);
      const { batch, vault, alice, bob } = system;
      const borrowers = await putForSale(system);
      await batch.connect(alice).placeBid(vault, HOLD_TICK, 10n * K, alice);
      await batch.connect(bob).placeBid(vault, HOLD_TICK + 1n, 500n * K, bob);
      await time.increaseTo((await batch.nextBoundary()) - 120n);
      await vault.touch(borrowers[0] ?? "");
      await passBoundary(batch);
      const { price } = await vault.quoteTake(borrowers[0] ?? "");
      expect(price * 100n).to.be.lessThan(CRASHED * 96n, "the clock is far beyond");
      const result = await batch.preview(vault, borrowers);
      expect(result.tick).to.equal(HOLD_TICK);
      expect(result.price * 10_000n).to.be.greaterThanOrEqual(CRASHED * (10_000n - HOLD_BPS));
      expect(result.demand).to.equal(10n * K);
      expect(result.payment).to.be.within(10n * K - 1n, 10n * K);
      await vault.touch(borrowers[0] ?? "");
      await time.increaseTo((await batch.nextBoundary()) - 150n);
      await vault.touch(borrowers[0] ?? "");
      await passBoundary(batch);
      expect((await batch.preview(vault, borrowers)).tick).to.equal(HOLD_TICK + 1n);
    });

    it("may follow the clock one interval after a sale that began at a boundary, and not a second earlier", async () => {
      const system = await loadFixture(deploySlowBatch);
      const { batch, vault, oracle, bob } = system;
      const borrower = await openPosition(system);
      await passBoundary(batch);
      await oracle.set(banded(CRASHED));
      await batch.connect(bob).placeBid(vault, HOLD_TICK + 1n, 500n * K, bob);
      const snapshot = await networkHelpers.takeSnapshot();
      for (const [late, follows] of [
        [0n, true],
        [1n, false],
      ] as const) {
        const boundary = await batch.nextBoundary();
        await time.setNextBlockTimestamp(boundary + late);
        await vault.startSale(borrower, ethers.ZeroAddress);
        await time.increaseTo(boundary + 150n);
        await vault.touch(borrower);
        await passBoundary(batch);
        expect((await batch.preview(vault, [borrower])).payment > 0n).to.equal(follows);
        await snapshot.restore();
      }
    });

    it("may follow the clock from the second boundary on, and never under it", async () => {
      const { batch, vault, borrowers } = await withBids([500n * K, 0n, 0n], [20n, 0n, 0n]);
      await expect(batch.clear(vault, borrowers)).to.be.revertedWithCustomError(batch, "NothingToClear");
      let ticks = 0n;
      for (let i = 0; i < 6; ++i) {
        await passBoundary(batch);
        const { price } = await vault.quoteTake(borrowers[0] ?? "");
        const result = await batch.preview(vault, borrowers);
        if (result.payment === 0n) continue;
        ticks = result.tick;
        expect(result.price).to.be.greaterThanOrEqual(price);
        break;
      }
      expect(ticks).to.equal(20n);
    });

    it("covers debt and penalty while the sale is younger than a half-life, and may follow the clock after it", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, oracle, alice } = system;
      const borrower = await openPosition(system);
      await passBoundary(batch);
      // Debt and penalty are 97.45% of the collateral's worth.
      const thin = 1_650n * 10n ** 24n;
      await oracle.set(banded(thin));
      await vault.startSale(borrower, ethers.ZeroAddress);
      const owed = (await vault.debtOf(borrower)) * (10_000n + TERMS.penaltyBps) * 10n ** 32n;
      await batch.connect(alice).placeBid(vault, 20n, 500n * K, alice);
      for (let i = 0; i < 3; ++i) await passBoundary(batch);
      const young = await vault.quoteTake(borrower);
      expect(young.liveSeconds).to.be.below(TERMS.halfLife);
      expect(young.price).to.equal((owed + ONE_COLLATERAL * 100n - 1n) / (ONE_COLLATERAL * 100n));
      expect((await batch.preview(vault, [borrower])).payment).to.equal(0n);
      await expect(batch.clear(vault, [borrower])).to.be.revertedWithCustomError(batch, "NothingToClear");
      // The last tick that covers.
      await batch.connect(alice).placeBid(vault, 16n, 10n * K, alice);
      await vault.touch(borrower);
      await passBoundary(batch);
      await vault.touch(borrower);
      expect((await vault.quoteTake(borrower)).liveSeconds).to.be.at.least(TERMS.halfLife);
      const old = await batch.preview(vault, [borrower]);
      expect(old.tick).to.equal(20n);
      expect(old.payment).to.be.above(10n * K);
    });

    it("has the bound of the boundary: waiting within the interval gains nothing", async () => {
      const { batch, vault, borrowers } = await withBids([10n * K, 0n, 0n], [0n, 0n, 0n]);
      await passBoundary(batch);
      const atBoundary = await batch.preview(vault, borrowers);
      await time.increase(58);
      const late = await batch.preview(vault, borrowers);
      expect(late.boundary).to.equal(atBoundary.boundary);
      expect(late.tick).to.equal(atBoundary.tick);
      // The clock itself has gone on by more than a tick.
      const { price } = await vault.quoteTake(borrowers[0] ?? "");
      expect(price).to.be.lessThan(tickPrice(CRASHED, atBoundary.tick + 1n));
    });
  });

  describe("what the bids do not cover", () => {
    it("is left to the clock: all bids within the bound are filled at the last tick within it", async () => {
      const { batch, vault, borrowers } = await withBids([2n * K, 4n * K, 0n], [0n, 2n, 0n]);
      const debt = await vault.debtOf(borrowers[0] ?? "");
      const { price } = await vault.quoteTake(borrowers[0] ?? "");
      const result = await batch.clear.staticCall(vault, borrowers);
      await batch.clear(vault, borrowers);
      expect(result.price).to.be.at.least(price);
      expect(tickPrice(CRASHED, result.tick + 1n)).to.be.lessThan(price);
      expect(result.demand).to.equal(6n * K);
      expect(result.payment).to.be.within(6n * K - 1n, 6n * K);
      expect(result.supply).to.be.greaterThan(90n * K);
      expect((await batch.bid(1n)).open).to.equal(0n);
      expect((await batch.bid(2n)).open).to.be.at.most(1n);
      const left = await vault.debtOf(borrowers[0] ?? "");
      expect(debt - left).to.be.closeTo((6n * K * 200n) / 201n, ONE_LOAN);
      expect((await vault.position(borrowers[0] ?? "")).saleStartedAt).to.be.greaterThan(
        0n,
        "still for sale",
      );
    });

    it("leaves at least the smallest debt: the bids then stay in part", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice } = system;
      const small = await openPosition(system, 94n * 10n ** 15n, 150n * ONE_LOAN);
      await crash(system, system, [small]);
      await batch.connect(alice).placeBid(vault, 0n, 120n * ONE_LOAN, alice);
      await passBoundary(batch);
      await batch.clear(vault, [small]);
      expect(await vault.debtOf(small)).to.equal(MIN_DEBT);
      // 50 and their penalty.
      expect((await batch.bid(1n)).open).to.be.within(69_749_999n, 69_750_000n);
    });

    it("passes over a lot of which no part may be sold, and sells of the next", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice } = system;
      const large = await openPosition(system);
      const small = await openPosition(system, 63n * 10n ** 15n, MIN_DEBT, BigInt(large));
      const borrowers = await crash(system, system, [large, small]);
      expect(borrowers).to.deep.equal([small, large]);
      // The small one costs 100.5.
      const assets = MIN_DEBT + 4n * 10n ** 5n;
      await batch.connect(alice).placeBid(vault, 0n, assets, alice);
      await passBoundary(batch);
      const debt = await vault.debtOf(large);
      await batch.clear(vault, borrowers);
      expect(await vault.debtOf(small)).to.equal(MIN_DEBT);
      expect(debt - (await vault.debtOf(large))).to.be.closeTo((assets * 200n) / 201n, 2n);
      expect((await batch.bid(1n)).open).to.be.at.most(2n);
    });
  });

  describe("what is for sale", () => {
    it("is only what was for sale at the boundary: a sale started after it waits for the next", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice } = system;
      await batch.connect(alice).placeBid(vault, 0n, 500n * K, alice);
      const borrowers = await putForSale(system);
      await expect(batch.clear(vault, borrowers)).to.be.revertedWithCustomError(batch, "NothingToClear");
      await passBoundary(batch);
      await batch.clear(vault, borrowers);
    });

    it("passes over positions without a sale, healthy ones, unknown addresses", async () => {
      const system = await withBids([500n * K, 0n, 0n], [0n, 0n, 0n]);
      const { batch, vault, borrowers, alice, bob, keeper } = system;
      const all = [...borrowers, alice.address, bob.address, keeper.address].sort((a, b) =>
        BigInt(a) < BigInt(b) ? -1 : 1,
      );
      const alone = await batch.preview(vault, borrowers);
      const among = await batch.preview(vault, all);
      expect(among.payment).to.equal(alone.payment);
      await batch.clear(vault, all);
      await expect(batch.clear(vault, all)).to.be.revertedWithCustomError(batch, "NothingToClear");
    });

    it("reverts when a position is listed twice or out of order: supply can't be counted twice", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice } = system;
      const [first = "", second = ""] = await putForSale(system, 2);
      await batch.connect(alice).placeBid(vault, 0n, 500n * K, alice);
      await passBoundary(batch);
      await expect(batch.clear(vault, [first, first]))
        .to.be.revertedWithCustomError(batch, "BorrowersNotAscending")
        .withArgs(first, first);
      await expect(batch.preview(vault, [second, first]))
        .to.be.revertedWithCustomError(batch, "BorrowersNotAscending")
        .withArgs(second, first);
    });
  });

  describe("the oracle", () => {
    it("may be SUSPECT: the price then slides from the higher source as the clock's does", async () => {
      const { batch, vault, oracle, borrowers } = await withBids([500n * K, 0n, 0n], [5n, 0n, 0n]);
      const suspect = { ...NO_PRICE, deciding: CRASHED, low: CRASHED, startBound: CRASHED, state: 1n };
      await oracle.set({ ...suspect, high: (CRASHED * 102n) / 100n });
      await expect(batch.clear(vault, borrowers)).to.be.revertedWithCustomError(batch, "NothingToClear");
      await oracle.set({ ...suspect, high: CRASHED });
      await batch.clear(vault, borrowers);
    });

    it("reverts when it is STALE", async () => {
      const { batch, vault, oracle, borrowers } = await withBids([500n * K, 0n, 0n], [0n, 0n, 0n]);
      await oracle.set(NO_PRICE);
      await expect(batch.clear(vault, borrowers)).to.be.revertedWithCustomError(vault, "OracleStale");
      await expect(batch.preview(vault, borrowers)).to.be.revertedWithCustomError(vault, "OracleStale");
    });
  });

  describe("claiming", () => {
    it("pays the owner what the bid bought, at any time, in parts, whoever asks", async () => {
      const { batch, vault, collateral, borrowers, alice, keeper } = await withBids(
        [300n * K, 0n, 0n],
        [2n, 0n, 0n],
      );
      const { collateral: bought } = await batch.clear.staticCall(vault, borrowers);
      await batch.clear(vault, borrowers);
      const claimable = (await batch.bid(1n)).claimable;
      expect(claimable).to.be.closeTo(bought, 10n ** 13n);
      const claim = batch.connect(keeper).claim(1n);
      await expect(claim).to.changeTokenBalances(ethers, collateral, [alice, keeper], [claimable, 0n]);
      await expect(claim).to.emit(batch, "CollateralClaimed").withArgs(1n, alice.address, claimable);
      await expect(batch.claim(1n)).to.be.revertedWithCustomError(batch, "NothingToClaim");

      await batch.connect(alice).cancel(1n);
      await passBoundary(batch);
      const [assets, held] = await batch.holdings(vault);
      expect((await batch.bid(1n)).open).to.be.within(assets - 2n, assets);
      expect(held).to.be.lessThan(10n ** 13n);
      await batch.withdraw(1n);
    });

    it("pays each clearing's collateral once, whatever was claimed between", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, collateral, alice } = system;
      const borrowers = await putForSale(system, 3);
      await batch.connect(alice).placeBid(vault, 2n, 600n * K, alice);
      await passBoundary(batch);
      let bought = 0n;
      for (const borrower of borrowers) {
        bought += (await batch.clear.staticCall(vault, [borrower])).collateral;
        await batch.clear(vault, [borrower]);
        await batch.claim(1n);
        expect((await batch.bid(1n)).claimable).to.equal(0n);
        await expect(batch.claim(1n)).to.be.revertedWithCustomError(batch, "NothingToClaim");
        expect(await collateral.balanceOf(alice)).to.be.closeTo(bought, 10n ** 13n);
      }
    });

    it("BAT-3: shares out between two ticks no unit more than was bought", async () => {
      // Powers of two lose nothing to their own pool's roundings.
      const assets = 2n ** 36n;
      const { batch, vault, borrowers } = await withBids([assets, assets, 0n], [1n, 2n, 0n]);
      await batch.clear(vault, borrowers);
      const [, held] = await batch.holdings(vault);
      const [first, second] = await Promise.all([1n, 2n].map(async (id) => (await batch.bid(id)).claimable));
      expect(second).to.be.above(0n);
      expect((first ?? 0n) + (second ?? 0n)).to.be.within(held - 1n, held);
      await batch.claim(1n);
      await batch.claim(2n);
    });

    it("BAT-3: ignores donations", async () => {
      const { batch, vault, loan, collateral, borrowers, alice } = await withBids(
        [300n * K, 0n, 0n],
        [2n, 0n, 0n],
      );
      await loan.mint(batch, 5n * K);
      await collateral.mint(batch, 10n ** 18n);
      const expected = await batch.clear.staticCall(vault, borrowers);
      await batch.clear(vault, borrowers);
      expect(await batch.holdings(vault)).to.deep.equal([300n * K - expected.payment, expected.collateral]);
      await batch.connect(alice).cancel(1n);
      await passBoundary(batch);
      await batch.withdraw(1n);
      await batch.claim(1n);
      expect(await loan.balanceOf(batch)).to.be.within(5n * K, 5n * K + 2n);
      expect(await collateral.balanceOf(batch)).to.be.within(10n ** 18n, 10n ** 18n + 10n ** 13n);
    });
  });

  describe("tokens and vaults that misbehave", () => {
    it("reverts when less collateral comes than the vault says", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, deployVault, alice } = system;
      const other = await deployVault({ collateral: "MockFeeERC20" });
      const borrowers = await putForSale(system, 1, 1n, other);
      await batch.connect(alice).placeBid(other.vault, 0n, 500n * K, alice);
      await passBoundary(batch);
      const fees = await ethers.getContractAt("MockFeeERC20", await other.collateral.getAddress());
      await fees.setFeeBps(100n);
      await expect(batch.clear(other.vault, borrowers)).to.be.revertedWithCustomError(
        batch,
        "UnexpectedTransfer",
      );
      await fees.setFeeBps(0n);
      await batch.clear(other.vault, borrowers);
    });

    it("keeps vaults apart: a price of another vault's oracle can't spend this one's bids", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, deployVault, alice, bob } = system;
      const other = await deployVault();
      const borrowers = await putForSale(system, 1, 1n, other);
      await batch.connect(alice).placeBid(vault, 0n, 500n * K, alice);
      await batch.connect(bob).placeBid(other.vault, 0n, K, bob);
      await passBoundary(batch);
      await batch.clear(other.vault, borrowers);
      expect(await batch.holdings(vault)).to.deep.equal([500n * K, 0n]);
      expect((await batch.holdings(other.vault))[0]).to.be.at.most(1n);
      expect((await batch.bid(1n)).open).to.equal(500n * K);
    });

    it("reverts when an owner's token calls back into anything", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, deployVault } = system;
      const other = await deployVault({ collateral: "MockHookERC20" });
      const vaultAddress = await other.vault.getAddress();
      const borrowers = await putForSale(system, 1, 1n, other);
      const bidder = await ethers.deployContract("MockBidder", [batch]);
      await other.loan.mint(bidder, 1_000n * K);
      await bidder.placeMany(other.vault, 1n, 1n, 500n * K, bidder);
      await passBoundary(batch);
      await batch.clear(other.vault, borrowers);
      const token = await ethers.getContractAt("MockHookERC20", await other.collateral.getAddress());
      await token.setHook(bidder, true);
      const { interface: abi } = batch;
      const calls = [
        abi.encodeFunctionData("claim", [1n]),
        abi.encodeFunctionData("withdraw", [1n]),
        abi.encodeFunctionData("cancel", [1n]),
        abi.encodeFunctionData("clear", [vaultAddress, borrowers]),
        abi.encodeFunctionData("placeBid", [vaultAddress, 0n, K, vaultAddress]),
        abi.encodeFunctionData("bid", [1n]),
        abi.encodeFunctionData("book", [vaultAddress]),
        abi.encodeFunctionData("holdings", [vaultAddress]),
        abi.encodeFunctionData("preview", [vaultAddress, borrowers]),
      ];
      await bidder.setReentries(calls);
      await batch.claim(1n);
      const entered = ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10);
      for (const i of calls.keys()) expect(await bidder.answers(i)).to.equal(entered, `call ${String(i)}`);
    });
  });
});
