import { expect } from "chai";
import { network } from "hardhat";

import { deployApproved, deployNear, fundExecutor, GAS, purchaseOf, saleOf } from "../helpers/deleverager.ts";
import { deployUnhealthy, type DirectSystem, liftPool, quotedOrder } from "../helpers/directSale.ts";
import { callEverything } from "../helpers/everyFunction.ts";
import { createVault, NO_LIMIT, ONE_COLLATERAL, ONE_LOAN, type System } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, impersonateAccount, setBalance } = networkHelpers;

const LIST = "MockBlocklistERC20";
const FEE = "MockFeeERC20";
const GIFT = 1_000n * ONE_LOAN;

/**
 * Those who sell in pools allow the vaults that they serve all of their loan assets for good, and keep refunds that their token did not
 * deliver. Nobody gets at those through the allowances.
 */
describe("Security: standing allowances of who sells in pools", () => {
  /** One refund is kept: its borrower was on the token's block list when the whole debt was sold out. */
  const withKept = async () => {
    const system = await deployUnhealthy(connection, { minDebt: 60_000n * ONE_LOAN }, LIST);
    await liftPool(system, 50n);
    const { direct, keeper, loan, borrower } = system;
    const list = await ethers.getContractAt(LIST, await loan.getAddress());
    const { order } = await quotedOrder(system);
    await list.setBlocked(borrower, true);
    await direct.connect(keeper).execute({ ...order, price: (order.price * 999n) / 1_000n }, GAS);
    const kept = await direct.refundOf(loan, borrower);
    if (kept === 0n) throw new Error("nothing is kept");
    return { ...system, kept };
  };
  const withUnhealthy = () => deployUnhealthy(connection);
  const withFee = () => deployUnhealthy(connection, {}, FEE);
  const withApproved = () => deployApproved(connection);
  const withNear = async () => {
    const system = await deployNear(connection, {}, FEE);
    await system.vault.connect(system.borrower).setDeleverager(system.deleverager, true);
    await system.deleverager.serve(system.vault);
    return system;
  };

  const expectKept = async ({ loan, direct, kept }: Awaited<ReturnType<typeof withKept>>) =>
    expect(await loan.balanceOf(direct)).to.equal(kept);

  it("are given once, by anyone, of the loan asset alone, and said so", async () => {
    const { factory, config, creationCode, direct, loan, collateral, stranger } =
      await loadFixture(withUnhealthy);
    const vault = await createVault(connection, factory, config, creationCode, ethers.id("fresh"));
    expect(await direct.servedAsset(vault)).to.equal(ethers.ZeroAddress);
    expect(await loan.allowance(direct, vault)).to.equal(0n);
    await expect(direct.connect(stranger).serve(vault))
      .to.emit(direct, "VaultServed")
      .withArgs(await vault.getAddress(), await loan.getAddress());
    expect(await direct.servedAsset(vault)).to.equal(await loan.getAddress());
    expect(await loan.allowance(direct, vault)).to.equal(NO_LIMIT);
    expect(await collateral.allowance(direct, vault)).to.equal(0n);
  });

  it("are not given to false vaults, neither by serve nor by an order", async () => {
    const system = await loadFixture(withKept);
    const { direct, loan, collateral, stranger, oracle, config, venue } = system;
    const order = await orderAt(system);
    // The same code and set-up, from elsewhere than the factory.
    const copy = await ethers.deployContract("Vault", [config]);
    for (const part of [copy, stranger, loan, oracle, direct, venue]) {
      const address = await ethers.resolveAddress(part);
      for (const attempt of [
        () => direct.connect(stranger).serve(address),
        () => direct.connect(stranger).execute({ ...order, vault: address }, GAS),
      ]) {
        await expect(attempt(), address)
          .to.be.revertedWithCustomError(direct, "UnknownVault")
          .withArgs(address);
      }
      for (const token of [loan, collateral]) expect(await token.allowance(direct, address)).to.equal(0n);
    }
    await expectKept(system);
  });

  it("can't be used through a flash loan that somebody gives the seller", async () => {
    const system = await loadFixture(withKept);
    const { vault, direct, loan, collateral, stranger, kept } = system;
    for (const token of [loan, collateral]) {
      for (const amount of [0n, 1n, kept]) {
        await expect(vault.connect(stranger).flashLoan(direct, token, amount, "0x")).to.revert(ethers);
      }
    }
    await expectKept(system);
  });

  it("can't be used by any function of the vault with the seller in every place", async () => {
    const system = await loadFixture(withKept);
    const { vault, direct, loan, stranger, lender, kept } = system;
    const victim = await direct.getAddress();
    const tried = await callEverything(vault, {
      victim,
      amounts: [1n, kept, NO_LIMIT],
      callers: [stranger, lender],
      check: async (name) => {
        expect([name, await loan.balanceOf(direct)]).to.deep.equal([name, kept]);
      },
    });
    expect(tried).to.be.above(30);
  });

  it("are no use to a vault that calls back outside of an order", async () => {
    const system = await loadFixture(withKept);
    const { direct, vault } = system;
    const address = await vault.getAddress();
    await impersonateAccount(address);
    await setBalance(address, ONE_COLLATERAL);
    await expect(direct.connect(await ethers.getSigner(address)).onTake(0n, ONE_COLLATERAL, "0x"))
      .to.be.revertedWithCustomError(direct, "UnexpectedCallback")
      .withArgs(address);
    await expectKept(system);
  });

  it("of one vault can't be used by an order at another vault of the same asset", async () => {
    const system = await loadFixture(withKept);
    const { factory, config, creationCode, direct, loan, lender, stranger } = system;
    const other = await createVault(connection, factory, config, creationCode, ethers.id("another"));
    await direct.serve(other);
    await direct.setReferenceVenue(other, system.venue);
    await loan.mint(lender, 10n ** 6n * ONE_LOAN);
    await loan.connect(lender).approve(other, NO_LIMIT);
    await other.connect(lender).deposit(10n ** 6n * ONE_LOAN, lender);
    const order = await orderAt(system);
    for (const startsToo of [true, false]) {
      await expect(
        direct.connect(stranger).execute({ ...order, vault: await other.getAddress(), startsToo }, GAS),
      ).to.revert(ethers);
    }
    await expectKept(system);
  });

  it("pay no sale that asks for more than the pools bring, though they would reach", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, keeper, vault, loan, stranger } = system;
    await loan.mint(direct, GIFT);
    await vault.startSale(system.borrower, stranger);
    const { order, quote } = await quotedOrder(system);
    // 0.1% more: some 90, of which 1,000 lie here.
    const price = (order.price * 1_001n) / 1_000n;
    expect(quote.proceeds / 1_000n).to.be.below(GIFT);
    await expect(direct.connect(keeper).execute({ ...order, price }, GAS)).to.be.revertedWithCustomError(
      direct,
      "ProceedsTooLow",
    );
    expect(await loan.balanceOf(direct)).to.equal(GIFT);
  });

  it("pay no fee that the token begins to take, though a gift to the vault would hide it there", async () => {
    const system = await loadFixture(withFee);
    const { direct, keeper, vault, loan, borrower } = system;
    for (const holder of [direct, vault]) await loan.mint(holder, GIFT);
    const { order } = await quotedOrder(system);
    await (await ethers.getContractAt(FEE, await loan.getAddress())).setFeeBps(1n);
    await expect(direct.connect(keeper).execute(order, GAS)).to.be.revertedWithCustomError(
      direct,
      "ProceedsTooLow",
    );
    expect(await loan.balanceOf(direct)).to.equal(GIFT);
    expect(await direct.refundOf(loan, borrower)).to.equal(0n);
  });

  describe("of a rescuer", () => {
    it("pay no fee that the token begins to take, whether pools buy or the executor does", async () => {
      const system = await loadFixture(withNear);
      const { deleverager, keeper, vault, loan } = system;
      for (const holder of [deleverager, vault]) await loan.mint(holder, GIFT);
      await fundExecutor(system, keeper);
      const sale = await saleOf(system);
      const purchase = await purchaseOf(system, {}, { price: 0n });
      const token = await ethers.getContractAt(FEE, await loan.getAddress());
      const snapshot = await networkHelpers.takeSnapshot();
      for (const execution of [sale, purchase]) {
        // That it passes without the fee.
        await deleverager.connect(keeper).execute(execution, GAS);
        expect(await loan.balanceOf(deleverager)).to.equal(GIFT);
        await snapshot.restore();
        await token.setFeeBps(1n);
        await expect(deleverager.connect(keeper).execute(execution, GAS)).to.be.revertedWithCustomError(
          deleverager,
          "ProceedsTooLow",
        );
        expect(await loan.balanceOf(deleverager)).to.equal(GIFT);
        await snapshot.restore();
      }
    });

    it("are given by the first rescue where nobody has", async () => {
      const system = await loadFixture(withApproved);
      const { deleverager, keeper, vault, loan } = system;
      await expect(deleverager.connect(keeper).execute(await saleOf(system), GAS))
        .to.emit(deleverager, "VaultServed")
        .withArgs(await vault.getAddress(), await loan.getAddress());
      expect(await loan.allowance(deleverager, vault)).to.equal(NO_LIMIT);
      const again = deleverager.connect(keeper).serve(vault);
      await expect(again).to.emit(deleverager, "VaultServed");
    });

    it("can't be used through a flash loan, nor by a vault that calls back outside of an order", async () => {
      const system = await loadFixture(withNear);
      const { deleverager, vault, loan, stranger } = system;
      await loan.mint(deleverager, GIFT);
      expect(await loan.allowance(deleverager, vault)).to.equal(NO_LIMIT);
      await expect(vault.connect(stranger).flashLoan(deleverager, loan, GIFT, "0x")).to.revert(ethers);
      const address = await vault.getAddress();
      await impersonateAccount(address);
      await setBalance(address, ONE_COLLATERAL);
      await expect(
        deleverager.connect(await ethers.getSigner(address)).onTake(0n, ONE_COLLATERAL, "0x"),
      ).to.be.revertedWithCustomError(deleverager, "UnexpectedCallback");
      expect(await loan.balanceOf(deleverager)).to.equal(GIFT);
    });
  });
});

/** An order for the borrower's position, whatever is left of it. */
const orderAt = async ({ vault, borrower, venue, receiver }: DirectSystem & Pick<System, "receiver">) => ({
  vault: await vault.getAddress(),
  borrower: borrower.address,
  parts: [{ venue: await venue.getAddress(), share: 10n ** 18n }],
  price: 0n,
  maxRepay: NO_LIMIT,
  startsToo: true,
  receiver: receiver.address,
  deadline: 2n ** 40n,
});
