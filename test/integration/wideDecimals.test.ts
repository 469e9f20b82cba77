import { expect } from "chai";
import { network } from "hardhat";

import { wildMarket } from "../../scripts/kit/defaults.ts";
import {
  createVault,
  deployBatchLiquidator,
  deployDirectLiquidator,
  deployV3Venue,
  openDirectSales,
} from "../../scripts/kit/protocol.ts";
import { addLiquidity, createPool, movePrice } from "../../scripts/kit/uniswap.ts";
import { PRICE_SCALE, WAD } from "../../sdk/math.ts";
import { deployOracle, feedsSay } from "../helpers/oracleSystem.ts";
import { actorsOf, deploySystem, FOREVER, NO_LIMIT } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const DECIMALS = { loan: 18n, collateral: 8n, feed: 8n } as const;
const ONE_COIN = 10n ** DECIMALS.collateral;
/** Statuses of the lens. */
const STARTABLE = 2n;
const FOR_SALE = 3n;
/** Of what a position was opened at: an LTV of 75% is 85.7% then. */
const FALLEN = 875n;

/** Whole loan coins a whole coin of collateral: WBTC in DAI, and a hundred times that. */
const PRICES = [100_000n, 10_000_000n] as const;

/**
 * Loan assets of 18 decimals against collateral of 8: prices of 1e51 and more (1e36 scale), through the oracle adapter and every
 * way of selling. Nothing but the tokens is a mock.
 */
