import { expect } from "chai";
import { network } from "hardhat";

import {
  FOREVER,
  moveMarket,
  NO_LIMIT,
  ONE_COLLATERAL,
  ONE_LOAN,
  setPrice,
  type System,
} from "../../helpers/system.ts";
import { withHostileToken, withSales, withSunk } from "../DutchAuctionLiquidator/fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, impersonateAccount, setBalance, time } = networkHelpers;

const REPAID = 10_000n * ONE_LOAN;

describe("PrivateKeeper", () => {
  const withKeeper = async <T extends Awaited<ReturnType<typeof withSunk>>>(system: T) => {
    const { vault, pool, keeper, stranger, loan } = system;
    const contract = await ethers.deployContract("PrivateKeeper", [vault, pool.address], keeper);
    await loan.mint(stranger, 10n ** 7n * ONE_LOAN);
    await loan.connect(stranger).approve(vault, NO_LIMIT);
    return { ...system, contract };
  };
  const sunk = async () => withKeeper(await withSunk(connection));
  const sales = async () => withKeeper(await withSales(connection));
  /** A pool that pays more than the oracle says, so that a sale pays from its first second. */
  const startable = async () => {
    const system = await sunk();
    await moveMarket(system, 1_950n);
    await setPrice(system, 1_840n);
    return system;
  };
  const signerAt = async (address: string) => {
    await impersonateAccount(address);
    await setBalance(address, ONE_COLLATERAL);
    return ethers.getSigner(address);
  };
  type Given = Pick<System, "vault" | "borrower" | "stranger">;

  /** What the vault gives for a repayment in the next block, collateral units; that block then comes at the same time. */
  const givenNext = async ({ vault, borrower, stranger }: Given, start: boolean, maxRepay = REPAID) => {
    const at = (await time.latest()) + 12;
    const snapshot = await networkHelpers.takeSnapshot();
    await time.setNextBlockTimestamp(at);
    const params = {
      borrower,
      receiver: stranger,
      maxRepay,
      maxPayment: NO_LIMIT,
      minCollateral: 0n,
      deadline: FOREVER,
      data: "0x",
    };
    const taker = vault.connect(stranger);
    await (start ? taker.startAndTake(params) : taker.take(params));
    const [take] = await vault.queryFilter(vault.filters.Take, "latest");
    if (!take) throw new Error("nothing was taken");
    await snapshot.restore();
    await time.setNextBlockTimestamp(at);
    return take.args.collateral;
  };

  it("shows what it was built from", async () => {
    const { contract, vault, pool, keeper, loan, collateral } = await loadFixture(sunk);
    expect(await contract.owner()).to.equal(keeper.address);
    expect(await contract.vault()).to.equal(await vault.getAddress());
    expect(await contract.pool()).to.equal(pool.address);
    expect(await contract.loanAsset()).to.equal(await loan.getAddress());
    expect(await contract.collateralAsset()).to.equal(await collateral.getAddress());
  });

  it("takes from a running sale without capital and keeps the profit", async () => {
    const system = await loadFixture(sales);
    const { contract, keeper, vault, loan, collateral, borrower, pool } = system;
    const debt = await vault.debtOf(borrower);
    const sold = await givenNext(system, false);
    const execution = contract.connect(keeper).execute(borrower, false, REPAID, sold, 1n);
    await expect(execution).to.changeTokenBalances(ethers, collateral, [vault, pool.address], [-sold, sold]);
    expect(debt - (await vault.debtOf(borrower))).to.be.within(REPAID - ONE_LOAN, REPAID);
    expect(await loan.balanceOf(contract)).to.be.above(0n);
    expect(await collateral.balanceOf(contract)).to.equal(0n);
  });

  it("starts a sale and takes in one transaction", async () => {
    const system = await loadFixture(startable);
    const { contract, keeper, vault, loan, borrower } = system;
    await contract.connect(keeper).execute(borrower, true, REPAID, await givenNext(system, true), 1n);
    expect((await vault.position(borrower)).saleStartedAt).to.be.above(0n);
    expect(await loan.balanceOf(contract)).to.be.above(0n);
  });

  it("sells the vault's whole maximum where it is told no limit", async () => {
    const system = await loadFixture(sales);
    const { contract, keeper, vault, borrower } = system;
    const sold = await givenNext(system, false, NO_LIMIT);
    await contract.connect(keeper).execute(borrower, false, NO_LIMIT, sold, 0n);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("sends its profit to its owner on his word", async () => {
    const system = await loadFixture(sales);
    const { contract, keeper, loan, borrower } = system;
    await contract.connect(keeper).execute(borrower, false, REPAID, await givenNext(system, false), 1n);
    const profit = await loan.balanceOf(contract);
    await expect(contract.connect(keeper).withdraw(loan, profit)).to.changeTokenBalances(
      ethers,
      loan,
      [contract, keeper],
      [-profit, profit],
    );
  });

  describe("sells what the vault gives", () => {
    it("and no more: the vault refuses what it does not cover", async () => {
      const system = await loadFixture(sales);
      const { contract, keeper, vault, borrower } = system;
      const sold = await givenNext(system, false);
      await expect(contract.connect(keeper).execute(borrower, false, REPAID, sold + 1n, 0n))
        .to.be.revertedWithCustomError(vault, "CollateralTooLow")
        .withArgs(sold, sold + 1n);
    });

    it("and less by a ten thousandth at most: that much stays with the pool", async () => {
      const system = await loadFixture(sales);
      const { contract, keeper, collateral, borrower, pool } = system;
      const given = await givenNext(system, false);
      const least = (given * 10_000n) / 10_001n + 1n;
      const snapshot = await networkHelpers.takeSnapshot();
      await expect(contract.connect(keeper).execute(borrower, false, REPAID, least - 2n, 0n))
        .to.be.revertedWithCustomError(contract, "SoldTooLittle")
        .withArgs(least - 2n, given);
      await snapshot.restore();
      expect(await givenNext(system, false)).to.equal(given);
      await expect(
        contract.connect(keeper).execute(borrower, false, REPAID, least, 0n),
      ).to.changeTokenBalances(ethers, collateral, [pool.address, contract], [given, 0n]);
    });
  });

  describe("nobody but its owner", () => {
    it("executes", async () => {
      const { contract, stranger, governor, borrower } = await loadFixture(sales);
      for (const caller of [stranger, governor, await signerAt(await contract.getAddress())]) {
        await expect(contract.connect(caller).execute(borrower, false, REPAID, 1n, 0n))
          .to.be.revertedWithCustomError(contract, "NotOwner")
          .withArgs(caller.address);
      }
    });

    it("withdraws", async () => {
      const { contract, stranger, loan } = await loadFixture(sales);
      await loan.mint(contract, 5n);
      await expect(contract.connect(stranger).withdraw(loan, 5n))
        .to.be.revertedWithCustomError(contract, "NotOwner")
        .withArgs(stranger.address);
    });

    it("calls back: only the pool does", async () => {
      const { contract, keeper, stranger, vault, borrower } = await loadFixture(sales);
      const data = ethers.AbiCoder.defaultAbiCoder().encode(
        ["address", "bool", "uint256", "uint256"],
        [borrower.address, false, REPAID, 0n],
      );
      for (const caller of [keeper, stranger, await signerAt(await vault.getAddress())]) {
        await expect(contract.connect(caller).uniswapV3SwapCallback(1n, -1n, data))
          .to.be.revertedWithCustomError(contract, "UnexpectedCallback")
          .withArgs(caller.address);
      }
    });

    it("has it called back by the pool: that calls whoever swaps", async () => {
      const { contract, stranger, pool } = await loadFixture(sales);
      await expect(pool.contract.connect(stranger).swap(contract, true, 1n, 2n ** 32n, "0x")).to.revert(
        ethers,
      );
    });

    it("moves what it holds through the vault's allowance", async () => {
      const { contract, stranger, vault, loan } = await loadFixture(sales);
      await loan.mint(contract, REPAID);
      const before = await loan.balanceOf(contract);
      await expect(vault.connect(stranger).flashLoan(contract, loan, 1n, "0x")).to.revert(ethers);
      await vault.connect(stranger).deposit(REPAID, contract);
      expect(await loan.balanceOf(contract)).to.equal(before);
    });
  });

  describe("never loses", () => {
    it("what it holds: a sale that does not pay for itself reverts, whatever profit is asked for", async () => {
      const system = await loadFixture(sales);
      const { contract, keeper, vault, loan, borrower } = system;
      await loan.mint(contract, 10n * REPAID);
      await moveMarket(system, 1_500n);
      await setPrice(system, 1_840n);
      const before = await loan.balanceOf(contract);
      const sold = await givenNext(system, false);
      await expect(
        contract.connect(keeper).execute(borrower, false, REPAID, sold, 0n),
      ).to.be.revertedWithCustomError(vault, "PaymentTooHigh");
      expect(await loan.balanceOf(contract)).to.equal(before);
    });

    it("less than the profit that was asked for", async () => {
      const system = await loadFixture(sales);
      const { contract, keeper, vault, loan, borrower } = system;
      const sold = await givenNext(system, false);
      const snapshot = await networkHelpers.takeSnapshot();
      await contract.connect(keeper).execute(borrower, false, REPAID, sold, 0n);
      const profit = await loan.balanceOf(contract);
      await snapshot.restore();
      const ask = (least: bigint) => contract.connect(keeper).execute(borrower, false, REPAID, sold, least);
      for (const [least, by, error] of [
        [profit + 1n, vault, "PaymentTooHigh"],
        [NO_LIMIT, contract, "Unprofitable"],
      ] as const) {
        await givenNext(system, false);
        await expect(ask(least)).to.be.revertedWithCustomError(by, error);
        await snapshot.restore();
      }
      await givenNext(system, false);
      await ask(profit);
      expect(await loan.balanceOf(contract)).to.equal(profit);
    });
  });

  it("sells both ways round: where the collateral is the pool's first token and where it is its second", async () => {
    const ways = new Set<boolean>();
    for (let i = 0; i < 8 && ways.size < 2; ++i) {
      const system = await withHostileToken(connection, i % 2 === 0 ? "loan" : "collateral");
      const { vault, pool, keeper, loan, borrower, stranger } = system;
      const contract = await ethers.deployContract("PrivateKeeper", [vault, pool.address], keeper);
      const repaid = 10_000n * ONE_COLLATERAL;
      await loan.mint(stranger, 2n * repaid);
      await loan.connect(stranger).approve(vault, NO_LIMIT);
      const sold = await givenNext(system, false, repaid);
      await contract.connect(keeper).execute(borrower, false, repaid, sold, 1n);
      expect(await loan.balanceOf(contract)).to.be.above(0n);
      ways.add(pool.baseIsToken0);
    }
    expect(ways.size).to.equal(2);
  });
});
