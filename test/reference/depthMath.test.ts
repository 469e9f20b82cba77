import { inspect } from "node:util";

import { expect } from "chai";
import fc from "fast-check";

import * as model from "../../sdk/depthMath.ts";
import { BPS, WAD } from "../../sdk/math.ts";
import { ethers, loadFixture, pass } from "../helpers/chain.ts";
import {
  deployDepth,
  deposit,
  type DepthSystem,
  everywhere,
  lastWindow,
  LIQUIDITY,
  passWindows,
  PRICE,
  toNextWindow,
  trade,
  WINDOW,
  WINDOWS,
} from "../helpers/depth.ts";
import { batches, bits, sample } from "./inputs.ts";

const MAX_TICK = 887_272n;
const MOST = 2n ** 128n - 1n;

const liquidity = bits(127).map((x) => x + 1n);
const tick = fc.bigInt(-MAX_TICK, MAX_TICK);
const byte = fc.oneof(fc.constant(255n), fc.constant(0n), fc.bigInt(0n, 255n));
const eight = fc.array(byte, { minLength: model.STEPS, maxLength: model.STEPS });
const impact = fc.oneof(fc.bigInt(0n, BPS), fc.bigInt(0n, 1_000n));

describe("Reference: depth against its bigint form", () => {
  const deploy = () => ethers.deployContract("DepthHarness");

  it("gives the same harmonic means", async () => {
    const harness = await deploy();
    const stretches = sample(
      fc.array(fc.record({ seconds: fc.bigInt(1n, 10_000n), liquidity: fc.oneof(bits(127), bits(90)) }), {
        minLength: 1,
        maxLength: 5,
      }),
      500,
    );
    for (const batch of batches(stretches)) {
      const queries = batch.map((each): [bigint, bigint] => [
        each.reduce((sum, s) => sum + (s.seconds << 128n) / (s.liquidity === 0n ? 1n : s.liquidity), 0n),
        each.reduce((sum, s) => sum + s.seconds, 0n),
      ]);
      const means = await harness.harmonicMeans(queries);
      for (const [i, each] of batch.entries()) expect(means[i]).to.equal(model.harmonicMean(each));
    }
    expect(await harness.harmonicMeans([[0n, 600n]])).to.deep.equal([0n]);
    expect(await harness.harmonicMeans([[1n, 600n]])).to.deep.equal([MOST]);
    expect(model.harmonicMean([])).to.equal(0n);
  });

  it("gives the same mean ticks, never dearer than the mean", async () => {
    const harness = await deploy();
    const queries = sample(
      fc.tuple(tick, fc.bigInt(1n, 86_400n), fc.bigInt(-86_400n, 86_400n), fc.boolean()),
      1_000,
    ).map(([at, time, more, upward]) => ({ moved: at * time + (more % time), time, upward }));
    const results = await harness.meanTicks(queries);
    for (const [i, { moved, time, upward }] of queries.entries()) {
      expect(results[i]).to.equal(model.meanTick(moved, time, upward));
      // Downward at most the mean; upward at least a tick above.
      if (upward) expect(results[i]! * time).to.be.at.least(moved + time);
      else expect(results[i]! * time).to.be.at.most(moved);
    }
  });

  it("gives the same reserves, to as many digits as Uniswap's own square roots have", async () => {
    const harness = await deploy();
    const queries = sample(
      fc.record({ liquidity, tick: fc.oneof(tick, fc.bigInt(-300_000n, 300_000n)), ofToken1: fc.boolean() }),
      1_000,
    );
    for (const batch of batches(queries)) {
      const results = await harness.reserves(batch);
      for (const [i, query] of batch.entries()) {
        const wanted = model.reserveAt(query.liquidity, query.tick, query.ofToken1);
        // Eight digits at the lowest and highest prices, twenty at common ones.
        const slack = wanted / (query.tick > -300_000n && query.tick < 300_000n ? 10n ** 20n : 10n ** 8n);
        expect(results[i], inspect(query)).to.be.within(wanted - slack, wanted + slack);
      }
    }
  });

  it("gives the same shares, the same of them paid, and the same evenness", async () => {
    const harness = await deploy();
    const queries = sample(fc.tuple(eight, eight, impact), 600);
    for (const batch of batches(queries)) {
      const results = await harness.shares(
        batch.map(([a, b, x]): [bigint, bigint, bigint] => [model.packShares(a), model.packShares(b), x]),
      );
      for (const [i, [a, b, x]] of batch.entries()) {
        const lower = model.lowerShares(a, b);
        expect([...results[i]!], inspect([a, b, x])).to.deep.equal([
          model.packShares(lower),
          model.paidShare(lower, x),
          model.evenness(lower, a[0] ?? 0n),
        ]);
      }
    }
  });

  it("gives the same byte of a step's liquidity", async () => {
    const harness = await deploy();
    const queries = sample(fc.tuple(fc.oneof(bits(127), fc.constant(0n)), bits(127)), 1_000);
    queries.push([1n, 0n], [MOST, 1n], [MOST, MOST], [254n, 255n]);
    for (const batch of batches(queries)) {
      const results = await harness.packed(batch.map(([a, b]): [bigint, bigint] => [a, b]));
      for (const [i, [held, mean]] of batch.entries()) {
        const share = mean === 0n ? 0n : (held * 255n) / mean;
        const shares = Array<bigint>(model.STEPS).fill(share > 255n ? 255n : share);
        expect(results[i]).to.equal(model.packShares(shares));
      }
    }
  });

  it("is even where the liquidity goes on all the way, and as uneven as what 2% take", () => {
    for (const share of [255n, 249n, 1n]) {
      expect(model.evenness(Array<bigint>(model.STEPS).fill(share), share)).to.equal(255n);
    }
    // Liquidity for 8 of 202 ticks: 3.98% of 254, and one.
    expect(model.evenness([255n, 0n, 0n, 0n, 0n, 0n, 255n, 255n], 255n)).to.equal(11n);
    expect(model.evenness([255n, 255n, 255n, 255n, 255n, 255n, 0n, 0n], 255n)).to.equal(255n);
    // Narrower than a step: a 255th of what is at the price.
    expect(model.evenness(Array<bigint>(model.STEPS).fill(1n), 255n)).to.equal(1n);
    // What lies under the price counts for no more than what lies at it.
    expect(model.evenness([255n, 255n, 255n, 255n, 255n, 255n, 0n, 0n], 100n)).to.equal(255n);
    expect(model.evenness(Array<bigint>(model.STEPS).fill(255n), 0n)).to.equal(1n);
  });

  it("pays of a whole pool what its formula says, to eleven digits, down", () => {
    const whole = Array<bigint>(model.STEPS).fill(255n);
    for (let x = 1n; x <= 973n; x += 7n) {
      const share = model.paidShare(whole, x);
      const exact = 1 - Math.sqrt(1 - Number(x) / 10_000);
      expect(Math.abs(Number(share) / 1e18 / exact - 1) < 1e-11).to.equal(true);
      // (1 - share)^2 is at least 1 - x.
      expect((WAD - share) ** 2n >= ((BPS - x) * WAD * WAD) / BPS).to.equal(true);
    }
  });
});

