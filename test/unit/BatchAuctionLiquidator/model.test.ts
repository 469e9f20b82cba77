import { expect } from "chai";

import { clearBatch, type Batch, type Clearing } from "../../../sdk/batchClearing.ts";
import { secondsToHold } from "../../../sdk/decayCurve.ts";
import { coveringPrice, maxDebt } from "../../../sdk/saleMath.ts";
import { toAssetsUp } from "../../../sdk/interestMath.ts";
import { BPS, max, min, mulDivUp, PRICE_SCALE, zeroFloorSub } from "../../../sdk/math.ts";
import { Random } from "../../../scripts/world/random.ts";
import { ageSeconds, type SaleClock } from "../../../sdk/saleClock.ts";
import { BatchModel, type ModelBid } from "../../helpers/batchModel.ts";
import { modelPrice } from "../../helpers/saleModel.ts";
import {
  banded,
  type BatchSystem,
  CRASHED,
  deployBatch,
  ethers,
  HOLD_BPS,
  INTERVAL,
  LIQUIDATION_LTV_BPS,
  MIN_DEBT,
  networkHelpers,
  ONE_COLLATERAL,
  ONE_LOAN,
  openPosition,
  ORACLE,
  passAYear,
  START_PRICE,
  TERMS,
  TICK_BPS,
} from "./fixture.ts";

const { loadFixture, time } = networkHelpers;
const START = 4_000_000_000n;
const STEPS = 90;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

/** What happened often enough to say that the sequences are not idle. */
interface Seen {
  clearings: number;
  whole: number;
  part: number;
  pendingAtFilled: number;
  suspect: number;
  withdrawals: number;
  claims: number;
}

/** What the vault says of one position before a clearing, and when. */
interface Before extends SaleClock {
  readonly timestamp: bigint;
  readonly scaledDebt: bigint;
  readonly collateral: bigint;
  readonly live: bigint;
  readonly seconds: bigint;
}

/**
 * The auction beside a model that walks bid by bid: exact pro rata, no products, no epochs. The price has a band of real width,
 * is SUSPECT at times, and the interest index is not 1.
 */
