import { expect } from "chai";
import { Interface } from "ethers";

import { toDecimal, COLLATERAL_DECIMALS, loanToNumber, ONE_LOAN } from "../../../../sdk/units.ts";
import { type Outcome, replay } from "../../../../scripts/replay/run/engine.ts";
import type { Lending } from "../../../../scripts/replay/mechanisms/lending.ts";
import type { PositionView } from "../../../../sdk/positionView.ts";
import type { Ground, Mechanism } from "../../../../scripts/replay/mechanisms/mechanism.ts";
import { MECHANISMS } from "../../../../scripts/replay/mechanisms/mechanisms.ts";
import { borrowerName } from "../../../../scripts/replay/world/openPositions.ts";
import { toRun } from "../../../../scripts/replay/records/result.ts";
import type { SaleRecord, TakeRecord } from "../../../../scripts/replay/records/sales.ts";
import { expectNear } from "../../../helpers/near.ts";
import { balances, pick, reckonAgain } from "../../books.ts";
import { CRASH, path, SCENARIO, thenStay } from "../../scenarios.ts";

/** Down by almost a quarter between two points, into a pool a seventh as deep: some owe more than they have. */
const GAP = {
  ...SCENARIO,
  path: path(...thenStay([3_000, 2_990, 2_300, 2_250], 30)),
  depth: 300_000n * ONE_LOAN,
};

const collateralOf = ({ collateral }: TakeRecord | SaleRecord): number =>
  Number(toDecimal(collateral, COLLATERAL_DECIMALS));

/** Answer of the feed that a take was made at. */
function feedAt({ rounds }: Outcome, time: number): number {
  const round = rounds.filter((own) => own.time <= time).at(-1);
  if (round === undefined) throw new Error(`no round before ${time}`);
  return round.price;
}

/** LTV at the feed's price at which each sale began. */
function ltvsOf(outcome: Outcome): readonly number[] {
  return outcome.recorder.sales.map(
    (sale) => loanToNumber(sale.debt) / (collateralOf(sale) * feedAt(outcome, sale.startedAt)),
  );
}

const failed = ({ conservation }: Outcome) => conservation.filter(({ ok }) => !ok);
const takesOf = ({ recorder }: Outcome) => recorder.sales.flatMap(({ takes }) => takes);

function checkLosses(outcome: Outcome, name: "aave" | "morpho"): void {
  const { recorder } = outcome;
  const empty = recorder.sales.filter(({ end }) => end?.ending === "empty");
  expect(empty.length).to.be.at.least(1);
  expect(recorder.losses.fromLenders).to.equal(empty.reduce((sum, { writtenOff }) => sum + writtenOff, 0n));
  expect(recorder.losses.fromReserve).to.equal(0n);
  const run = toRun(MECHANISMS[name], outcome);
  const { badDebt, lendersLoss } = run;
  expect(Number(badDebt)).to.be.above(1_000);
  expect(lendersLoss).to.equal(badDebt);
  const again = reckonAgain(run);
  expect(pick(run, again)).to.deep.equal(again);
  for (const { account, missing } of balances(run)) expect(missing, account).to.equal(0n);
  // Nothing of the collateral stays, and all debt was either repaid or written off.
  for (const { debt, collateral, takes, writtenOff } of empty) {
    expect(takes.reduce((sum, take) => sum + take.collateral, 0n)).to.equal(collateral);
    expect(takes.reduce((sum, take) => sum + take.repaid, writtenOff)).to.equal(debt);
  }
}

/** A mechanism whose views somebody else sees too. */
function seenBy(
  { name, deploy }: Mechanism,
  see: (views: readonly PositionView[], ground: Ground, lending: Lending) => Promise<void>,
): Mechanism {
  return {
    name,
    deploy: async (ground) => {
      const lending = await deploy(ground);
      const positions = lending.positions.bind(lending);
      return Object.assign(lending, {
        positions: async (borrowers: readonly string[]) => {
          const views = await positions(borrowers);
          await see(views, ground, lending);
          return views;
        },
      });
    },
  };
}

/** Positions of a mechanism when its book is open. */
async function openedIn({ name, deploy }: Mechanism): Promise<readonly PositionView[]> {
  let opened: readonly PositionView[] = [];
  const watched: Mechanism = {
    name,
    deploy: async (ground) => {
      const lending = await deploy(ground);
      const hire = lending.hire.bind(lending);
      return Object.assign(lending, {
        hire: async () => {
          const { openings } = ground.book;
          opened = await lending.positions(
            await Promise.all(openings.map((opening, i) => ground.chain.actor(borrowerName(i, opening)))),
          );
          return hire();
        },
      });
    },
  };
  await replay({ ...SCENARIO, path: path(3_000, 3_000) }, watched);
  return opened;
}

const ACCOUNTS = new Interface([
  "function getUserAccountData(address user) view returns (uint256 collateral, uint256 debt, uint256 free, uint256 threshold, uint256 ltv, uint256 health)",
]);

