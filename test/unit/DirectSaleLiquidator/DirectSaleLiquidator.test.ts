import { anyValue } from "@nomicfoundation/hardhat-ethers-chai-matchers/withArgs";
import { expect } from "chai";
import { network } from "hardhat";

import { impact, leastPrice, less, urgency } from "../../../sdk/directSaleMath.ts";
import { PRICE_SCALE, WAD } from "../../../sdk/math.ts";
import {
  deployManyVenues,
  deployUnhealthy,
  type DirectSystem,
  offBy,
  orderOf,
  quotedOrder,
  SUNK_PRICE,
  sunkValue,
  WINDOW,
} from "../../helpers/directSale.ts";
import {
  CALM_TERMS,
  moveMarket,
  NO_LIMIT,
  ONE_ANSWER,
  ONE_LOAN,
  ONE_PRICE,
  setPrice,
  setPrices,
  START_PRICE,
} from "../../helpers/system.ts";
import { movePrice, wrapEther } from "../../../scripts/kit/uniswap.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

/** Estimates run at a base fee of 0, at which nobody is rewarded: too little gas for what then happens. */
const GAS = { gasLimit: 5_000_000n };

/** What an order did, by its event. */
async function sell(
  system: DirectSystem,
  order: Parameters<DirectSystem["direct"]["execute"]>[0],
  overrides: { readonly maxFeePerGas?: bigint } = {},
) {
  const execution = system.direct.connect(system.keeper).execute(order, { ...GAS, ...overrides });
  const receipt = await (await execution).wait();
  const event = receipt?.logs
    .map((log) => system.direct.interface.parseLog(log))
    .find((log) => log?.name === "DirectSale");
  if (!event) throw new Error("no event");
  const [, , , collateral, proceeds, payment, reward, credit, refund] = event.args as unknown as [
    string,
    string,
    string,
    ...bigint[],
  ];
  return { execution, collateral, proceeds, payment, reward, credit, refund } as {
    execution: typeof execution;
  } & Record<"collateral" | "proceeds" | "payment" | "reward" | "credit" | "refund", bigint>;
}

