/**
 * Marks and losses as a model of plain integers, held against the vault over random sequences: several positions, an interest
 * index other than 1, an oracle whose band has a width, doubts and outages, and a reserve that can pay a part. The model keeps
 * scaled debts, collateral, which sales are live, marks and cash by itself. What a take sells, where the clock of a live sale
 * stands, and the reserve are the vault's word, each with a model of its own; everything that follows from them is the model's.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import fc from "fast-check";

import { secondsToHold } from "../../scripts/lib/decay.ts";
import { maxDebt, valueUp } from "../../scripts/lib/health.ts";
import { toAssetsDown, toAssetsUp, toScaledDown, toScaledUp } from "../../scripts/lib/interest.ts";
import { BPS, max, min, WAD } from "../../scripts/lib/math.ts";
import { hasLapsed, isProven, markDiscountBps, rewind, TICKS_PER_SECOND } from "../../scripts/lib/sale.ts";
import { ethers, loadFixture, now } from "../helpers/chain.ts";
import {
  CALM_TERMS,
  COLL,
  CONFIG,
  LOAN,
  lentVault,
  ORACLE,
  price,
  RATE_MODEL,
  YEAR,
} from "../helpers/vault.ts";
import { SEED } from "./inputs.ts";

const RUNS = 60;
const STEPS = 25;
const DEBT = 15_000n * LOAN;

interface ModelPosition {
  collateral: bigint;
  scaledDebt: bigint;
  /** Not 0 while a sale is live. */
  startedAt: bigint;
  proof: bigint;
  mark: bigint;
}

const stepArbitrary = fc.record({
  kind: fc.constantFrom(
    "price",
    "price",
    "price",
    "doubt",
    "outage",
    "start",
    "start",
    "start",
    "take",
    "take",
    "takeAll",
    "mark",
    "mark",
    "repay",
    "add",
    "realize",
    "realize",
    "pass",
    "pass",
  ),
  who: fc.nat(2),
  level: fc.bigInt(1_150n, 1_900n),
  band: fc.bigInt(0n, 300n),
  share: fc.bigInt(1n, 1_000n),
  seconds: fc.constantFrom(1n, 60n, 212n, 500n, 1_100n),
});
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

async function threeLoans() {
  const system = await lentVault();
  const { rateModel, vault, open, fund, borrower, otherBorrower, stranger, taker, pass } = system;
  const users = [borrower, otherBorrower, stranger];
  // An index of 1.26, whose roundings show, and a reserve of what a tenth of the interest was.
  await open(borrower, 10n * COLL, DEBT);
  await rateModel.set(WAD / 4n / YEAR, WAD / 4n / YEAR, RATE_MODEL.answers);
  await vault.accrue();
  await pass(YEAR);
  await vault.connect(borrower).repay(DEBT / 4n, borrower);
  await open(otherBorrower, 10n * COLL, DEBT);
  await open(stranger, 10n * COLL, DEBT);
  await fund(taker, 10n ** 6n * LOAN, 10n ** 6n * COLL);
  await rateModel.set(WAD / 10n / YEAR, WAD / 10n / YEAR, RATE_MODEL.answers);
  await vault.accrue();
  return { ...system, users };
}
type Loans = Awaited<ReturnType<typeof threeLoans>>;

class Model {
  readonly positions: ModelPosition[] = [];
  reserve = 0n;
  cash = 0n;
  scaledDebt = 0n;
  saleClock = 0n;
  deciding = price(2_000n);
  state: bigint = ORACLE.fresh;

  get totalMarks(): bigint {
    return this.positions.reduce((sum, { mark }) => sum + mark, 0n);
  }

  at(who: number): ModelPosition {
    const position = this.positions[who];
    if (position === undefined) throw new Error("no such position");
    return position;
  }

  /** What a touch makes of a mark. */
  remark(position: ModelPosition, index: bigint, second: bigint): void {
    if (position.collateral === 0n) position.mark = position.scaledDebt;
    else if (this.state !== ORACLE.fresh) position.mark = min(position.mark, position.scaledDebt);
    else if (position.startedAt === 0n) position.mark = 0n;
    else {
      const vaultSeconds = min(second - this.saleClock / TICKS_PER_SECOND, CALM_TERMS.horizon);
      const clock = { saleStartedAt: position.startedAt, proof: position.proof };
      const live = second - position.startedAt;
      const own = isProven(clock, CALM_TERMS, second) ? live : min(live, secondsToHold(CALM_TERMS));
      const bps = markDiscountBps(CALM_TERMS, own, vaultSeconds);
      const covered = maxDebt(position.collateral, this.deciding, BPS - bps);
      const debt = toAssetsUp(position.scaledDebt, index);
      position.mark = debt > covered ? min(toScaledUp(debt - covered, index), position.scaledDebt) : 0n;
    }
  }

  healthy(position: ModelPosition, index: bigint, healthBps = BPS): boolean {
    const most = maxDebt(position.collateral, this.deciding, CONFIG.liquidationLtvBps);
    return toAssetsUp(position.scaledDebt, index) * healthBps <= most * BPS;
  }

