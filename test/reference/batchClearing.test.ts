import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import { type Batch, BID_TICKS, clearBatch, splitPayment, ticksWithin } from "../../sdk/batchClearing.ts";
import { FillPool } from "../../sdk/fillAccumulator.ts";
import { BPS, PRICE_SCALE } from "../../sdk/math.ts";
import { sample, SEED } from "./inputs.ts";

const { ethers } = await network.create();

/** Two clearings carry a few kilobytes each: small batches of calls. */
const PER_CALL = 50;

const lots = (deciding: bigint, minDebt: bigint) =>
  fc.array(
    fc
      .record({
        debts: fc.bigInt(1n, 1_000n),
        extra: fc.bigInt(0n, 1_000_000n),
        ltvBps: fc.bigInt(8_301n, 11_000n),
        penaltyBps: fc.bigInt(0n, 200n),
      })
      .map(({ debts, extra, ltvBps, penaltyBps }) => {
        const debt = minDebt * debts + extra + 1n;
        return {
          debt,
          collateral: (debt * BPS * PRICE_SCALE) / ltvBps / deciding,
          terms: { penaltyBps, targetLtvBps: 7_055n },
        };
      }),
    { minLength: 1, maxLength: 4 },
  );

/** A batch and the bids for it: from none to more than enough. */
const batchAndBids = fc
  .record({
    decidingDigits: fc.integer({ min: 20, max: 40 }),
    minDebtDigits: fc.integer({ min: 0, max: 8 }),
    boundBps: fc.bigInt(-50n, 900n),
    tickBps: fc.bigInt(1n, 20n),
  })
  .chain(({ decidingDigits, minDebtDigits, boundBps, tickBps }) => {
    const deciding = 10n ** BigInt(decidingDigits);
    const minDebt = 10n ** BigInt(minDebtDigits);
    return fc.record({
      batch: lots(deciding, minDebt).map((all): Batch => ({
        lots: all,
        deciding,
        bound: (deciding * (BPS - boundBps)) / BPS,
        minDebt,
        tickBps,
      })),
      bids: fc.array(fc.tuple(fc.integer({ min: 0, max: BID_TICKS - 1 }), fc.bigInt(1n, 120n)), {
        maxLength: 8,
      }),
      paidPercent: fc.bigInt(0n, 100n),
    });
  })
  .map(({ batch, bids, paidPercent }) => {
    const debts = batch.lots.reduce((sum, { debt }) => sum + debt, 0n);
    const demand = Array.from({ length: BID_TICKS }, () => 0n);
    for (const [tick, percent] of bids) demand[tick] = (demand[tick] ?? 0n) + (debts * percent) / 100n;
    const all = demand.reduce((sum, bid) => sum + bid, 0n);
    return { batch, demand, paid: (all * paidPercent) / 100n };
  });

const fullTerms = (terms: { penaltyBps: bigint; targetLtvBps: bigint }) => ({
  startPremiumBps: 0n,
  holdBps: 0n,
  maxDiscountBps: 0n,
  halfLife: 0n,
  horizon: 0n,
  lot: 0n,
  impactBps: 0n,
  urgencyBps: 0n,
  fallWindow: 0n,
  ...terms,
});

/** Batches, and the bids for each by tick. */
interface Case {
  readonly batch: Batch;
  readonly demand: readonly bigint[];
}

/** How the contract clears them, in their order. */
async function clearingsOf(cases: readonly Case[]) {
  const harness = await ethers.deployContract("BatchHarness");
  const found: Awaited<ReturnType<typeof harness.clearings>>[number][] = [];
  for (let i = 0; i < cases.length; i += PER_CALL) {
    const slice = cases.slice(i, i + PER_CALL);
    const results = await harness.clearings(
      slice.map(({ batch }) => ({
        ...batch,
        lots: batch.lots.map((lot) => ({ ...lot, terms: fullTerms(lot.terms) })),
      })),
      slice.map(({ demand }) => [...demand]),
    );
    found.push(...results);
  }
  return found;
}