describe("The book", () => {
  for (const name of ["aave", "morpho", "euler"] as const) {
    it(`has the same debts and collateral in ${name} as in Gavel's vault`, async () => {
      const own = await openedIn(MECHANISMS[name]);
      const gavel = await openedIn(MECHANISMS.dutch);
      expect(own.length).to.equal(SCENARIO.accounts.length);
      expect(own.map(({ borrower, collateral }) => [borrower, collateral])).to.deep.equal(
        gavel.map(({ borrower, collateral }) => [borrower, collateral]),
      );
      // Debts are shares of a whole, rounded up.
      own.forEach(({ debt }, i) => expect(Number(debt - (gavel[i]?.debt ?? 0n))).to.be.within(-1, 1));
    });
  }
});

describe("Aave v3 itself", () => {
  let crash: Outcome;
  let gap: Outcome;

  before(async () => {
    crash = await replay({ ...SCENARIO, path: CRASH }, MECHANISMS.aave);
    gap = await replay(GAP, MECHANISMS.aave);
  });

  it("conserves every token to the wei, in its own books too", () => {
    expect(failed(crash)).to.deep.equal([]);
    expect(failed(gap)).to.deep.equal([]);
    expect(crash.conservation.map(({ what }) => what)).to.include("the deficit is the debt written off");
  });

  it("liquidates above 83%, at the feed's price less 5%, half of the debt", () => {
    expect(crash.recorder.sales.length).to.be.at.least(3);
    for (const ltv of ltvsOf(crash)) expect(ltv).to.be.within(0.83, 0.86);
    for (const { debt, takes } of crash.recorder.sales) {
      const [take] = takes;
      if (take === undefined) throw new Error("a sale without a take");
      expectNear(loanToNumber(take.repaid), loanToNumber(debt) / 2, 1e-5);
      // What it keeps included, a unit of debt buys 1.05 of collateral at eight decimals of the feed.
      const price = Math.floor(feedAt(crash, take.time) * 1e8) / 1e8;
      expectNear(collateralOf(take), (loanToNumber(take.repaid) * 1.05) / price, 1e-9);
    }
  });

  it("is shown with its own health, and with the size that it then liquidates", async () => {
    let seen = 0;
    const expected = new Map<string, Pick<PositionView, "closeAmount" | "collateralOut">>();
    const watched = seenBy(MECHANISMS.aave, async (views, { chain }, { entrance }) => {
      for (const view of views) {
        const data = ACCOUNTS.encodeFunctionData("getUserAccountData", [view.borrower]);
        const answer = ACCOUNTS.decodeFunctionResult("getUserAccountData", await chain.call(entrance, data));
        expect(view.health).to.equal(answer.getValue("health"));
        expected.set(`${view.borrower} ${view.debt}`, view);
        seen += 1;
      }
    });
    const outcome = await replay(GAP, watched);
    expect(seen).to.be.at.least(50);
    const whole = outcome.recorder.sales.flatMap(({ borrower, takes }) =>
      takes.flatMap(({ before, repaid, collateral, keptCollateral }) => {
        const size = expected.get(`${borrower} ${before.debt}`);
        return size?.closeAmount === repaid ? [[size.collateralOut, collateral - keptCollateral]] : [];
      }),
    );
    expect(whole.length).to.be.at.least(2);
    for (const [shown, got] of whole) expect(shown).to.equal(got);
  });

  it("keeps a tenth of the bonus for itself", () => {
    for (const { collateral, keptCollateral } of takesOf(crash)) {
      const bonus = collateral - (collateral * 100n) / 105n;
      expect(Number(keptCollateral - bonus / 10n)).to.be.within(-2, 2);
    }
  });

  it("writes off at once what a liquidation leaves without collateral", () => {
    checkLosses(gap, "aave");
  });

  it("liquidates whole positions under health 0.95", () => {
    const whole = gap.recorder.sales.filter(({ debt, takes }) => takes[0]?.repaid === debt);
    expect(whole.length).to.be.at.least(1);
  });
});

describe("Morpho Blue itself", () => {
  let crash: Outcome;
  let gap: Outcome;

  before(async () => {
    crash = await replay({ ...SCENARIO, path: CRASH }, MECHANISMS.morpho);
    gap = await replay(GAP, MECHANISMS.morpho);
  });

  it("conserves every token to the wei, in its own books too", () => {
    expect(failed(crash)).to.deep.equal([]);
    expect(failed(gap)).to.deep.equal([]);
    expect(crash.conservation.map(({ what }) => what)).to.include(
      "what lenders lost is the debt written off",
    );
  });

  it("liquidates above 86%, at the feed's price less its incentive, as much as pays", () => {
    expect(crash.recorder.sales.length).to.be.at.least(2);
    for (const ltv of ltvsOf(crash)) expect(ltv).to.be.within(0.86, 0.89);
    // 1 / (1 - 0.3 x (1 - 0.86)).
    const incentive = 1 / 0.958;
    for (const take of takesOf(crash)) {
      expect(take.keptCollateral).to.equal(0n);
      const expected = (loanToNumber(take.repaid) * incentive) / feedAt(crash, take.time);
      expectNear(collateralOf(take), expected, 1e-9);
    }
    expect(crash.recorder.sales.some(({ debt, takes }) => takes[0]?.repaid === debt)).to.equal(true);
  });

  it("spreads what a liquidation leaves without collateral over its lenders at once", () => {
    checkLosses(gap, "morpho");
  });

  it("sells a part where the pool takes no more", () => {
    const inParts = gap.recorder.sales.filter(({ takes }) => takes.length > 1);
    expect(inParts.length).to.be.at.least(1);
  });
});
