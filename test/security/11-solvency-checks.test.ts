import { expect } from "chai";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { maxDebt } from "../../sdk/saleMath.ts";
import { BPS, PRICE_SCALE } from "../../sdk/math.ts";
import { loadFixture, networkHelpers } from "../helpers/chain.ts";
import { ENTRY_POINTS } from "../helpers/entryPoints.ts";
import {
  COLL,
  CONFIG,
  lentVault,
  LOAN,
  MAX,
  NO_DATA,
  NOBODY,
  price,
  STORY,
  type VaultSystem,
} from "../helpers/vault.ts";

/** What keeps a function from leaving a position with more debt than its collateral bears. */
type Guard =
  /** The borrow limit on the lower price is checked at its end. */
  | "borrow limit"
  /** It can only lower the debt or add collateral. */
  | "improves only"
  /** It sells at a price at which health does not worsen, and only what is unhealthy. */
  | "sale price"
  /** It needs its owner's permission and a healthy position, which it leaves healthy at a lower LTV. */
  | "lower LTV"
  /** It adds the starter's reward to the debt of an unhealthy position, within what the collateral surely covers. */
  | "covered reward"
  /** It needs a position without collateral of value. */
  | "emptied"
  /** It moves a mark, which is what lenders see of a loss. */
  | "no debt or collateral moves"
  /** It touches no position. */
  | "no position";

const GUARDS: Readonly<Record<string, Guard>> = {
  deposit: "no position",
  mint: "no position",
  withdraw: "no position",
  redeem: "no position",
  flashLoan: "no position",
  accrue: "no position",
  supplyCollateral: "improves only",
  repay: "improves only",
  endSale: "improves only",
  touch: "no debt or collateral moves",
  markDown: "no debt or collateral moves",
  withdrawCollateral: "borrow limit",
  borrow: "borrow limit",
  supplyCollateralAndBorrow: "borrow limit",
  repayAndWithdrawCollateral: "borrow limit",
  startSale: "covered reward",
  startAndTake: "sale price",
  take: "sale price",
  takeMany: "sale price",
  sell: "sale price",
  deleverage: "lower LTV",
  realizeLoss: "emptied",
};

interface Standing {
  readonly debt: bigint;
  readonly collateral: bigint;
}

async function standing({ vault }: VaultSystem, user: HardhatEthersSigner): Promise<Standing> {
  return { debt: await vault.debtOf(user), collateral: (await vault.position(user)).collateral };
}

const isWithin = ({ debt, collateral }: Standing, at: bigint): boolean =>
  debt <= maxDebt(collateral, at, CONFIG.borrowLtvBps);

/** Debt a unit of collateral has not grown, but for one unit of rounding. */
const isNoWorse = (before: Standing, after: Standing): boolean =>
  after.debt === 0n || (after.debt - 1n) * before.collateral <= before.debt * after.collateral;

/** A position at its limit. */
async function limitVault() {
  const system = await lentVault();
  await system.open(system.borrower, STORY.collateral, 160_000n * LOAN);
  await system.fund(system.borrower, 0n, 10n * STORY.collateral);
  return system;
}