for (const whole of PRICES) {
  describe(`A coin of 8 decimals worth ${whole} of one of 18`, () => {
    /** What a whole coin of collateral is worth at first, loan units. */
    const worth = whole * WAD;
    const price = (worth * PRICE_SCALE) / ONE_COIN;
    const fallen = (price * FALLEN) / 1_000n;

    async function market() {
      const base = await deploySystem(connection);
      const { governor, lender, borrower, keeper, receiver } = await actorsOf(connection);
      const [other, third] = base.others;
      if (!other || !third) throw new Error("too few accounts");
      const feeds = await deployOracle(connection, { decimals: DECIMALS, start: whole });
      const { loan, collateral, oracle } = feeds;
      for (const user of [governor, lender, borrower, other, third, keeper]) {
        await loan.mint(user, 100_000n * worth);
        await collateral.mint(user, 100_000n * ONE_COIN);
      }
      const pool = await createPool(connection, base.uniswap, {
        base: await collateral.getAddress(),
        quote: await loan.getAddress(),
        fee: 500n,
        price,
        cardinality: 100n,
      });
      await addLiquidity(connection, base.uniswap, pool, {
        owner: governor,
        baseAmount: 20_000n * ONE_COIN,
        quoteAmount: 20_000n * worth,
      });
      const venue = await deployV3Venue(connection, {
        poolFactory: base.uniswap.factory,
        pool: pool.address,
      });
      const { policy, direct } = await deployDirectLiquidator(connection, base, [venue]);
      const batch = await deployBatchLiquidator(connection, base.factory);
      const vault = await createVault(
        connection,
        base.factory,
        {
          ...base.config,
          asset: await loan.getAddress(),
          collateralAsset: await collateral.getAddress(),
          oracle: await oracle.getAddress(),
          directLiquidator: await direct.getAddress(),
          batchLiquidator: await batch.getAddress(),
          minDebt: worth / 100n,
          supplyCap: 3_000n * worth,
          borrowCap: 3_000n * worth,
          maxPositionDebt: 100n * worth,
          stressDepth: 20_000n * worth,
          reward: { cap: worth / 1_000n, nativePrice: worth / 20n },
          terms: { ...base.config.terms, lot: 15n * worth },
        },
        base.creationCode,
        ethers.id("wide"),
      );
      // The pool must look back over the venue's window.
      await time.increase(60n);
      await openDirectSales({ policy, direct }, vault, {
        reference: venue,
        inputs: wildMarket(20_000n * worth, 10n * worth),
      });
      await loan.connect(lender).approve(vault, NO_LIMIT);
      await vault.connect(lender).deposit(1_000n * worth, lender);
      const borrowers = [borrower, other, third] as const;
      for (const user of borrowers) {
        await collateral.connect(user).approve(vault, NO_LIMIT);
        await vault.connect(user).supplyCollateral(10n * ONE_COIN, user);
        await vault.connect(user).borrow((75n * worth) / 10n, user, user);
      }
      const fall = async () => {
        const answer = (whole * 10n ** DECIMALS.feed * FALLEN) / 1_000n;
        await movePrice(connection, base.uniswap, pool, {
          trader: governor,
          price: fallen,
          spendable: 50_000n * ONE_COIN,
        });
        await time.increase(60n);
        await feedsSay(feeds, { primary: { answer }, second: { answer } });
      };
      const { lens } = base;
      return {
        vault,
        oracle,
        loan,
        collateral,
        direct,
        batch,
        lens,
        venue,
        borrowers,
        keeper,
        receiver,
        lender,
        fall,
      };
    }
    const load = () => networkHelpers.loadFixture(market);

    it("is lent on, and the lens and the oracle say what it is worth", async () => {
      const { vault, oracle, lens, borrowers, fall } = await load();
      expect((await oracle.price()).deciding).to.equal(price);
      await fall();
      expect((await oracle.price()).deciding).to.equal(fallen);
      for (const shown of await lens.positions(vault, [...borrowers])) {
        expect(shown.value).to.equal((10n * worth * FALLEN) / 1_000n);
        expect(shown.status).to.equal(STARTABLE);
        expect(shown.ltv).to.be.closeTo(((75n * WAD) / 10n / 8_750n) * 1_000n, WAD / 10_000n);
      }
    });

    it("is sold at the clock: started, quoted, taken in part and whole", async () => {
      const { vault, loan, collateral, lens, borrowers, keeper, fall } = await load();
      const [borrower] = borrowers;
      await fall();
      await vault.connect(keeper).startSale(borrower, ethers.ZeroAddress);
      await loan.connect(keeper).approve(vault, NO_LIMIT);
      for (const maxRepay of [worth, NO_LIMIT]) {
        await time.increase(60n);
        const [shown] = await lens.positions(vault, [borrower]);
        const quote = await vault.quoteTake(borrower);
        expect(shown?.status).to.equal(FOR_SALE);
        expect(shown?.salePrice).to.equal(quote.price);
        expect([shown?.closeAmount, shown?.penalty, shown?.collateralOut]).to.deep.equal([
          quote.repay,
          quote.penalty,
          quote.collateral,
        ]);
        expect(quote.price)
          .to.be.lessThan(fallen)
          .and.greaterThan((fallen * 92n) / 100n);
        const [paidFrom, gotFrom] = [await loan.balanceOf(keeper), await collateral.balanceOf(keeper)];
        const debtBefore = await vault.debtOf(borrower);
        await vault.connect(keeper).take({
          borrower,
          receiver: keeper,
          maxRepay,
          maxPayment: NO_LIMIT,
          minCollateral: 0n,
          deadline: FOREVER,
          data: "0x",
        });
        const paid = paidFrom - (await loan.balanceOf(keeper));
        const got = (await collateral.balanceOf(keeper)) - gotFrom;
        // At no less than the lowest price there was, and no more than a unit's rounding above the one quoted.
        expect(paid * PRICE_SCALE).to.be.at.least(((got * quote.price) / 10_000n) * 9_995n);
        expect(paid * PRICE_SCALE).to.be.at.most(((got + 2n) * fallen * 1_006n) / 1_000n);
        expect(await vault.debtOf(borrower)).to.be.lessThan(debtBefore);
      }
      const [after] = await lens.positions(vault, [borrower]);
      expect(after?.saleStartedAt).to.equal(0n);
      expect(after?.health).to.be.greaterThan(WAD);
    });

    it("is sold to bids", async () => {
      const { vault, loan, collateral, batch, borrowers, keeper, fall } = await load();
      const [, borrower] = borrowers;
      await loan.connect(keeper).approve(batch, NO_LIMIT);
      await batch.connect(keeper).placeBid(vault, 8n, 20n * worth, keeper);
      await fall();
      await vault.connect(keeper).startSale(borrower, ethers.ZeroAddress);
      for (let i = 0; i < 5; ++i) await time.increaseTo(await batch.nextBoundary());
      const before = await collateral.balanceOf(keeper);
      const cleared = await batch.preview(vault, [borrower]);
      await batch.clear(vault, [borrower]);
      await batch.claim(1n);
      const bought = (await collateral.balanceOf(keeper)) - before;
      expect(bought).to.be.greaterThan(ONE_COIN);
      expect(cleared.payment * PRICE_SCALE).to.be.closeTo(bought * cleared.price, price * 2n);
      expect(cleared.price).to.equal((fallen * (10_000n - 8n * 15n) + 9_999n) / 10_000n);
    });

    it("is sold to a pool, as quoted", async () => {
      const { vault, collateral, direct, venue, borrowers, receiver, fall } = await load();
      const [, , borrower] = borrowers;
      await fall();
      const order = {
        vault: await vault.getAddress(),
        borrower: borrower.address,
        parts: [{ venue: await venue.getAddress(), share: WAD }],
        price: 0n,
        maxRepay: NO_LIMIT,
        startsToo: true,
        receiver: receiver.address,
        deadline: FOREVER,
      };
      const quote = await direct.quote.staticCall(order);
      expect(quote.price)
        .to.be.lessThan(fallen)
        .and.greaterThan((fallen * 99n) / 100n);
      const held = await collateral.balanceOf(vault);
      await direct.execute({ ...order, price: quote.price });
      expect(held - (await collateral.balanceOf(vault))).to.be.closeTo(
        quote.collateral,
        quote.collateral / 1_000n,
      );
      expect(await vault.debtOf(borrower)).to.be.lessThan(3n * worth);
    });

    it("is given back: everyone repays and leaves", async () => {
      const { vault, loan, collateral, borrowers, lender } = await load();
      for (const user of borrowers) {
        await loan.connect(user).approve(vault, NO_LIMIT);
        await vault.connect(user).repay(NO_LIMIT, user);
        await vault.connect(user).withdrawCollateral(NO_LIMIT, user, user);
        expect(await collateral.balanceOf(user)).to.equal(100_000n * ONE_COIN);
      }
      await vault.connect(lender).redeem(await vault.balanceOf(lender), lender, lender);
      expect(await loan.balanceOf(lender)).to.be.greaterThan(100_000n * worth - 1_000_000n);
    });
  });
}
