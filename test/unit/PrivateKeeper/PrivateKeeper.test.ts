import { expect } from "chai";
import { network } from "hardhat";

import { moveMarket, NO_LIMIT, ONE_COLLATERAL, ONE_LOAN, setPrice } from "../../helpers/system.ts";
import { withHostileToken, withSales, withSunk } from "../DutchAuctionLiquidator/fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, impersonateAccount, setBalance } = networkHelpers;

const REPAID = 10_000n * ONE_LOAN;

describe("PrivateKeeper", () => {
  const withKeeper = async <T extends Awaited<ReturnType<typeof withSunk>>>(system: T) => {
    const { vault, pool, keeper } = system;
    const contract = await ethers.deployContract("PrivateKeeper", [vault, pool.address], keeper);
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
  const hostileLoan = () => withHostileToken(connection, "loan");
  const signerAt = async (address: string) => {
    await impersonateAccount(address);
    await setBalance(address, ONE_COLLATERAL);
    return ethers.getSigner(address);
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
    const { contract, keeper, vault, loan, collateral, borrower } = await loadFixture(sales);
    const debt = await vault.debtOf(borrower);
    await contract.connect(keeper).execute(borrower, false, REPAID, 1n);
    expect(debt - (await vault.debtOf(borrower))).to.be.within(REPAID - ONE_LOAN, REPAID);
    expect(await loan.balanceOf(contract)).to.be.above(0n);
    expect(await collateral.balanceOf(contract)).to.equal(0n);
  });

  it("starts a sale and takes in one transaction", async () => {
    const { contract, keeper, vault, loan, borrower } = await loadFixture(startable);
    await contract.connect(keeper).execute(borrower, true, REPAID, 1n);
    expect((await vault.position(borrower)).saleStartedAt).to.be.above(0n);
    expect(await loan.balanceOf(contract)).to.be.above(0n);
  });

  it("sells the vault's whole maximum where it is told no limit", async () => {
    const { contract, keeper, vault, borrower } = await loadFixture(sales);
    await contract.connect(keeper).execute(borrower, false, NO_LIMIT, 0n);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("sends its profit to its owner on his word", async () => {
    const { contract, keeper, loan, borrower } = await loadFixture(sales);
    await contract.connect(keeper).execute(borrower, false, REPAID, 1n);
    const profit = await loan.balanceOf(contract);
    await expect(contract.connect(keeper).withdraw(loan, profit)).to.changeTokenBalances(
      ethers,
      loan,
      [contract, keeper],
      [-profit, profit],
    );
  });

  describe("nobody but its owner", () => {
    it("executes", async () => {
      const { contract, stranger, governor, borrower } = await loadFixture(sales);
      for (const caller of [stranger, governor, await signerAt(await contract.getAddress())]) {
        await expect(contract.connect(caller).execute(borrower, false, REPAID, 0n))
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

    it("calls back: neither others than the vault, nor others than the pool", async () => {
      const { contract, keeper, stranger, vault, pool } = await loadFixture(sales);
      for (const caller of [keeper, stranger, await signerAt(pool.address)]) {
        await expect(contract.connect(caller).onTake(1n, 1n, "0x"))
          .to.be.revertedWithCustomError(contract, "UnexpectedCallback")
          .withArgs(caller.address);
      }
      for (const caller of [keeper, stranger, await signerAt(await vault.getAddress())]) {
        await expect(contract.connect(caller).uniswapV3SwapCallback(1n, 1n, "0x"))
          .to.be.revertedWithCustomError(contract, "UnexpectedCallback")
          .withArgs(caller.address);
      }
    });

    it("moves what it holds through the vault's allowance", async () => {
      const { contract, stranger, vault, loan } = await loadFixture(sales);
      await loan.mint(contract, REPAID);
      const before = await loan.balanceOf(contract);
      await expect(vault.connect(stranger).flashLoan(contract, loan, 1n, "0x")).to.revert(ethers);
      await expect(vault.connect(stranger).deposit(REPAID, contract)).to.revert(ethers);
      expect(await loan.balanceOf(contract)).to.equal(before);
    });
  });

  describe("never loses", () => {
    it("what it holds: a sale that does not pay for itself reverts, whatever profit is asked for", async () => {
      const system = await loadFixture(sales);
      const { contract, keeper, loan, borrower } = system;
      await loan.mint(contract, 10n * REPAID);
      await moveMarket(system, 1_500n);
      await setPrice(system, 1_840n);
      const before = await loan.balanceOf(contract);
      await expect(
        contract.connect(keeper).execute(borrower, false, REPAID, 0n),
      ).to.be.revertedWithCustomError(contract, "Unprofitable");
      expect(await loan.balanceOf(contract)).to.equal(before);
    });

    it("less than the profit that was asked for", async () => {
      const { contract, keeper, loan, borrower } = await loadFixture(sales);
      const snapshot = await networkHelpers.takeSnapshot();
      await contract.connect(keeper).execute(borrower, false, REPAID, 1n);
      const profit = await loan.balanceOf(contract);
      await snapshot.restore();
      const ask = (least: bigint) => contract.connect(keeper).execute(borrower, false, REPAID, least);
      await expect(ask(profit + ONE_LOAN))
        .to.be.revertedWithCustomError(contract, "Unprofitable")
        .withArgs(0n, (got: bigint) => got >= profit && got < profit + ONE_LOAN, profit + ONE_LOAN);
      await expect(ask(NO_LIMIT)).to.be.revertedWithCustomError(contract, "Unprofitable");
      await ask(profit);
    });

    it("by a token that takes more than it is told", async () => {
      const { vault, pool, keeper, hostile, borrower } = await loadFixture(hostileLoan);
      const contract = await ethers.deployContract("PrivateKeeper", [vault, pool.address], keeper);
      await hostile.mint(contract, 10n ** 6n * ONE_COLLATERAL);
      await hostile.misbehave(false, 0n, 10_000n * ONE_COLLATERAL);
      await expect(
        contract.connect(keeper).execute(borrower, false, 10_000n * ONE_COLLATERAL, 0n),
      ).to.be.revertedWithCustomError(contract, "Unprofitable");
    });
  });

  it("sells both ways round: where the collateral is the pool's first token and where it is its second", async () => {
    const ways = new Set<boolean>();
    for (let i = 0; i < 8 && ways.size < 2; ++i) {
      const system = await withHostileToken(connection, i % 2 === 0 ? "loan" : "collateral");
      const { vault, pool, keeper, loan, borrower } = system;
      const contract = await ethers.deployContract("PrivateKeeper", [vault, pool.address], keeper);
      await contract.connect(keeper).execute(borrower, false, 10_000n * ONE_COLLATERAL, 1n);
      expect(await loan.balanceOf(contract)).to.be.above(0n);
      ways.add(pool.baseIsToken0);
    }
    expect(ways.size).to.equal(2);
  });
});
