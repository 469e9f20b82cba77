import { expect } from "chai";
import { network } from "hardhat";

import { percent } from "../../helpers/contagion.ts";
import { deploySystem, moveMarket, ONE_ANSWER, setPrice, START_PRICE } from "../../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const WINDOW = 1_800n;
const HEARTBEAT = 86_400n;
const FULL_SCALE = percent(5n);

describe("FeedDeviationSource", () => {
  /** ETH/USD over USDC/USD against the mean of a real pool, both at 2,000. */
  async function deploy() {
    const system = await deploySystem(connection);
    const { collateral, loan, pool, primary } = system;
    const quote = await ethers.deployContract("MockAggregator", [8n]);
    await quote.pushAnswer(ONE_ANSWER);
    const leg = async (aggregator: { getAddress(): Promise<string> }) => ({
      aggregator: await aggregator.getAddress(),
      heartbeat: HEARTBEAT,
      minAnswer: 1n,
      maxAnswer: 10n ** 30n,
    });
    const feed = await ethers.deployContract("ChainlinkRatioFeed", [
      collateral,
      loan,
      await leg(primary),
      await leg(quote),
    ]);
    const market = await ethers.deployContract("UniswapV3TwapFeed", [
      pool.address,
      collateral,
      loan,
      WINDOW,
      1n,
    ]);
    await time.increase(WINDOW);
    const source = await ethers.deployContract("FeedDeviationSource", [feed, market, FULL_SCALE]);
    return { ...system, quote, feed, market, source };
  }
  const load = () => networkHelpers.loadFixture(deploy);

  it("shows what it looks at", async () => {
    const { source, feed, market } = await load();
    expect([await source.feed(), await source.market(), await source.fullScale()]).to.deep.equal([
      await feed.getAddress(),
      await market.getAddress(),
      FULL_SCALE,
    ]);
  });

  it("is calm while both agree, to a tick of the pool", async () => {
    const { source } = await load();
    const { level, updatedAt } = await source.stress();
    expect(level).to.be.below(percent(1n) / 2n);
    expect(updatedAt).to.equal(await time.latest());
  });

  for (const [answer, level] of [
    [2_040n, 39n],
    [1_960n, 41n],
    [2_200n, 100n],
    [1_000n, 100n],
  ] as const) {
    it(`is about ${level}% with the feed at ${answer} over a market of 2,000`, async () => {
      const { source, primary } = await load();
      await primary.pushAnswer(answer * ONE_ANSWER);
      expect((await source.stress()).level).to.be.closeTo(percent(level), percent(1n));
    });
  }

  it("sees the quote's own depeg too", async () => {
    const { source, quote } = await load();
    await quote.pushAnswer((ONE_ANSWER * 96n) / 100n);
    expect((await source.stress()).level).to.be.closeTo(percent(80n), percent(1n));
  });

  it("is not moved by what happens in the running block, and by a little time little", async () => {
    const system = await load();
    const { source } = system;
    // The pool alone: the feed stays.
    await moveMarket(system, 1_900n);
    await setPrice(system, START_PRICE);
    const { level } = await source.stress();
    expect(level).to.be.below(percent(1n) / 2n);
    await time.increase(12n);
    // 5% for 12 of 1,800 seconds, over 5%.
    expect((await source.stress()).level).to.be.below(level + percent(1n));
    await time.increase(WINDOW);
    expect((await source.stress()).level).to.be.above(percent(99n));
  });

  it("RevertWhen the feed is dead by age, or can't be read", async () => {
    const { source, feed, primary } = await load();
    await time.increase(HEARTBEAT);
    await expect(source.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(feed);
    await primary.setMode(1n);
    await expect(source.stress()).to.be.revertedWithCustomError(feed, "LegDead");
  });

  it("RevertWhen a feed has no price", async () => {
    const { collateral, loan, market, source } = await load();
    const none = await ethers.deployContract("MockPriceFeed", [collateral, loan]);
    await none.set(0n, 100n);
    for (const pair of [
      [none, market],
      [market, none],
    ]) {
      const empty = await ethers.deployContract("FeedDeviationSource", [...pair, FULL_SCALE] as never);
      await expect(empty.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(none);
    }
  });

  it("RevertWhen the feeds are of other pairs, or one and the same", async () => {
    const { collateral, loan, feed, market, source } = await load();
    for (const [first, second] of [
      [collateral, collateral],
      [loan, loan],
    ] as const) {
      const other = await ethers.deployContract("MockPriceFeed", [first, second]);
      await expect(
        ethers.deployContract("FeedDeviationSource", [feed, other, FULL_SCALE]),
      ).to.be.revertedWithCustomError(source, "InvalidParameter");
    }
    await expect(
      ethers.deployContract("FeedDeviationSource", [market, market, FULL_SCALE]),
    ).to.be.revertedWithCustomError(source, "InvalidParameter");
  });

  it("RevertWhen the full scale is under 0.1% or above 1", async () => {
    const { feed, market, source } = await load();
    for (const scale of [10n ** 15n - 1n, percent(100n) + 1n]) {
      await expect(ethers.deployContract("FeedDeviationSource", [feed, market, scale]))
        .to.be.revertedWithCustomError(source, "InvalidParameter")
        .withArgs(ethers.encodeBytes32String("fullScale"), scale);
    }
  });
});
