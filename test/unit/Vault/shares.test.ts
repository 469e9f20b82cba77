import { expect } from "chai";

import { mulDivDown, mulDivUp } from "../../../sdk/math.ts";
import { ethers, loadFixture, now } from "../../helpers/chain.ts";
import { signPermit } from "../../helpers/signatures.ts";
import {
  CONFIG,
  deployVault,
  emptyVault,
  lentVault,
  LOAN,
  loanVault,
  MAX,
  MAX_CAP,
  NOBODY,
  PAUSE,
  RATE_MODEL,
  saleVault,
  STORY,
  type VaultSystem,
} from "../../helpers/vault.ts";

/** Virtual shares beside the real ones; the virtual asset is one unit. */
const VIRTUAL_SHARES = 10n ** 6n;
const SUPPLY_CAP = 1_500_000n * LOAN;

/** Interest has come in: a share is worth more than it cost, and nothing divides evenly. */
async function agedVault() {
  const system = await loanVault();
  await system.rateModel.set(7_777_777_777n, 7_777_777_777n, RATE_MODEL.answers);
  await system.pass(1_000_003n);
  await system.lend(1_000n * LOAN, system.otherLender);
  await system.pass(12_347n);
  return system;
}

/** A position without collateral: leavers get less than entrants pay. */
async function markedVault() {
  const system = await saleVault();
  await system.sink(STORY.underWater);
  await system.take();
  return system;
}

/** Nearly everything is lent. */
async function dryVault() {
  const system = await loanVault();
  await system.open(system.otherBorrower, 1_000n * STORY.collateral, STORY.lent - STORY.debt - LOAN);
  return system;
}

async function cappedVault() {
  const system = await deployVault({ config: { supplyCap: SUPPLY_CAP } });
  await system.lend(STORY.lent);
  return system;
}

/** Everything that was lent is lost. */
async function wipedOutVault() {
  const system = await deployVault();
  await system.fund(system.taker, STORY.lent, 0n);
  await system.lend(STORY.debt);
  await system.open();
  await system.sink(1n);
  await system.start();
  await system.take();
  await system.vault.realizeLoss(system.borrower);
  return system;
}

/** Totals that lenders' claims are made of, from the books alone. */
async function claimsOf({ vault }: VaultSystem): Promise<bigint> {
  const { cash, reserve } = await vault.accruedTotals();
  return cash + (await vault.totalDebt()) - reserve;
}

