import { expect } from "chai";

import { OracleState } from "../../../scripts/lib/oracle.ts";
import {
  deployOracle,
  feedsSay,
  HEARTBEAT,
  Mode,
  PRIMARY_GRACE,
  type Say,
  START,
} from "../../helpers/oracleSystem.ts";
import { connection, networkHelpers } from "./chain.ts";

const { STALE, SUSPECT, FRESH } = OracleState;
const LATENESS = 300n;

/** Every way in which a feed can be of no use. */
const DEATHS: readonly [string, Say][] = [
  ["is older than its heartbeat", { age: HEARTBEAT + 1n }],
  ["answers 0", { answer: 0n }],
  ["answers a negative number", { answer: -2_000n * 10n ** 8n }],
  ["answers the most negative number", { answer: -(2n ** 127n) }],
  ["stands at its floor", { price: 1n }],
  ["stands at its ceiling", { price: 1_000_000n }],
  ["answers the greatest number", { answer: 2n ** 127n - 1n }],
  ["answers from the future", { age: -1n }],
  ["reverts", { mode: Mode.REVERT }],
  ["burns its gas", { mode: Mode.BURN_GAS }],
  ["answers too little", { mode: Mode.SHORT_ANSWER }],
  ["answers a hundred thousand bytes", { mode: Mode.HUGE_ANSWER }],
];