/** So much at one tick, and nothing elsewhere. */
const bidsAt = (tick: number, amount: bigint): readonly bigint[] =>
  Array.from({ length: BID_TICKS }, (_, i) => (i === tick ? amount : 0n));

/** More than any batch costs. */
const PLENTY = 2n ** 100n;

describe("Batch clearing: contracts and TypeScript agree to the unit", () => {
  const cases = sample(batchAndBids, 500);

  it("on price, supply, payment and the size of each lot", async () => {
    let covered = 0;
    let truncated = 0;
    const clearings = await clearingsOf(cases);
    for (const [i, { batch, demand }] of cases.entries()) {
      const ours = clearBatch(batch, demand);
      const theirs = clearings[i];
      expect(theirs?.tick).to.equal(BigInt(ours.tick));
      expect(theirs?.price).to.equal(ours.price);
      expect(theirs?.supply).to.equal(ours.supply);
      expect(theirs?.demand).to.equal(ours.demand);
      expect(theirs?.payment).to.equal(ours.payment);
      expect(String(theirs?.repays)).to.equal(String(ours.repays));
      if (ours.payment === 0n) continue;
      if (ours.payment === ours.supply) ++covered;
      else ++truncated;
    }
    expect(covered).to.be.greaterThan(50, "batches that the bids cover");
    expect(truncated).to.be.greaterThan(50, "batches that they do not");
  });

  it("on bids that pay for a whole lot to the unit: they clear it, and one unit less does not", async () => {
    const tick = 1;
    const edges = cases.slice(0, 100).flatMap(({ batch: { lots: all, ...rest } }) => {
      const batch = { ...rest, lots: all.slice(0, 1), bound: (rest.deciding * 9_000n) / BPS };
      const { supply } = clearBatch(batch, bidsAt(tick, PLENTY));
      if (supply < 2n) return [];
      return [supply, supply - 1n].map((amount) => ({ batch, demand: bidsAt(tick, amount), supply }));
    });
    expect(edges.length).to.be.above(100);
    const clearings = await clearingsOf(edges);
    for (const [i, { batch, demand, supply }] of edges.entries()) {
      const isCovered = demand[tick] === supply;
      if (isCovered) expect(clearings[i]?.tick).to.equal(BigInt(tick));
      else expect(clearings[i]?.tick).to.be.above(BigInt(tick));
      expect(clearings[i]?.tick).to.equal(BigInt(clearBatch(batch, demand).tick));
      if (isCovered) expect(clearings[i]?.payment).to.equal(supply);
    }
  });

  it("on a lot whose collateral falls short, wherever it stands: it clears at a tick without bids", async () => {
    const deciding = 10n ** 30n;
    const lotOf = (debt: bigint, ltvBps: bigint) => ({
      debt,
      collateral: (debt * BPS * PRICE_SCALE) / ltvBps / deciding,
      terms: { penaltyBps: 50n, targetLtvBps: 7_055n },
    });
    const [short, sound] = [lotOf(10n ** 9n, 11_000n), lotOf(10n ** 12n, 8_400n)];
    const rest = { deciding, bound: (deciding * 9_500n) / BPS, minDebt: 1n, tickBps: 10n };
    const tick = 3;
    // What it costs falls with the price: bids at the first tick pay for it at the fourth.
    const { payment } = clearBatch({ ...rest, lots: [short] }, bidsAt(tick, PLENTY));
    const orders = [
      [short, sound],
      [sound, short],
    ].map((all) => ({ batch: { ...rest, lots: all }, demand: bidsAt(0, payment) }));
    for (const [i, clearing] of (await clearingsOf(orders)).entries()) {
      const order = orders[i];
      if (order === undefined) throw new RangeError("no such order");
      expect(clearing.tick).to.equal(BigInt(tick));
      expect(clearBatch(order.batch, order.demand).tick).to.equal(tick);
    }
  });

  it("on how much each tick pays", async () => {
    const harness = await ethers.deployContract("BatchHarness");
    for (let i = 0; i < cases.length; i += PER_CALL) {
      const slice = cases.slice(i, i + PER_CALL);
      const results = await harness.splits(
        slice.map(({ demand }) => demand),
        slice.map(({ paid }) => paid),
      );
      for (const [j, { demand, paid }] of slice.entries()) {
        expect(String(results[j])).to.equal(String(splitPayment(demand, paid)));
      }
    }
  });

  it("counts the ticks within the bound: 9 of 15 bps in 1.2%, none above the deciding price, 64 at most", () => {
    expect(ticksWithin(10_000n, 9_880n, 15n)).to.equal(9);
    expect(ticksWithin(10_000n, 9_881n, 15n)).to.equal(8);
    expect(ticksWithin(10_000n, 10_000n, 15n)).to.equal(1);
    expect(ticksWithin(10_000n, 10_001n, 15n)).to.equal(0);
    expect(ticksWithin(10_000n, 1n, 15n)).to.equal(64);
  });
});