describe("BatchAuctionLiquidator: random sequences against a model (BAT-1, BAT-2, BAT-3, BAT-4)", function () {
  this.timeout(600_000);
  const seen: Seen = {
    clearings: 0,
    whole: 0,
    part: 0,
    pendingAtFilled: 0,
    suspect: 0,
    withdrawals: 0,
    claims: 0,
  };

  const deploy = async () => {
    const system = await deployBatch();
    await passAYear(system);
    // The same moments within the intervals in each run.
    await time.increaseTo(START);
    return system;
  };

  const boundaryOf = (timestamp: bigint): bigint => timestamp / INTERVAL;
  const latest = async (): Promise<bigint> => BigInt(await time.latest());

  /** Collateral worth a few loan units: as far as roundings go. */
  const collateralOf = (units: bigint): bigint => (units * PRICE_SCALE) / (CRASHED / 2n);

  /** Every bid, the book and the holdings are what the model says, but for a few units a fill. */
  const compare = async ({ batch, vault }: BatchSystem, model: BatchModel): Promise<void> => {
    const boundary = boundaryOf(await latest());
    const slack = 3n + 2n * model.fills;
    const many = slack * BigInt(model.bids.length + 1);
    let open = 0n;
    let claimable = 0n;
    for (const bid of model.bids) {
      const shown = await batch.bid(bid.id);
      open += shown.open;
      claimable += shown.claimable;
      expect(shown.open, `open of ${bid.id}`).to.be.within(
        zeroFloorSub(model.openOf(bid), slack),
        model.openOf(bid) + slack,
      );
      expect(shown.claimable, `claimable of ${bid.id}`).to.be.within(
        zeroFloorSub(model.claimableOf(bid), collateralOf(slack)),
        max(0n, model.claimableOf(bid)) + collateralOf(slack),
      );
    }
    const book = await batch.book(vault);
    const active = model.demand(boundary);
    const pending = model.demand(boundary, "pending");
    for (const [tick, wanted] of active.entries()) {
      expect(book.active[tick], `active at ${tick}`).to.be.within(zeroFloorSub(wanted, many), wanted + many);
      expect(book.pending[tick], `pending at ${tick}`).to.equal(pending[tick]);
    }
    // BAT-3
    const [assets, collateral] = await batch.holdings(vault);
    expect(assets).to.be.within(open, open + many);
    expect(collateral).to.be.within(claimable, claimable + collateralOf(many));
  };

  /** What the list must clear like, `later` seconds after what its quotes were read at. */
  const expected = async (
    { vault, oracle }: BatchSystem,
    list: readonly string[],
    demand: readonly bigint[],
    index: bigint,
    timestamp: bigint,
    before: ReadonlyMap<string, Before>,
    later: bigint,
  ): Promise<Clearing> => {
    const said = await oracle.price();
    const since = timestamp % INTERVAL;
    let bound = 0n;
    const lots: Batch["lots"][number][] = [];
    for (const borrower of list) {
      const found = before.get(borrower);
      const live = (found?.live ?? 0n) + later;
      if (found === undefined || live < since) {
        lots.push({ debt: 0n, collateral: 0n, terms: TERMS });
        continue;
      }
      const debt = toAssetsUp(found.scaledDebt, index);
      const slidesAnew =
        said.state === ORACLE.suspect && debt <= maxDebt(found.collateral, said.high, LIQUIDATION_LTV_BPS);
      const unproven = slidesAnew ? 0n : secondsToHold(TERMS);
      const own = ageSeconds(found, TERMS, found.timestamp + later, live, unproven);
      const seconds = min(found.seconds + later, TERMS.horizon);
      const first = zeroFloorSub(own, since);
      bound = max(bound, modelPrice(said, TERMS, own, seconds));
      if (live < TERMS.halfLife) {
        const covered = { debt, collateral: found.collateral, deciding: said.deciding };
        bound = max(bound, coveringPrice(covered, TERMS.penaltyBps));
      }
      bound = max(bound, modelPrice(said, TERMS, first, zeroFloorSub(seconds, since)));
      if (first < INTERVAL) bound = max(bound, mulDivUp(said.deciding, BPS - HOLD_BPS, BPS));
      lots.push({ debt, collateral: found.collateral, terms: TERMS });
    }
    expect(await vault.minDebt()).to.equal(MIN_DEBT);
    const batch = {
      lots: lots.filter(({ debt }) => debt !== 0n),
      deciding: said.deciding,
      bound,
      minDebt: MIN_DEBT,
    };
    if (bound === 0n) return { tick: 0, price: 0n, supply: 0n, demand: 0n, payment: 0n, repays: [] };
    return clearBatch({ ...batch, tickBps: TICK_BPS }, demand);
  };

  const clear = async (system: BatchSystem, model: BatchModel, list: readonly string[]): Promise<void> => {
    const { batch, vault, keeper, oracle } = system;
    // Not on the edge of an interval: the block that follows belongs to the same one.
    if (((await latest()) + 3n) % INTERVAL < 4n) await time.increase(5);
    // In every other interval the sales are proved first: those that nobody proves are sold too.
    const isProved = boundaryOf(await latest()) % 2n === 0n;
    for (const borrower of list) {
      await vault.startSale(borrower, ethers.ZeroAddress).catch(() => undefined);
      if (isProved) await vault.touch(borrower).catch(() => undefined);
    }
    const before = new Map<string, Before>();
    const quotedAt = await latest();
    for (const borrower of list) {
      const quote = await vault.quoteTake(borrower).catch(() => undefined);
      if (quote === undefined) continue;
      const { scaledDebt, collateral, saleStartedAt, proof } = await vault.position(borrower);
      const clock = { saleStartedAt, proof, timestamp: quotedAt };
      before.set(borrower, {
        ...{ scaledDebt, collateral, ...clock },
        live: quote.liveSeconds,
        seconds: quote.vaultSeconds,
      });
    }
    const book = await batch.book(vault);
    const demand = [...book.active];
    const pending = [...book.pending];
    const sent = await batch
      .connect(keeper)
      .clear(vault, [...list])
      .catch(() => undefined);
    const timestamp = await latest();
    const { index } = await vault.accruedTotals();
    const plans = await Promise.all(
      [0n, 1n].map((later) => expected(system, list, demand, index, timestamp, before, later)),
    );
    if (sent === undefined) {
      expect(
        plans.some(({ payment }) => payment === 0n),
        "refused, but could be cleared",
      ).to.equal(true);
      return;
    }
    const receipt = await sent.wait();
    const event = receipt?.logs
      .map((log) => batch.interface.parseLog(log))
      .find((log) => log?.name === "BatchCleared");
    const told = event?.args.toObject() as Record<
      "tick" | "price" | "supply" | "demand" | "payment" | "collateral",
      bigint
    >;
    const plan = plans.find(({ tick, price }) => BigInt(tick) === told.tick && price === told.price);
    if (plan === undefined)
      throw new Error(`tick ${String(told.tick)} instead of ${plans.map(({ tick }) => tick).join(" or ")}`);
    expect([told.price, told.supply, told.demand]).to.deep.equal([plan.price, plan.supply, plan.demand]);
    // The vault rounds a lot's debt once more.
    expect(told.payment).to.be.within(plan.payment - BigInt(list.length), plan.payment);
    model.clear(told.payment, told.collateral, demand, boundaryOf(timestamp));
    seen.clearings++;
    if (plan.payment === plan.supply) seen.whole++;
    else seen.part++;
    if ((await oracle.price()).state === ORACLE.suspect) seen.suspect++;
    let left = told.payment;
    for (const [tick, bid] of demand.entries()) {
      if (bid !== 0n && left >= bid && (pending[tick] ?? 0n) !== 0n) seen.pendingAtFilled++;
      left = zeroFloorSub(left, bid);
    }
  };

  for (const seed of SEEDS) {
    it(`comes to the same bid by bid, seed ${seed}`, async () => {
      const system = await loadFixture(deploy);
      const { batch, vault, oracle, collateral, loan, alice, bob, carol } = system;
      const random = new Random(seed);
      const pick = (n: number): number => Math.floor(random.uniform() * n);
      const model = new BatchModel();
      const owners = [alice, bob, carol];
      const list: string[] = [];

      const crashTo = async (): Promise<void> => {
        const deciding = (CRASHED * BigInt(9_850 + pick(150))) / 10_000n;
        await oracle.set(banded(deciding, pick(2) === 0 ? ORACLE.suspect : ORACLE.fresh));
      };
      const newSales = async (): Promise<void> => {
        await oracle.set(banded((START_PRICE * 103n) / 100n));
        const size = BigInt(1 + pick(3));
        list.push(await openPosition(system, size * 100n * ONE_COLLATERAL, size * 160_000n * ONE_LOAN));
        list.sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
        await oracle.set(banded(CRASHED));
        for (const borrower of list)
          await vault.startSale(borrower, ethers.ZeroAddress).catch(() => undefined);
        await crashTo();
      };
      const withdrawOrRefuse = async (bid: ModelBid): Promise<void> => {
        const boundary = boundaryOf((await latest()) + 1n);
        const owner = owners.find(({ address }) => address === bid.owner) ?? alice;
        const held = await loan.balanceOf(owner);
        const sent = await batch.withdraw(bid.id).catch(() => undefined);
        if (sent === undefined) {
          const dust = model.openOf(bid) <= 3n + 2n * model.fills;
          expect(!model.isWithdrawable(bid, boundary) || dust, `withdrawal of ${bid.id}`).to.equal(true);
          return;
        }
        expect(model.isWithdrawable(bid, boundary), `withdrawal of ${bid.id}`).to.equal(true);
        const slack = 3n + 2n * model.fills;
        const paid = (await loan.balanceOf(owner)) - held;
        expect(paid).to.be.within(zeroFloorSub(model.openOf(bid), slack), model.openOf(bid));
        bid.withdrawn = true;
        seen.withdrawals++;
      };
      const claim = async (bid: ModelBid): Promise<void> => {
        const owner = owners.find(({ address }) => address === bid.owner) ?? alice;
        const held = await collateral.balanceOf(owner);
        const sent = await batch.claim(bid.id).catch(() => undefined);
        const slack = collateralOf(3n + 2n * model.fills);
        if (sent === undefined) expect(model.claimableOf(bid), `claim of ${bid.id}`).to.be.at.most(slack);
        else seen.claims++;
        const paid = (await collateral.balanceOf(owner)) - held;
        expect(paid).to.be.within(
          zeroFloorSub(model.claimableOf(bid), slack),
          max(0n, model.claimableOf(bid)) + slack,
        );
        bid.claimed += paid;
      };

      await newSales();
      await newSales();
      for (let step = 0; step < STEPS; ++step) {
        const dice = pick(20);
        const bid = model.bids[pick(Math.max(1, model.bids.length))];
        if (dice < 6 || bid === undefined) {
          const owner = owners[pick(3)] ?? alice;
          // Few ticks, so that bids meet at them.
          const tick = [0, 2, 5, 9, 30][pick(5)] ?? 0;
          const assets =
            MIN_DEBT +
            BigInt(pick(4) === 0 ? pick(400_000) : pick(60_000)) * ONE_LOAN +
            BigInt(pick(1_000_000));
          await batch.connect(owner).placeBid(vault, tick, assets, owner);
          model.place(owner.address, tick, assets, boundaryOf(await latest()));
        } else if (dice < 8) {
          const owner = owners.find(({ address }) => address === bid.owner) ?? alice;
          const sent = await batch
            .connect(owner)
            .cancel(bid.id)
            .catch(() => undefined);
          if (sent !== undefined) {
            expect(bid.cancelledIn).to.equal(0n);
            bid.cancelledIn = boundaryOf(await latest());
          } else expect(bid.cancelledIn !== 0n || model.openOf(bid) <= 3n + 2n * model.fills).to.equal(true);
        } else if (dice < 9) await withdrawOrRefuse(bid);
        else if (dice < 10) await claim(bid);
        else if (dice < 12) await time.increase(Number(INTERVAL) + pick(100));
        else if (dice < 13) await newSales();
        else if (dice < 15) await crashTo();
        else await clear(system, model, pick(2) === 0 ? list.slice(pick(list.length)) : list);
        if (step % 5 === 4) await compare(system, model);
      }

      for (const bid of model.bids) {
        const owner = owners.find(({ address }) => address === bid.owner) ?? alice;
        const sent = await batch
          .connect(owner)
          .cancel(bid.id)
          .catch(() => undefined);
        if (sent !== undefined) bid.cancelledIn = boundaryOf(await latest());
      }
      await time.increase(2n * INTERVAL);
      for (const bid of model.bids) {
        await withdrawOrRefuse(bid);
        await claim(bid);
      }
      // Nothing but roundings stays.
      const [assets, bought] = await batch.holdings(vault);
      const dust = (4n + 2n * model.fills) * BigInt(model.bids.length + 1);
      expect(assets).to.be.at.most(dust);
      expect(bought).to.be.at.most(collateralOf(dust));
    });
  }

  after(() => {
    const told = Object.entries(seen).map(([name, count]) => `${name} ${String(count)}`);
    console.log(`      ${told.join(", ")}`);
    for (const [name, count] of Object.entries(seen)) expect(count, name).to.be.above(0);
  });
});
