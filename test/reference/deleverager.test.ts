import { expect } from "chai";
import fc from "fast-check";

import {
  distance,
  leastPrice,
  type RescueOrder,
  type RescuePosition,
  rescueSize,
} from "../../sdk/deleverager.ts";
import { isHealthy } from "../../sdk/health.ts";
import { BPS, PRICE_SCALE } from "../../sdk/math.ts";
import { ethers, loadFixture, now } from "../helpers/chain.ts";
import { FOREVER } from "../helpers/system.ts";
import { CONFIG, loanVault, price as priceOf, STORY } from "../helpers/vault.ts";
import { sample, SEED } from "./inputs.ts";

interface Case {
  readonly deciding: bigint;
  readonly volatility: bigint;
  readonly horizon: bigint;
  readonly targetLtvBps: bigint;
  readonly maxCostBps: bigint;
  /** Price asked between the least and a little above the oracle's. */
  readonly share: bigint;
}

const cases: fc.Arbitrary<Case> = fc.record({
  deciding: fc.bigInt(priceOf(1_600n), priceOf(2_600n)),
  volatility: fc.bigInt(0n, 10n ** 16n),
  horizon: fc.bigInt(0n, 10n ** 7n),
  targetLtvBps: fc.bigInt(0n, 8_500n),
  maxCostBps: fc.bigInt(0n, 500n),
  share: fc.bigInt(0n, 120n),
});

const priceAsked = ({ deciding, maxCostBps, share }: Case): bigint => {
  const least = leastPrice(deciding, maxCostBps);
  return least + ((deciding - least) * share) / 100n;
};

describe("Deleverager: the contract against its model", () => {
  async function deploy() {
    const system = await loanVault();
    const factory = await ethers.deployContract("MockVaultFactory");
    const volatilityOracle = await ethers.deployContract("MockVolatilityOracle");
    const deleverager = await ethers.deployContract("Deleverager", [
      factory,
      volatilityOracle,
      system.authority,
    ]);
    await deleverager.setFeed(system.vault, system.oracle, 0n);
    return { ...system, volatilityOracle, deleverager };
  }

  it("says the same distances and sizes, to the last digit", async () => {
    const { vault, oracle, borrower, volatilityOracle, deleverager } = await loadFixture(deploy);
    let sold = 0;
    let refused = 0;
    for (const input of sample(cases, 250)) {
      const { deciding, volatility, horizon, targetLtvBps, maxCostBps } = input;
      await oracle.setPrice(deciding);
      await volatilityOracle.set(oracle, {
        perRootSecond: volatility,
        updatedAt: await now(),
        isComplete: true,
      });
      const position: RescuePosition = {
        debt: await vault.debtOf(borrower),
        collateral: STORY.collateral,
        deciding,
        liquidationLtvBps: CONFIG.liquidationLtvBps,
        minDebt: CONFIG.minDebt,
      };
      const modelled = distance(position, volatility, horizon);
      expect(await deleverager.distance(vault, borrower, horizon)).to.equal(modelled);
      const order = {
        borrower,
        vault,
        targetLtvBps,
        triggerDistance: 2n ** 256n - 1n,
        horizon,
        maxCostBps,
        minInterval: 0n,
        expiry: FOREVER,
        nonce: 0n,
      };
      const price = priceAsked(input);
      const size = rescueSize(position, { targetLtvBps, maxCostBps }, price);
      if (modelled === 2n ** 256n - 1n || size === undefined) {
        await expect(deleverager.preview(order, price)).to.revert(ethers);
        refused++;
        continue;
      }
      const preview = await deleverager.preview(order, price);
      expect([preview.repay, preview.collateral]).to.deep.equal([size.repay, size.collateral]);
      expect([preview.distance, preview.leastPrice]).to.deep.equal([
        modelled,
        leastPrice(deciding, maxCostBps),
      ]);
      // Under the trigger, not at it.
      await deleverager.preview({ ...order, triggerDistance: modelled + 1n }, price);
      await expect(deleverager.preview({ ...order, triggerDistance: modelled }, price))
        .to.be.revertedWithCustomError(deleverager, "NotTriggered")
        .withArgs(modelled, modelled);
      sold++;
    }
    expect(sold).to.be.above(100);
    expect(refused).to.be.above(20);
  });
});

