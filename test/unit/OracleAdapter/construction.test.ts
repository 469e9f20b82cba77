import { expect } from "chai";

import { priceOf } from "../../../sdk/oracleAdapter.ts";
import type {
  OracleConfigStruct,
  SourceConfigStruct,
} from "../../../typechain-types/contracts/oracle/OracleAdapter.ts";
import type { OracleAdapter__factory } from "../../../typechain-types/index.ts";
import {
  deployOracle,
  HEARTBEAT,
  MOST_PRICE,
  NO_SOURCE,
  type OracleSystem,
  SourceKind,
} from "../../helpers/oracleSystem.ts";
import { connection, ethers, networkHelpers } from "./chain.ts";

const THIRTY_DAYS = 30n * 86_400n;

describe("OracleAdapter: construction", () => {
  async function full() {
    return deployOracle(connection, { hasSecond: true, hasStandby: true, hasSequencer: true });
  }
  const load = () => networkHelpers.loadFixture(full);

  let adapter: OracleAdapter__factory;
  before(async () => {
    adapter = await ethers.getContractFactory("OracleAdapter");
  });
  const deploy = (system: OracleSystem, changes: Partial<OracleConfigStruct>) =>
    adapter.deploy({ ...system.config, ...changes }, system.authority);
  /** With another primary, alone. */
  const deployPrimary = (system: OracleSystem, changes: Partial<SourceConfigStruct>) =>
    deploy(system, {
      primary: { ...system.config.primary, ...changes },
      second: NO_SOURCE,
      standby: NO_SOURCE,
    });

  it("shows the configuration that it was given", async () => {
    const system = await load();
    const shown = await system.oracle.config();
    for (const place of ["primary", "second", "standby"] as const) {
      const { kind, target, heartbeat, minPrice, maxPrice } = shown[place];
      expect({ kind, target, heartbeat, minPrice, maxPrice }).to.deep.equal(system.config[place]);
    }
    const {
      collateralAsset,
      loanAsset,
      sequencerFeed,
      sequencerGrace,
      maxDisagreementBps,
      primaryGrace,
      secondIsPool,
    } = shown;
    const { primary: _, second: __, standby: ___, ...rest } = system.config;
    expect({
      collateralAsset,
      loanAsset,
      sequencerFeed,
      sequencerGrace,
      maxDisagreementBps,
      primaryGrace,
      secondIsPool,
    }).to.deep.equal(rest);
    expect(await system.oracle.collateralAsset()).to.equal(system.config.collateralAsset);
    expect(await system.oracle.loanAsset()).to.equal(system.config.loanAsset);
    expect(await system.oracle.authority()).to.equal(await system.authority.getAddress());
    expect(await system.oracle.standbyActive()).to.equal(false);
  });

  it("shows what it does not have as NONE", async () => {
    const system = await load();
    const alone = await deploy(system, { second: NO_SOURCE, standby: NO_SOURCE });
    const { second, standby } = await alone.config();
    for (const { kind, target, heartbeat, minPrice, maxPrice } of [second, standby])
      expect({ kind, target, heartbeat, minPrice, maxPrice }).to.deep.equal(NO_SOURCE);
  });

  it("shows a feed as FEED", async () => {
    const system = await load();
    const feed = await ethers.deployContract("MockPriceFeed", [system.collateral, system.loan]);
    await feed.set(system.onePrice * 2n, 0n);
    const oracle = await deployPrimary(system, { kind: SourceKind.FEED, target: await feed.getAddress() });
    expect((await oracle.config()).primary.kind).to.equal(SourceKind.FEED);
  });

  describe("refuses as InvalidConfig", () => {
    const refused: [string, (system: OracleSystem) => Partial<OracleConfigStruct>][] = [
      ["no disagreement at all", () => ({ maxDisagreementBps: 0n })],
      ["a disagreement of more than half", () => ({ maxDisagreementBps: 5_001n })],
      ["a grace of more than an hour", () => ({ primaryGrace: 3_601n })],
      ["no primary", () => ({ primary: NO_SOURCE })],
      ["the primary as second source", ({ config }) => ({ second: config.primary })],
      ["the primary as standby", ({ config }) => ({ standby: config.primary })],
      ["the second source as standby", ({ config }) => ({ standby: config.second })],
      ["an asset priced in itself", ({ config }) => ({ loanAsset: config.collateralAsset })],
    ];
    for (const [what, changes] of refused) {
      it(what, async () => {
        const system = await load();
        await expect(deploy(system, changes(system))).to.be.revertedWithCustomError(adapter, "InvalidConfig");
      });
    }
  });

  describe("refuses as InvalidSource", () => {
    const refused: [string, Partial<SourceConfigStruct>][] = [
      ["a source without code", { target: "0x000000000000000000000000000000000000dEaD" }],
      ["a heartbeat of nothing", { heartbeat: 0n }],
      ["a heartbeat over thirty days", { heartbeat: THIRTY_DAYS + 1n }],
    ];
    for (const [what, changes] of refused) {
      it(what, async () => {
        const system = await load();
        const target = changes.target ?? system.config.primary.target;
        await expect(deployPrimary(system, changes))
          .to.be.revertedWithCustomError(adapter, "InvalidSource")
          .withArgs(target);
      });
    }

    it("a sequencer feed without code", async () => {
      const system = await load();
      const sequencerFeed = "0x000000000000000000000000000000000000dEaD";
      await expect(deploy(system, { sequencerFeed }))
        .to.be.revertedWithCustomError(adapter, "InvalidSource")
        .withArgs(sequencerFeed);
    });

    it("a feed of another pair", async () => {
      const system = await load();
      for (const pair of [
        [system.loan, system.loan],
        [system.collateral, system.collateral],
      ] as const) {
        const feed = await ethers.deployContract("MockPriceFeed", [...pair]);
        await feed.set(system.onePrice * 2n, 0n);
        const target = await feed.getAddress();
        await expect(deployPrimary(system, { kind: SourceKind.FEED, target }))
          .to.be.revertedWithCustomError(adapter, "InvalidSource")
          .withArgs(target);
      }
    });

    it("an aggregator, a loan asset or a collateral asset of more decimals than it can scale", async () => {
      const system = await load();
      const wild = await ethers.deployContract("MockAggregator", [37n]);
      await wild.pushAnswer(10n ** 37n);
      await expect(deployPrimary(system, { target: await wild.getAddress() }))
        .to.be.revertedWithCustomError(adapter, "InvalidSource")
        .withArgs(await wild.getAddress());

      for (const place of ["loanAsset", "collateralAsset"] as const) {
        const token = await ethers.deployContract("MockERC20", ["", "", 73n]);
        await expect(
          deploy(system, { [place]: await token.getAddress(), second: NO_SOURCE, standby: NO_SOURCE }),
        )
          .to.be.revertedWithCustomError(adapter, "InvalidSource")
          .withArgs(system.config.primary.target);
      }
    });
  });

  describe("refuses as InvalidBounds", () => {
    const bounds: [string, (system: OracleSystem) => [bigint, bigint]][] = [
      ["a floor of 0", ({ onePrice }) => [0n, onePrice]],
      ["a floor at the ceiling", ({ onePrice }) => [onePrice, onePrice]],
      ["a floor over the ceiling", ({ onePrice }) => [onePrice + 1n, onePrice]],
      ["a ceiling that a sale could not reckon with", ({ onePrice }) => [onePrice, MOST_PRICE + 1n]],
    ];
    for (const [what, of] of bounds) {
      it(what, async () => {
        const system = await load();
        const [minPrice, maxPrice] = of(system);
        await expect(deployPrimary(system, { minPrice, maxPrice }))
          .to.be.revertedWithCustomError(adapter, "InvalidBounds")
          .withArgs(minPrice, maxPrice, 0n);
      });
    }

    it("a price at or beyond the bounds, and takes one just inside", async () => {
      const system = await load();
      const price = 2_000n * system.onePrice;
      for (const [minPrice, maxPrice] of [
        [price, price + 1n],
        [price - 1n, price],
        [price + 1n, MOST_PRICE],
        [1n, price - 1n],
      ] as const) {
        await expect(deployPrimary(system, { minPrice, maxPrice }))
          .to.be.revertedWithCustomError(adapter, "InvalidBounds")
          .withArgs(minPrice, maxPrice, 0n);
      }
      const { deciding } = await (
        await deployPrimary(system, { minPrice: price - 1n, maxPrice: price + 1n })
      ).price();
      expect(deciding).to.equal(price);
    });

    it("a source that is dead by age, with its last price", async () => {
      const system = await load();
      await networkHelpers.time.increase(HEARTBEAT + 60n);
      const { minPrice, maxPrice } = system.config.primary;
      await expect(deployPrimary(system, {}))
        .to.be.revertedWithCustomError(adapter, "InvalidBounds")
        .withArgs(minPrice, maxPrice, 2_000n * system.onePrice);
    });

    it("whatever it says of the second source and of the standby too", async () => {
      const system = await load();
      for (const place of ["second", "standby"] as const) {
        await expect(deploy(system, { [place]: { ...system.config[place], minPrice: 0n } }))
          .to.be.revertedWithCustomError(adapter, "InvalidBounds")
          .withArgs(0n, system.config[place].maxPrice, 0n);
      }
    });
  });

  it("accepts each parameter at its bounds", async () => {
    const system = await load();
    await deploy(system, { maxDisagreementBps: 1n });
    await deploy(system, { maxDisagreementBps: 5_000n });
    await deploy(system, { primaryGrace: 3_600n });
    await deployPrimary(system, { heartbeat: THIRTY_DAYS });
    await deployPrimary(system, { minPrice: 1n, maxPrice: MOST_PRICE });
  });

  describe("prices every pair of decimals", () => {
    /** The price in whole tokens, and the pairs whose prices of that size are too high to sell at. */
    const prices = [
      { start: 2_000n, digits: 200_012_345_678n, fits: (shift: bigint) => shift <= 17n },
      { start: 1n, digits: 100_012_345n, fits: (shift: bigint) => shift <= 20n },
    ] as const;
    for (const loan of [6n, 8n, 18n, 27n]) {
      for (const collateral of [6n, 8n, 18n, 27n]) {
        for (const feed of [8n, 18n]) {
          for (const { start, digits } of prices.filter(({ fits }) => fits(loan - collateral))) {
            it(`loan ${loan}, collateral ${collateral}, feed ${feed}, at ${start}: by hand`, async () => {
              const system = await deployOracle(connection, { decimals: { loan, collateral, feed }, start });
              for (const aggregator of [system.primary, system.second])
                await aggregator.pushAnswer(digits * 10n ** (feed - 8n));
              const { deciding, low, high, startBound, state } = await system.oracle.price();
              // Whole tokens x 1e36, and a power of ten for the decimals by which the two tokens differ.
              expect(deciding).to.equal((digits * 10n ** (28n + 27n + loan - collateral)) / 10n ** 27n);
              expect([low, high, startBound]).to.deep.equal([deciding, deciding, deciding]);
              expect(state).to.equal(2n);
            });
          }
        }
      }
    }

    it("of which one is written out: 1 ETH of 18 decimals in USDC of 6, feed of 8", async () => {
      const system = await deployOracle(connection);
      await system.primary.pushAnswer(200_012_345_678n);
      expect((await system.oracle.price()).deciding).to.equal(2_000_123_456_780_000_000_000_000_000n);
    });

    it("and refuses those whose prices no sale could reckon with: loan 27, collateral 6 at 1 and 8 at 2,000", async () => {
      for (const [collateral, start] of [
        [6n, 1n],
        [8n, 2_000n],
      ] as const) {
        const decimals = { loan: 27n, collateral, feed: 8n };
        await expect(deployOracle(connection, { decimals, start }))
          .to.be.revertedWithCustomError(adapter, "InvalidBounds")
          .withArgs(priceOf((start * 10n ** 8n) / 2_000n, decimals), MOST_PRICE, 0n);
      }
    });

    it("rounds down where the scale drops digits: loan 0, collateral 27, feed 18", async () => {
      const decimals = { loan: 0n, collateral: 27n, feed: 18n };
      const system = await deployOracle(connection, { decimals });
      await system.primary.pushAnswer(2_000n * 10n ** 18n + 999_999_999n);
      expect((await system.oracle.price()).deciding).to.equal(2_000n * 10n ** 9n);
      await system.primary.pushAnswer(2_000n * 10n ** 18n + 1_000_000_000n);
      expect((await system.oracle.price()).deciding).to.equal(2_000n * 10n ** 9n + 1n);
    });
  });
});