  /** Whether the price has overtaken a live sale: at health 1.02, or at 1 once it has come to hold. */
  overtaken(position: ModelPosition, index: bigint, second: bigint): boolean {
    const isAtHold = second - position.startedAt >= secondsToHold(CALM_TERMS);
    return this.healthy(position, index, isAtHold ? BPS : 10_200n);
  }

  /** Takes from a debt, as books round it. */
  pay(position: ModelPosition, repaid: bigint, index: bigint): void {
    const debt = toAssetsUp(position.scaledDebt, index);
    const scaled = repaid === debt ? position.scaledDebt : toScaledDown(repaid, index);
    position.scaledDebt -= scaled;
    this.scaledDebt -= scaled;
  }
}

/** Does a step in both; a step that the vault refuses must leave the model as it is. @return Whether it was done. */
async function perform(system: Loans, model: Model, step: Step): Promise<boolean> {
  const { vault, users, taker, say, pass, starter } = system;
  const user: HardhatEthersSigner | undefined = users[step.who];
  if (user === undefined) throw new Error("no such user");
  const position = model.at(step.who);
  const { index } = await vault.accruedTotals();
  const second = await now();
  const debt = toAssetsUp(position.scaledDebt, index);
  /** Where the clock of a sale stands that is live for the model. */
  const readClock = async (): Promise<void> => {
    const { saleStartedAt, proof } = await vault.position(user);
    if (position.startedAt !== 0n && saleStartedAt !== 0n)
      [position.startedAt, position.proof] = [saleStartedAt, proof];
  };
  switch (step.kind) {
    case "price":
    case "doubt":
    case "outage": {
      const deciding = price(step.level);
      const low = (deciding * (BPS - step.band)) / BPS;
      const high = (deciding * (BPS + step.band)) / BPS;
      const state = { price: ORACLE.fresh, doubt: ORACLE.suspect, outage: ORACLE.stale }[step.kind];
      await say({ deciding, low, high, startBound: deciding, state });
      [model.deciding, model.state] = [deciding, state];
      return true;
    }
    case "pass":
      await pass(step.seconds);
      return true;
    case "start": {
      const clock = { saleStartedAt: position.startedAt, proof: position.proof };
      const isFree = position.startedAt === 0n || hasLapsed(clock, CALM_TERMS, second + 1n);
      const can = position.collateral !== 0n && isFree && !model.healthy(position, index);
      const done = await vault
        .connect(starter)
        .startSale(user, ethers.ZeroAddress)
        .then(() => true)
        .catch(() => false);
      expect(done).to.equal(can && model.state !== ORACLE.stale);
      if (!done) return false;
      position.startedAt = second;
      await readClock();
      model.remark(position, index, second);
      return true;
    }
    case "take":
    case "takeAll": {
      const before = await vault.position(user);
      const reserve = (await vault.accruedTotals()).reserve;
      const most = step.kind === "take" ? (debt * step.share) / 1_000n : ethers.MaxUint256;
      const done = await system
        .take({ borrower: user.address, maxRepay: most }, taker)
        .then(() => true)
        .catch(() => false);
      if (!done) return false;
      const [event] = await vault.queryFilter(vault.filters.Take(user), "latest");
      if (event === undefined) throw new Error("no take");
      const { repaid, penalty, collateral } = event.args;
      expect(model.healthy(position, index) || position.startedAt === 0n).to.equal(false);
      model.pay(position, repaid, index);
      position.collateral = before.collateral - collateral;
      model.cash += repaid + penalty;
      expect((await vault.totals()).reserve).to.equal(reserve + penalty);
      const { horizon, lot } = CALM_TERMS;
      const sold = valueUp(collateral, model.deciding);
      model.saleClock = rewind(model.saleClock, second, sold, horizon, lot);
      const whole = step.kind === "takeAll" && model.healthy(position, index);
      const emptied = position.collateral === 0n && position.scaledDebt !== 0n;
      if (whole || emptied || model.healthy(position, index, 10_200n)) position.startedAt = 0n;
      else position.startedAt = (await vault.position(user)).saleStartedAt === 0n ? 0n : position.startedAt;
      await readClock();
      model.remark(position, index, second);
      return true;
    }
    case "mark": {
      const can = model.state === ORACLE.fresh && (position.startedAt !== 0n || position.mark !== 0n);
      const done = await vault
        .markDown(user)
        .then(() => true)
        .catch(() => false);
      expect(done).to.equal(can);
      if (done) model.remark(position, index, second);
      return done;
    }
    case "repay": {
      if (debt === 0n) return false;
      const asked = max((debt * step.share) / 1_000n, 1n);
      const remaining = debt - asked;
      const clamped = position.collateral !== 0n && remaining !== 0n && remaining < CONFIG.minDebt;
      const repaid = clamped ? max(debt - CONFIG.minDebt, 0n) : asked;
      const wasHealthy = model.healthy(position, index);
      await vault.connect(taker).repay(asked, user);
      model.pay(position, repaid, index);
      model.cash += repaid;
      position.mark = min(position.mark, position.scaledDebt);
      await afterPayment(model, position, wasHealthy, index, second, readClock);
      return true;
    }
    case "add": {
      if (position.collateral === 0n && debt !== 0n) return false;
      const wasHealthy = model.healthy(position, index);
      const added = (COLL * step.share) / 1_000n;
      await vault.connect(taker).supplyCollateral(added, user);
      position.collateral += added;
      await afterPayment(model, position, wasHealthy, index, second, readClock);
      return true;
    }
    case "realize": {
      const can = position.collateral === 0n && position.scaledDebt !== 0n;
      const reserve = (await vault.accruedTotals()).reserve;
      const done = await vault
        .realizeLoss(user)
        .then(() => true)
        .catch(() => false);
      expect(done).to.equal(can);
      if (!done) return false;
      const lentBefore = toAssetsDown(model.scaledDebt, index);
      model.scaledDebt -= position.scaledDebt;
      const loss = lentBefore - toAssetsDown(model.scaledDebt, index);
      const fromReserve = min(loss, reserve);
      [position.scaledDebt, position.mark] = [0n, 0n];
      expect((await vault.totals()).reserve).to.equal(reserve - fromReserve);
      const [event] = await vault.queryFilter(vault.filters.LossRealized(user), "latest");
      expect(event?.args.fromReserve).to.equal(fromReserve);
      expect(event?.args.fromBackstop).to.equal(0n);
      expect(event?.args.fromLenders).to.equal(loss - fromReserve);
      return true;
    }
  }
}

