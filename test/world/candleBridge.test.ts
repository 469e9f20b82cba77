import { expect } from "chai";
import fc from "fast-check";

import { bridgeCandles, type Candle } from "../../scripts/world/candleBridge.ts";
import type { PricePath } from "../../scripts/world/pricePath.ts";
import { Random } from "../../scripts/world/random.ts";
import { expectNear } from "../helpers/near.ts";

const SECONDS = 60;
const settings = (seed = 1) => ({ interval: 12, random: new Random(seed) });

/** A candle that opens at 100, closes at a price and reaches beyond both by shares. */
function candle(time: number, close: number, above: number, below: number): Candle {
  const open = 100;
  const high = Math.max(open, close) * (1 + above);
  return { time, open, high, low: Math.min(open, close) * (1 - below), close };
}

describe("Bridges within candles", () => {
  it("begin at the open, end at the close, stay within low and high, and touch both", () => {
    const share = fc.double({ min: 0, max: 0.2, noNaN: true });
    const close = fc.double({ min: 50, max: 200, noNaN: true });
    fc.assert(
      fc.property(close, share, share, fc.nat(1_000), fc.constantFrom(36, 60, 300, 3_600), (...given) => {
        const [end, above, below, seed, seconds] = given;
        const one = candle(1_000, end, above, below);
        const path = bridgeCandles([one], seconds, settings(seed));
        const prices = path.map(({ price }) => price);
        expect(path[0]).to.deep.equal({ time: 1_000, price: 100 });
        expect(path.at(-1)).to.deep.equal({ time: 1_000 + seconds, price: end });
        expectNear(Math.max(...prices), one.high, 1e-9);
        expectNear(Math.min(...prices), one.low, 1e-9);
      }),
    );
  });

  it("have a point every 12 seconds, more in coarser candles, and one at each end", () => {
    const times = (seconds: number): readonly number[] =>
      bridgeCandles([candle(0, 101, 0.01, 0.01)], seconds, settings()).map(({ time }) => time);
    expect(times(60)).to.deep.equal([0, 12, 24, 36, 48, 60]);
    expect(times(300).length).to.equal(26);
    expect(times(50)).to.deep.equal([0, 12, 24, 36, 48, 50]);
    expect(times(12)).to.deep.equal([0, 12]);
  });

  it("follow on each other, and open anew after a gap", () => {
    const path = bridgeCandles(
      [candle(0, 101, 0, 0), candle(60, 102, 0, 0), candle(600, 90, 0, 0)],
      SECONDS,
      settings(),
    );
    const times = path.map(({ time }) => time);
    expect(new Set(times).size).to.equal(times.length);
    expect(path.find(({ time }) => time === 60)?.price).to.equal(101);
    expect(path.find(({ time }) => time === 600)?.price).to.equal(100);
    expect(times.some((time) => time > 120 && time < 600)).to.equal(false);
  });

  it("move about as much within candles as the prices that the candles were made of", () => {
    const random = new Random(7);
    const perSecond = 1e-4;
    let price = 100;
    const candles = Array.from({ length: 2_000 }, (_, i): Candle => {
      const open = price;
      const prices = Array.from({ length: SECONDS }, () => (price *= Math.exp(perSecond * random.normal())));
      const [high, low] = [Math.max(open, ...prices), Math.min(open, ...prices)];
      return { time: i * SECONDS, open, high, low, close: price };
    });
    const volatilityOf = (path: PricePath): number => {
      const squares = path.slice(1).map((point, i) => Math.log(point.price / (path[i]?.price ?? 0)) ** 2);
      return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (candles.length * SECONDS));
    };
    const ratio = volatilityOf(bridgeCandles(candles, SECONDS, settings())) / perSecond;
    // A little more: what was touched between two points is touched at one of them here.
    expect(ratio).to.be.within(1, 1.35);
  });

  it("are the same for the same seed, and others for another", () => {
    const candles = [candle(0, 101, 0.02, 0.02), candle(60, 99, 0.01, 0.01)];
    const paths = [1, 1, 2].map((seed) => bridgeCandles(candles, SECONDS, settings(seed)));
    expect(paths[0]).to.deep.equal(paths[1]);
    expect(paths[0]).not.to.deep.equal(paths[2]);
  });
});