describe("OracleAdapter: state and prices", () => {
  describe("GivenTwoSources", () => {
    async function two() {
      return deployOracle(connection);
    }
    const load = () => networkHelpers.loadFixture(two);

    it("is FRESH on the primary's price while both are alive and agree", async () => {
      const system = await load();
      const now = await feedsSay(system, {
        primary: { price: 2_000n, age: 10n },
        second: { price: 2_010n, age: 20n },
      });
      const price = await system.oracle.price();
      expect(price.state).to.equal(FRESH);
      expect(price.deciding).to.equal(2_000n * system.onePrice);
      expect(price.low).to.equal(2_000n * system.onePrice);
      expect(price.high).to.equal(2_010n * system.onePrice);
      expect(price.startBound).to.equal(2_000n * system.onePrice);
      expect(price.liveSince).to.equal(0n);
      expect(price.aliveUntil).to.equal(now - 10n + HEARTBEAT + LATENESS);
    });

    it("is alive up to the second of its heartbeat", async () => {
      const system = await load();
      await feedsSay(system, { primary: { age: HEARTBEAT }, second: { age: HEARTBEAT } });
      expect((await system.oracle.price()).state).to.equal(FRESH);
      await networkHelpers.time.increase(1);
      expect((await system.oracle.price()).state).to.equal(STALE);
    });

    it("takes answers just inside their bounds", async () => {
      const system = await load();
      const edge = 1_000_000n * system.oneAnswer - 1n;
      await feedsSay(system, { primary: { answer: edge }, second: { answer: edge } });
      expect((await system.oracle.price()).state).to.equal(FRESH);
      await feedsSay(system, {
        primary: { answer: system.oneAnswer + 1n },
        second: { answer: system.oneAnswer + 1n },
      });
      expect((await system.oracle.price()).state).to.equal(FRESH);
    });

    describe("band", () => {
      // 2% of 2,000 whole tokens; the last digit of the answer is 1e-8 of a token.
      const cases: readonly [string, bigint, bigint, bigint, bigint][] = [
        ["the second lower, at the bound", 1_960n * 10n ** 8n, FRESH, 1_960n * 10n ** 8n, 2_000n * 10n ** 8n],
        [
          "the second lower, one digit beyond",
          1_960n * 10n ** 8n - 1n,
          SUSPECT,
          1_960n * 10n ** 8n,
          2_000n * 10n ** 8n,
        ],
        ["the second far lower", 1_000n * 10n ** 8n, SUSPECT, 1_960n * 10n ** 8n, 2_000n * 10n ** 8n],
        [
          "the second higher, at the bound",
          2_040n * 10n ** 8n,
          FRESH,
          2_000n * 10n ** 8n,
          2_040n * 10n ** 8n,
        ],
        [
          "the second higher, one digit beyond",
          2_040n * 10n ** 8n + 1n,
          SUSPECT,
          2_000n * 10n ** 8n,
          2_040n * 10n ** 8n,
        ],
        ["the second far higher", 9_000n * 10n ** 8n, SUSPECT, 2_000n * 10n ** 8n, 2_040n * 10n ** 8n],
        ["both equal", 2_000n * 10n ** 8n, FRESH, 2_000n * 10n ** 8n, 2_000n * 10n ** 8n],
        ["the second lower, inside", 1_990n * 10n ** 8n, FRESH, 1_990n * 10n ** 8n, 2_000n * 10n ** 8n],
      ];
      for (const [what, answer, state, low, high] of cases) {
        it(`${what}: ${state === FRESH ? "FRESH" : "SUSPECT"}, and the band never wider than the bound`, async () => {
          const system = await load();
          await feedsSay(system, { primary: { price: START }, second: { answer } });
          const price = await system.oracle.price();
          const scale = system.onePrice / system.oneAnswer;
          expect(price.state).to.equal(state);
          expect(price.deciding).to.equal(START * system.onePrice);
          expect(price.low).to.equal(low * scale);
          expect(price.high).to.equal(high * scale);
          expect(price.startBound).to.equal(price.deciding);
        });
      }
    });

    for (const [death, say] of DEATHS) {
      it(`is SUSPECT on the primary's price when the second source ${death}`, async () => {
        const system = await load();
        await feedsSay(system, { primary: { price: 1_900n }, second: { price: 1_890n, ...say } });
        const price = await system.oracle.price();
        const expected = 1_900n * system.onePrice;
        expect(price.state).to.equal(SUSPECT);
        expect([price.deciding, price.low, price.high, price.startBound]).to.deep.equal(
          Array(4).fill(expected),
        );
      });

      it(`is SUSPECT on the second source's price when the primary ${death}`, async () => {
        const system = await load();
        const now = await feedsSay(system, {
          primary: { price: 1_800n, ...say },
          second: { price: 1_900n, age: 7n },
        });
        const price = await system.oracle.price();
        const expected = 1_900n * system.onePrice;
        expect(price.state).to.equal(SUSPECT);
        expect([price.deciding, price.low, price.high, price.startBound]).to.deep.equal(
          Array(4).fill(expected),
        );
        expect(price.aliveUntil).to.equal(now - 7n + HEARTBEAT + LATENESS);
      });

      it(`is STALE and says nothing when both are dead and one ${death}`, async () => {
        const system = await load();
        await feedsSay(system, { primary: say, second: { age: HEARTBEAT + 1n } });
        const price = await system.oracle.price();
        expect([...price]).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n, STALE]);
        await feedsSay(system, { primary: { age: HEARTBEAT + 1n }, second: say });
        expect([...(await system.oracle.price())]).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n, STALE]);
      });
    }

    it("takes an answer that has grown longer than the standard says", async () => {
      const system = await load();
      await feedsSay(system, { primary: {}, second: {} });
      // A feed whose answer carries a sixth word: the first five say what they always said.
      const { 0: id, 1: answer, 2: startedAt, 3: updatedAt } = await system.primary.latestRoundData();
      const words = [id, answer, startedAt, updatedAt, id, 7n].map((word) =>
        word.toString(16).padStart(64, "0"),
      );
      // push the words from the code's tail: codecopy(0, 12, 192) return(0, 192)
      const code = `0x60c0600c60003960c06000f3${words.join("")}`;
      await networkHelpers.setCode(await system.primary.getAddress(), code);
      const price = await system.oracle.price();
      expect(price.state).to.equal(FRESH);
      expect(price.deciding).to.equal(START * system.onePrice);
    });

    it("is SUSPECT when the primary's code is gone", async () => {
      const system = await load();
      await feedsSay(system, { primary: {}, second: {} });
      await networkHelpers.setCode(await system.primary.getAddress(), "0x");
      expect((await system.oracle.price()).state).to.equal(SUSPECT);
    });

    describe("start bound, after the primary died by age", () => {
      const died = (after: bigint) => ({ age: HEARTBEAT + after });

      it("is the primary's last price where that is higher, until the grace is over", async () => {
        const system = await load();
        await feedsSay(system, {
          primary: { price: 2_000n, ...died(PRIMARY_GRACE) },
          second: { price: 1_500n },
        });
        let price = await system.oracle.price();
        expect(price.deciding).to.equal(1_500n * system.onePrice);
        expect(price.startBound).to.equal(2_000n * system.onePrice);
        await networkHelpers.time.increase(1);
        price = await system.oracle.price();
        expect(price.startBound).to.equal(1_500n * system.onePrice);
      });

      it("is the second source's price where that is higher", async () => {
        const system = await load();
        await feedsSay(system, { primary: { price: 1_500n, ...died(1n) }, second: { price: 2_000n } });
        expect((await system.oracle.price()).startBound).to.equal(2_000n * system.onePrice);
      });

      it("never is a price out of bounds", async () => {
        const system = await load();
        await feedsSay(system, { primary: { price: 1_000_000n, ...died(1n) }, second: { price: 1_500n } });
        expect((await system.oracle.price()).startBound).to.equal(1_500n * system.onePrice);
      });
    });
  });

  describe("GivenOneSource", () => {
    async function one() {
      return deployOracle(connection, { hasSecond: false });
    }
    const load = () => networkHelpers.loadFixture(one);

    it("is FRESH while it is alive", async () => {
      const system = await load();
      await feedsSay(system, { primary: { price: 1_900n, age: HEARTBEAT } });
      const price = await system.oracle.price();
      expect(price.state).to.equal(FRESH);
      expect([price.deciding, price.low, price.high, price.startBound]).to.deep.equal(
        Array(4).fill(1_900n * system.onePrice),
      );
    });

    for (const [death, say] of DEATHS) {
      it(`is STALE when it ${death}`, async () => {
        const system = await load();
        await feedsSay(system, { primary: say });
        expect([...(await system.oracle.price())]).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n, STALE]);
      });
    }
  });

  describe("GivenAFeed", () => {
    async function feedAndAggregator() {
      const base = await deployOracle(connection);
      const { ethers } = connection;
      const feed = await ethers.deployContract("MockPriceFeed", [base.collateral, base.loan]);
      await feed.set(START * base.onePrice, 0n);
      const source = { ...base.config.primary, kind: 2n, target: await feed.getAddress() };
      const asPrimary = await ethers.deployContract("OracleAdapter", [
        { ...base.config, primary: source },
        base.authority,
      ]);
      const asSecond = await ethers.deployContract("OracleAdapter", [
        { ...base.config, second: source },
        base.authority,
      ]);
      return { ...base, feed, asPrimary, asSecond };
    }
    const load = () => networkHelpers.loadFixture(feedAndAggregator);

    it("decides as a primary, and is compared as a second source", async () => {
      const system = await load();
      const now = await feedsSay(system, { primary: { price: 2_000n }, second: { price: 1_999n } });
      await system.feed.set(2_001n * system.onePrice, 0n);
      const primary = await system.asPrimary.price();
      expect(primary.state).to.equal(FRESH);
      expect(primary.deciding).to.equal(2_001n * system.onePrice);
      expect(primary.low).to.equal(1_999n * system.onePrice);
      const second = await system.asSecond.price();
      expect(second.deciding).to.equal(2_000n * system.onePrice);
      expect(second.high).to.equal(2_001n * system.onePrice);
      expect(second.aliveUntil).to.equal(now + HEARTBEAT + LATENESS);
    });

    it("is alive for as long as it says, and at most a heartbeat ahead", async () => {
      const system = await load();
      await feedsSay(system, { primary: { mode: Mode.REVERT } });
      await system.feed.set(START * system.onePrice, HEARTBEAT);
      const now = BigInt(await networkHelpers.time.latest());
      const price = await system.asSecond.price();
      expect(price.state).to.equal(SUSPECT);
      expect(price.aliveUntil).to.equal(now + HEARTBEAT + LATENESS);
      await system.feed.set(START * system.onePrice, HEARTBEAT + 1n);
      expect((await system.asSecond.price()).state).to.equal(STALE);
      await system.feed.set(START * system.onePrice, 2n ** 255n);
      expect((await system.asSecond.price()).state).to.equal(STALE);
    });

    it("is dead when it reverts or stands at its bounds", async () => {
      const system = await load();
      await feedsSay(system, { primary: {} });
      await system.feed.setBroken(true, false);
      expect((await system.asSecond.price()).state).to.equal(SUSPECT);
      await system.feed.setBroken(false, false);
      for (const price of [0n, system.onePrice, 1_000_000n * system.onePrice, 2n ** 256n - 1n]) {
        await system.feed.set(price, 0n);
        expect((await system.asSecond.price()).state).to.equal(SUSPECT);
      }
    });
  });
});