async function afterPayment(
  model: Model,
  position: ModelPosition,
  wasHealthy: boolean,
  index: bigint,
  second: bigint,
  readClock: () => Promise<void>,
): Promise<void> {
  if (position.startedAt === 0n) return;
  if (position.scaledDebt === 0n) position.startedAt = 0n;
  else if (model.state === ORACLE.stale) return;
  else if (!wasHealthy && model.healthy(position, index)) position.startedAt = 0n;
  else if (model.overtaken(position, index, second)) position.startedAt = 0n;
  else if (position.collateral === 0n) position.startedAt = 0n;
  await readClock();
  if (position.scaledDebt !== 0n) model.remark(position, index, second);
}

async function compare({ vault, users }: Loans, model: Model): Promise<void> {
  const totals = await vault.accruedTotals();
  for (const [i, user] of users.entries()) {
    const stored = await vault.position(user);
    const { collateral, scaledDebt, startedAt, mark } = model.at(i);
    expect([stored.collateral, stored.scaledDebt, stored.saleStartedAt !== 0n]).to.deep.equal([
      collateral,
      scaledDebt,
      startedAt !== 0n,
    ]);
    expect(await vault.markOf(user)).to.equal(toAssetsUp(mark, totals.index));
  }
  expect([totals.cash, totals.scaledDebt]).to.deep.equal([model.cash, model.scaledDebt]);
  expect(totals.marked).to.equal(model.totalMarks !== 0n);
  const marks = toAssetsDown(model.totalMarks, totals.index);
  const lent = toAssetsDown(model.scaledDebt, totals.index);
  expect(await vault.markdown()).to.equal(max(marks - totals.reserve, 0n));
  const assets = max(model.cash + lent - max(totals.reserve, marks), 0n);
  expect(await vault.totalAssets()).to.equal(
    model.totalMarks === 0n ? model.cash + lent - totals.reserve : assets,
  );
}

describe("Reference: marks and losses against a model of integers", () => {
  it(`agree to the unit over ${RUNS} sequences of ${STEPS} steps`, async () => {
    const sequences = fc.sample(fc.array(stepArbitrary, { minLength: STEPS, maxLength: STEPS }), {
      numRuns: RUNS,
      seed: SEED,
    });
    const seen = new Map<string, number>();
    const see = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const sequence of sequences) {
      const system = await loadFixture(threeLoans);
      const model = new Model();
      const totals = await system.vault.accruedTotals();
      expect(totals.index).to.be.above((WAD * 5n) / 4n);
      [model.cash, model.scaledDebt, model.saleClock] = [totals.cash, totals.scaledDebt, totals.saleClock];
      for (const user of system.users) {
        const { collateral, scaledDebt } = await system.vault.position(user);
        model.positions.push({ collateral, scaledDebt, startedAt: 0n, proof: 0n, mark: 0n });
      }
      for (const step of sequence) {
        if (await perform(system, model, step)) see(step.kind);
        await compare(system, model);
        for (const { collateral, scaledDebt, mark } of model.positions) {
          if (mark !== 0n && collateral !== 0n) see("marked with collateral");
          if (collateral === 0n && scaledDebt !== 0n) {
            see(model.state === ORACLE.fresh ? "emptied" : "emptied while in doubt");
          }
        }
      }
    }
    for (const what of ["start", "take", "takeAll", "mark", "repay", "add", "realize"]) {
      expect(seen.get(what) ?? 0, what).to.be.at.least(2);
    }
    for (const what of ["marked with collateral", "emptied", "emptied while in doubt"]) {
      expect(seen.get(what) ?? 0, what).to.be.at.least(1);
    }
  }).timeout(300_000);
});
