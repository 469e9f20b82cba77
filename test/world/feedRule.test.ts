import { expect } from "chai";

import { FeedRule, roundsOf } from "../../scripts/world/feedRule.ts";

describe("FeedRule", () => {
  const create = () => new FeedRule({ deviation: 0.005, heartbeat: 3_600, lag: 12 }, 100, 0);

  it("makes no round while the price stays within the deviation", () => {
    const feed = create();
    feed.observe(100.49, 60);
    expect(feed.land(10_000)).to.equal(undefined);
    expect(feed.nextEvent()).to.equal(3_600);
  });

  it("makes a round on a deviation either way, on chain after the lag and not before", () => {
    for (const price of [100.51, 99.49]) {
      const feed = create();
      feed.observe(price, 60);
      expect(feed.nextEvent()).to.equal(72);
      expect(feed.land(71)).to.equal(undefined);
      expect(feed.land(72)).to.deep.equal({ answer: price, dueAt: 72 });
      expect(feed.land(73)).to.equal(undefined);
    }
  });

  it("answers with what it saw, not with what the market says when the round lands", () => {
    const feed = create();
    feed.observe(99, 60);
    feed.observe(90, 66);
    expect(feed.land(72)?.answer).to.equal(99);
    feed.observe(90, 72);
    expect(feed.land(84)?.answer).to.equal(90);
  });

  it("measures the deviation from its last answer", () => {
    const feed = create();
    feed.observe(101, 60);
    feed.land(72);
    feed.observe(100.6, 80);
    expect(feed.nextEvent()).to.equal(3_672);
    feed.observe(100.4, 90);
    expect(feed.nextEvent()).to.equal(102);
  });

  it("makes a round when the heartbeat is due, though nothing moved", () => {
    const feed = create();
    feed.observe(100, 3_599);
    expect(feed.nextEvent()).to.equal(3_600);
    feed.observe(100, 3_600);
    expect(feed.land(3_612)).to.deep.equal({ answer: 100, dueAt: 3_612 });
    expect(feed.nextEvent()).to.equal(7_212);
  });
});

describe("roundsOf", () => {
  const config = { deviation: 0.005, heartbeat: 3_600, lag: 12 };
  const at = (time: number, price: number) => ({ time, price });

  it("makes none of no path", () => {
    expect(roundsOf([], config)).to.deep.equal([]);
  });

  it("starts with the first point, and shows each round when it is on chain", () => {
    const path = [
      at(0, 100),
      at(60, 99.6),
      at(120, 99),
      at(180, 98),
      at(240, 98),
      at(4_000, 98),
      at(4_060, 98),
    ];
    expect(roundsOf(path, config)).to.deep.equal([
      { answer: 100, updatedAt: 0 },
      { answer: 99, updatedAt: 132 },
      { answer: 98, updatedAt: 192 },
      { answer: 98, updatedAt: 4_012 },
    ]);
  });
});
