import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import type { MockAggregator } from "../../../typechain-types/index.ts";
import type { IChainlinkRatioFeed } from "../../../typechain-types/contracts/oracle/feeds/ChainlinkRatioFeed.ts";
import { Mode } from "../../helpers/oracleSystem.ts";
import { sample } from "../../reference/inputs.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const HOUR = 3_600n;
const DAY = 86_400n;
const LATENESS = 300n;
const MOST_ANSWER = 2n ** 128n - 1n;

interface Decimals {
  readonly loan: bigint;
  readonly collateral: bigint;
  readonly base: bigint;
  readonly quote: bigint;
}

describe("ChainlinkRatioFeed", () => {
  async function deploy({ loan, collateral, base, quote }: Decimals) {
    const loanAsset = await ethers.deployContract("MockERC20", ["", "", loan]);
    const collateralAsset = await ethers.deployContract("MockERC20", ["", "", collateral]);
    const baseFeed = await ethers.deployContract("MockAggregator", [base]);
    const quoteFeed = await ethers.deployContract("MockAggregator", [quote]);
    const leg = async (feed: MockAggregator, heartbeat: bigint): Promise<IChainlinkRatioFeed.LegStruct> => ({
      aggregator: await feed.getAddress(),
      heartbeat,
      minAnswer: 1n,
      maxAnswer: MOST_ANSWER,
    });
    const baseLeg = await leg(baseFeed, HOUR);
    const quoteLeg = await leg(quoteFeed, DAY);
    const feed = await ethers.deployContract("ChainlinkRatioFeed", [
      collateralAsset,
      loanAsset,
      baseLeg,
      quoteLeg,
    ]);
    return { loanAsset, collateralAsset, baseFeed, quoteFeed, baseLeg, quoteLeg, feed };
  }
  /** ETH in USDC, from ETH/USD with an hour's heartbeat over USDC/USD with a day's. */
  const ethUsdc = () => deploy({ loan: 6n, collateral: 18n, base: 8n, quote: 8n });
  const load = () => networkHelpers.loadFixture(ethUsdc);
  type System = Awaited<ReturnType<typeof ethUsdc>>;

  /** A round of each leg, and time passes to the moment of reading. */
  async function rounds(
    { baseFeed, quoteFeed }: System,
    base: { answer?: bigint; age?: bigint },
    quote: { answer?: bigint; age?: bigint },
  ): Promise<bigint> {
    const now = BigInt(await time.latest()) + 2n * DAY;
    await baseFeed.pushRound(base.answer ?? 2_000n * 10n ** 8n, now - (base.age ?? 0n));
    await quoteFeed.pushRound(quote.answer ?? 10n ** 8n, now - (quote.age ?? 0n));
    await time.increaseTo(now);
    return now;
  }

  it("shows pair and legs", async () => {
    const { feed, loanAsset, collateralAsset, baseLeg, quoteLeg } = await load();
    expect(await feed.loanAsset()).to.equal(await loanAsset.getAddress());
    expect(await feed.collateralAsset()).to.equal(await collateralAsset.getAddress());
    expect([...(await feed.base())]).to.deep.equal(Object.values(baseLeg));
    expect([...(await feed.quote())]).to.deep.equal(Object.values(quoteLeg));
  });

  it("is base over quote: 2,000 USD an ETH at 0.8 USD a USDC is 2,500 USDC an ETH", async () => {
    const system = await load();
    await rounds(system, { answer: 2_000n * 10n ** 8n }, { answer: 8n * 10n ** 7n });
    expect((await system.feed.read()).price).to.equal(2_500n * 10n ** 24n);
  });

  it("rounds down", async () => {
    const system = await load();
    await rounds(system, { answer: 2_000n * 10n ** 8n }, { answer: 3n * 10n ** 8n });
    expect((await system.feed.read()).price).to.equal((2_000n * 10n ** 24n) / 3n);
  });

  describe("prices every pair of decimals", () => {
    for (const loan of [6n, 8n, 18n, 27n]) {
      for (const collateral of [6n, 8n, 18n, 27n]) {
        for (const [base, quote] of [
          [8n, 8n],
          [8n, 18n],
          [18n, 8n],
          [18n, 18n],
        ] as const) {
          it(`loan ${loan}, collateral ${collateral}, base ${base}, quote ${quote}`, async () => {
            const system = await deploy({ loan, collateral, base, quote });
            await rounds(system, { answer: 3_000n * 10n ** base }, { answer: 15n * 10n ** (quote - 1n) });
            // 3,000 / 1.5 whole loan tokens per whole collateral token.
            expect((await system.feed.read()).price).to.equal(2_000n * 10n ** (36n + loan - collateral));
          });
        }
      }
    }
  });

  it("equals the quotient on bigint over random answers", async () => {
    const system = await load();
    const answers = sample(fc.tuple(fc.bigInt(2n, 10n ** 22n), fc.bigInt(2n, 10n ** 22n)), 60);
    for (const [base, quote] of answers) {
      await rounds(system, { answer: base }, { answer: quote });
      expect((await system.feed.read()).price).to.equal((base * 10n ** 24n) / quote);
    }
  });

  describe("validity", () => {
    it("lasts as long as both legs do, each by its own heartbeat", async () => {
      const system = await load();
      let now = await rounds(system, { age: 100n }, { age: DAY - 3_000n });
      expect((await system.feed.read()).validUntil).to.equal(now + 3_000n);
      now = await rounds(system, { age: 100n }, { age: 200n });
      expect((await system.feed.read()).validUntil).to.equal(now - 100n + HOUR);
    });

    it("lies in the past once a leg is dead by age, with the last price", async () => {
      const system = await load();
      const now = await rounds(system, { age: HOUR + 7n }, {});
      const { price, validUntil } = await system.feed.read();
      expect(validUntil).to.equal(now - 7n);
      expect(price).to.equal(2_000n * 10n ** 24n);
    });
  });

  describe("reverts when a leg", () => {
    const deaths: [string, { answer?: bigint; age?: bigint }, bigint?][] = [
      ["answers 0", { answer: 0n }],
      ["answers a negative number", { answer: -1n }],
      ["stands at its floor", { answer: 1n }],
      ["answers from the future", { age: -100n }],
      ["reverts", {}, Mode.REVERT],
      ["burns its gas", {}, Mode.BURN_GAS],
      ["answers too little", {}, Mode.SHORT_ANSWER],
      ["answers a hundred thousand bytes", {}, Mode.HUGE_ANSWER],
    ];
    for (const [what, say, mode = Mode.ANSWER] of deaths) {
      it(what, async () => {
        const system = await load();
        for (const dead of ["base", "quote"] as const) {
          await rounds(system, dead === "base" ? say : {}, dead === "quote" ? say : {});
          const aggregator = system[`${dead}Feed`];
          await aggregator.setMode(mode);
          await expect(system.feed.read())
            .to.be.revertedWithCustomError(system.feed, "LegDead")
            .withArgs(
              aggregator,
              (answer: bigint) => answer === 0n || answer === BigInt.asUintN(256, say.answer ?? 0n),
              (updatedAt: bigint) => updatedAt >= 0n,
            );
          await aggregator.setMode(Mode.ANSWER);
        }
      });
    }

    it("stands at its ceiling", async () => {
      const { collateralAsset, loanAsset, baseLeg, quoteLeg, ...system } = await load();
      const ceiling = 3_000n * 10n ** 8n;
      const feed = await ethers.deployContract("ChainlinkRatioFeed", [
        collateralAsset,
        loanAsset,
        { ...baseLeg, maxAnswer: ceiling },
        quoteLeg,
      ]);
      const full = { collateralAsset, loanAsset, baseLeg, quoteLeg, ...system };
      await rounds(full, { answer: ceiling - 1n }, {});
      expect((await feed.read()).price).to.equal((ceiling - 1n) * 10n ** 16n);
      await rounds(full, { answer: ceiling }, {});
      await expect(feed.read()).to.be.revertedWithCustomError(feed, "LegDead");
    });
  });

  describe("interruptions", () => {
    const LONGEST = HOUR + LATENESS;

    async function made(
      { baseFeed, quoteFeed }: System,
      base: readonly bigint[],
      quote: readonly bigint[],
    ): Promise<bigint> {
      const now = BigInt(await time.latest()) + 10n * DAY;
      for (const age of base) await baseFeed.pushRound(2_000n * 10n ** 8n, now - age);
      for (const age of quote) await quoteFeed.pushRound(10n ** 8n, now - age);
      await time.increaseTo(now);
      return now;
    }

    it("are none while both legs keep their heartbeats", async () => {
      const system = await load();
      const now = await made(system, [2n * LONGEST, LONGEST, 0n], [DAY]);
      expect(await system.feed.interruptedUntil(now - 2n * LONGEST)).to.equal(0n);
    });

    it("end where the later leg came back", async () => {
      const system = await load();
      const base = [40_000n, 20_000n, 17_000n, 14_000n, 11_000n, 8_000n, 5_000n, 2_000n];
      let now = await made(system, base, [DAY]);
      expect(await system.feed.interruptedUntil(now - 30_000n)).to.equal(now - 20_000n);
      expect(await system.feed.interruptedUntil(now - 20_000n)).to.equal(0n);
      now = await made(system, base, [3n * DAY, 10_000n]);
      expect(await system.feed.interruptedUntil(now - 30_000n)).to.equal(now - 10_000n);
    });

    it("last until now while a leg is dead", async () => {
      const system = await load();
      for (const [base, quote] of [
        [{ age: HOUR + 1n }, {}],
        [{}, { age: DAY + 1n }],
        [{ answer: 1n }, {}],
        [{}, { answer: MOST_ANSWER >> 1n, age: -1n }],
      ] as const) {
        const now = await rounds(system, base, quote);
        expect(await system.feed.interruptedUntil(now - 10n)).to.equal(now);
      }
      const now = await rounds(system, {}, {});
      await system.quoteFeed.setMode(Mode.REVERT);
      expect(await system.feed.interruptedUntil(now - 10n)).to.equal(now + 1n);
    });
  });

  describe("refuses a leg", () => {
    const refused: [string, Partial<IChainlinkRatioFeed.LegStruct>][] = [
      ["without code", { aggregator: "0x000000000000000000000000000000000000dEaD" }],
      ["without a heartbeat", { heartbeat: 0n }],
      ["without a floor", { minAnswer: 0n }],
      ["whose floor is its ceiling", { minAnswer: 5n, maxAnswer: 5n }],
      ["whose floor is over its ceiling", { minAnswer: 6n, maxAnswer: 5n }],
    ];
    for (const [what, changes] of refused) {
      it(what, async () => {
        const { collateralAsset, loanAsset, baseLeg, quoteLeg } = await load();
        const factory = await ethers.getContractFactory("ChainlinkRatioFeed");
        const bad = { ...baseLeg, ...changes };
        await expect(factory.deploy(collateralAsset, loanAsset, bad, quoteLeg))
          .to.be.revertedWithCustomError(factory, "InvalidLeg")
          .withArgs(bad.aggregator);
        await expect(factory.deploy(collateralAsset, loanAsset, quoteLeg, bad))
          .to.be.revertedWithCustomError(factory, "InvalidLeg")
          .withArgs(bad.aggregator);
      });
    }

    it("of more than 18 decimals", async () => {
      const { collateralAsset, loanAsset, baseLeg, quoteLeg } = await load();
      const factory = await ethers.getContractFactory("ChainlinkRatioFeed");
      const aggregator = await (await ethers.deployContract("MockAggregator", [19n])).getAddress();
      await expect(factory.deploy(collateralAsset, loanAsset, { ...baseLeg, aggregator }, quoteLeg))
        .to.be.revertedWithCustomError(factory, "InvalidLeg")
        .withArgs(aggregator);
    });
  });

  it("GivenItIsTheAdapter'sPrimary: its last price binds new starts after a leg died, and its return restarts clocks", async () => {
    const system = await load();
    const { feed, loanAsset, collateralAsset } = system;
    const authority = await ethers.deployContract("AccessManager", [
      (await ethers.getSigners())[0] ?? ethers.ZeroAddress,
    ]);
    const second = await ethers.deployContract("MockAggregator", [8n]);
    await second.pushAnswer(1_500n * 10n ** 8n);
    await rounds(system, {}, {});
    await second.pushAnswer(1_500n * 10n ** 8n);
    const bounds = { heartbeat: HOUR, minPrice: 10n ** 24n, maxPrice: 10n ** 30n };
    const oracle = await ethers.deployContract("OracleAdapter", [
      {
        collateralAsset,
        loanAsset,
        primary: { kind: 2n, target: await feed.getAddress(), ...bounds },
        second: { kind: 1n, target: await second.getAddress(), ...bounds },
        standby: { kind: 0n, target: ethers.ZeroAddress, heartbeat: 0n, minPrice: 0n, maxPrice: 0n },
        sequencerFeed: ethers.ZeroAddress,
        sequencerGrace: 0n,
        maxDisagreementBps: 200n,
        primaryGrace: 1_800n,
        secondIsPool: false,
      },
      authority,
    ]);
    let now = await rounds(system, { age: HOUR + 1_799n }, {});
    await second.pushRound(1_500n * 10n ** 8n, now);
    expect((await oracle.price()).startBound).to.equal(2_000n * 10n ** 24n);

    const since = (await oracle.price()).aliveUntil;
    expect(since).to.be.lessThan(now + 2n * DAY);
    now = await rounds(system, { age: 50n }, { age: 60n });
    expect((await oracle.priceSince(since)).liveSince).to.equal(now - 50n);
  });
});