describe("DirectSaleLiquidator", () => {
  const withUnhealthy = () => deployUnhealthy(connection);
  const withManyVenues = () => deployManyVenues(connection);
  const withLargeMinDebt = () => deployUnhealthy(connection, { minDebt: 60_000n * ONE_LOAN });

  const tiltPool = (system: DirectSystem, bps: bigint): Promise<void> =>
    tiltTo(system, offBy(SUNK_PRICE * ONE_PRICE, bps));

  const tiltTo = async (system: DirectSystem, price: bigint): Promise<void> => {
    const spendable = 10n ** 27n;
    await system.loan.mint(system.stranger, spendable);
    await wrapEther(connection, system.uniswap, system.stranger, spendable);
    await movePrice(connection, system.uniswap, system.pool, { trader: system.stranger, price, spendable });
  };

  describe("execute", () => {
    it("LIQ-3: starts the sale and sells what restores health, in one transaction, at the pools' price", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, keeper, vault, borrower } = system;
      const { order, quote } = await quotedOrder(system);
      const execution = direct.connect(keeper).execute(order, GAS);
      await expect(execution).to.emit(vault, "SaleStarted");
      await expect(execution).to.emit(vault, "SaleEnded").withArgs(borrower, 1n);
      await expect(execution).to.emit(direct, "DirectSale");
      const after = await vault.position(borrower);
      expect(after.saleStartedAt).to.equal(0n);
      const debt = await vault.debtOf(borrower);
      // At or under the target of 70.55%.
      expect(debt * 10_000n <= sunkValue(after.collateral) * 7_055n).to.equal(true);
      expect(quote.loss <= quote.maxLoss).to.equal(true);
    });

    it("holds nothing afterwards, and leaves no allowance but the vault's standing one", async () => {
      const system = await loadFixture(withManyVenues);
      const { direct, keeper, vault, loan, collateral, venue, wideVenue, pairVenue } = system;
      const venues = [venue, wideVenue, pairVenue];
      const { order } = await quotedOrder(system, venues);
      expect(order.parts.length).to.equal(3);
      await direct.connect(keeper).execute(order, GAS);
      for (const holder of [direct, ...venues]) {
        expect(await loan.balanceOf(holder)).to.equal(0n);
        expect(await collateral.balanceOf(holder)).to.equal(0n);
        expect(await loan.allowance(direct, holder)).to.equal(0n);
      }
      expect(await loan.allowance(direct, vault)).to.equal(NO_LIMIT);
      expect(await collateral.allowance(direct, vault)).to.equal(0n);
    });

    it("gives no allowance where the vault is served", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, keeper, loan } = system;
      const { order } = await quotedOrder(system);
      const sale = direct.connect(keeper).execute(order, GAS);
      await expect(sale).to.emit(direct, "DirectSale");
      await expect(sale).not.to.emit(direct, "VaultServed");
      await expect(sale).not.to.emit(loan, "Approval");
    });

    it("sends the collateral of one part straight to its venue, and that of several through here", async () => {
      const system = await loadFixture(withManyVenues);
      const { direct, keeper, collateral, vault, venue, wideVenue, pool } = system;
      const { order } = await quotedOrder(system, undefined, 10_000n * ONE_LOAN);
      const one = direct.connect(keeper).execute(order, GAS);
      const [from, to] = await Promise.all([vault.getAddress(), venue.getAddress()]);
      await expect(one).to.emit(collateral, "Transfer").withArgs(from, to, anyValue);
      await expect(one).to.emit(collateral, "Transfer").withArgs(to, pool.address, anyValue);
      const shares = [WAD / 2n, WAD / 2n];
      const parts = await Promise.all(
        [venue, wideVenue].map(async (part, i) => ({
          venue: await part.getAddress(),
          share: shares[i] ?? 0n,
        })),
      );
      const several = { ...order, parts, price: (order.price * 995n) / 1_000n };
      await expect(direct.connect(keeper).execute(several, GAS))
        .to.emit(collateral, "Transfer")
        .withArgs(from, await direct.getAddress(), anyValue);
    });

    it("leaves what was sent to it by mistake where it is", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, keeper, loan, collateral, stranger } = system;
      await loan.mint(direct, 7n);
      await wrapEther(connection, system.uniswap, stranger, 9n);
      await collateral.connect(stranger).transfer(direct, 9n);
      const { order } = await quotedOrder(system);
      await direct.connect(keeper).execute(order, GAS);
      expect(await loan.balanceOf(direct)).to.equal(7n);
      expect(await collateral.balanceOf(direct)).to.equal(9n);
    });

    it("shares out the proceeds to the unit: vault, reward, debt", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, vault, loan, receiver, borrower } = system;
      const { order } = await quotedOrder(system);
      const priced = { ...order, price: (order.price * 999n) / 1_000n };
      const { execution, ...result } = await sell(system, priced);
      expect(result.proceeds).to.equal(result.payment + result.reward + result.credit + result.refund);
      expect(result.reward).to.be.above(0n);
      expect(result.credit).to.be.above(0n);
      expect(result.refund).to.equal(0n);
      await expect(execution).to.changeTokenBalances(
        ethers,
        loan,
        [vault, receiver, direct, borrower],
        [result.payment + result.credit, result.reward, 0n, 0n],
      );
    });

    it("pays the receiver for gas, at most half the penalty and the cap of a start", async () => {
      const system = await loadFixture(withUnhealthy);
      const { order } = await quotedOrder(system);
      const priced = { ...order, price: (order.price * 998n) / 1_000n };
      const rewardAt = async (gwei: bigint): Promise<bigint> => {
        await networkHelpers.setNextBlockBaseFeePerGas(gwei * 10n ** 9n);
        return (await sell(system, priced, { maxFeePerGas: 10n ** 13n })).reward;
      };
      const snapshot = await networkHelpers.takeSnapshot();
      // 275,000 gas at 10 gwei and 2,000 a coin.
      expect(await rewardAt(10n)).to.equal((275_000n * 10n * 2_000n * ONE_LOAN) / 10n ** 9n);
      await snapshot.restore();
      expect(await rewardAt(2_000n)).to.equal(100n * ONE_LOAN);
      await snapshot.restore();
      const small = await quotedOrder(system, undefined, 2_000n * ONE_LOAN);
      Object.assign(priced, { ...small.order, price: (small.order.price * 995n) / 1_000n });
      // Half of 0.5% of 2,000; what is left of a penalty that was rounded up may be a unit more.
      expect(await rewardAt(2_000n)).to.be.within(5n * ONE_LOAN, 5n * ONE_LOAN + 1n);
    });

    it("takes the reward out of the penalty: the reserve gets the rest of it, and the borrower loses nothing by it", async () => {
      const system = await loadFixture(withUnhealthy);
      const { vault } = system;
      await vault.startSale(system.borrower, ethers.ZeroAddress, GAS);
      const { order, quote } = await quotedOrder(system);
      // All that the pools bring is asked for.
      const price = (quote.proceeds * 10n ** 36n) / quote.collateral - 10n ** 18n;
      const outcomeAt = async (gwei: bigint) => {
        const reserveBefore = (await vault.accruedTotals()).reserve;
        await networkHelpers.setNextBlockBaseFeePerGas(gwei * 10n ** 9n);
        const { reward, credit } = await sell(system, { ...order, price }, { maxFeePerGas: 10n ** 12n });
        const reserved = (await vault.accruedTotals()).reserve - reserveBefore;
        const { collateral } = await vault.position(system.borrower);
        return { reward, credit, reserved, collateral, debt: await vault.debtOf(system.borrower) };
      };
      const snapshot = await networkHelpers.takeSnapshot();
      const cheap = await outcomeAt(0n);
      await snapshot.restore();
      const dear = await outcomeAt(100n);
      expect(cheap.reward).to.equal(0n);
      // 275,000 gas at 100 gwei and 2,000 a coin.
      expect(dear.reward).to.equal(55n * ONE_LOAN);
      expect(dear.reserved + dear.reward).to.equal(cheap.reserved);
      expect({ ...dear, reward: 0n, reserved: 0n }).to.deep.equal({ ...cheap, reward: 0n, reserved: 0n });
    });

    it("pays no more reward than the pools bring above what the vault is paid", async () => {
      const system = await loadFixture(withUnhealthy);
      await system.vault.startSale(system.borrower, ethers.ZeroAddress, GAS);
      const { order, quote } = await quotedOrder(system);
      // Some half of the 55 that the vault leaves are asked for too.
      const price = ((quote.proceeds + 27n * ONE_LOAN) * 10n ** 36n) / quote.collateral;
      await networkHelpers.setNextBlockBaseFeePerGas(10n ** 11n);
      const result = await sell(system, { ...order, price }, { maxFeePerGas: 10n ** 12n });
      expect(result.reward).to.be.below(29n * ONE_LOAN);
      expect(result.reward).to.equal(result.proceeds - result.payment);
      expect(result.credit).to.equal(0n);
    });

    it("sends the borrower what is left when the debt is gone", async () => {
      // Nothing between 0 and 60,000 may be left, so that all debt is repaid.
      const system = await loadFixture(withLargeMinDebt);
      const { vault, loan, borrower } = system;
      // All of it moves the pool by 0.7%: it must stand above the oracle for that.
      await tiltPool(system, 50n);
      await time.increase(2n * WINDOW);
      const { order } = await quotedOrder(system);
      const { execution, ...result } = await sell(system, { ...order, price: (order.price * 999n) / 1_000n });
      expect(result.refund).to.be.above(0n);
      expect(result.credit).to.equal(0n);
      await expect(execution).to.changeTokenBalance(ethers, loan, borrower, result.refund);
      expect(await vault.debtOf(borrower)).to.equal(0n);
      expect((await vault.position(borrower)).collateral).to.be.above(0n);
    });

    it("LIQ-4: repays down to the smallest debt at most, and sends the borrower the rest", async () => {
      const system = await loadFixture(withLargeMinDebt);
      const { vault, borrower } = system;
      const debt = await vault.debtOf(borrower);
      // 60,005 stay, and may fall by 5.
      const { order } = await quotedOrder(system, undefined, debt - 60_005n * ONE_LOAN);
      const result = await sell(system, { ...order, price: (order.price * 999n) / 1_000n });
      expect(result.credit).to.be.within(4n * ONE_LOAN, 10n * ONE_LOAN);
      expect(result.refund).to.be.above(50n * ONE_LOAN);
      // Interest of a second may add a unit.
      expect(await vault.debtOf(borrower)).to.be.within(60_000n * ONE_LOAN, 60_000n * ONE_LOAN + 2n);
    });

    it("sells a part where the order says so, and the rest stays for sale", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, keeper, vault, borrower } = system;
      const { order } = await quotedOrder(system, undefined, 20_000n * ONE_LOAN);
      await direct.connect(keeper).execute(order, GAS);
      const position = await vault.position(borrower);
      expect(position.saleStartedAt).to.be.above(0n);
      expect(await vault.debtOf(borrower)).to.be.within(138_900n * ONE_LOAN, 139_100n * ONE_LOAN);
    });

    it("sells where somebody else has started the sale a moment before", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, keeper, vault, borrower, stranger } = system;
      const { order } = await quotedOrder(system);
      await vault.connect(stranger).startSale(borrower, stranger);
      await expect(direct.connect(keeper).execute(order, GAS)).to.emit(direct, "DirectSale");
    });

    it("leaves a live sale as it is, and starts a lapsed one anew", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, keeper, vault, borrower } = system;
      await vault.startSale(borrower, ethers.ZeroAddress, GAS);
      const { order: quoted } = await quotedOrder(system, undefined, 10_000n * ONE_LOAN);
      // The second sale finds the pool where the first has left it.
      const order = { ...quoted, price: (quoted.price * 995n) / 1_000n };
      const live = direct.connect(keeper).execute(order, GAS);
      await expect(live).to.emit(direct, "DirectSale");
      await expect(live).not.to.emit(vault, "SaleStarted");
      const { horizon } = await vault.terms((await vault.position(borrower)).termsId);
      for (let i = 0n; i < 13n; ++i) {
        await time.increase(horizon);
        await setPrice(system, SUNK_PRICE);
      }
      const lapsed = direct.connect(keeper).execute(order, GAS);
      await expect(lapsed).to.emit(vault, "SaleStarted");
      await expect(lapsed).to.emit(direct, "DirectSale");
    });

    it("pays for a start out of the penalty too: none is put on the borrower's debt", async () => {
      const system = await loadFixture(withUnhealthy);
      const { vault, direct, receiver, borrower } = system;
      const { order } = await quotedOrder(system);
      await networkHelpers.setNextBlockBaseFeePerGas(10n ** 10n);
      const { execution, reward } = await sell(system, order, { maxFeePerGas: 10n ** 12n });
      await expect(execution)
        .to.emit(vault, "SaleStarted")
        .withArgs(borrower, direct, anyValue, anyValue, anyValue, anyValue, anyValue, 0n);
      expect(reward).to.be.above(0n);
      expect(await vault.balanceOf(receiver)).to.equal(0n);
    });

    it("starts nothing unless the order says so", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, keeper, vault, borrower } = system;
      const { order } = await quotedOrder(system);
      await expect(direct.connect(keeper).execute({ ...order, startsToo: false }, GAS))
        .to.be.revertedWithCustomError(vault, "SaleNotStarted")
        .withArgs(borrower);
      expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
    });

    it("reverts for a vault that the factory did not create", async () => {
      const system = await loadFixture(withUnhealthy);
      const order = { ...(await orderOf(system)), vault: system.stranger.address };
      await expect(system.direct.execute(order, GAS))
        .to.be.revertedWithCustomError(system.direct, "UnknownVault")
        .withArgs(system.stranger);
    });

    it("reverts after the deadline", async () => {
      const system = await loadFixture(withUnhealthy);
      const order = { ...(await orderOf(system)), deadline: 1n };
      await expect(system.direct.execute(order, GAS)).to.be.revertedWithCustomError(
        system.direct,
        "DeadlinePassed",
      );
    });

    it("reverts when rewards would go to nobody or to itself", async () => {
      const system = await loadFixture(withUnhealthy);
      for (const receiver of [ethers.ZeroAddress, await system.direct.getAddress()]) {
        const order = { ...(await orderOf(system)), receiver };
        await expect(system.direct.execute(order, GAS))
          .to.be.revertedWithCustomError(system.direct, "InvalidReceiver")
          .withArgs(receiver);
      }
    });

    it("reverts when a venue is not listed (any more)", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, venue } = system;
      await direct.setVenueListed(venue, false);
      await expect(direct.execute(await orderOf(system)))
        .to.be.revertedWithCustomError(direct, "VenueNotListed")
        .withArgs(venue);
    });

    it("reverts when shares do not add up", async () => {
      const system = await loadFixture(withUnhealthy);
      const order = await orderOf(system);
      const parts = order.parts.map((part) => ({ ...part, share: WAD - 1n }));
      await expect(system.direct.execute({ ...order, parts }))
        .to.be.revertedWithCustomError(system.direct, "InvalidShares")
        .withArgs(WAD - 1n);
      await expect(system.direct.execute({ ...order, parts: [] }))
        .to.be.revertedWithCustomError(system.direct, "InvalidShares")
        .withArgs(0n);
    });

    it("reverts where the governor has turned direct sales off", async () => {
      const system = await loadFixture(withUnhealthy);
      await system.direct.setReferenceVenue(system.vault, ethers.ZeroAddress);
      await expect(system.direct.execute(await orderOf(system)))
        .to.be.revertedWithCustomError(system.direct, "DirectSaleOff")
        .withArgs(system.vault);
    });

    it("sells while the sources disagree, and not while the oracle knows no price", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, oracle, primary, second } = system;
      const { order } = await quotedOrder(system);
      await setPrices(system, SUNK_PRICE * ONE_ANSWER, (SUNK_PRICE * ONE_ANSWER * 106n) / 100n);
      const SUSPECT = 1n;
      expect((await oracle.price()).state).to.equal(SUSPECT);
      const snapshot = await networkHelpers.takeSnapshot();
      await expect(direct.execute(order, GAS)).to.emit(direct, "DirectSale");
      await snapshot.restore();
      for (const feed of [primary, second]) await feed.setMode(1n);
      await expect(direct.execute(order, GAS)).to.be.revertedWithCustomError(
        direct,
        "FirstSourceNotDeciding",
      );
    });

    it("reverts while another source stands in for the first one", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, oracle, primary } = system;
      const { order } = await quotedOrder(system);
      await system.vault.startSale(system.borrower, ethers.ZeroAddress, GAS);
      await primary.setMode(1n);
      expect((await oracle.price()).deciding).to.be.above(0n);
      await expect(direct.execute(order, GAS))
        .to.be.revertedWithCustomError(direct, "FirstSourceNotDeciding")
        .withArgs(oracle);
    });

    it("reverts for a healthy position", async () => {
      const system = await loadFixture(withUnhealthy);
      const { order } = await quotedOrder(system);
      await setPrice(system, START_PRICE);
      await expect(system.direct.execute({ ...order, price: NO_LIMIT })).to.be.revertedWithCustomError(
        system.direct,
        "HealthyAtMarket",
      );
    });

    it("bounds the pool by the highest of where it stood, its mean and the reference's, and by the oracle", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, vault, borrower } = system;
      const bounds = await direct.bounds(vault, borrower);
      const { impactBps, urgencyBps, maxDiscountBps } = await vault.terms((await vault.params()).termsId);
      const debt = await vault.debtOf(borrower);
      const { collateral } = await vault.position(borrower);
      const dearest = bounds.deciding > bounds.mean ? bounds.deciding : bounds.mean;
      const value = (collateral * dearest + PRICE_SCALE - 1n) / PRICE_SCALE;
      const u = urgency(debt, value, 8_300n, maxDiscountBps);
      expect(bounds.urgency).to.equal(u);
      expect(bounds.impact).to.equal(impact({ impactBps, urgencyBps, maxDiscountBps }, u));
      expect(bounds.maxLoss).to.equal(bounds.impact + 5n * 10n ** 15n);
      expect(bounds.leastPrice).to.equal(leastPrice(bounds.deciding, bounds.fall, maxDiscountBps));
      expect(bounds.leastBefore).to.equal(0n);
    });

    it("reverts when the sale would move a pool by more than its impact", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct, uniswap, governor, venue } = system;
      const { order } = await quotedOrder(system);
      // The sale itself moves the pool by 0.43%: not within a tenth of its liquidity.
      const manager = uniswap.positionManager.connect(governor);
      const id = 2n;
      const { liquidity } = (await uniswap.positionManager.getFunction("positions")(id)) as {
        liquidity: bigint;
      };
      await manager.getFunction("decreaseLiquidity")({
        tokenId: id,
        liquidity: (liquidity * 9n) / 10n,
        amount0Min: 0n,
        amount1Min: 0n,
        deadline: 2n ** 40n,
      });
      await expect(direct.execute({ ...order, price: offBy(SUNK_PRICE * ONE_PRICE, -200n) }, GAS))
        .to.be.revertedWithCustomError(direct, "ImpactTooHigh")
        .withArgs(venue, anyValue, anyValue);
    });

    it("sells into a pool that stands over the oracle, within its impact", async () => {
      const system = await loadFixture(withUnhealthy);
      const { direct } = system;
      await tiltPool(system, 100n);
      await time.increase(2n * WINDOW);
      const { order } = await quotedOrder(system);
      await expect(direct.execute(order, GAS)).to.emit(direct, "DirectSale");
    });

    describe("into two venues, one of which keeps no mean", () => {
      /** A pair with a tenth of its reserves; all pools at the oracle's price, and the reference is none of the two. */
      const withTwo = async () => {
        const system = await deployManyVenues(connection);
        const { pair, governor, wideVenue, pairVenue } = system;
        const shares = pair.connect(governor);
        const held = (await shares.getFunction("balanceOf")(governor.address)) as bigint;
        await shares.getFunction("transfer")(await pair.getAddress(), (held * 9n) / 10n);
        await shares.getFunction("burn")(governor.address);
        await system.vault.startSale(system.borrower, ethers.ZeroAddress, GAS);
        const parts = await Promise.all(
          [wideVenue, pairVenue].map(async (venue) => ({ venue: await venue.getAddress(), share: WAD / 2n })),
        );
        const price = offBy(SUNK_PRICE * ONE_PRICE, -100n);
        const order = { ...(await orderOf(system)), parts, price, startsToo: false };
        return { ...system, order, small: { ...order, maxRepay: 2_000n * ONE_LOAN } };
      };
      type Two = Awaited<ReturnType<typeof withTwo>>;

      /** As the next block will have them. */
      const now = { blockTag: "pending" } as const;
      const boundsOf = ({ direct, vault, borrower }: Two) => direct.bounds(vault, borrower, now);
      const market = SUNK_PRICE * ONE_PRICE;
      /** Of the reference, at which the position stays unhealthy, and of the others. */
      const above = offBy(market, 250n);
      const farAbove = offBy(market, 400n);

      const moveWide = async ({ uniswap, wide, loan, stranger }: Two, price: bigint): Promise<void> => {
        const spendable = 10n ** 27n;
        await loan.mint(stranger, spendable);
        await wrapEther(connection, uniswap, stranger, spendable);
        await movePrice(connection, uniswap, wide, { trader: stranger, price, spendable });
      };
      /** A gift to the pair, which raises its price by as much. */
      const liftPair = async ({ pair, loan }: Two): Promise<void> => {
        const held = await loan.balanceOf(pair);
        await loan.mint(pair, (held * 400n) / 10_000n);
        await pair.getFunction("sync")();
      };

      it("sells into both where neither stands above the other prices", async () => {
        const system = await loadFixture(withTwo);
        const { direct, wideVenue, pairVenue, collateral, small } = system;
        const ownMean = await wideVenue.meanPrice(collateral);
        const none = await pairVenue.meanPrice(collateral);
        expect(ownMean).to.be.within(offBy(market, -1n), offBy(market, 1n));
        expect(none).to.equal(0n);
        await expect(direct.execute(small, GAS)).to.emit(direct, "DirectSale");
      });

      it("holds both against the reference's mean where that is the highest", async () => {
        const system = await loadFixture(withTwo);
        const { direct, wideVenue, pairVenue, small } = system;
        await tiltTo(system, above);
        await time.increase(2n * WINDOW);
        for (const venue of [wideVenue, pairVenue]) {
          const { mean, impact: most, leastPrice: byOracle } = await boundsOf(system);
          const least = less(mean, most);
          expect(least).to.be.above(byOracle);
          expect(mean).to.be.above(market);
          const order = { ...small, parts: [{ venue: await venue.getAddress(), share: WAD }] };
          const price = less(mean, most + 4n * 10n ** 15n);
          await expect(direct.execute({ ...order, price }, GAS))
            .to.be.revertedWithCustomError(direct, "ImpactTooHigh")
            .withArgs(venue, anyValue, least);
        }
      });

      it("holds the one that keeps a mean against that where it is the highest, and the other one not", async () => {
        const system = await loadFixture(withTwo);
        const { direct, collateral, wideVenue, pairVenue, small } = system;
        await moveWide(system, farAbove);
        await time.increase(2n * WINDOW);
        await moveWide(system, market);
        const { impact: most, leastPrice: byOracle, mean: reference } = await boundsOf(system);
        const mean = await wideVenue.meanPrice(collateral, now);
        const least = less(mean, most);
        expect(mean).to.be.above(reference);
        expect(least).to.be.above(byOracle);
        await expect(direct.execute(small, GAS))
          .to.be.revertedWithCustomError(direct, "ImpactTooHigh")
          .withArgs(wideVenue, anyValue, least);
        const parts = [{ venue: await pairVenue.getAddress(), share: WAD }];
        await expect(direct.execute({ ...small, parts }, GAS)).to.emit(direct, "DirectSale");
      });

      it("holds each against where it stood where that is the highest", async () => {
        const system = await loadFixture(withTwo);
        const { direct, collateral, pairVenue, order, small } = system;
        await liftPair(system);
        const { impact: most, leastPrice: byOracle, mean } = await boundsOf(system);
        const { priceBefore } = await pairVenue.quote.staticCall(collateral, 1n);
        const least = less(priceBefore, most);
        expect(priceBefore).to.be.above(mean);
        expect(least).to.be.above(byOracle);
        // All that may be sold brings the pair back to the market's price, which its rise does not allow; a little does not.
        const [wide, pair] = order.parts;
        const parts = [
          { ...wide!, share: WAD / 5n },
          { ...pair!, share: (4n * WAD) / 5n },
        ];
        await expect(direct.execute({ ...order, parts }, GAS))
          .to.be.revertedWithCustomError(direct, "ImpactTooHigh")
          .withArgs(pairVenue, anyValue, least);
        await expect(direct.execute(small, GAS)).to.emit(direct, "DirectSale");
      });
    });

    describe("of a position under water", () => {
      const sink = async () => {
        const system = await deployUnhealthy(connection);
        await moveMarket(system, 1_640n);
        await time.increase(10n * 60n);
        await setPrice(system, 1_640n);
        return system;
      };

      it("needs pools that stand at the oracle's price while the sale is young, and moves them by 0.5% at most", async () => {
        const system = await loadFixture(sink);
        const { direct, vault, borrower } = system;
        const bounds = await direct.bounds(vault, borrower);
        expect(bounds.leastBefore).to.equal(bounds.deciding);
        expect(bounds.leastPrice).to.equal(less(bounds.deciding, 5n * 10n ** 15n));
        const order = { ...(await orderOf(system)), price: 1_620n * ONE_PRICE, maxRepay: 8_000n * ONE_LOAN };
        await tiltTo(system, 1_638n * ONE_PRICE);
        await expect(direct.execute(order, GAS)).to.be.revertedWithCustomError(direct, "PoolOffPrice");
        await tiltTo(system, 1_641n * ONE_PRICE);
        await expect(direct.execute(order, GAS)).to.emit(direct, "DirectSale");
      });

      it("goes by the ordinary bound once the sale is a half-life old", async () => {
        const system = await loadFixture(sink);
        const { direct, vault, borrower } = system;
        await vault.startSale(borrower, ethers.ZeroAddress, GAS);
        const { halfLife } = await vault.terms((await vault.position(borrower)).termsId);
        await time.increase(halfLife - 10n);
        expect((await direct.bounds(vault, borrower)).leastBefore).to.be.above(0n);
        await time.increase(10n);
        const bounds = await direct.bounds(vault, borrower);
        expect(bounds.leastBefore).to.equal(0n);
        expect(bounds.urgency).to.equal(WAD);
        await tiltTo(system, 1_638n * ONE_PRICE);
        const order = { ...(await orderOf(system)), price: 1_620n * ONE_PRICE, maxRepay: 8_000n * ONE_LOAN };
        await expect(direct.execute(order, GAS)).to.emit(direct, "DirectSale");
      });
    });

    describe("of a sale whose terms are older than a raise of the liquidation LTV", () => {
      /** Terms that go 11% deep, live at 83%; then 3% deep ones, and a liquidation LTV of 90% at once. */
      const withOldTerms = async () => {
        const deep = { ...CALM_TERMS, maxDiscountBps: 1_100n };
        const system = await deployUnhealthy(connection, { terms: deep });
        const { vault, borrower, governor } = system;
        await vault.startSale(borrower, ethers.ZeroAddress, GAS);
        const asGovernor = vault.connect(governor);
        await asGovernor.setTerms({ ...CALM_TERMS, maxDiscountBps: 300n });
        await asGovernor.rampLiquidationLtv(9_000n, 0n);
        return { ...system, deep };
      };

      it("AUC-2: keeps its terms, which no sale would be started on any more", async () => {
        const { vault, borrower, deep, governor } = await loadFixture(withOldTerms);
        const { termsId } = await vault.position(borrower);
        expect([termsId, (await vault.params()).termsId]).to.deep.equal([1n, 2n]);
        expect((await vault.terms(termsId)).maxDiscountBps).to.equal(1_100n);
        expect(await vault.liquidationLtvBps()).to.equal(9_000n);
        await expect(vault.connect(governor).setTerms(deep)).to.be.revertedWithCustomError(
          vault,
          "TermsToxic",
        );
      });

      it("is over where the raise brings the position to health, and sold where it does not", async () => {
        const system = await loadFixture(withOldTerms);
        const { vault, direct, borrower } = system;
        await expect(vault.quoteTake(borrower)).to.be.revertedWithCustomError(vault, "PositionHealthy");
        const order = { ...(await orderOf(system)), price: 1_700n * ONE_PRICE, maxRepay: 8_000n * ONE_LOAN };
        await expect(direct.execute(order, GAS)).to.be.revertedWithCustomError(direct, "HealthyAtMarket");
        await moveMarket(system, 1_728n);
        await time.increase(10n * 60n);
        await setPrice(system, 1_728n);
        expect((await vault.quoteTake(borrower)).repay).to.be.above(0n);
        await expect(direct.execute(order, GAS)).to.emit(direct, "DirectSale");
      });

      it("gets urgent over two per cent of LTV at least, never beyond its own deepest discount, and under water above 95%", async () => {
        const system = await loadFixture(withOldTerms);
        const { vault, direct, borrower, deep } = system;
        await moveMarket(system, 1_700n);
        const seen = [];
        for (const price of [1_760n, 1_750n, 1_740n, 1_728n, 1_700n, 1_680n, 1_660n, 1_600n]) {
          await tiltTo(system, price * ONE_PRICE);
          await time.increase(10n * 60n);
          await setPrice(system, price);
          const {
            urgency: u,
            impact: most,
            leastBefore,
            deciding,
            mean,
          } = await direct.bounds(vault, borrower);
          const { collateral } = await vault.position(borrower);
          const debt = await vault.debtOf(borrower);
          const ltvAt = (at: bigint): bigint => (debt * WAD * PRICE_SCALE) / (collateral * at);
          const ltv = ltvAt(mean > deciding ? mean : deciding);
          // 90% and 11% together leave no room for a span: it is the least one.
          const expected = ((ltv - (9n * WAD) / 10n) * WAD) / ((2n * WAD) / 100n);
          const capped = expected > WAD ? WAD : expected;
          expect(u).to.be.within(capped - 10n ** 12n, capped);
          expect(most).to.equal(impact(deep, u));
          expect(most).to.be.at.most((WAD * deep.maxDiscountBps) / 10_000n);
          seen.push({
            isWhole: u === WAD,
            isYoungUnderWater: leastBefore !== 0n,
            isSunk: ltvAt(deciding) > (95n * WAD) / 100n,
          });
        }
        expect(seen.map(({ isWhole }) => isWhole)).to.deep.equal([
          ...Array(3).fill(false),
          ...Array(5).fill(true),
        ]);
        expect(seen.filter(({ isSunk }) => isSunk).length).to.equal(2);
      });
    });

    it("reverts when the pools bring less than the vault is to be paid", async () => {
      const system = await loadFixture(withUnhealthy);
      const { order } = await quotedOrder(system);
      const price = SUNK_PRICE * ONE_PRICE;
      await expect(system.direct.execute({ ...order, price })).to.be.revertedWithCustomError(
        system.direct,
        "ProceedsTooLow",
      );
    });

    it("reverts when the vault would be paid less than the most loss allows", async () => {
      const system = await loadFixture(withUnhealthy);
      const { order, quote } = await quotedOrder(system);
      const least = (SUNK_PRICE * ONE_PRICE * (WAD - quote.maxLoss)) / WAD;
      const price = (least * 99n) / 100n;
      await expect(system.direct.execute({ ...order, price })).to.be.revertedWithCustomError(
        system.direct,
        "PriceTooLow",
      );
    });
  });

  describe("onTake", () => {
    it("reverts for anybody but the vault that is being served", async () => {
      const { direct, stranger } = await loadFixture(withUnhealthy);
      await expect(direct.connect(stranger).onTake(1n, 1n, "0x"))
        .to.be.revertedWithCustomError(direct, "UnexpectedCallback")
        .withArgs(stranger);
    });
  });

  describe("quote", () => {
    it("says what execute then does", async () => {
      const system = await loadFixture(withUnhealthy);
      const { order, quote } = await quotedOrder(system);
      const result = await system.direct
        .connect(system.keeper)
        .execute.staticCall({ ...order, startsToo: true });
      const close = (a: bigint, b: bigint): boolean => (a > b ? a - b : b - a) * 10_000n < b;
      expect(close(result.collateral, quote.collateral)).to.equal(true);
      expect(close(result.proceeds, quote.proceeds)).to.equal(true);
      expect(close(result.payment, quote.payment)).to.equal(true);
    });

    it("splits so that more is brought than in any venue alone", async () => {
      const system = await loadFixture(withManyVenues);
      const { venue, wideVenue, pairVenue } = system;
      const together = await quotedOrder(system, [venue, wideVenue, pairVenue]);
      expect(together.order.parts.reduce((sum, { share }) => sum + share, 0n)).to.equal(WAD);
      for (const alone of [venue, wideVenue, pairVenue]) {
        const { quote } = await quotedOrder(system, [alone]);
        expect(together.quote.price).to.be.above(quote.price);
      }
    });

    it("passes over a venue that fails", async () => {
      const system = await loadFixture(withUnhealthy);
      const broken = await ethers.deployContract("MockRateModel");
      await system.direct.setVenueListed(broken, true);
      const { order } = await quotedOrder(system, [system.venue, broken]);
      expect(order.parts).to.deep.equal([{ venue: await system.venue.getAddress(), share: WAD }]);
    });
  });

  describe("powers", () => {
    it("lists venues and names the reference for the governor only; it must be listed and keep a mean price", async () => {
      const system = await loadFixture(withManyVenues);
      const { direct, vault, venue, wideVenue, pairVenue, stranger } = system;
      await expect(direct.connect(stranger).setVenueListed(venue, true)).to.be.revertedWithCustomError(
        direct,
        "AccessManagedUnauthorized",
      );
      await expect(direct.connect(stranger).setReferenceVenue(vault, venue)).to.be.revertedWithCustomError(
        direct,
        "AccessManagedUnauthorized",
      );
      await expect(direct.setReferenceVenue(vault, wideVenue))
        .to.emit(direct, "ReferenceVenueSet")
        .withArgs(vault, wideVenue);
      expect(await direct.referenceVenue(vault)).to.equal(await wideVenue.getAddress());
      await expect(direct.setReferenceVenue(vault, pairVenue))
        .to.be.revertedWithCustomError(direct, "NoMeanPrice")
        .withArgs(pairVenue);
      await expect(direct.setVenueListed(venue, false)).to.emit(direct, "VenueListed").withArgs(venue, false);
      await expect(direct.setReferenceVenue(vault, venue))
        .to.be.revertedWithCustomError(direct, "VenueNotListed")
        .withArgs(venue);
    });
  });
});
