import { expect } from "chai";
import { network } from "hardhat";

import { PRICE_SCALE } from "../../sdk/math.ts";
import { isHealthy } from "../../sdk/health.ts";
import { type Decimals, OracleState, priceOf } from "../../sdk/oracleAdapter.ts";
import type { SourceConfigStruct } from "../../typechain-types/contracts/oracle/OracleAdapter.ts";
import {
  deployOracle,
  feedsSay,
  MOST_PRICE,
  NO_SOURCE,
  type OracleSystem,
  START,
} from "../helpers/oracleSystem.ts";
import { deployOracleVault, openPosition, startSale, STORY } from "../helpers/oracleVault.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;

/** Whole loan tokens that ten collateral tokens at 2,000 allow at 80%. */
const MOST_DEBT = 16_000n;
const LIQUIDATION_LTV_BPS = 8_300n;

/** The lowest answer at which a position is healthy. */
function lowestHealthy(debt: bigint, collateral: bigint, decimals: Decimals): bigint {
  let [unhealthy, healthy] = [0n, START * 10n ** decimals.feed];
  while (healthy - unhealthy > 1n) {
    const middle = (healthy + unhealthy) / 2n;
    if (isHealthy(debt, collateral, priceOf(middle, decimals), LIQUIDATION_LTV_BPS)) healthy = middle;
    else unhealthy = middle;
  }
  return healthy;
}