/** Mulberry32: the same numbers on every run. */
function seeded(seed: number): (below: bigint) => bigint {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return BigInt((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Step = (system: VaultSystem, random: (below: bigint) => bigint) => Promise<unknown>;

/** Everything that a borrower can do to his position, alone or with an accomplice. */
const OWN_ACTS: Readonly<Record<string, Step>> = {
  supplyCollateral: ({ vault, borrower }, random) =>
    vault.connect(borrower).supplyCollateral(1n + random(20n * COLL), borrower),
  withdrawCollateral: ({ vault, borrower }, random) =>
    vault
      .connect(borrower)
      .withdrawCollateral(random(20n) === 0n ? MAX : 1n + random(8n * COLL), borrower, borrower),
  borrow: ({ vault, borrower }, random) =>
    vault.connect(borrower).borrow(1n + random(60_000n * LOAN), borrower, borrower),
  repay: ({ vault, borrower }, random) =>
    vault.connect(borrower).repay(random(20n) === 0n ? MAX : 1n + random(10_000n * LOAN), borrower),
  supplyCollateralAndBorrow: ({ vault, borrower }, random) =>
    vault
      .connect(borrower)
      .supplyCollateralAndBorrow(
        1n + random(10n * COLL),
        1n + random(30_000n * LOAN),
        borrower,
        borrower,
        NO_DATA,
      ),
  repayAndWithdrawCollateral: ({ vault, borrower }, random) =>
    vault
      .connect(borrower)
      .repayAndWithdrawCollateral(
        random(20n) === 0n ? MAX : 1n + random(10_000n * LOAN),
        random(20n) === 0n ? MAX : 1n + random(8n * COLL),
        borrower,
        borrower,
        NO_DATA,
      ),
  startSale: ({ vault, borrower }) => vault.connect(borrower).startSale(borrower, NOBODY),
  take: ({ borrower, take }, random) => take({ maxRepay: 1n + random(50_000n * LOAN) }, borrower),
  takeMany: ({ borrower, takeMany }, random) =>
    takeMany([borrower, borrower], { maxRepay: 1n + random(200_000n * LOAN) }),
  startAndTake: ({ borrower, startAndTake }, random) =>
    startAndTake({ maxRepay: 1n + random(50_000n * LOAN) }, borrower),
  touch: ({ vault, borrower }) => vault.connect(borrower).touch(borrower),
  endSale: ({ vault, borrower }) => vault.connect(borrower).endSale(borrower),
  deposit: ({ vault, borrower }, random) =>
    vault.connect(borrower).deposit(1n + random(1_000n * LOAN), borrower),
  redeem: ({ vault, borrower }, random) =>
    vault.connect(borrower).redeem(1n + random(10n ** 15n), borrower, borrower),
  realizeLoss: ({ vault, borrower }) => vault.connect(borrower).realizeLoss(borrower),
};

describe("Security 11: a solvency check on every path", () => {
  it("every state-changing function has its guard in this table", () => {
    expect(Object.keys(GUARDS).sort()).to.deep.equal(Object.keys(ENTRY_POINTS).sort());
  });

  describe("at the limit, functions guarded by it let nothing out", () => {
    const attempts: [string, (system: VaultSystem) => Promise<unknown>][] = [
      [
        "withdrawCollateral",
        ({ vault, borrower }) => vault.connect(borrower).withdrawCollateral(1n, borrower, borrower),
      ],
      ["borrow", ({ vault, borrower }) => vault.connect(borrower).borrow(1n, borrower, borrower)],
      [
        "supplyCollateralAndBorrow",
        ({ vault, borrower }) =>
          vault.connect(borrower).supplyCollateralAndBorrow(1n, 2n, borrower, borrower, NO_DATA),
      ],
      [
        "repayAndWithdrawCollateral",
        ({ vault, borrower }) =>
          vault.connect(borrower).repayAndWithdrawCollateral(1n, 10n ** 12n, borrower, borrower, NO_DATA),
      ],
    ];
    it("all of them are tried", () => {
      const guarded = Object.entries(GUARDS).filter(([, guard]) => guard === "borrow limit");
      expect(guarded.map(([name]) => name).sort()).to.deep.equal(attempts.map(([name]) => name).sort());
    });
    for (const [name, attempt] of attempts) {
      it(name, async () => {
        const system = await loadFixture(limitVault);
        await expect(attempt(system)).to.be.revertedWithCustomError(system.vault, "InsufficientCollateral");
      });
    }
  });

  for (const seed of [11, 2_023, 77_777]) {
    it(`no sequence of the borrower's own acts passes the borrow limit at a steady price (seed ${seed})`, async () => {
      const system = await loadFixture(lentVault);
      const { vault, borrower, fund } = system;
      const random = seeded(seed);
      await fund(borrower, 10n * STORY.lent, 100n * STORY.collateral);
      await vault.connect(borrower).supplyCollateral(STORY.collateral, borrower);
      const names = Object.keys(OWN_ACTS);
      const done = new Map<string, number>();
      for (let i = 0; i < 150; i++) {
        const name = names[Number(random(BigInt(names.length)))] ?? "";
        const went = await tried(OWN_ACTS[name]?.(system, random));
        if (went) done.set(name, (done.get(name) ?? 0) + 1);
        expect([name, isWithin(await standing(system, borrower), STORY.price)]).to.deep.equal([name, true]);
      }
      for (const name of ["borrow", "withdrawCollateral", "repay", "repayAndWithdrawCollateral"]) {
        expect([name, done.has(name)]).to.deep.equal([name, true]);
      }
    });

    it(`nor worsens a position beyond it when prices move, sales of his own among them (seed ${seed})`, async () => {
      const system = await loadFixture(lentVault);
      const { borrower, fund, open, sink, pass } = system;
      const random = seeded(seed);
      await fund(borrower, 10n * STORY.lent, 100n * STORY.collateral);
      await open();
      const names = Object.keys(OWN_ACTS);
      const done = new Map<string, number>();
      for (let i = 0; i < 300; i++) {
        if (i % 5 === 0) {
          // LTVs at which the collateral covers a sale at the largest discount.
          const { debt, collateral } = await standing(system, borrower);
          const ltvBps = 6_500n + random(2_500n);
          await sink(debt === 0n ? STORY.price : (debt * BPS * PRICE_SCALE) / (collateral * ltvBps));
          await pass(random(400n));
        }
        const at = (await system.oracle.price()).deciding;
        const before = await standing(system, borrower);
        const name = names[Number(random(BigInt(names.length)))] ?? "";
        if (await tried(OWN_ACTS[name]?.(system, random))) done.set(name, (done.get(name) ?? 0) + 1);
        const after = await standing(system, borrower);
        const isSafe = isWithin(after, at) || isNoWorse(before, after);
        expect([name, isSafe]).to.deep.equal([name, true]);
      }
      for (const name of ["borrow", "withdrawCollateral", "repay", "startSale"]) {
        expect([name, done.has(name)]).to.deep.equal([name, true]);
      }
    });
  }

  it("the starter's reward worsens a position by no more than it says, and never past what is covered", async () => {
    const system = await loadFixture(limitVault);
    const { vault, borrower, sink } = system;
    const at = price(1_900n);
    await sink(at);
    await networkHelpers.setNextBlockBaseFeePerGas(1_000n * 10n ** 9n);
    const before = await standing(system, borrower);
    await vault.connect(borrower).startSale(borrower, borrower);
    const after = await standing(system, borrower);
    expect(after.debt - before.debt).to.be.within(1n, CONFIG.reward.cap);
    const covered = maxDebt(after.collateral, at, BPS - CONFIG.terms.maxDiscountBps);
    expect(after.debt).to.be.at.most(covered);
    await expect(vault.connect(borrower).startSale(borrower, borrower)).to.be.revertedWithCustomError(
      vault,
      "SaleAlreadyStarted",
    );
  });
});

/** Whether it went through; a revert by the vault is an answer too. */
async function tried(act: Promise<unknown> | undefined): Promise<boolean> {
  if (act === undefined) throw new Error("no such act");
  return act.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && error.message.includes("reverted")) return false;
      throw error;
    },
  );
}
