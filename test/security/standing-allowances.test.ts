import { expect } from "chai";
import { network } from "hardhat";

import { deployBatchLiquidator } from "../../scripts/kit/protocol.ts";
import { PRICE_SCALE } from "../../sdk/math.ts";
import { callEverything } from "../helpers/everyFunction.ts";
import {
  CALM_TERMS,
  createVault,
  deploySystem,
  lend,
  moveMarket,
  NO_LIMIT,
  ONE_COLLATERAL,
  ONE_LOAN,
  open,
  setPrice,
  START_PRICE,
  startSale,
} from "../helpers/system.ts";
import {
  CRASHED_PRICE,
  orderOf,
  RIPE,
  withHostileToken,
  withSales,
} from "../unit/DutchAuctionLiquidator/fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, impersonateAccount, setBalance, time } = networkHelpers;

const GIFT = 1_000n * ONE_LOAN;

/**
 * The public liquidator allows vaults of the factory all of its loan assets for good. It holds none between orders; here somebody has
 * sent it some by mistake, and nobody gets at them.
 */
describe("Security: standing allowances", () => {
  const sales = () => withSales(connection);
  const withGift = async () => {
    const system = await sales();
    const { liquidator, vault, loan } = system;
    await liquidator.serve(vault);
    await loan.mint(liquidator, GIFT);
    return system;
  };

  const expectGiftStays = async ({ loan, liquidator }: Awaited<ReturnType<typeof withGift>>) =>
    expect(await loan.balanceOf(liquidator)).to.equal(GIFT);

  it("are given once, by anyone, and said so", async () => {
    const { liquidator, vault, loan, collateral, stranger } = await loadFixture(sales);
    expect(await liquidator.servedAsset(vault)).to.equal(ethers.ZeroAddress);
    expect(await loan.allowance(liquidator, vault)).to.equal(0n);
    await expect(liquidator.connect(stranger).serve(vault))
      .to.emit(liquidator, "VaultServed")
      .withArgs(await vault.getAddress(), await loan.getAddress());
    expect(await liquidator.servedAsset(vault)).to.equal(await loan.getAddress());
    expect(await loan.allowance(liquidator, vault)).to.equal(NO_LIMIT);
    expect(await collateral.allowance(liquidator, vault)).to.equal(0n);
  });

  it("are given by the first order where nobody has, and by no quote", async () => {
    const system = await loadFixture(sales);
    const { liquidator, keeper, vault, loan, borrower } = system;
    await liquidator.quote(orderOf(system, [borrower]));
    expect(await loan.allowance(liquidator, vault)).to.equal(0n);
    await liquidator.connect(keeper).execute(orderOf(system, [borrower]));
    expect(await loan.allowance(liquidator, vault)).to.equal(NO_LIMIT);
  });

  it("are not given to false vaults, neither by serve nor by an order", async () => {
    const system = await loadFixture(withGift);
    const { liquidator, loan, collateral, borrower, stranger, oracle, config } = system;
    // The same code and set-up, from elsewhere than the factory.
    const copy = await ethers.deployContract("Vault", [config]);
    for (const [name, address] of [
      ["a copy", await copy.getAddress()],
      ["an account", stranger.address],
      ["the token", await loan.getAddress()],
      ["the oracle", await oracle.getAddress()],
      ["the liquidator", await liquidator.getAddress()],
    ] as const) {
      for (const attempt of [
        () => liquidator.connect(stranger).serve(address),
        () => liquidator.connect(stranger).execute(orderOf(system, [borrower], { vault: address })),
      ]) {
        await expect(attempt(), name)
          .to.be.revertedWithCustomError(liquidator, "UnknownVault")
          .withArgs(address);
      }
      for (const token of [loan, collateral]) expect(await token.allowance(liquidator, address)).to.equal(0n);
    }
    await expectGiftStays(system);
  });

  it("can't be used through a flash loan that somebody gives the liquidator", async () => {
    const system = await loadFixture(withGift);
    const { vault, liquidator, loan, collateral, stranger } = system;
    for (const token of [loan, collateral]) {
      for (const amount of [0n, 1n, GIFT]) {
        await expect(vault.connect(stranger).flashLoan(liquidator, token, amount, "0x")).to.revert(ethers);
      }
    }
    await expectGiftStays(system);
  });

  it("can't be used by any function of the vault with the liquidator in every place", async () => {
    const system = await loadFixture(withGift);
    const { vault, liquidator, loan, stranger, lender } = system;
    const victim = await liquidator.getAddress();
    const tried = await callEverything(vault, {
      victim,
      amounts: [1n, GIFT, NO_LIMIT],
      callers: [stranger, lender],
      check: async (name) => {
        expect([name, await loan.balanceOf(liquidator)]).to.deep.equal([name, GIFT]);
      },
    });
    expect(tried).to.be.above(30);
  });

  it("of one vault can't be used by an order at another vault of the same asset", async () => {
    const system = await loadFixture(withGift);
    const { factory, config, creationCode, liquidator, loan, lender, stranger, borrower } = system;
    const other = await createVault(connection, factory, config, creationCode, ethers.id("another"));
    await liquidator.serve(other);
    await loan.mint(lender, 10n ** 6n * ONE_LOAN);
    await loan.connect(lender).approve(other, NO_LIMIT);
    await other.connect(lender).deposit(10n ** 6n * ONE_LOAN, lender);
    for (const start of [true, false]) {
      await expect(
        liquidator.connect(stranger).execute(orderOf(system, [borrower], { vault: other, start })),
      ).to.revert(ethers);
    }
    await liquidator.connect(stranger).execute(orderOf(system, [borrower]));
    await expectGiftStays(system);
    expect(await loan.allowance(liquidator, other)).to.equal(NO_LIMIT);
  });

  it("pay no order that does not pay for itself, though they would reach", async () => {
    const system = await loadFixture(withGift);
    const { liquidator, keeper, borrower } = system;
    // The pool is down, the feeds are not.
    await moveMarket(system, 1_600n);
    await setPrice(system, CRASHED_PRICE);
    const order = orderOf(system, [borrower], { maxRepay: 5_000n * ONE_LOAN });
    const { payment, proceeds } = await liquidator.quote.staticCall(order);
    expect(proceeds).to.be.within(payment - GIFT, payment - 1n);
    await expect(liquidator.connect(keeper).execute(order)).to.be.revertedWithCustomError(
      liquidator,
      "Unprofitable",
    );
    await expectGiftStays(system);
  });

  it("are no use to a vault that calls back outside of an order", async () => {
    const system = await loadFixture(withGift);
    const { liquidator, vault, loan, pool } = system;
    const address = await vault.getAddress();
    await impersonateAccount(address);
    await setBalance(address, ONE_COLLATERAL);
    const data = ethers.AbiCoder.defaultAbiCoder().encode(
      ["address", "uint256", "uint256", "address[]"],
      [await loan.getAddress(), 0n, 0n, [pool.address]],
    );
    await expect(liquidator.connect(await ethers.getSigner(address)).onTake(0n, ONE_COLLATERAL, data))
      .to.be.revertedWithCustomError(liquidator, "UnexpectedCallback")
      .withArgs(address);
    await expectGiftStays(system);
  });

  it("of a token that uses the largest one up and returns nothing are renewed by anyone", async () => {
    const system = await deploySystem(connection, {}, "MockNoReturnERC20");
    const { liquidator, vault, loan, borrower, keeper, stranger } = system;
    await lend(system, 5_000_000n * ONE_LOAN);
    await open(system, borrower, 100n * ONE_COLLATERAL, 159_000n * ONE_LOAN);
    await moveMarket(system, CRASHED_PRICE);
    await startSale(system, borrower);
    await time.increase(RIPE);
    const order = orderOf(system, [borrower], { maxRepay: 10_000n * ONE_LOAN });
    for (let i = 0; i < 2; ++i) {
      const before = await loan.allowance(liquidator, vault);
      const held = await loan.balanceOf(vault);
      await liquidator.connect(keeper).execute(order);
      const paid = (await loan.balanceOf(vault)) - held;
      expect(paid).to.be.above(0n);
      expect(await loan.allowance(liquidator, vault)).to.equal((i === 0 ? NO_LIMIT : before) - paid);
    }
    await liquidator.connect(stranger).serve(vault);
    expect(await loan.allowance(liquidator, vault)).to.equal(NO_LIMIT);
    await liquidator.connect(keeper).execute(order);
  });

  describe("the batch auction, which holds bids", () => {
    const withBids = async () => {
      const base = await deploySystem(connection);
      const batch = await deployBatchLiquidator(connection, base.factory);
      const { factory, config, creationCode, loan, stranger, lender } = base;
      const vault = await createVault(
        connection,
        factory,
        { ...config, batchLiquidator: await batch.getAddress() },
        creationCode,
        ethers.id("with a batch auction"),
      );
      const system = { ...base, vault, batch };
      await lend(system, 5_000_000n * ONE_LOAN);
      await open(system, base.borrower, 100n * ONE_COLLATERAL, 159_000n * ONE_LOAN);
      await loan.mint(lender, 10n ** 6n * ONE_LOAN);
      await loan.connect(lender).approve(batch, NO_LIMIT);
      await batch.connect(lender).placeBid(vault, 1n, 10n ** 6n * ONE_LOAN, lender);
      return { ...system, stranger };
    };

    it("gives no standing one, neither when a vault is served nor by clearings", async () => {
      const system = await loadFixture(withBids);
      const { batch, vault, loan, keeper, borrower } = system;
      await batch.serve(vault);
      expect(await loan.allowance(batch, vault)).to.equal(0n);
      await time.increaseTo(await batch.nextBoundary());
      await moveMarket(system, CRASHED_PRICE);
      await startSale(system, borrower);
      await time.increaseTo(await batch.nextBoundary());
      await time.increase(90);
      await batch.connect(keeper).clear(vault, [borrower]);
      expect(await loan.allowance(batch, vault)).to.equal(0n);
    });

    it("leaves none with a token that does not use allowances up", async () => {
      const base = await withHostileToken(connection, "loan");
      const { factory, config, creationCode, hostile, collateral, oracle, lender, borrower, keeper } = base;
      const batch = await deployBatchLiquidator(connection, factory);
      const many = 10n ** 26n;
      const vault = await createVault(
        connection,
        factory,
        {
          ...config,
          asset: await hostile.getAddress(),
          collateralAsset: await collateral.getAddress(),
          oracle: await oracle.getAddress(),
          batchLiquidator: await batch.getAddress(),
          supplyCap: many,
          borrowCap: many,
          maxPositionDebt: 10n ** 25n,
          stressDepth: 4n * many,
          terms: { ...CALM_TERMS, lot: 250_000n * ONE_COLLATERAL },
        },
        creationCode,
        ethers.id("hostile loan asset"),
      );
      await hostile.misbehave(true, 0n, 0n);
      await hostile.mint(lender, 2n * 10n ** 24n);
      for (const spender of [vault, batch]) await hostile.connect(lender).approve(spender, NO_LIMIT);
      await vault.connect(lender).deposit(10n ** 24n, lender);
      await oracle.setPrice(START_PRICE * PRICE_SCALE);
      await collateral.mint(borrower, 100n * ONE_COLLATERAL);
      await collateral.connect(borrower).approve(vault, NO_LIMIT);
      await vault.connect(borrower).supplyCollateral(100n * ONE_COLLATERAL, borrower);
      await vault.connect(borrower).borrow(159_000n * ONE_COLLATERAL, borrower, borrower);
      await batch.connect(lender).placeBid(vault, 1n, 10n ** 24n, lender);
      await time.increaseTo(await batch.nextBoundary());
      await oracle.setPrice(CRASHED_PRICE * PRICE_SCALE);
      await vault.connect(keeper).startSale(borrower, ethers.ZeroAddress);
      await time.increaseTo(await batch.nextBoundary());
      await time.increase(90);
      await expect(batch.connect(keeper).clear(vault, [borrower])).to.emit(hostile, "Approval");
      expect(await hostile.allowance(batch, vault)).to.equal(0n);
    });

    it("serves a vault once, its factory's and its own only", async () => {
      const { batch, vault, liquidator, config, factory, creationCode } = await loadFixture(withBids);
      await expect(batch.serve(vault)).to.not.emit(batch, "VaultServed");
      const foreign = await createVault(connection, factory, config, creationCode, ethers.id("elsewhere"));
      for (const false_ of [foreign, liquidator]) {
        await expect(batch.serve(false_))
          .to.be.revertedWithCustomError(batch, "UnknownVault")
          .withArgs(await false_.getAddress());
      }
    });

    it("loses no bid by a flash loan that somebody gives it", async () => {
      const { batch, vault, loan, stranger } = await loadFixture(withBids);
      const held = await loan.balanceOf(batch);
      await expect(vault.connect(stranger).flashLoan(batch, loan, held, "0x")).to.revert(ethers);
      expect(await loan.balanceOf(batch)).to.equal(held);
    });
  });
});
