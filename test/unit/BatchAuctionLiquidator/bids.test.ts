import { expect } from "chai";

import { BidState } from "./states.ts";
import {
  crash,
  deployBatch,
  ethers,
  INTERVAL,
  MIN_DEBT,
  networkHelpers,
  ONE_LOAN,
  openPosition,
  passBoundary,
  putForSale,
} from "./fixture.ts";

const { loadFixture } = networkHelpers;
const ASSETS = 1_000n * ONE_LOAN;
const LISTED = "MockBlocklistERC20";

describe("BatchAuctionLiquidator: bids", () => {
  describe("when built", () => {
    it("shows what it was built from", async () => {
      const { batch, factory } = await loadFixture(deployBatch);
      expect(await batch.vaultFactory()).to.equal(await factory.getAddress());
      expect(await batch.tickBps()).to.equal(15n);
      expect(await batch.interval()).to.equal(INTERVAL);
    });

    for (const [what, tickBps, interval] of [
      ["no tick", 0n, 60n],
      ["ticks that reach a price of nothing", 159n, 60n],
      ["no interval", 15n, 0n],
    ] as const) {
      it(`reverts when given ${what}`, async () => {
        const { factory } = await loadFixture(deployBatch);
        const contract = await ethers.getContractFactory("BatchAuctionLiquidator");
        await expect(contract.deploy(factory, tickBps, interval))
          .to.be.revertedWithCustomError(contract, "InvalidGrid")
          .withArgs(tickBps, interval);
      });
    }
  });

  describe("placing", () => {
    it("escrows the payer's assets for any owner and is active from the next boundary", async () => {
      const { batch, vault, loan, alice, bob } = await loadFixture(deployBatch);
      await passBoundary(batch);
      const activeFrom = await batch.nextBoundary();
      const place = batch.connect(alice).placeBid(vault, 7n, ASSETS, bob);
      await expect(place).to.changeTokenBalances(ethers, loan, [alice, batch], [-ASSETS, ASSETS]);
      await expect(place)
        .to.emit(batch, "BidPlaced")
        .withArgs(1n, await vault.getAddress(), bob.address, alice.address, 7n, ASSETS, activeFrom);
      const pending = await batch.bid(1n);
      expect(pending.owner).to.equal(bob.address);
      expect(pending.open).to.equal(ASSETS);
      expect(pending.state).to.equal(BidState.PENDING);
      let book = await batch.book(vault);
      expect(book.active[7]).to.equal(0n);
      expect(book.pending[7]).to.equal(ASSETS);
      await passBoundary(batch);
      expect((await batch.bid(1n)).state).to.equal(BidState.OPEN);
      book = await batch.book(vault);
      expect(book.active[7]).to.equal(ASSETS);
      expect(book.pending[7]).to.equal(0n);
      expect(await batch.holdings(vault)).to.deep.equal([ASSETS, 0n]);
    });

    it("takes a permit, also one that somebody sent first", async () => {
      const { batch, vault, loan, alice, bob } = await loadFixture(deployBatch);
      await loan.connect(alice).approve(batch, 0n);
      const deadline = 2n ** 40n;
      const { chainId } = await ethers.provider.getNetwork();
      const sign = async () =>
        ethers.Signature.from(
          await alice.signTypedData(
            { name: "Loan", version: "1", chainId, verifyingContract: await loan.getAddress() },
            {
              Permit: ["owner", "spender"]
                .map((name) => ({ name, type: "address" }))
                .concat(["value", "nonce", "deadline"].map((name) => ({ name, type: "uint256" }))),
            },
            {
              owner: alice.address,
              spender: await batch.getAddress(),
              value: ASSETS,
              nonce: await loan.nonces(alice),
              deadline,
            },
          ),
        );
      const first = await sign();
      await batch
        .connect(alice)
        .placeBidWithPermit(vault, 0n, ASSETS, alice, deadline, first.v, first.r, first.s);
      const second = await sign();
      await loan.connect(bob).permit(alice, batch, ASSETS, deadline, second.v, second.r, second.s);
      await batch
        .connect(alice)
        .placeBidWithPermit(vault, 0n, ASSETS, alice, deadline, second.v, second.r, second.s);
      expect(await batch.bidCount()).to.equal(2n);
      await expect(
        batch
          .connect(alice)
          .placeBidWithPermit(vault, 0n, ASSETS, alice, deadline, second.v, second.r, second.s),
      ).to.be.revertedWithCustomError(loan, "ERC20InsufficientAllowance");
    });

    it("reverts when the bid is smaller than the vault's smallest debt: no dust bids", async () => {
      const { batch, vault, alice } = await loadFixture(deployBatch);
      await expect(batch.connect(alice).placeBid(vault, 0n, MIN_DEBT - 1n, alice))
        .to.be.revertedWithCustomError(batch, "BidTooSmall")
        .withArgs(MIN_DEBT - 1n, MIN_DEBT);
      await batch.connect(alice).placeBid(vault, 63n, MIN_DEBT, alice);
    });

    it("reverts when the tick is none of the 64, or there is no owner", async () => {
      const { batch, vault, alice } = await loadFixture(deployBatch);
      await expect(batch.connect(alice).placeBid(vault, 64n, ASSETS, alice))
        .to.be.revertedWithCustomError(batch, "InvalidTick")
        .withArgs(64n);
      await expect(
        batch.connect(alice).placeBid(vault, 0n, ASSETS, ethers.ZeroAddress),
      ).to.be.revertedWithCustomError(batch, "InvalidOwner");
    });

    it("reverts when the vault is not the factory's, or has another batch liquidator", async () => {
      const { batch, vault, factory, deployVault, alice } = await loadFixture(deployBatch);
      const other = await deployVault({}, alice.address);
      for (const unknown of [other.vault, vault]) {
        if (unknown === vault) await factory.setVault(vault, false);
        for (const call of [
          () => batch.connect(alice).placeBid(unknown, 0n, ASSETS, alice),
          () => batch.clear(unknown, []),
          () => batch.preview(unknown, []),
          () =>
            batch
              .connect(alice)
              .placeBidWithPermit(unknown, 0n, ASSETS, alice, 0n, 27, ethers.ZeroHash, ethers.ZeroHash),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(batch, "UnknownVault")
            .withArgs(await unknown.getAddress());
        }
      }
    });

    it("reverts when the token keeps a fee", async () => {
      const { batch, deployVault, alice } = await loadFixture(deployBatch);
      const { vault, loan } = await deployVault({ loan: "MockFeeERC20" });
      const fees = await ethers.getContractAt("MockFeeERC20", await loan.getAddress());
      await fees.setFeeBps(1n);
      await expect(batch.connect(alice).placeBid(vault, 0n, ASSETS, alice))
        .to.be.revertedWithCustomError(batch, "UnexpectedTransfer")
        .withArgs(await loan.getAddress(), ASSETS - ASSETS / 10_000n, ASSETS);
    });
  });

  describe("cancelling and withdrawing", () => {
    it("leaves at the next boundary and is then paid to the owner, whoever asks", async () => {
      const { batch, vault, loan, alice, keeper } = await loadFixture(deployBatch);
      await batch.connect(alice).placeBid(vault, 3n, ASSETS, alice);
      await passBoundary(batch);
      const outFrom = await batch.nextBoundary();
      await expect(batch.connect(alice).cancel(1n)).to.emit(batch, "BidCancelled").withArgs(1n, outFrom);
      expect((await batch.bid(1n)).state).to.equal(BidState.LEAVING);
      expect((await batch.book(vault)).active[3]).to.equal(ASSETS);
      await expect(batch.withdraw(1n)).to.be.revertedWithCustomError(batch, "NothingToWithdraw").withArgs(1n);
      await passBoundary(batch);
      expect((await batch.bid(1n)).state).to.equal(BidState.WITHDRAWABLE);
      expect((await batch.book(vault)).active[3]).to.equal(0n);
      const withdraw = batch.connect(keeper).withdraw(1n);
      await expect(withdraw).to.changeTokenBalances(
        ethers,
        loan,
        [batch, alice, keeper],
        [-ASSETS, ASSETS, 0n],
      );
      await expect(withdraw).to.emit(batch, "BidWithdrawn").withArgs(1n, alice.address, ASSETS);
      const gone = await batch.bid(1n);
      expect(gone.state).to.equal(BidState.WITHDRAWN);
      expect(gone.open).to.equal(0n);
      expect(await batch.holdings(vault)).to.deep.equal([0n, 0n]);
      await expect(batch.withdraw(1n)).to.be.revertedWithCustomError(batch, "NothingToWithdraw");
    });

    it("never comes in where it is cancelled before it was active, and is paid back whole", async () => {
      const { batch, vault, loan, alice, bob } = await loadFixture(deployBatch);
      await passBoundary(batch);
      await batch.connect(alice).placeBid(vault, 3n, ASSETS, alice);
      await batch.connect(bob).placeBid(vault, 3n, ASSETS, bob);
      await batch.connect(alice).cancel(1n);
      expect((await batch.bid(1n)).state).to.equal(BidState.LEAVING);
      await expect(batch.withdraw(1n)).to.be.revertedWithCustomError(batch, "NothingToWithdraw");
      await passBoundary(batch);
      expect((await batch.book(vault)).active[3]).to.equal(ASSETS);
      await expect(batch.withdraw(1n)).to.changeTokenBalances(ethers, loan, [alice], [ASSETS]);
    });

    it("BAT-2: is passed over by a clearing in the interval in which it was placed and cancelled", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice, bob } = system;
      const borrowers = await putForSale(system);
      await batch.connect(bob).placeBid(vault, 5n, 500_000n * ONE_LOAN, bob);
      await passBoundary(batch);
      await batch.connect(alice).placeBid(vault, 0n, ASSETS, alice);
      await batch.connect(alice).cancel(2n);
      const { payment } = await batch.clear.staticCall(vault, borrowers);
      await batch.clear(vault, borrowers);
      const passedOver = await batch.bid(2n);
      expect(passedOver.state).to.equal(BidState.LEAVING);
      expect([passedOver.open, passedOver.claimable]).to.deep.equal([ASSETS, 0n]);
      const { open } = await batch.bid(1n);
      expect(500_000n * ONE_LOAN - open).to.be.within(payment, payment + 1n);
    });

    it("can be withdrawn while the oracle is dead", async () => {
      const { batch, vault, loan, oracle, alice } = await loadFixture(deployBatch);
      await batch.connect(alice).placeBid(vault, 3n, ASSETS, alice);
      await oracle.setPrice(0n);
      await passBoundary(batch);
      await batch.connect(alice).cancel(1n);
      await passBoundary(batch);
      await expect(batch.withdraw(1n)).to.changeTokenBalances(ethers, loan, [alice], [ASSETS]);
    });

    it("reverts when anyone but the owner cancels, the payer included", async () => {
      const { batch, vault, alice, bob } = await loadFixture(deployBatch);
      await batch.connect(alice).placeBid(vault, 3n, ASSETS, bob);
      await expect(batch.connect(alice).cancel(1n))
        .to.be.revertedWithCustomError(batch, "NotBidOwner")
        .withArgs(1n, alice.address);
    });

    it("reverts when it is cancelled twice, or was filled", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice, bob } = system;
      const borrowers = await putForSale(system);
      await batch.connect(alice).placeBid(vault, 0n, ASSETS, alice);
      await batch.connect(bob).placeBid(vault, 1n, 100_000n * ONE_LOAN, bob);
      await passBoundary(batch);
      await batch.clear(vault, borrowers);
      expect((await batch.bid(1n)).state).to.equal(BidState.FILLED);
      await expect(batch.connect(alice).cancel(1n))
        .to.be.revertedWithCustomError(batch, "BidNotOpen")
        .withArgs(1n);
      await batch.connect(bob).cancel(2n);
      await expect(batch.connect(bob).cancel(2n))
        .to.be.revertedWithCustomError(batch, "BidNotOpen")
        .withArgs(2n);
    });

    it("reverts when there is no such bid, or nothing to claim", async () => {
      const { batch, vault, alice } = await loadFixture(deployBatch);
      for (const call of [
        () => batch.cancel(1n),
        () => batch.withdraw(1n),
        () => batch.claim(1n),
        () => batch.bid(1n),
        () => batch.bid(0n),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(batch, "UnknownBid");
      }
      await batch.connect(alice).placeBid(vault, 0n, ASSETS, alice);
      await expect(batch.claim(1n)).to.be.revertedWithCustomError(batch, "NothingToClaim").withArgs(1n);
    });

    it("is paid to another account by its owner's word alone, where the token does not deliver to the owner", async () => {
      const { deployVault, batch, alice, bob, carol } = await loadFixture(deployBatch);
      const market = await deployVault({ loan: LISTED, collateral: LISTED });
      const { vault, loan, collateral } = market;
      const [borrower = ""] = await crash({ batch }, market, [await openPosition(market)]);
      await batch.connect(alice).placeBid(vault, 0n, 200_000n * ONE_LOAN, alice);
      await passBoundary(batch);
      await batch.clear(vault, [borrower]);
      await batch.connect(alice).cancel(1n);
      await passBoundary(batch);
      const list = await ethers.getContractAt(LISTED, await loan.getAddress());
      const collateralList = await ethers.getContractAt(LISTED, await collateral.getAddress());
      for (const token of [list, collateralList]) await token.setBlocked(alice, true);
      await expect(batch.withdraw(1n)).to.be.revertedWithCustomError(list, "Blocked");
      await expect(batch.claim(1n)).to.be.revertedWithCustomError(list, "Blocked");
      for (const call of [
        () => batch.connect(carol).withdrawTo(1n, carol),
        () => batch.connect(carol).claimTo(1n, carol),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(batch, "NotBidOwner").withArgs(1n, carol.address);
      }
      const { open, claimable } = await batch.bid(1n);
      expect(open).to.be.above(90_000n * ONE_LOAN);
      expect(claimable).to.be.above(0n);
      await expect(batch.connect(alice).withdrawTo(1n, bob)).to.changeTokenBalances(
        ethers,
        loan,
        [bob],
        [open],
      );
      await expect(batch.connect(alice).claimTo(1n, bob)).to.changeTokenBalances(
        ethers,
        collateral,
        [bob],
        [claimable],
      );
      await expect(batch.connect(alice).withdrawTo(1n, bob)).to.be.revertedWithCustomError(
        batch,
        "NothingToWithdraw",
      );
    });

    it("is remembered by a tick that is filled whole while it waits there", async () => {
      const system = await loadFixture(deployBatch);
      const { batch, vault, alice, bob } = system;
      const [first = "", second = ""] = await putForSale(system, 2);
      await batch.connect(alice).placeBid(vault, 0n, 20_000n * ONE_LOAN, alice);
      await batch.connect(alice).placeBid(vault, 2n, 75_000n * ONE_LOAN, alice);
      await passBoundary(batch);
      await batch.connect(bob).placeBid(vault, 0n, 30_000n * ONE_LOAN, bob);
      await batch.clear(vault, [first]);
      expect((await batch.bid(1n)).open).to.equal(0n);
      await passBoundary(batch);
      await batch.clear(vault, [second]);
      expect((await batch.bid(3n)).open).to.be.at.most(1n);
    });
  });
});