describe("Security 4: units, composition and configuration of the oracle", () => {
  describe("ten collateral tokens at 2,000 allow 16,000 loan tokens, to the unit, whatever the decimals", () => {
    // Loan asset, collateral asset, feed. Others are too high to sell at; see below.
    for (const [loan, collateral, feed] of [
      [6n, 6n, 8n],
      [6n, 8n, 18n],
      [6n, 18n, 8n],
      [6n, 27n, 18n],
      [8n, 6n, 18n],
      [8n, 8n, 8n],
      [8n, 18n, 18n],
      [8n, 27n, 8n],
      [18n, 18n, 8n],
      [18n, 18n, 18n],
      [18n, 27n, 8n],
    ] as const) {
      it(`loan ${loan}, collateral ${collateral}, feed ${feed}`, async () => {
        const system = await deployOracleVault(connection, { decimals: { loan, collateral, feed } });
        const { vault, borrower, oneLoan } = system;
        await openPosition(system, borrower, STORY.collateral, 0n);
        const most = MOST_DEBT * oneLoan;
        await expect(vault.connect(borrower).borrow(most + 1n, borrower, borrower))
          .to.be.revertedWithCustomError(vault, "InsufficientCollateral")
          .withArgs(most + 1n, most);
        await vault.connect(borrower).borrow(most, borrower, borrower);

        // 16,000 / (10 x 83%) = 1,927.71: the position is healthy down to that answer, and not one digit further.
        const edge = lowestHealthy(
          MOST_DEBT * oneLoan,
          STORY.collateral * system.oneCollateral,
          system.decimals,
        );
        expect(edge / 10n ** feed).to.be.within(1_927n, 1_928n);
        await feedsSay(system, { primary: { answer: edge }, second: { answer: edge } });
        await expect(startSale(system)).to.be.revertedWithCustomError(vault, "PositionHealthy");
        await feedsSay(system, { primary: { answer: edge - 1n }, second: { answer: edge - 1n } });
        await startSale(system);
        expect((await vault.quoteTake(borrower)).price).to.equal(priceOf(edge - 1n, system.decimals));
      });
    }
  });

  it("a pair of tokens that differ by so many decimals that no sale could reckon with its price gets no oracle", async () => {
    const factory = await ethers.getContractFactory("OracleAdapter");
    for (const decimals of [
      { loan: 27n, collateral: 8n, feed: 8n },
      { loan: 18n, collateral: 0n, feed: 18n },
    ]) {
      await expect(deployOracle(connection, { decimals })).to.be.revertedWithCustomError(
        factory,
        "InvalidBounds",
      );
    }
  });

  describe("what went wrong elsewhere is refused when it is set up", () => {
    async function base() {
      return deployOracle(connection);
    }
    const load = () => networkHelpers.loadFixture(base);

    async function expectRefused(system: OracleSystem, primary: SourceConfigStruct): Promise<void> {
      const factory = await ethers.getContractFactory("OracleAdapter");
      await expect(
        factory.deploy({ ...system.config, primary, second: NO_SOURCE }, system.authority),
      ).to.be.revertedWithCustomError(factory, "InvalidBounds");
    }

    it("a feed that answers in other decimals than it says: 12 digits too many, or ten too few", async () => {
      const system = await load();
      for (const [says, answers] of [
        [8n, 18n],
        [6n, 18n],
        [18n, 8n],
      ] as const) {
        const feed = await ethers.deployContract("MockAggregator", [says]);
        await feed.pushAnswer(START * 10n ** answers);
        await expectRefused(system, { ...system.config.primary, target: await feed.getAddress() });
      }
    });

    it("an exchange rate in the place of a price: 1.12 for a token that is worth 2,200", async () => {
      const system = await load();
      const feed = await ethers.deployContract("MockAggregator", [18n]);
      await feed.pushAnswer(112n * 10n ** 16n);
      const bounds = { minPrice: 100n * system.onePrice, maxPrice: 20_000n * system.onePrice };
      await expectRefused(system, { ...system.config.primary, ...bounds, target: await feed.getAddress() });
    });

    it("a feed turned round: USD in ETH for ETH in USD", async () => {
      const system = await load();
      const feed = await ethers.deployContract("MockAggregator", [8n]);
      await feed.pushAnswer(10n ** 8n / START);
      await expectRefused(system, { ...system.config.primary, target: await feed.getAddress() });
    });

    it("legs in the wrong order: quote over base", async () => {
      const system = await load();
      const usdc = await ethers.deployContract("MockAggregator", [8n]);
      await usdc.pushAnswer(10n ** 8n);
      const leg = async (feed: { getAddress(): Promise<string> }) => ({
        aggregator: await feed.getAddress(),
        heartbeat: 3_600n,
        minAnswer: 1n,
        maxAnswer: 2n ** 100n,
      });
      const [eth, usd] = [await leg(system.primary), await leg(usdc)];
      const of = async (first: typeof eth, then: typeof eth) => {
        const feed = await ethers.deployContract("ChainlinkRatioFeed", [
          system.collateral,
          system.loan,
          first,
          then,
        ]);
        return { ...system.config.primary, kind: 2n, target: await feed.getAddress() };
      };
      await expectRefused(system, await of(usd, eth));
      const right = await ethers.deployContract("OracleAdapter", [
        { ...system.config, primary: await of(eth, usd), second: NO_SOURCE },
        system.authority,
      ]);
      expect((await right.price()).deciding).to.equal(START * system.onePrice);
    });
  });

  it("the same errors, when they come later, decide nothing: a price that leaves its bounds is no price", async () => {
    const bounds = { minPrice: 500n * 10n ** 24n, maxPrice: 8_000n * 10n ** 24n };
    const system = await deployOracleVault(connection, {}, async ({ config, authority }) =>
      ethers.deployContract("OracleAdapter", [
        { ...config, primary: { ...config.primary, ...bounds }, second: { ...config.second, ...bounds } },
        authority,
      ]),
    );
    const { vault, oracle, borrower, oneAnswer, oneLoan } = system;
    await openPosition(system, borrower);
    // The feed starts to answer with ten digits more, with its exchange rate, turned round.
    for (const answer of [START * 10n ** 18n, 112n * 10n ** 6n, oneAnswer / START]) {
      await feedsSay(system, { primary: { answer }, second: {} });
      const { state, deciding } = await oracle.price();
      expect(state).to.equal(OracleState.SUSPECT);
      expect(deciding).to.equal(START * system.onePrice);
      await expect(vault.connect(borrower).borrow(oneLoan, borrower, borrower)).to.be.revertedWithCustomError(
        vault,
        "OracleNotFresh",
      );
      await expect(startSale(system)).to.be.revertedWithCustomError(vault, "PositionHealthy");
    }
  });

  it("at the highest ceiling an adapter accepts, the upper end of its band is a price that sales take", async () => {
    // 18 decimals of loan asset against 0: one whole token is 1e54, not far from 2^188.
    const decimals = { loan: 18n, collateral: 0n, feed: 18n };
    const system = await deployOracleVault(connection, { decimals, start: 1n });
    const { vault, borrower, oneLoan } = system;
    await system.collateral.mint(borrower, 10_000n);
    await openPosition(system, borrower, 10_000n, 7_000n);
    const top = (MOST_PRICE * 10n ** 18n) / PRICE_SCALE / 10n ** 18n - 1n;
    await feedsSay(system, { primary: { answer: top }, second: { answer: (top * 2n) / 3n } });
    await expect(startSale(system)).to.be.revertedWithCustomError(vault, "PositionHealthy");
    await feedsSay(system, { primary: { answer: (8n * 10n ** 18n) / 10n }, second: { answer: top } });
    await startSale(system);
    expect((await vault.quoteTake(borrower)).repay).to.be.greaterThan(oneLoan);
  });
});