type Step =
  | { readonly kind: "enter"; readonly assets: bigint }
  | { readonly kind: "exit"; readonly index: number }
  | { readonly kind: "fill"; readonly millionths: bigint; readonly rest: bigint }
  | { readonly kind: "next" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({ kind: fc.constant("enter" as const), assets: fc.bigInt(1n, 2n ** 90n) }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant("exit" as const), index: fc.nat(30) }), weight: 1 },
  {
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      millionths: fc.oneof(fc.bigInt(1n, 1_000_000n), fc.constant(1_000_000n)),
      rest: fc.bigInt(0n, 3n),
    }),
    weight: 4,
  },
  { arbitrary: fc.constant({ kind: "next" as const }), weight: 2 },
);

describe("Fill accumulator: contract and TypeScript agree to the unit", () => {
  it("over random entries, exits and fills, epochs and scales passed", async () => {
    let scales = 0;
    let epochs = 0;
    for (const steps of fc.sample(fc.array(step, { minLength: 30, maxLength: 30 }), {
      numRuns: 12,
      seed: SEED,
    })) {
      const harness = await ethers.deployContract("BatchHarness");
      const pool = new FillPool();
      const stakes: { assets: bigint; entered: bigint; exited: bigint }[] = [];
      let boundary = 1n;
      for (const now of steps) {
        if (now.kind === "next") boundary += 1n;
        else if (now.kind === "enter") {
          await harness.enter(now.assets, boundary);
          pool.enter(now.assets, boundary);
          stakes.push({ assets: now.assets, entered: boundary, exited: 0n });
        } else if (now.kind === "exit") {
          const stake = stakes[now.index % Math.max(1, stakes.length)];
          if (stake?.exited !== 0n || stake.entered === boundary) continue;
          pool.fold(boundary);
          await harness.exit(stake.assets, stake.entered, boundary);
          if (pool.exit(stake.assets, stake.entered, boundary) !== 0n) stake.exited = boundary;
        } else {
          pool.fold(boundary);
          const amount =
            (pool.total * now.millionths) / 1_000_000n - (now.millionths === 1_000_000n ? now.rest : 0n);
          if (amount <= 0n) continue;
          await harness.fill(amount, amount * 7n, boundary);
          pool.fill(amount, amount * 7n);
        }
        pool.fold(boundary);
        const state = await harness.state(boundary);
        expect(state.total).to.equal(pool.total);
        expect(state.pending).to.equal(pool.pending);
        expect(state.product).to.equal(pool.product);
        expect(state.epoch).to.equal(BigInt(pool.epoch));
        expect(state.scale).to.equal(BigInt(pool.scale));
        scales += pool.scale;
        epochs = Math.max(epochs, pool.epoch);
      }
      boundary += 1n;
      pool.fold(boundary);
      for (const { assets, entered, exited } of stakes) {
        const ours = pool.position(
          assets,
          pool.stateAt(entered),
          exited === 0n ? pool.current() : pool.stateAt(exited),
        );
        const theirs = await harness.position(assets, entered, exited);
        expect(theirs.left).to.equal(ours.left);
        expect(theirs.collateral).to.equal(ours.collateral);
      }
    }
    expect(scales).to.be.greaterThan(0);
    expect(epochs).to.be.greaterThan(0);
  });
});