describe("Shares", () => {
  describe("deposit", () => {
    it("takes the assets and mints what it said, rounded down", async () => {
      const system = await loadFixture(agedVault);
      const { vault, loan, stranger, receiver } = system;
      const assets = 123_456_789n;
      const claims = await claimsOf(system);
      const shares = mulDivDown(assets, (await vault.totalSupply()) + VIRTUAL_SHARES, claims + 1n);
      expect(await vault.previewDeposit(assets)).to.equal(shares);
      const tx = vault.connect(stranger).deposit(assets, receiver);
      await expect(tx).to.emit(vault, "Deposit").withArgs(stranger, receiver, assets, shares);
      await expect(tx).to.changeTokenBalances(ethers, loan, [stranger, vault], [-assets, assets]);
      await expect(tx).to.changeTokenBalance(ethers, vault, receiver, shares);
    });

    it("keeps to the cap on what lenders' claims are worth, interest included", async () => {
      const { vault, lend } = await loadFixture(cappedVault);
      const room = SUPPLY_CAP - STORY.lent;
      expect(await vault.maxDeposit(NOBODY)).to.equal(room);
      await expect(lend(room + 1n))
        .to.be.revertedWithCustomError(vault, "SupplyCapExceeded")
        .withArgs(SUPPLY_CAP + 1n, SUPPLY_CAP);
      await lend(room);
      expect(await vault.maxDeposit(NOBODY)).to.equal(0n);
    });

    it("reverts while it is paused", async () => {
      const { vault, guardian, lend, stranger } = await loadFixture(lentVault);
      await vault.connect(guardian).pause(PAUSE.deposit);
      await expect(lend(LOAN)).to.be.revertedWithCustomError(vault, "ActionPaused").withArgs(PAUSE.deposit);
      await expect(vault.connect(stranger).mint(1n, stranger)).to.be.revertedWithCustomError(
        vault,
        "ActionPaused",
      );
    });

    it("reverts where it would mint nothing", async () => {
      const { vault, stranger } = await loadFixture(agedVault);
      await expect(vault.connect(stranger).deposit(0n, stranger)).to.be.revertedWithCustomError(
        vault,
        "ZeroShares",
      );
      await expect(vault.connect(stranger).mint(0n, stranger)).to.be.revertedWithCustomError(
        vault,
        "ZeroShares",
      );
    });
  });

  describe("mint", () => {
    it("mints the shares and takes what it said, rounded up", async () => {
      const system = await loadFixture(agedVault);
      const { vault, loan, stranger, receiver } = system;
      const shares = 987_654_321_987n;
      const claims = await claimsOf(system);
      const assets = mulDivUp(shares, claims + 1n, (await vault.totalSupply()) + VIRTUAL_SHARES);
      expect(await vault.previewMint(shares)).to.equal(assets);
      const tx = vault.connect(stranger).mint(shares, receiver);
      await expect(tx).to.emit(vault, "Deposit").withArgs(stranger, receiver, assets, shares);
      await expect(tx).to.changeTokenBalances(ethers, loan, [stranger, vault], [-assets, assets]);
      await expect(tx).to.changeTokenBalance(ethers, vault, receiver, shares);
    });
  });

  describe("withdraw", () => {
    it("sends the assets and burns what it said, rounded up", async () => {
      const system = await loadFixture(agedVault);
      const { vault, loan, lender, receiver } = system;
      const assets = 123_456_789n;
      const claims = await claimsOf(system);
      const shares = mulDivUp(assets, (await vault.totalSupply()) + VIRTUAL_SHARES, claims + 1n);
      expect(await vault.previewWithdraw(assets)).to.equal(shares);
      const tx = vault.connect(lender).withdraw(assets, receiver, lender);
      await expect(tx).to.emit(vault, "Withdraw").withArgs(lender, receiver, lender, assets, shares);
      await expect(tx).to.changeTokenBalances(ethers, loan, [receiver, vault], [assets, -assets]);
      await expect(tx).to.changeTokenBalance(ethers, vault, lender, -shares);
    });

    it("reverts for more than the cash", async () => {
      const { vault, lender } = await loadFixture(dryVault);
      await expect(vault.connect(lender).withdraw(LOAN + 1n, lender, lender))
        .to.be.revertedWithCustomError(vault, "InsufficientCash")
        .withArgs(LOAN + 1n, LOAN);
      await vault.connect(lender).withdraw(LOAN, lender, lender);
    });
  });

  describe("redeem", () => {
    it("burns the shares and sends what it said, rounded down", async () => {
      const system = await loadFixture(agedVault);
      const { vault, loan, lender, receiver } = system;
      const shares = 987_654_321_987n;
      const claims = await claimsOf(system);
      const assets = mulDivDown(shares, claims + 1n, (await vault.totalSupply()) + VIRTUAL_SHARES);
      expect(await vault.previewRedeem(shares)).to.equal(assets);
      const tx = vault.connect(lender).redeem(shares, receiver, lender);
      await expect(tx).to.emit(vault, "Withdraw").withArgs(lender, receiver, lender, assets, shares);
      await expect(tx).to.changeTokenBalances(ethers, loan, [receiver, vault], [assets, -assets]);
    });

    it("reverts where it would pay nothing", async () => {
      const { vault, lender } = await loadFixture(agedVault);
      await expect(vault.connect(lender).redeem(1n, lender, lender)).to.be.revertedWithCustomError(
        vault,
        "ZeroShares",
      );
      await expect(vault.connect(lender).withdraw(0n, lender, lender)).to.be.revertedWithCustomError(
        vault,
        "ZeroShares",
      );
    });
  });

  describe("others' shares", () => {
    it("need an allowance, which is used up", async () => {
      const { vault, code, lender, stranger, loan } = await loadFixture(lentVault);
      const shares = await vault.previewWithdraw(LOAN);
      const leave = [
        () => vault.connect(stranger).withdraw(LOAN, stranger, lender),
        () => vault.connect(stranger).redeem(shares, stranger, lender),
      ];
      for (const act of leave) {
        await expect(act()).to.be.revertedWithCustomError(code, "ERC20InsufficientAllowance");
        await vault.connect(lender).approve(stranger, shares - 1n);
        await expect(act()).to.be.revertedWithCustomError(code, "ERC20InsufficientAllowance");
        await vault.connect(lender).approve(stranger, shares);
        await expect(act()).to.changeTokenBalance(ethers, loan, stranger, LOAN);
        expect(await vault.allowance(lender, stranger)).to.equal(0n);
      }
    });

    it("can be allowed by signature (EIP-2612)", async () => {
      const { vault, lender, stranger } = await loadFixture(lentVault);
      const deadline = await now();
      const { v, r, s } = await signPermit(vault, lender, { spender: stranger, value: 7n, deadline });
      await vault.connect(stranger).permit(lender, stranger, 7n, deadline, v, r, s);
      expect(await vault.allowance(lender, stranger)).to.equal(7n);
      expect(await vault.nonces(lender)).to.equal(1n);
    });
  });

  it("LIVE-1: leaving can't be stopped by a pause, a dead oracle or a broken rate model", async () => {
    const { vault, lender, guardian, governor, stale, rateModel, pass } = await loadFixture(loanVault);
    await vault.connect(guardian).pause(PAUSE.all);
    await vault.connect(governor).windDown();
    await stale();
    await rateModel.set(0n, 0n, RATE_MODEL.reverts);
    await pass(100n);
    await vault.connect(lender).withdraw(LOAN, lender, lender);
    await vault.connect(lender).redeem(await vault.maxRedeem(lender), lender, lender);
    expect((await vault.totals()).cash).to.be.below(2n);
  });

  it("a round trip never pays, whatever the amount", async () => {
    const { vault, stranger } = await loadFixture(agedVault);
    for (const assets of [1n, 2n, 3n, 999n, 1_000_003n, 123_456_789_123n]) {
      const shares = await vault.previewDeposit(assets);
      if (shares === 0n) continue;
      expect(await vault.previewRedeem(shares)).to.be.at.most(assets);
      expect(await vault.previewWithdraw(assets)).to.be.at.least(shares);
      expect(await vault.previewMint(shares)).to.be.at.most(assets);
      await vault.connect(stranger).deposit(assets, stranger);
      expect(await vault.maxWithdraw(stranger)).to.be.at.most(assets);
      await vault
        .connect(stranger)
        .redeem(await vault.balanceOf(stranger), stranger, stranger)
        .catch(() => 0);
    }
  });

  it("count what the books say, never what lies in the vault (CAP-1)", async () => {
    const { vault, loan, lender } = await loadFixture(cappedVault);
    const before = [await vault.totalAssets(), await vault.maxDeposit(lender), await vault.maxRedeem(lender)];
    await loan.mint(vault, STORY.lent);
    expect([
      await vault.totalAssets(),
      await vault.maxDeposit(lender),
      await vault.maxRedeem(lender),
    ]).to.deep.equal(before);
  });

  it("have six decimals more than the asset", async () => {
    const { vault, loan } = await loadFixture(emptyVault);
    expect(await vault.decimals()).to.equal((await loan.decimals()) + 6n);
    expect([await vault.name(), await vault.symbol()]).to.deep.equal([CONFIG.name, CONFIG.symbol]);
    expect(await vault.asset()).to.equal(await loan.getAddress());
  });

  describe("the most that one can", () => {
    const states: [string, () => Promise<VaultSystem>][] = [
      ["an empty vault", emptyVault],
      ["interest and fractions", agedVault],
      ["a position under water", markedVault],
      ["little cash", dryVault],
      ["little room", cappedVault],
      ["everything lost", wipedOutVault],
    ];
    for (const [state, fixture] of states) {
      it(`deposit is true with ${state}`, async () => {
        const { vault, loan, stranger } = await loadFixture(fixture);
        const most = await vault.maxDeposit(stranger);
        await loan.mint(stranger, most + 1n);
        await loan.connect(stranger).approve(vault, MAX);
        await expect(
          vault.connect(stranger).deposit.staticCall(most + 1n, stranger),
        ).to.be.revertedWithCustomError(vault, "SupplyCapExceeded");
        await vault.connect(stranger).deposit(most, stranger);
      });

      it(`mint is true with ${state}`, async () => {
        const { vault, loan, stranger } = await loadFixture(fixture);
        const most = await vault.maxMint(stranger);
        await loan.mint(stranger, await vault.maxDeposit(stranger));
        await loan.connect(stranger).approve(vault, MAX);
        await vault.connect(stranger).mint(most, stranger);
        // What is left of the room buys less than it costs to round.
        expect(await vault.maxDeposit(stranger)).to.be.at.most(1n);
      });

      it(`withdraw and redeem are true with ${state}`, async () => {
        const { vault, lender } = await loadFixture(fixture);
        const [assets, shares] = [await vault.maxWithdraw(lender), await vault.maxRedeem(lender)];
        if (assets === 0n) {
          expect(shares).to.equal(0n);
          return;
        }
        await vault.connect(lender).withdraw.staticCall(assets, lender, lender);
        await expect(vault.connect(lender).withdraw.staticCall(assets + 1n, lender, lender)).to.revert(
          ethers,
        );
        const paid = await vault.connect(lender).redeem.staticCall(shares, lender, lender);
        expect(assets - paid).to.be.within(0n, 1n);
        await vault.connect(lender).redeem(shares, lender, lender);
      });
    }

    it("redeem is nothing where the shares are worth less than a unit, and all where they are worth one", async () => {
      const { vault, lender, stranger } = await loadFixture(agedVault);
      const worthOne = await vault.previewWithdraw(1n);
      await vault.connect(lender).transfer(stranger, worthOne - 1n);
      expect(await vault.maxRedeem(stranger)).to.equal(0n);
      await vault.connect(lender).transfer(stranger, 1n);
      expect(await vault.maxRedeem(stranger)).to.equal(worthOne);
      await vault.connect(stranger).redeem(worthOne, stranger, stranger);
    });

    it("deposit is true at the highest cap", async () => {
      const { vault, loan, governor, stranger } = await loadFixture(lentVault);
      await vault.connect(governor).setCaps(MAX_CAP, CONFIG.borrowCap, CONFIG.maxPositionDebt);
      const most = await vault.maxDeposit(stranger);
      expect(most).to.equal(MAX_CAP - STORY.lent);
      await loan.mint(stranger, most);
      await vault.connect(stranger).deposit(most, stranger);
    });

    it("deposit and mint are nothing while paused", async () => {
      const { vault, guardian, lender } = await loadFixture(lentVault);
      await vault.connect(guardian).pause(PAUSE.deposit);
      expect([await vault.maxDeposit(lender), await vault.maxMint(lender)]).to.deep.equal([0n, 0n]);
      expect(await vault.maxWithdraw(lender)).to.equal(STORY.lent);
    });
  });
});
