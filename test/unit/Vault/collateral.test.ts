import { expect } from "chai";

import { maxDebt } from "../../../sdk/saleMath.ts";
import { BPS, ceilDiv, PRICE_SCALE } from "../../../sdk/math.ts";
import { ethers, loadFixture } from "../../helpers/chain.ts";
import {
  COLL,
  CONFIG,
  lentVault,
  loanVault,
  MAX,
  ORACLE,
  PAUSE,
  price,
  saleVault,
  STORY,
  unhealthyVault,
} from "../../helpers/vault.ts";

/** Least collateral that bears the borrower's debt at the borrow LTV: 93.75. */
const needed = ceilDiv(ceilDiv(STORY.debt * BPS, CONFIG.borrowLtvBps) * PRICE_SCALE, STORY.price);

describe("SupplyCollateral", () => {
  it("adds to the position and moves the tokens", async () => {
    const { vault, collateral, borrower, fund } = await loadFixture(lentVault);
    await fund(borrower, 0n, 3n * COLL);
    const tx = vault.connect(borrower).supplyCollateral(COLL, borrower);
    await expect(tx).to.emit(vault, "SupplyCollateral").withArgs(borrower, borrower, COLL);
    await expect(tx).to.changeTokenBalances(ethers, collateral, [borrower, vault], [-COLL, COLL]);
    await vault.connect(borrower).supplyCollateral(2n * COLL, borrower);
    expect([...(await vault.position(borrower))]).to.deep.equal([3n * COLL, 0n, 0n, 0n, 0n]);
  });

  it("is open to all on anybody's behalf; the caller pays", async () => {
    const { vault, collateral, borrower, stranger, fund } = await loadFixture(loanVault);
    await fund(stranger, 0n, COLL);
    const tx = vault.connect(stranger).supplyCollateral(COLL, borrower);
    await expect(tx).to.emit(vault, "SupplyCollateral").withArgs(stranger, borrower, COLL);
    await expect(tx).to.changeTokenBalances(ethers, collateral, [stranger, borrower], [-COLL, 0n]);
    expect((await vault.position(borrower)).collateral).to.equal(STORY.collateral + COLL);
  });

  it("LIVE: can't be stopped by a pause, a wind-down or a dead oracle, with a live sale or without", async () => {
    const { vault, borrower, guardian, governor, stale, fund } = await loadFixture(saleVault);
    await fund(borrower, 0n, 2n * COLL);
    await vault.connect(guardian).pause(PAUSE.all);
    await vault.connect(governor).windDown();
    await stale();
    await vault.connect(borrower).supplyCollateral(COLL, borrower);
    expect((await vault.position(borrower)).collateral).to.equal(STORY.collateral + COLL);
  });

  it("writes no interest into the books", async () => {
    const { vault, borrower, pass, fund } = await loadFixture(loanVault);
    await pass(100n);
    const before = await vault.totals();
    await fund(borrower, 0n, COLL);
    await vault.connect(borrower).supplyCollateral(COLL, borrower);
    expect([...(await vault.totals())]).to.deep.equal([...before]);
  });

  it("reverts for nothing, without allowance, and for more than a position can hold", async () => {
    const { vault, code, collateral, borrower, stranger, fund } = await loadFixture(lentVault);
    await expect(vault.connect(borrower).supplyCollateral(0n, borrower)).to.be.revertedWithCustomError(
      vault,
      "ZeroAmount",
    );
    await fund(stranger, 0n, 2n ** 104n);
    await expect(
      vault.connect(stranger).supplyCollateral(2n ** 104n, stranger),
    ).to.be.revertedWithCustomError(code, "SafeCastOverflowedUintDowncast");
    await vault.connect(stranger).supplyCollateral(2n ** 104n - 1n, stranger);
    await collateral.connect(stranger).approve(vault, 0n);
    await expect(vault.connect(stranger).supplyCollateral(1n, borrower)).to.be.revertedWithCustomError(
      collateral,
      "ERC20InsufficientAllowance",
    );
  });
});

