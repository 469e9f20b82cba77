import { expect } from "chai";

import { rawPrice } from "../../../sdk/units.ts";
import { Chain } from "../../../scripts/replay/world/chain.ts";
import { dutch } from "../../../scripts/replay/mechanisms/gavel.ts";
import { MARKETS, type MarketSettings } from "../../../scripts/replay/input/markets.ts";
import { FEE } from "../../../scripts/replay/world/parameters.ts";
import { deployReplay, type ReplaySystem, warmUp } from "../../../scripts/replay/world/system.ts";
import { expectNear } from "../../helpers/near.ts";
import { path, SCENARIO } from "../scenarios.ts";

const START_PRICE = 3_000;

describe("Market makers", () => {
  const chains: Chain[] = [];
  afterEach(async () => {
    for (const chain of chains.splice(0)) await chain.close();
  });

  /** A market with settings of its own, and a way to let time pass in it. */
  async function start(changes: Partial<MarketSettings>) {
    const scenario = {
      ...SCENARIO,
      path: path(START_PRICE, START_PRICE),
      market: { ...MARKETS.calm, ...changes },
    };
    const begin = scenario.path[0]?.time ?? 0;
    const chain = await Chain.open({ time: begin - warmUp(scenario), gasPrice: scenario.gasPrice });
    chains.push(chain);
    const system = await deployReplay(chain, scenario, dutch, () => undefined);
    const after = async (
      seconds: number,
      moment: { readonly price?: number; readonly wildness?: number },
    ) => {
      const time = begin + seconds;
      chain.moveTo(time);
      const { price = START_PRICE, wildness = 0 } = moment;
      await system.makers.tend({ time, price, wildness, gasCost: () => 0 });
    };
    await after(0, {});
    return { system, after };
  }

  const priceOf = ({ market }: ReplaySystem): number => market.state.root ** 2 / rawPrice(1);
  /** Log distance of the pool's price from where arbitrage ends, below the market. */
  const gapBelow = (system: ReplaySystem, price: number): number =>
    Math.log((price * (1 - FEE)) / priceOf(system));

  describe("arbitrage", () => {
    for (const [share, left] of [
      [1, 0],
      [0.3, 0.7],
      [0.05, 0.95],
    ] as const) {
      it(`goes ${share * 100}% of the way back to the market in a block`, async () => {
        const { system, after } = await start({ arbitrage: share });
        const gap = gapBelow(system, 3_100);
        expect(gap).to.be.above(0.03);
        await after(12, { price: 3_100 });
        expectNear(gapBelow(system, 3_100), gap * left, 1e-6);
      });
    }

    it("goes as far in one look as in several in the same time", async () => {
      const { system, after } = await start({ arbitrage: 0.3 });
      const gap = gapBelow(system, 3_100);
      await after(5, { price: 3_100 });
      await after(24, { price: 3_100 });
      await after(24, { price: 3_100 });
      expectNear(gapBelow(system, 3_100), gap * 0.7 ** 2, 1e-6);
    });
  });

  describe("liquidity", () => {
    it("goes to the market's share of it where the market is wild, and comes back to the last bit", async () => {
      const { system, after } = await start({ depthLeft: 0.1 });
      const calm = system.market.state.liquidity;
      await after(12, { wildness: 1 });
      expectNear(system.market.state.liquidity / calm, 0.1, 1e-6);
      await after(24, { wildness: 0.5 });
      expectNear(system.market.state.liquidity / calm, 0.55, 1e-6);
      await after(36, { price: 2_500 });
      await after(48, { price: START_PRICE });
      expectNear(system.market.state.liquidity / calm, 1, 1e-6);
    });

    it("stays while what is wanted has moved by less than 15%, and for ever where the market is calm", async () => {
      const { system, after } = await start({ depthLeft: 0.1 });
      const calm = system.market.state.liquidity;
      await after(12, { wildness: 0.1 });
      expect(system.market.state.liquidity).to.equal(calm);
      const kind = await start({ depthLeft: 1 });
      await kind.after(12, { wildness: 1 });
      expectNear(kind.system.market.state.liquidity / calm, 1, 1e-9);
    });
  });

  describe("manipulation", () => {
    const HOLD_OFF = { bps: 100, blocks: 3, everySeconds: 600 };

    it("holds the pool below the market for its blocks, against the arbitrageur, and pays for it", async () => {
      const { system, after } = await start({ holdOff: HOLD_OFF });
      await after(588, {});
      expectNear(priceOf(system), START_PRICE, START_PRICE * FEE * 1.01);
      const costs: bigint[] = [];
      for (const seconds of [600, 612, 624]) {
        await after(seconds, {});
        expectNear(priceOf(system), START_PRICE * 0.99, 1e-6);
        costs.push(system.makers.manipulationCost);
      }
      expect(costs[0]).to.be.above(0n);
      expect(costs[1]).to.be.above(costs[0] ?? 0n);
      expect(costs[2]).to.be.above(costs[1] ?? 0n);
      await after(636, {});
      expectNear(priceOf(system), START_PRICE, START_PRICE * FEE * 1.01);
      expect(system.makers.manipulationCost).to.equal(costs[2]);
      await after(1_200, {});
      expectNear(priceOf(system), START_PRICE * 0.99, 1e-6);
    });

    it("costs what the arbitrageur gains: the area under the pool's curve", async () => {
      const { system, after } = await start({ holdOff: HOLD_OFF });
      const { root, liquidity } = system.market.state;
      await after(600, {});
      const low = Math.sqrt(rawPrice(START_PRICE * 0.99));
      const sold = (liquidity * (1 / low - 1 / root)) / (1 - FEE);
      const got = liquidity * (root - low);
      const cost = sold * rawPrice(START_PRICE) - got;
      expectNear(Number(system.makers.manipulationCost) / cost, 1, 1e-4);
    });

    it("costs nothing where nobody does it", async () => {
      const { system, after } = await start({ holdOff: undefined });
      await after(600, {});
      expect(system.makers.manipulationCost).to.equal(0n);
    });
  });
});
