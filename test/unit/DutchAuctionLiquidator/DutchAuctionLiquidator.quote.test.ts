import { expect } from "chai";
import { network } from "hardhat";

import type { AuctionOrderStruct } from "../../../typechain-types/contracts/liquidation/DutchAuctionLiquidator.ts";

import { moveMarket, NO_LIMIT, ONE_LOAN, setPrice, type System } from "../../helpers/system.ts";
import { createThinPool, orderOf, withDetour, withSales, withSunk } from "./fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const GWEI = 10n ** 9n;

type Given = Awaited<ReturnType<typeof withSunk>>;

describe("DutchAuctionLiquidator: quote", () => {
  const sunk = () => withSunk(connection);
  const sales = () => withSales(connection);
  const detour = () => withDetour(connection);

  describe("equals what the order then does, to the wei", () => {
    const orders: [string, () => Promise<Given>, (system: Given) => Partial<AuctionOrderStruct>, boolean][] =
      [
        ["for one sale", sales, () => ({}), false],
        ["for a part of it", sales, () => ({ maxRepay: 10_000n * ONE_LOAN }), false],
        ["for one that it starts, reward netted", sunk, () => ({ start: true }), false],
        ["for many sales", sales, ({ borrowers }) => ({ borrowers: [...borrowers] }), false],
        [
          "for many that it starts",
          sunk,
          ({ borrowers }) => ({ start: true, borrowers: [...borrowers] }),
          true,
        ],
      ];
    for (const [what, given, changes, isRewarded] of orders) {
      it(what, async () => {
        const system = await loadFixture(given);
        const { liquidator, loan, vault, receiver } = system;
        // The pool pays more than the oracle says, so that a sale pays from its first second.
        await moveMarket(system, 1_950n);
        await setPrice(system, 1_840n);
        const order = orderOf(system, [system.borrower], changes(system));
        const keeper = await ethers.deployContract("MockKeeper");
        const snapshot = await networkHelpers.takeSnapshot();
        await networkHelpers.setNextBlockBaseFeePerGas(50n * GWEI);
        await keeper.quoteAndExecute(liquidator, order, { gasLimit: 10_000_000n });
        const [event] = await keeper.queryFilter(keeper.filters.Done);
        if (event === undefined) throw new Error("no event");
        const { quoted, executed } = event.args;
        expect([...quoted]).to.deep.equal([...executed]);
        expect(executed.profit).to.be.above(0n);
        expect(await loan.balanceOf(receiver)).to.equal(executed.profit);
        expect(await vault.balanceOf(receiver)).to.equal(executed.rewardShares);
        expect(executed.rewardShares > 0n).to.equal(isRewarded);
        await snapshot.restore();
      });
    }

    it("over several hops", async () => {
      const system = await loadFixture(detour);
      const { liquidator, borrowers } = system;
      const order = orderOf(system, borrowers, { pools: system.detour.map(({ address }) => address) });
      const keeper = await ethers.deployContract("MockKeeper");
      await keeper.quoteAndExecute(liquidator, order);
      const [event] = await keeper.queryFilter(keeper.filters.Done);
      expect([...(event?.args.quoted ?? [])]).to.deep.equal([...(event?.args.executed ?? [undefined])]);
    });
  });

  describe("of an order that does not pay", () => {
    it("shows what it would cost and bring, with a profit of 0", async () => {
      const system = await loadFixture(sales);
      const { liquidator, vault, borrower } = system;
      await moveMarket(system, 1_500n);
      await setPrice(system, 1_840n);
      const { repay, penalty, collateral } = await vault.quoteTake(borrower);
      const quoted = await liquidator.quote.staticCall(orderOf(system, [borrower]));
      expect([quoted.payment, quoted.collateral]).to.deep.equal([repay + penalty, collateral]);
      expect(quoted.proceeds).to.be.within((quoted.payment * 8n) / 10n, quoted.payment - 1n);
      expect(quoted.profit).to.equal(0n);
    });

    it("does not mind the least profit", async () => {
      const system = await loadFixture(sales);
      const { liquidator, borrower } = system;
      const order = orderOf(system, [borrower]);
      const quoted = await liquidator.quote.staticCall({ ...order, minProfit: NO_LIMIT });
      expect([...quoted]).to.deep.equal([...(await liquidator.quote.staticCall(order))]);
      expect(quoted.profit).to.be.above(0n);
    });
  });

  it("may be asked by anybody, who needs neither tokens nor ether", async () => {
    const system = await loadFixture(sales);
    const { liquidator, borrower, keeper } = system;
    const order = orderOf(system, [borrower]);
    const asked = await liquidator.connect(keeper).quote.staticCall(order);
    const poor = ethers.Wallet.createRandom(ethers.provider);
    expect(await ethers.provider.getBalance(poor)).to.equal(0n);
    expect([...(await liquidator.connect(poor).quote.staticCall(order))]).to.deep.equal([...asked]);
    const nobody = liquidator.connect(ethers.provider);
    expect([...(await nobody.quote.staticCall(order))]).to.deep.equal([...asked]);
  });

  it("leaves nothing behind when it is sent as a transaction", async () => {
    const system = await loadFixture(sunk);
    const { liquidator, vault, keeper, borrowers, receiver, loan, pool } = system;
    const before = await pool.contract.slot0();
    await liquidator.connect(keeper).quote(orderOf(system, borrowers, { start: true }));
    for (const borrower of borrowers) {
      const { saleStartedAt, collateral } = await vault.position(borrower);
      expect([saleStartedAt, collateral]).to.deep.equal([0n, 100n * 10n ** 18n]);
    }
    expect(await pool.contract.slot0()).to.deep.equal(before);
    expect([await loan.balanceOf(receiver), await vault.balanceOf(receiver)]).to.deep.equal([0n, 0n]);
  });

  describe("simulate", () => {
    it("always reverts: here with the result", async () => {
      const system = await loadFixture(sales);
      const { liquidator, borrower } = system;
      const order = orderOf(system, [borrower]);
      const quoted = await liquidator.quote.staticCall(order);
      await expect(liquidator.simulate.staticCall(order))
        .to.be.revertedWithCustomError(liquidator, "QuoteResult")
        .withArgs([...quoted]);
    });
  });

  describe("gives back what stands in the order's way", () => {
    const quote = (system: System, changes: Partial<AuctionOrderStruct>) =>
      system.liquidator.quote.staticCall(orderOf(system, [system.borrower], changes));

    it("of its own", async () => {
      const system = await loadFixture(sales);
      const { liquidator, stranger } = system;
      const deadline = BigInt(await time.latest()) - 1n;
      const thin = await createThinPool(connection, system);
      await expect(quote(system, { deadline }))
        .to.be.revertedWithCustomError(system.vault, "DeadlinePassed")
        .withArgs(deadline);
      await expect(quote(system, { vault: stranger }))
        .to.be.revertedWithCustomError(liquidator, "UnknownVault")
        .withArgs(stranger);
      await expect(quote(system, { receiver: ethers.ZeroAddress }))
        .to.be.revertedWithCustomError(liquidator, "InvalidReceiver")
        .withArgs(ethers.ZeroAddress);
      await expect(quote(system, { pools: [] })).to.be.revertedWithCustomError(liquidator, "InvalidRoute");
      await expect(quote(system, { pools: [thin.address] }))
        .to.be.revertedWithCustomError(liquidator, "PoolNotListed")
        .withArgs(thin.address);
      await liquidator.setPoolListed(thin.address, true);
      await expect(quote(system, { pools: [thin.address] })).to.be.revertedWithCustomError(
        liquidator,
        "SwapIncomplete",
      );
    });

    it("of the vault", async () => {
      const system = await loadFixture(sunk);
      const { vault, borrower } = system;
      await expect(quote(system, {}))
        .to.be.revertedWithCustomError(vault, "SaleNotStarted")
        .withArgs(borrower);
      await expect(quote(system, { borrowers: [] })).to.be.revertedWithCustomError(vault, "NothingToTake");
    });
  });
});
