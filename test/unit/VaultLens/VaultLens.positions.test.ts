import { expect } from "chai";
import { network } from "hardhat";

import { MAX_UINT256, WAD } from "../../../sdk/math.ts";
import {
  CALM_TERMS,
  lend,
  ONE_ANSWER,
  ONE_COLLATERAL,
  ONE_LOAN,
  open,
  setPrice,
  setPrices,
  startSale,
  type System,
  take,
} from "../../helpers/system.ts";
import { wrapEther } from "../../../scripts/kit/uniswap.ts";
import {
  breakContract,
  deployWithoutInterest,
  HEARTBEAT,
  Mode,
  SALES_BIT,
  show,
  Status,
} from "./fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const LAPSES_AFTER = 12n * CALM_TERMS.horizon;
const DEBT = 15_900n * ONE_LOAN;

describe("VaultLens: positions", () => {
  /** One borrower who owes 15,900 on 10 collateral units: unhealthy under a price of 1,915.67. */
  async function deploy() {
    const system = await deployWithoutInterest(connection);
    await open(system, system.borrower, 10n * ONE_COLLATERAL, DEBT);
    return system;
  }

  async function sunk() {
    const system = await deploy();
    await setPrice(system, 1_840n);
    return system;
  }

  async function forSale() {
    const system = await sunk();
    await startSale(system, system.borrower);
    return system;
  }

  async function lapsed() {
    const system = await forSale();
    await time.increase(LAPSES_AFTER + 1n);
    return system;
  }

  async function emptied() {
    const system = await deploy();
    await setPrice(system, 1_000n);
    await startSale(system, system.borrower);
    await take(system, system.borrower);
    return system;
  }

  /** The primary source dies at 1,940, minutes ago; the second one lives, and its 1,840 counts as 1,843, which is 5% less. */
  async function primaryJustDied() {
    const system = await deploy();
    await system.primary.pushAnswer(1_940n * ONE_ANSWER);
    await time.increase(HEARTBEAT);
    await system.second.pushAnswer(1_840n * ONE_ANSWER);
    await time.increase(360);
    return system;
  }

  /** The least collateral that is worth `value` at a price of 1,840. */
  const worth = (value: bigint): bigint => (value * 10n ** 12n + 1_839n) / 1_840n;
  /** One unit of loan more. */
  const ONE_UNIT = worth(1n);

  const pauseSales = ({ vault, governor }: System) => vault.connect(governor).pause(SALES_BIT);

  describe("EMPTY", () => {
    it("is an address that the vault does not know", async () => {
      const system = await loadFixture(deploy);
      const shown = await show(system, system.stranger);
      expect(shown.borrower).to.equal(system.stranger);
      expect(shown.status).to.equal(Status.EMPTY);
      expect([shown.collateral, shown.debt, shown.value, shown.ltv]).to.deep.equal([0n, 0n, 0n, 0n]);
      expect(shown.health).to.equal(MAX_UINT256);
    });

    it("is collateral without debt, whatever the oracle says", async () => {
      const system = await loadFixture(deploy);
      await open(system, system.stranger, ONE_COLLATERAL, 0n);
      const shown = await show(system, system.stranger);
      expect(shown.status).to.equal(Status.EMPTY);
      expect([shown.collateral, shown.value, shown.ltv]).to.deep.equal([
        ONE_COLLATERAL,
        2_000n * ONE_LOAN,
        0n,
      ]);
      expect(shown.health).to.equal(MAX_UINT256);
      await time.increase(2n * HEARTBEAT);
      expect((await show(system, system.stranger)).status).to.equal(Status.EMPTY);
    });
  });

  describe("HEALTHY and STARTABLE", () => {
    it("shows LTV 0.795 and health 0.83 / 0.795", async () => {
      const system = await loadFixture(deploy);
      const shown = await show(system, system.borrower);
      expect(shown.status).to.equal(Status.HEALTHY);
      expect([shown.debt, shown.value]).to.deep.equal([DEBT, 20_000n * ONE_LOAN]);
      expect(shown.ltv).to.equal((795n * WAD) / 1_000n);
      expect(shown.health).to.equal((830n * WAD) / 795n);
    });

    it("rounds the LTV up and health down", async () => {
      const system = await loadFixture(sunk);
      const shown = await show(system, system.borrower);
      // 15,900 / 18,400 and 15,272 / 15,900 have no end in decimals.
      expect(shown.ltv).to.equal((15_900n * WAD) / 18_400n + 1n);
      expect(shown.health).to.equal((15_272n * WAD) / 15_900n);
      expect(shown.status).to.equal(Status.STARTABLE);
    });

    it("parts them at the liquidation LTV, to the loan unit", async () => {
      const system = await loadFixture(deploy);
      // 0.83 of one unit of value more is 15,900.000000.
      await open(system, system.stranger, worth(19_156_626_506n), DEBT);
      await setPrice(system, 1_840n);
      const under = await show(system, system.stranger);
      expect([under.status, under.value]).to.deep.equal([Status.STARTABLE, 19_156_626_506n]);
      expect(under.health).to.equal(((DEBT - 1n) * WAD) / DEBT);
      await open(system, system.stranger, ONE_UNIT, 0n);
      const at = await show(system, system.stranger);
      expect([at.status, at.health]).to.deep.equal([Status.HEALTHY, WAD]);
    });

    it("follows the ramp of the liquidation LTV", async () => {
      const system = await loadFixture(deploy);
      const { vault, governor, borrower } = system;
      await vault.connect(governor).setBorrowLtv(7_000n);
      await vault.connect(governor).setTerms({ ...CALM_TERMS, targetLtvBps: 6_500n });
      await vault.connect(governor).rampLiquidationLtv(7_500n, 4n * HEARTBEAT);
      const begun = await time.latest();
      const isHeard = () => setPrice(system, 2_000n);
      await time.increase(HEARTBEAT / 2n);
      await isHeard();
      await time.increaseTo(begun + Number(HEARTBEAT));
      // At 8,100 bps.
      expect((await show(system, borrower)).status).to.equal(Status.HEALTHY);
      await isHeard();
      await time.increaseTo(begun + 2 * Number(HEARTBEAT));
      const shown = await show(system, borrower);
      // At 7,900 bps.
      expect([shown.status, shown.health]).to.deep.equal([Status.STARTABLE, (790n * WAD) / 795n]);
    });
  });

  describe("FOR_SALE", () => {
    it("shows what a take of the maximum costs now, on a younger and an older clock", async () => {
      const system = await loadFixture(forSale);
      const prices: bigint[] = [];
      for (const seconds of [1, 100, 900]) {
        // Proofs less than a half-life apart.
        for (let left = seconds; left > 0; left -= 140) {
          await time.increase(Math.min(left, 140));
          await system.vault.touch(system.borrower);
        }
        const shown = await show(system, system.borrower);
        const quote = await system.vault.quoteTake(system.borrower);
        expect(shown.status).to.equal(Status.FOR_SALE);
        expect([shown.salePrice, shown.closeAmount, shown.penalty, shown.collateralOut]).to.deep.equal([
          quote.price,
          quote.repay,
          quote.penalty,
          quote.collateral,
        ]);
        expect(shown.saleStartedAt).to.be.above(0n);
        expect(shown.termsId).to.equal(1n);
        prices.push(shown.salePrice);
      }
      expect(prices).to.deep.equal([...prices].sort((a, b) => (a < b ? 1 : -1)));
      expect(new Set(prices).size).to.equal(3);
    });

    it("shows nothing of a sale for a position that is in no sale", async () => {
      const system = await loadFixture(sunk);
      const shown = await show(system, system.borrower);
      expect([
        shown.saleStartedAt,
        shown.termsId,
        shown.salePrice,
        shown.closeAmount,
        shown.penalty,
        shown.collateralOut,
      ]).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
    });
  });

  describe("WAITING and RECOVERED", () => {
    it("parts them at health 1.02, to the loan unit", async () => {
      const system = await loadFixture(deploy);
      const { stranger, vault } = system;
      // 0.83 of one unit of value more is 1.02 times the debt.
      await open(system, stranger, worth(19_539_759_036n), DEBT);
      await setPrice(system, 1_700n);
      await startSale(system, stranger);
      await setPrice(system, 1_840n);
      const waiting = await show(system, stranger);
      expect(waiting.status).to.equal(Status.WAITING);
      expect(waiting.salePrice).to.equal(0n);
      await expect(vault.endSale(stranger)).to.be.revertedWithCustomError(vault, "SaleStillNeeded");
      // One unit of value more, by the price: a payment would end the sale at once.
      const answer = 1_840n * ONE_ANSWER + 10n;
      await setPrices(system, answer, answer);
      expect((await show(system, stranger)).status).to.equal(Status.RECOVERED);
      await vault.endSale(stranger);
      expect((await show(system, stranger)).status).to.equal(Status.HEALTHY);
    });

    it("is RECOVERED or WAITING though sales are paused: ending a sale can't be", async () => {
      const system = await loadFixture(forSale);
      await pauseSales(system);
      await setPrice(system, 1_930n);
      expect((await show(system, system.borrower)).status).to.equal(Status.WAITING);
      await setPrice(system, 1_960n);
      expect((await show(system, system.borrower)).status).to.equal(Status.RECOVERED);
      await system.vault.endSale(system.borrower);
    });

    it("is RECOVERED from health 1 where the sale has lapsed", async () => {
      const system = await loadFixture(lapsed);
      await setPrice(system, 1_930n);
      expect((await show(system, system.borrower)).status).to.equal(Status.RECOVERED);
      await setPrice(system, 1_960n);
      expect((await show(system, system.borrower)).status).to.equal(Status.RECOVERED);
      await system.vault.endSale(system.borrower);
    });
  });

  describe("LAPSED", () => {
    it("begins one second after twelve horizons", async () => {
      const system = await loadFixture(forSale);
      const { saleStartedAt } = await show(system, system.borrower);
      await time.increaseTo(saleStartedAt + LAPSES_AFTER);
      expect((await show(system, system.borrower)).status).to.equal(Status.FOR_SALE);
      await time.increaseTo(saleStartedAt + LAPSES_AFTER + 1n);
      const shown = await show(system, system.borrower);
      expect([shown.status, shown.salePrice]).to.deep.equal([Status.LAPSED, 0n]);
      await expect(system.vault.quoteTake(system.borrower)).to.be.revertedWithCustomError(
        system.vault,
        "SaleLapsed",
      );
    });

    it("counts by the wall's clock: a pause revives no sale", async () => {
      const system = await loadFixture(lapsed);
      await pauseSales(system);
      await system.vault.connect(system.governor).unpause(SALES_BIT);
      expect((await show(system, system.borrower)).status).to.equal(Status.LAPSED);
    });
  });

  describe("EMPTIED", () => {
    it("is debt without collateral, marked down in full", async () => {
      const system = await loadFixture(emptied);
      const shown = await show(system, system.borrower);
      expect(shown.status).to.equal(Status.EMPTIED);
      expect(shown.debt).to.be.above(0n);
      expect([shown.collateral, shown.value, shown.health]).to.deep.equal([0n, 0n, 0n]);
      expect(shown.ltv).to.equal(MAX_UINT256);
      expect(shown.mark).to.equal(shown.debt);
      expect(shown.mark).to.equal(await system.vault.markOf(system.borrower));
      await system.vault.realizeLoss(system.borrower);
      expect((await show(system, system.borrower)).status).to.equal(Status.EMPTY);
    });

    it("is so whatever the oracle says, and though sales are paused", async () => {
      const system = await loadFixture(emptied);
      await time.increase(2n * HEARTBEAT);
      await pauseSales(system);
      expect((await show(system, system.borrower)).status).to.equal(Status.EMPTIED);
    });
  });

  describe("FROZEN", () => {
    it("is a debt of which nobody knows the health: the oracle is STALE", async () => {
      const system = await loadFixture(deploy);
      await time.increase(2n * HEARTBEAT);
      const shown = await show(system, system.borrower);
      expect(shown.status).to.equal(Status.FROZEN);
      expect([shown.debt, shown.collateral]).to.deep.equal([DEBT, 10n * ONE_COLLATERAL]);
      expect([shown.value, shown.ltv, shown.health]).to.deep.equal([0n, MAX_UINT256, 0n]);
    });

    it("is a live sale while the oracle is STALE", async () => {
      const system = await loadFixture(forSale);
      await time.increase(2n * HEARTBEAT);
      const shown = await show(system, system.borrower);
      expect([shown.status, shown.salePrice]).to.deep.equal([Status.FROZEN, 0n]);
      expect(shown.saleStartedAt).to.be.above(0n);
    });

    for (const [what, given] of [
      ["without a sale", sunk],
      ["with a live sale", forSale],
      ["with a lapsed sale", lapsed],
    ] as const) {
      it(`is an unhealthy position ${what} while sales are paused`, async () => {
        const system = await loadFixture(given);
        await pauseSales(system);
        expect((await show(system, system.borrower)).status).to.equal(Status.FROZEN);
      });
    }

    it("is not a healthy position while sales are paused", async () => {
      const system = await loadFixture(deploy);
      await pauseSales(system);
      expect((await show(system, system.borrower)).status).to.equal(Status.HEALTHY);
    });

    it("is an unhealthy position whose start the dead primary's last price still forbids", async () => {
      const system = await loadFixture(primaryJustDied);
      const shown = await show(system, system.borrower);
      expect(shown.health).to.be.below(WAD);
      expect(shown.status).to.equal(Status.FROZEN);
      await expect(startSale(system, system.borrower)).to.be.revertedWithCustomError(
        system.vault,
        "PositionHealthy",
      );
      await time.increase(3_600);
      expect((await show(system, system.borrower)).status).to.equal(Status.STARTABLE);
      await startSale(system, system.borrower);
    });
  });

  describe("an oracle that can't be read", () => {
    const word = (value: bigint): string => ethers.toBeHex(value, 32).slice(2);
    const price = 1_840n * 10n ** 24n;
    /** deciding, low, high, startBound, liveSince, aliveUntil, state. */
    const answer = (liveSince: bigint, state: bigint): string =>
      `0x${[price, price, price, price, liveSince, 0n, state].map(word).join("")}`;
    const FAR_FUTURE = 2n ** 40n;

    const breakages: [string, bigint, string][] = [
      ["reverts", Mode.REVERT, "0x"],
      ["burns its gas", Mode.BURN_GAS, "0x"],
      ["answers nothing", Mode.ANSWER, "0x"],
      ["answers too little", Mode.ANSWER, answer(0n, 2n).slice(0, -2)],
      ["answers a state that is none", Mode.ANSWER, answer(0n, 3n)],
    ];

    /** Little, since one of them burns all that it is given. */
    const limit = { gasLimit: 6_000_000n };

    /** A borrower for sale, one without debt, one emptied. */
    async function book() {
      const system = await emptied();
      await setPrice(system, 2_000n);
      await open(system, system.stranger, 10n * ONE_COLLATERAL, DEBT);
      await open(system, system.keeper, ONE_COLLATERAL, 0n);
      await setPrice(system, 1_840n);
      await startSale(system, system.stranger);
      return system;
    }

    for (const [what, mode, bytes] of breakages) {
      it(`that ${what} freezes what needs it, and nothing reverts`, async () => {
        const system = await loadFixture(book);
        const { lens, vault, oracle, borrower, stranger, keeper } = system;
        await breakContract(connection, oracle, mode, bytes);
        const borrowers = [borrower.address, stranger.address, keeper.address];
        const shown = await lens.positions(vault, borrowers);
        expect(shown.map(({ status }) => status)).to.deep.equal([
          Status.EMPTIED,
          Status.FROZEN,
          Status.EMPTY,
        ]);
        const { found, next } = await lens.actionable(vault, borrowers, 0n, 10n, limit);
        expect([found.map(({ status }) => status), next]).to.deep.equal([[Status.EMPTIED], 3n]);
        const { price: read, totals } = await lens.vault(vault, limit);
        expect([...read]).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n, 0n]);
        expect(totals.cash).to.equal((await vault.totals()).cash);
        // The vault cannot use that answer either.
        await expect(vault.quoteTake(stranger, limit)).to.be.revert(ethers);
      });
    }

    it("takes a return that has not come yet for one just now, as the vault does", async () => {
      const system = await loadFixture(book);
      await breakContract(connection, system.oracle, Mode.ANSWER, answer(FAR_FUTURE, 2n));
      const shown = await show(system, system.stranger);
      const quote = await system.vault.quoteTake(system.stranger);
      expect([shown.status, shown.salePrice, quote.ownSeconds]).to.deep.equal([
        Status.FOR_SALE,
        quote.price,
        0n,
      ]);
    });

    it("reads an answer that is longer than a price, as the vault does", async () => {
      const system = await loadFixture(book);
      await breakContract(connection, system.oracle, Mode.ANSWER, `${answer(0n, 2n)}00`);
      const shown = await show(system, system.stranger);
      const quote = await system.vault.quoteTake(system.stranger);
      expect([shown.status, shown.salePrice]).to.deep.equal([Status.FOR_SALE, quote.price]);
    });
  });

  describe("pages", () => {
    /** HEALTHY, FOR_SALE, STARTABLE, HEALTHY, RECOVERED, EMPTY. */
    async function book() {
      const system = await deploy();
      const [a, b, c, d, e, f] = system.others;
      if (!a || !b || !c || !d || !e || !f) throw new Error("too few accounts");
      await open(system, a, 10n * ONE_COLLATERAL, DEBT / 2n);
      for (const borrower of [b, c]) await open(system, borrower, 10n * ONE_COLLATERAL, DEBT);
      await open(system, d, 10n * ONE_COLLATERAL, DEBT / 2n);
      await open(system, e, 10n * ONE_COLLATERAL, 15_000n * ONE_LOAN);
      await setPrice(system, 1_800n);
      for (const borrower of [b, e]) await startSale(system, borrower);
      await setPrice(system, 1_850n);
      return { ...system, borrowers: [a, b, c, d, e, f].map(({ address }) => address) };
    }

    it("positions keep the order that was asked for, and may repeat", async () => {
      const { lens, vault, borrowers } = await loadFixture(book);
      const asked = [...borrowers].reverse().concat(borrowers);
      const shown = await lens.positions(vault, asked);
      expect(shown.map(({ borrower }) => borrower)).to.deep.equal(asked);
      const { EMPTY, RECOVERED, HEALTHY, STARTABLE, FOR_SALE } = Status;
      expect(shown.slice(0, 6).map(({ status }) => status)).to.deep.equal([
        EMPTY,
        RECOVERED,
        HEALTHY,
        STARTABLE,
        FOR_SALE,
        HEALTHY,
      ]);
      expect([...shown[6 + 1]!]).to.deep.equal([...shown[4]!]);
      expect(await lens.positions(vault, [])).to.deep.equal([]);
    });

    const pages: [string, bigint, bigint, number[], bigint][] = [
      ["everything in one page", 0n, 6n, [1, 2, 4], 6n],
      ["only what the page reaches", 0n, 2n, [1], 2n],
      ["from where the last one ended", 2n, 2n, [2], 4n],
      ["to the end, whatever the limit", 4n, MAX_UINT256, [4], 6n],
      ["nothing where nobody needs anything", 5n, 1n, [], 6n],
      ["nothing at the end", 6n, 3n, [], 6n],
      ["nothing beyond the end", MAX_UINT256, MAX_UINT256, [], 6n],
      ["nothing for a limit of 0", 1n, 0n, [], 1n],
    ];
    for (const [what, offset, limit, expected, nextExpected] of pages) {
      it(`actionable finds ${what}`, async () => {
        const { lens, vault, borrowers } = await loadFixture(book);
        const { found, next } = await lens.actionable(vault, borrowers, offset, limit);
        expect(found.map(({ borrower }) => borrower)).to.deep.equal(expected.map((i) => borrowers[i]));
        expect(next).to.equal(nextExpected);
        const all = await lens.positions(vault, borrowers);
        expect(found.map((shown) => [...shown])).to.deep.equal(expected.map((i) => [...all[i]!]));
      });
    }

    it("actionable finds lapsed and emptied ones too", async () => {
      for (const [given, status] of [
        [lapsed, Status.LAPSED],
        [emptied, Status.EMPTIED],
      ] as const) {
        const { lens, vault, borrower } = await loadFixture(given);
        const { found } = await lens.actionable(vault, [borrower], 0n, 1n);
        expect(found.map((shown) => shown.status)).to.deep.equal([status]);
      }
    });
  });

  it("1,000 positions for sale fit one call of 25 million gas @gas", async () => {
    const system = await loadFixture(deploy);
    const { vault, lens, governor, collateral, second } = system;
    await lend(system, 10_000_000n * ONE_LOAN);
    // Said, so that nobody estimates it.
    const block = { gasLimit: 60_000_000n };
    const crowd = await ethers.deployContract("MockCrowd", [vault]);
    await wrapEther(connection, system.uniswap, governor, 5_000n * ONE_COLLATERAL);
    await collateral.connect(governor).transfer(crowd, 5_000n * ONE_COLLATERAL);
    for (let opened = 0; opened < 1_000; opened += 200)
      await crowd.open(200n, 5n * ONE_COLLATERAL, DEBT / 2n, block);
    // SUSPECT, so that the curve is asked for the anchor too.
    await setPrice(system, 1_840n);
    await second.pushAnswer(1_940n * ONE_ANSWER);
    for (let started = 0n; started < 1_000n; started += 200n)
      await crowd.startSales(started, started + 200n, block);

    const borrowers = [...(await crowd.members())];
    const limit = { gasLimit: 25_000_000n };
    const shown = await lens.positions(vault, borrowers, limit);
    expect(shown).to.have.length(1_000);
    expect(new Set(shown.map(({ status }) => status))).to.deep.equal(new Set([Status.FOR_SALE]));
    const { found } = await lens.actionable(vault, borrowers, 0n, 1_000n, limit);
    expect(found).to.have.length(1_000);
  });
});