describe("WithdrawCollateral", () => {
  describe("without debt", () => {
    async function collateralVault() {
      const system = await lentVault();
      await system.open(system.borrower, STORY.collateral, 0n);
      return system;
    }

    it("sends what is asked to whom the owner names", async () => {
      const { vault, collateral, borrower, receiver } = await loadFixture(collateralVault);
      const tx = vault.connect(borrower).withdrawCollateral(COLL, borrower, receiver);
      await expect(tx).to.emit(vault, "WithdrawCollateral").withArgs(borrower, borrower, receiver, COLL);
      await expect(tx).to.changeTokenBalances(ethers, collateral, [receiver, vault], [COLL, -COLL]);
      expect((await vault.position(borrower)).collateral).to.equal(STORY.collateral - COLL);
    });

    it("sends all for the maximum, and answers how much", async () => {
      const { vault, collateral, borrower } = await loadFixture(collateralVault);
      const call = [MAX, borrower.address, borrower.address] as const;
      expect(await vault.connect(borrower).withdrawCollateral.staticCall(...call)).to.equal(STORY.collateral);
      await expect(vault.connect(borrower).withdrawCollateral(...call)).to.changeTokenBalance(
        ethers,
        collateral,
        borrower,
        STORY.collateral,
      );
      expect([...(await vault.position(borrower))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    });

    it("LIVE: can't be stopped by a pause or a dead oracle", async () => {
      const { vault, borrower, guardian, stale } = await loadFixture(collateralVault);
      await vault.connect(guardian).pause(PAUSE.all);
      await stale();
      await vault.connect(borrower).withdrawCollateral(MAX, borrower, borrower);
    });
  });

  describe("with debt", () => {
    it("leaves what bears the debt at the borrow LTV, and not one unit less", async () => {
      const { vault, borrower } = await loadFixture(loanVault);
      const most = STORY.collateral - needed;
      const tooMuch = vault.connect(borrower).withdrawCollateral(most + 1n, borrower, borrower);
      await expect(tooMuch)
        .to.be.revertedWithCustomError(vault, "InsufficientCollateral")
        .withArgs(STORY.debt, maxDebt(needed - 1n, STORY.price, CONFIG.borrowLtvBps));
      await vault.connect(borrower).withdrawCollateral(most, borrower, borrower);
      expect((await vault.position(borrower)).collateral).to.equal(needed);
    });

    it("counts the interest up to now", async () => {
      const { vault, borrower, rateModel, pass } = await loadFixture(loanVault);
      await rateModel.set(1_000_000_000n, 1_000_000_000n, 0n);
      await pass(10_000_000n);
      const debt = await vault.debtOf(borrower);
      const now = ceilDiv(ceilDiv(debt * BPS, CONFIG.borrowLtvBps) * PRICE_SCALE, STORY.price);
      const most = STORY.collateral - now;
      await expect(
        vault.connect(borrower).withdrawCollateral(most + 1n, borrower, borrower),
      ).to.be.revertedWithCustomError(vault, "InsufficientCollateral");
      const before = await vault.totals();
      await vault.connect(borrower).withdrawCollateral(most, borrower, borrower);
      expect((await vault.totals()).index).to.equal(before.index);
    });

    it("measures on the lower price", async () => {
      const { vault, borrower, say } = await loadFixture(loanVault);
      await say({ deciding: STORY.price, low: price(1_900n) });
      const onLow = ceilDiv(ceilDiv(STORY.debt * BPS, CONFIG.borrowLtvBps) * PRICE_SCALE, price(1_900n));
      const most = STORY.collateral - onLow;
      await expect(
        vault.connect(borrower).withdrawCollateral(most + 1n, borrower, borrower),
      ).to.be.revertedWithCustomError(vault, "InsufficientCollateral");
      await vault.connect(borrower).withdrawCollateral(most, borrower, borrower);
    });

    for (const state of ["suspect", "stale"] as const) {
      it(`reverts while the oracle is ${state.toUpperCase()}`, async () => {
        const { vault, borrower, say } = await loadFixture(loanVault);
        await say({ deciding: STORY.price, state: ORACLE[state] });
        await expect(
          vault.connect(borrower).withdrawCollateral(1n, borrower, borrower),
        ).to.be.revertedWithCustomError(vault, "OracleNotFresh");
      });
    }

    it("reverts while it is paused, and not for pauses of something else", async () => {
      const { vault, borrower, guardian } = await loadFixture(loanVault);
      await vault.connect(guardian).pause(PAUSE.all - PAUSE.withdrawCollateral);
      await vault.connect(borrower).withdrawCollateral(1n, borrower, borrower);
      await vault.connect(guardian).pause(PAUSE.withdrawCollateral);
      await expect(vault.connect(borrower).withdrawCollateral(1n, borrower, borrower))
        .to.be.revertedWithCustomError(vault, "ActionPaused")
        .withArgs(PAUSE.withdrawCollateral);
    });

    it("reverts for an unhealthy position, for sale or not", async () => {
      const { vault, borrower, start } = await loadFixture(unhealthyVault);
      const withdraw = () => vault.connect(borrower).withdrawCollateral(1n, borrower, borrower);
      await expect(withdraw()).to.be.revertedWithCustomError(vault, "InsufficientCollateral");
      await start();
      await expect(withdraw()).to.be.revertedWithCustomError(vault, "InsufficientCollateral");
    });
  });

  it("reverts for nothing, more than is there, and for others", async () => {
    const { vault, borrower, stranger } = await loadFixture(loanVault);
    await expect(
      vault.connect(borrower).withdrawCollateral(0n, borrower, borrower),
    ).to.be.revertedWithCustomError(vault, "ZeroAmount");
    await expect(
      vault.connect(stranger).withdrawCollateral(MAX, stranger, stranger),
    ).to.be.revertedWithCustomError(vault, "ZeroAmount");
    await expect(vault.connect(borrower).withdrawCollateral(STORY.collateral + 1n, borrower, borrower))
      .to.be.revertedWithCustomError(vault, "InsufficientPositionCollateral")
      .withArgs(STORY.collateral + 1n, STORY.collateral);
    await expect(vault.connect(stranger).withdrawCollateral(1n, borrower, stranger))
      .to.be.revertedWithCustomError(vault, "NotOperator")
      .withArgs(stranger, borrower);
  });
});