describe("Reference: depth of real pools with positions at random", () => {
  const FEES = [500n, 3_000n];
  const SPACING = [10n, 60n];
  const collateralFirst = () => deployDepth({ fees: FEES });
  const loanFirst = () => deployDepth({ fees: FEES, collateralIsToken0: false });
  const orders = [
    [true, collateralFirst],
    [false, loanFirst],
  ] as const;

  /** Positions around a tick, at most a dozen a pool. */
  const positions = (at: bigint, spacing: bigint): fc.Arbitrary<model.Range[]> =>
    fc.array(
      fc.tuple(fc.bigInt(-1_500n, 1_500n), fc.bigInt(1n, 1_500n), bits(56)).map(([from, length, held]) => {
        const lower = ((at + from) / spacing) * spacing;
        return { lower, upper: lower + (length / spacing + 1n) * spacing, liquidity: held + 1n };
      }),
      { minLength: 1, maxLength: 12 },
    );

  for (const [sellsToken0, fixture] of orders) {
    for (let round = 0; round < 6; ++round) {
      it(`${sellsToken0 ? "collateral" : "loan asset"} first, ${round}: the model finds the same`, async () => {
        const system: DepthSystem = await loadFixture(fixture);
        const { oracle, pair, pools, provider } = system;
        const ranges: model.Range[][] = [];
        for (const [i, pool] of pools.entries()) {
          const { tick: at } = await pool.contract.slot0();
          const drawn = sample(positions(at, SPACING[i]!), 6)[round]!;
          ranges[i] = [everywhere(LIQUIDITY / 10n, pool.fee), ...drawn];
          for (const range of ranges[i]) await deposit(provider, pool, range);
        }
        const looks: bigint[][][] = pools.map(() => []);
        const evennesses: bigint[][] = pools.map(() => []);
        for (let window = 0n; window < WINDOWS + 1n; ++window) {
          await pass((WINDOW * (window + 1n)) / 9n);
          for (const pool of pools) await trade(system, pool, (PRICE * (1_000n - 7n * window)) / 1_000n);
          await toNextWindow();
          await oracle.poke(...pair);
          const last = await lastWindow();
          for (const [i, pool] of pools.entries()) {
            const record = await oracle.recordOf(...pair, pool.address, last);
            const shares = model.sharesOf(ranges[i]!, record, sellsToken0);
            expect(record.shares).to.equal(model.packShares(shares));
            looks[i]!.push(shares);
            const { tick: standing } = await pool.contract.slot0();
            const near = model.nearOf(ranges[i]!, record, [standing, record.tick]);
            expect(record.evenness).to.equal(model.evenness(shares, near));
            evennesses[i]!.push(record.evenness);
          }
        }
        const last = await lastWindow();
        const depths: model.PoolDepth[] = [];
        for (const [i, pool] of pools.entries()) {
          const windows: model.WindowMean[] = [];
          for (let w = 0n; w < WINDOWS; ++w) {
            const { liquidity: mean, tick: meanTick } = await oracle.recordOf(
              ...pair,
              pool.address,
              last - w,
            );
            const evenness = evennesses[i]!.at(-1 - Number(w));
            windows.push({ liquidity: mean, tick: meanTick, ...(evenness !== undefined && { evenness }) });
          }
          const shares = looks[i]!.slice(-Number(WINDOWS)).reduce(model.lowerShares);
          depths.push({ windows, shares });
        }
        const { reserve, isComplete } = await oracle.depth(...pair);
        expect([reserve, isComplete]).to.deep.equal([model.depthOf(depths, sellsToken0), true]);
        for (const impactBps of [10n, 100n, 150n, 400n, 900n, 10_000n]) {
          const amount = await oracle.sellable(...pair, impactBps);
          expect(amount).to.equal(model.sellableOf(depths, impactBps, sellsToken0));
        }
        await passWindows(1n);
      });
    }
  }
});
