import { expect } from "chai";
import { network } from "hardhat";

import { NO_LIMIT, ONE_COLLATERAL, ONE_LOAN } from "../../helpers/system.ts";
import { wrapEther } from "../../../scripts/kit/uniswap.ts";
import { orderOf, withHostilePool, withHostileToken, withSales } from "./fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, impersonateAccount, setBalance } = networkHelpers;

/** Less than the most that the three positions have for sale. */
const MAX_REPAY = 50_000n;

describe("DutchAuctionLiquidator: callbacks and hostile counterparts", () => {
  const sales = () => withSales(connection);
  const hostileLoan = () => withHostileToken(connection, "loan");
  const hostileCollateral = () => withHostileToken(connection, "collateral");

  describe("callbacks outside of an order", () => {
    const signerAt = async (address: string) => {
      await impersonateAccount(address);
      await setBalance(address, ONE_COLLATERAL);
      return ethers.getSigner(address);
    };

    it("onTake is refused to everybody, vaults of the factory included", async () => {
      const { liquidator, vault, stranger } = await loadFixture(sales);
      for (const caller of [stranger, await signerAt(await vault.getAddress())]) {
        await expect(liquidator.connect(caller).onTake(1n, 1n, "0x"))
          .to.be.revertedWithCustomError(liquidator, "UnexpectedCallback")
          .withArgs(caller);
      }
    });

    it("uniswapV3SwapCallback is refused to everybody, listed pools included", async () => {
      const { liquidator, pool, stranger } = await loadFixture(sales);
      for (const caller of [stranger, await signerAt(pool.address)]) {
        await expect(liquidator.connect(caller).uniswapV3SwapCallback(1n, -1n, "0x"))
          .to.be.revertedWithCustomError(liquidator, "UnexpectedCallback")
          .withArgs(caller);
      }
    });

    it("are refused again after an order, to those whom it served", async () => {
      const system = await loadFixture(sales);
      const { liquidator, keeper, vault, pool, borrower } = system;
      await liquidator.connect(keeper).execute(orderOf(system, [borrower]));
      const served = [await signerAt(await vault.getAddress()), await signerAt(pool.address)] as const;
      await expect(liquidator.connect(served[0]).onTake(1n, 1n, "0x")).to.be.revertedWithCustomError(
        liquidator,
        "UnexpectedCallback",
      );
      await expect(
        liquidator.connect(served[1]).uniswapV3SwapCallback(1n, -1n, "0x"),
      ).to.be.revertedWithCustomError(liquidator, "UnexpectedCallback");
    });
  });

  describe("a pool that follows no rules", () => {
    const PAYOUT = 60_000n * ONE_LOAN;

    async function exposedToPool() {
      const system = await sales();
      const hostile = await withHostilePool(connection, system);
      const { hostilePool, exposed } = hostile;
      await hostilePool.setSwap(1n, 0n, PAYOUT);
      const order = orderOf(system, [system.borrower], {
        pools: [await hostilePool.getAddress()],
        maxRepay: MAX_REPAY * ONE_LOAN,
      });
      // Something to steal.
      await system.loan.mint(exposed, 10n ** 6n * ONE_LOAN);
      await wrapEther(connection, system.uniswap, system.stranger, 1_000n * ONE_COLLATERAL);
      await system.collateral.connect(system.stranger).transfer(exposed, 1_000n * ONE_COLLATERAL);
      return { ...system, ...hostile, order };
    }

    it("may pay what it likes while it takes what it is given", async () => {
      const { exposed, keeper, receiver, loan, collateral, order, hostilePool } =
        await loadFixture(exposedToPool);
      await exposed.connect(keeper).execute(order);
      expect(await loan.balanceOf(receiver)).to.equal(PAYOUT - (MAX_REPAY * ONE_LOAN * 10_050n) / 10_000n);
      expect(await collateral.balanceOf(hostilePool)).to.be.within(
        28n * ONE_COLLATERAL,
        30n * ONE_COLLATERAL,
      );
      expect(await collateral.balanceOf(exposed)).to.equal(1_000n * ONE_COLLATERAL);
    });

    it("can't ask twice", async () => {
      const { exposed, keeper, order, hostilePool } = await loadFixture(exposedToPool);
      await hostilePool.setSwap(2n, 0n, PAYOUT);
      await expect(exposed.connect(keeper).execute(order))
        .to.be.revertedWithCustomError(exposed, "UnexpectedCallback")
        .withArgs(hostilePool);
    });

    for (const [what, more] of [
      ["one unit more", 1n],
      ["one unit less", -1n],
      ["all that lies here", 970n * ONE_COLLATERAL],
      ["nothing", -(10n ** 30n)],
    ] as const) {
      it(`can't ask for ${what}`, async () => {
        const { exposed, keeper, order, hostilePool } = await loadFixture(exposedToPool);
        await hostilePool.setSwap(1n, more, PAYOUT);
        await expect(exposed.connect(keeper).execute(order)).to.be.revertedWithCustomError(
          exposed,
          "SwapIncomplete",
        );
      });
    }

    it("can't make up what it does not pay from what lies here", async () => {
      const { exposed, keeper, order, hostilePool, loan } = await loadFixture(exposedToPool);
      const payment = (MAX_REPAY * ONE_LOAN * 10_050n) / 10_000n;
      await hostilePool.setSwap(1n, 0n, payment - 1n);
      await expect(exposed.connect(keeper).execute(order))
        .to.be.revertedWithCustomError(exposed, "Unprofitable")
        .withArgs(payment - 1n, payment, 0n);
      await hostilePool.setSwap(1n, 0n, payment);
      await exposed.connect(keeper).execute(order);
      expect(await loan.balanceOf(exposed)).to.equal(10n ** 6n * ONE_LOAN);
    });

    it("can't come back in by any door", async () => {
      const { exposed, keeper, order, hostilePool } = await loadFixture(exposedToPool);
      const doors: [{ readonly data: string }, string][] = [
        [await exposed.serve.populateTransaction(order.vault), "ReentrancyGuardReentrantCall"],
        [await exposed.execute.populateTransaction(order), "ReentrancyGuardReentrantCall"],
        [await exposed.simulate.populateTransaction(order), "ReentrancyGuardReentrantCall"],
        [await exposed.quote.populateTransaction(order), "ReentrancyGuardReentrantCall"],
        [await exposed.onTake.populateTransaction(1n, 1n, "0x"), "UnexpectedCallback"],
        [await exposed.setPoolListed.populateTransaction(hostilePool, true), "AccessManagedUnauthorized"],
      ];
      for (const [{ data }, error] of doors) {
        await hostilePool.setCall(exposed, data);
        await expect(exposed.connect(keeper).execute(order)).to.be.revertedWithCustomError(exposed, error);
      }
    });
  });

  describe("a token that calls out", () => {
    for (const side of ["collateral", "loan"] as const) {
      const doors = [
        "serve",
        "execute",
        "simulate",
        "quote",
        "onTake",
        "uniswapV3SwapCallback",
        "setPoolListed",
      ] as const;
      const errors: Record<(typeof doors)[number], string> = {
        serve: "ReentrancyGuardReentrantCall",
        execute: "ReentrancyGuardReentrantCall",
        simulate: "ReentrancyGuardReentrantCall",
        quote: "ReentrancyGuardReentrantCall",
        onTake: "UnexpectedCallback",
        uniswapV3SwapCallback: "UnexpectedCallback",
        setPoolListed: "AccessManagedUnauthorized",
      };

      for (const door of doors) {
        it(`can't come back in by ${door} as ${side}`, async () => {
          const system = await loadFixture(side === "loan" ? hostileLoan : hostileCollateral);
          const { liquidator, keeper, hostile, borrowers, pool, receiver, loan, collateral, vault } = system;
          const order = orderOf(system, borrowers);
          const { data } = await {
            serve: () => liquidator.serve.populateTransaction(vault),
            execute: () => liquidator.execute.populateTransaction(order),
            simulate: () => liquidator.simulate.populateTransaction(order),
            quote: () => liquidator.quote.populateTransaction(order),
            onTake: () => liquidator.onTake.populateTransaction(1n, 1n, "0x"),
            uniswapV3SwapCallback: () => liquidator.uniswapV3SwapCallback.populateTransaction(1n, 1n, "0x"),
            setPoolListed: () => liquidator.setPoolListed.populateTransaction(pool.address, true),
          }[door]();

          await hostile.setHook(liquidator, data, false);
          const refused = expect(liquidator.connect(keeper).execute(order)).to.be;
          // Pools keep a token's own error to themselves.
          if (side === "loan") await refused.revertedWith("TF");
          else await refused.revertedWithCustomError(liquidator, errors[door]);

          // Where it swallows the refusal, the order goes through as if nothing had been tried.
          await hostile.setHook(liquidator, data, true);
          await liquidator.connect(keeper).execute(order);
          expect(await hostile.succeeded()).to.equal(0n);
          expect(await hostile.failed()).to.be.at.least(2n);
          expect((await hostile.lastResult()).slice(0, 10)).to.equal(
            liquidator.interface.getError(errors[door])?.selector,
          );
          expect(await loan.balanceOf(receiver)).to.be.above(0n);
          for (const token of [loan, collateral]) expect(await token.balanceOf(liquidator)).to.equal(0n);
          expect(await loan.allowance(liquidator, vault)).to.equal(NO_LIMIT);
        });
      }
    }
  });

  describe("a token that keeps no rules", () => {
    it("takes a surcharge on the payment of nobody's: the order fails, or what lies here of its own kind pays", async () => {
      const system = await loadFixture(hostileLoan);
      const { liquidator, keeper, hostile, borrowers, collateral } = system;
      const order = orderOf(system, borrowers, { maxRepay: MAX_REPAY * ONE_COLLATERAL });
      const surcharge = 100n * ONE_COLLATERAL;
      await hostile.misbehave(false, 0n, surcharge);
      await expect(liquidator.connect(keeper).execute(order)).to.be.revertedWithCustomError(
        hostile,
        "ERC20InsufficientBalance",
      );
      // Two transfers leave from here: to the vault and to the receiver.
      await hostile.mint(liquidator, 2n * surcharge);
      await collateral.mint(liquidator, 1n);
      await liquidator.connect(keeper).execute(order);
      expect(await hostile.balanceOf(liquidator)).to.equal(0n);
      expect(await collateral.balanceOf(liquidator)).to.equal(1n);
    });

    it("can't be sold where less arrives than was sent: what lies here stays", async () => {
      const system = await loadFixture(hostileCollateral);
      const { liquidator, keeper, hostile, borrowers } = system;
      const order = orderOf(system, borrowers, { maxRepay: MAX_REPAY * ONE_COLLATERAL });
      await hostile.mint(liquidator, 1_000n * ONE_COLLATERAL);
      await hostile.misbehave(false, 100n, 0n);
      // The pool's word for a token that does not arrive in full.
      await expect(liquidator.connect(keeper).execute(order)).to.be.revertedWith("IIA");
      await hostile.misbehave(false, 0n, 0n);
      await liquidator.connect(keeper).execute(order);
      expect(await hostile.balanceOf(liquidator)).to.equal(1_000n * ONE_COLLATERAL);
    });
  });

  it("an order of a hostile vault gets nothing of what lies here", async () => {
    const system = await loadFixture(hostileLoan);
    const { liquidator, keeper, hostile, borrowers, collateral, receiver } = system;
    await hostile.mint(liquidator, 10n ** 24n);
    await collateral.mint(liquidator, 10n ** 24n);
    // Each transfer of the order makes the token mint to the liquidator: what is no part of the order stays.
    const gift = hostile.interface.encodeFunctionData("mint", [await liquidator.getAddress(), 5n]);
    await hostile.setHook(hostile, gift, false);
    await liquidator.connect(keeper).execute(orderOf(system, borrowers));
    expect(await hostile.balanceOf(liquidator)).to.equal(10n ** 24n + 15n);
    expect(await collateral.balanceOf(liquidator)).to.equal(10n ** 24n);
    expect(await hostile.balanceOf(receiver))
      .to.be.above(0n)
      .and.below(10n ** 24n);
  });
});
