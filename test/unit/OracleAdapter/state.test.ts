import { expect } from "chai";

import { OracleState } from "../../../sdk/oracleAdapter.ts";
import {
  deployOracle,
  feedsSay,
  HEARTBEAT,
  Mode,
  NO_SOURCE,
  type OracleSystem,
  PRIMARY_GRACE,
  type Say,
  START,
} from "../../helpers/oracleSystem.ts";
import { connection, networkHelpers } from "./chain.ts";

const { STALE, SUSPECT, FRESH } = OracleState;
const LATENESS = 300n;

/** Every way in which a feed can be of no use. */
const DEATHS: readonly [string, Say][] = [
  ["is older than its heartbeat and the grace", { age: HEARTBEAT + PRIMARY_GRACE + 1n }],
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
      expect(price.aliveUntil).to.equal(now + LATENESS);
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
        expect(price.aliveUntil).to.equal(now + LATENESS);
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

    describe("after the primary's heartbeat", () => {
      const late = (after: bigint): Say => ({ price: 2_000n, age: HEARTBEAT + after });
      const pricesOf = async ({ oracle, onePrice }: OracleSystem) => {
        const { deciding, low, high, startBound, state } = await oracle.price();
        return {
          deciding: deciding / onePrice,
          low: low / onePrice,
          high: high / onePrice,
          startBound: startBound / onePrice,
          state,
        };
      };

      for (const [second, low, high, startBound] of [
        [1_990n, 1_990n, 2_000n, 2_000n],
        [1_500n, 1_960n, 2_000n, 2_000n],
        [2_010n, 2_000n, 2_010n, 2_010n],
        [2_500n, 2_000n, 2_040n, 2_500n],
      ] as const) {
        for (const after of [1n, LATENESS]) {
          it(`it decides still, ${after} s late, SUSPECT, with the second at ${second}`, async () => {
            const system = await load();
            await feedsSay(system, { primary: late(after), second: { price: second } });
            expect(await pricesOf(system)).to.deep.equal({
              deciding: 2_000n,
              low,
              high,
              startBound,
              state: SUSPECT,
            });
          });
        }
      }

      for (const [second, deciding, startBound] of [
        [1_990n, 1_990n, 2_000n],
        [1_960n, 1_960n, 2_000n],
        [1_500n, 1_960n, 2_000n],
        [2_010n, 2_010n, 2_010n],
        [2_040n, 2_040n, 2_040n],
        [2_500n, 2_040n, 2_500n],
      ] as const) {
        for (const after of [LATENESS + 1n, PRIMARY_GRACE]) {
          it(`the second's ${second} counts as ${deciding} in the grace, ${after} s after`, async () => {
            const system = await load();
            await feedsSay(system, { primary: late(after), second: { price: second } });
            const expected = { deciding, low: deciding, high: deciding, startBound, state: SUSPECT };
            expect(await pricesOf(system)).to.deep.equal(expected);
          });
        }
      }

      for (const second of [1_500n, 2_500n]) {
        it(`the second's ${second} counts as it is once the grace is over`, async () => {
          const system = await load();
          await feedsSay(system, { primary: late(PRIMARY_GRACE + 1n), second: { price: second } });
          expect(await pricesOf(system)).to.deep.equal({
            deciding: second,
            low: second,
            high: second,
            startBound: second,
            state: SUSPECT,
          });
        });
      }

      it("a last price out of bounds clamps nothing", async () => {
        const system = await load();
        await feedsSay(system, {
          primary: { price: 1_000_000n, age: HEARTBEAT + LATENESS + 1n },
          second: { price: 1_500n },
        });
        const { deciding, startBound } = await pricesOf(system);
        expect([deciding, startBound]).to.deep.equal([1_500n, 1_500n]);
      });

      it("a primary that is late says nothing alone", async () => {
        const system = await load();
        await feedsSay(system, { primary: late(1n), second: { mode: Mode.REVERT } });
        expect((await system.oracle.price()).state).to.equal(STALE);
      });
    });
  });

  describe("GivenAPoolAloneAsSecondSource", () => {
    const HOUR = 3_600n;
    async function pool() {
      const base = await deployOracle(connection);
      const feed = await connection.ethers.deployContract("MockPriceFeed", [base.collateral, base.loan]);
      await feed.set(START * base.onePrice, 0n);
      const second = { ...base.config.second, kind: 2n, target: await feed.getAddress() };
      const oracle = await connection.ethers.deployContract("OracleAdapter", [
        { ...base.config, second, secondIsPool: true },
        base.authority,
      ]);
      return { ...base, feed, oracle };
    }
    const load = () => networkHelpers.loadFixture(pool);
    /** What the adapter says with the primary so many seconds past its heartbeat, at 2,000, and the pool at a price. */
    const priceWith = async (after: bigint, price: bigint, say: Say = {}) => {
      const system = await load();
      await system.feed.set(price * system.onePrice, 0n);
      await feedsSay(system, { primary: { price: 2_000n, age: HEARTBEAT + after, ...say } });
      const { deciding, low, high, startBound, state } = await system.oracle.price();
      const { onePrice } = system;
      return { deciding: (deciding * 100n) / onePrice, low, high, startBound, state, raw: deciding };
    };

    it("decides in the grace within the disagreement, as any other does", async () => {
      expect((await priceWith(PRIMARY_GRACE, 1_000n)).deciding).to.equal(196_000n);
      expect((await priceWith(PRIMARY_GRACE, 3_000n)).deciding).to.equal(204_000n);
      expect((await priceWith(PRIMARY_GRACE, 1_980n)).deciding).to.equal(198_000n);
    });

    // The disagreement of 2% and 5% an hour, in whole bps, rounded down.
    for (const [hours, least] of [
      [1n, 186_000n],
      [2n, 176_000n],
      [19n, 6_000n],
    ] as const) {
      it(`sets no price under ${least / 100n} with the grace ${hours} h over`, async () => {
        const price = await priceWith(PRIMARY_GRACE + hours * HOUR - 60n, 30n);
        expect(price.deciding).to.be.within(least, least + 200n);
        expect(price.state).to.equal(SUSPECT);
        expect([price.low, price.high, price.startBound]).to.deep.equal([price.raw, price.raw, price.raw]);
        expect((await priceWith(PRIMARY_GRACE + hours * HOUR, 30n)).deciding).to.equal(least);
        expect((await priceWith(PRIMARY_GRACE + hours * HOUR, 1_990n)).deciding).to.equal(199_000n);
      });
    }

    it("sets any price once the band has no lower end", async () => {
      expect((await priceWith(PRIMARY_GRACE + 20n * HOUR, 30n)).deciding).to.equal(3_000n);
      expect((await priceWith(PRIMARY_GRACE + 100n * HOUR, 30n)).deciding).to.equal(3_000n);
    });

    it("stops sales once the grace is over where it says more than the band's upper end, and sets no price there", async () => {
      expect((await priceWith(PRIMARY_GRACE + HOUR, 2_140n)).deciding).to.equal(214_000n);
      expect((await priceWith(PRIMARY_GRACE + HOUR, 2_141n)).state).to.equal(STALE);
      expect((await priceWith(PRIMARY_GRACE + 1n, 2_041n)).state).to.equal(STALE);
      expect((await priceWith(PRIMARY_GRACE + 1n, 2_040n)).state).to.equal(SUSPECT);
    });

    for (const [what, say] of [
      ["reverts", { mode: Mode.REVERT }],
      ["stands at its floor", { price: 1n, age: 0n }],
      ["answers a negative number", { answer: -1n, age: 0n }],
    ] as const) {
      it(`decides nothing while the primary ${what}: there is no last price to hold it by`, async () => {
        expect((await priceWith(0n, 2_000n, say)).state).to.equal(STALE);
      });
    }

    it("is not the second source that an aggregator is", async () => {
      const { config, authority } = await load();
      const factory = await connection.ethers.getContractFactory("OracleAdapter");
      for (const second of [config.second, NO_SOURCE]) {
        await expect(
          factory.deploy({ ...config, second, secondIsPool: true }, authority),
        ).to.be.revertedWithCustomError(factory, "InvalidConfig");
      }
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
      await feedsSay(system, { primary: { price: 2_000n }, second: { price: 1_999n } });
      await system.feed.set(2_001n * system.onePrice, 0n);
      const now = BigInt(await networkHelpers.time.latest());
      const primary = await system.asPrimary.price();
      expect(primary.state).to.equal(FRESH);
      expect(primary.deciding).to.equal(2_001n * system.onePrice);
      expect(primary.low).to.equal(1_999n * system.onePrice);
      const second = await system.asSecond.price();
      expect(second.deciding).to.equal(2_000n * system.onePrice);
      expect(second.high).to.equal(2_001n * system.onePrice);
      expect(second.aliveUntil).to.equal(now + LATENESS);
    });

    it("is alive for as long as it says, and at most a heartbeat ahead", async () => {
      const system = await load();
      await feedsSay(system, { primary: { mode: Mode.REVERT } });
      await system.feed.set(START * system.onePrice, HEARTBEAT);
      const now = BigInt(await networkHelpers.time.latest());
      const price = await system.asSecond.price();
      expect(price.state).to.equal(SUSPECT);
      expect(price.aliveUntil).to.equal(now + LATENESS);
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