describe("Deleverager: laws of its model over random healthy positions", () => {
  const positions = fc
    .record({
      collateral: fc.bigInt(10n ** 12n, 10n ** 24n),
      deciding: fc.bigInt(10n ** 22n, 10n ** 30n),
      liquidationLtvBps: fc.bigInt(5_000n, 9_000n),
      ltv: fc.bigInt(1n, 10_000n),
      minShare: fc.bigInt(0n, 30n),
    })
    .map(({ ltv, minShare, ...rest }) => {
      const most = (rest.collateral * rest.deciding * rest.liquidationLtvBps) / (PRICE_SCALE * BPS);
      const debt = (most * ltv) / 10_000n;
      return { ...rest, debt, minDebt: (debt * minShare) / 100n };
    })
    .filter(({ debt }) => debt > 10n ** 6n);
  const orders: fc.Arbitrary<RescueOrder> = fc.record({
    targetLtvBps: fc.bigInt(0n, 8_999n),
    maxCostBps: fc.bigInt(0n, 500n),
  });

  const forAll = (law: (position: RescuePosition, order: RescueOrder, price: bigint) => void): void => {
    fc.assert(
      fc.property(positions, orders, fc.bigInt(0n, 100n), (position, order, share) => {
        law(position, order, priceAsked({ ...position, ...order, share, volatility: 0n, horizon: 0n }));
      }),
      { numRuns: 5_000, seed: SEED },
    );
  };

  it("ends at or under the target, within rounding, or without debt; and never unhealthy", () => {
    let rescued = 0;
    forAll((position, order, price) => {
      const size = rescueSize(position, order, price);
      if (size === undefined) return;
      rescued++;
      const debt = position.debt - size.repay;
      const collateral = position.collateral - size.collateral;
      const value = collateral * position.deciding;
      expect(debt * BPS * PRICE_SCALE <= order.targetLtvBps * value).to.equal(true);
      expect(isHealthy(debt, collateral, position.deciding, position.liquidationLtvBps)).to.equal(true);
      if (debt === 0n) return;
      expect(debt >= position.minDebt).to.equal(true);
      // Rounding of sizes and prices, magnified where target and price nearly cancel out.
      const slack = (value * order.targetLtvBps) / (BPS * PRICE_SCALE) / 10n ** 4n + 100n;
      expect(debt + slack >= (order.targetLtvBps * value) / (BPS * PRICE_SCALE)).to.equal(true);
    });
    expect(rescued).to.be.above(1_000);
  });

  it("costs no more than was signed", () => {
    forAll((position, order, price) => {
      const size = rescueSize(position, order, price);
      if (size === undefined) return;
      const least = size.collateral * leastPrice(position.deciding, order.maxCostBps);
      expect(size.repay * PRICE_SCALE >= least).to.equal(true);
    });
  });

  it("is due nearer and nearer to liquidation as debt, volatility and horizon grow", () => {
    fc.assert(
      fc.property(
        positions,
        fc.bigInt(1n, 10n ** 16n),
        fc.bigInt(1n, 10n ** 7n),
        (position, volatility, horizon) => {
          const here = distance(position, volatility, horizon);
          const more = { ...position, debt: position.debt + position.debt / 10n + 1n };
          expect(distance(more, volatility, horizon) <= here).to.equal(true);
          expect(distance(position, 2n * volatility, horizon) <= here).to.equal(true);
          expect(distance(position, volatility, 2n * horizon) <= here).to.equal(true);
        },
      ),
      { numRuns: 2_000, seed: SEED },
    );
  });
});
