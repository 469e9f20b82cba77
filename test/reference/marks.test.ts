/**
 * Marks and losses as a model of plain integers, held against the vault over random sequences: several positions, an interest
 * index other than 1, an oracle whose band has a width, doubts and outages, a reserve that can pay a part, and, in half of the
 * sequences, a backstop that pays, buys and owes what it bought (`helpers/backstopModel.ts`). The model keeps scaled debts, collateral, which sales are live, marks and cash by itself. What a take sells, where the clock of a live sale
 * stands, and the reserve are the vault's word, each with a model of its own; everything that follows from them is the model's.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import fc from "fast-check";

import { secondsToHold } from "../../sdk/decayCurve.ts";
import { maxDebt, rewind, TICKS_PER_SECOND, valueUp } from "../../sdk/saleMath.ts";
import { toAssetsDown, toAssetsUp, toScaledDown, toScaledUp } from "../../sdk/interestMath.ts";
import { BPS, max, min, WAD } from "../../sdk/math.ts";
import { hasLapsed, isProven } from "../../sdk/saleClock.ts";
import { markDiscountBps } from "../../sdk/marks.ts";
import { BACKSTOP, deployBackstopSystem, RESALE } from "../helpers/backstop.ts";
import { BackstopModel, type Realized } from "../helpers/backstopModel.ts";
import { ethers, loadFixture, now } from "../helpers/chain.ts";
import {
  CALM_TERMS,
  COLL,
  CONFIG,
  DAY,
  LOAN,
  lentVault,
  MAX,
  ORACLE,
  prepare,
  price,
  RATE_MODEL,
  STORY,
  type VaultSystem,
  YEAR,
} from "../helpers/vault.ts";
import { SEED } from "./inputs.ts";

const RUNS = 60;
const STEPS = 25;
/** What the backstop has is less than the losses that come. */
const STAKED = 5_000n * LOAN;
const CAP = 12_000n * LOAN;
const VIRTUAL_SHARES = 10n ** 6n;
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
    "takeAll",
    "mark",
    "mark",
    "repay",
    "add",
    "realize",
    "realize",
    "buyOut",
    "buyOut",
    "resell",
    "wait",
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

async function threeLoans<T extends VaultSystem>(system: T) {
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

async function loansAlone() {
  return { ...(await threeLoans(await lentVault())), backstop: undefined };
}

async function loansCovered() {
  const system = await threeLoans(await prepare(await deployBackstopSystem()));
  // A resale that is less deep than the hold of a sale: the backstop buys without proofs.
  await system.cover(CAP, { maxDiscountBps: 100n, startPremiumBps: 50n });
  await system.stake(STAKED, system.holder);
  await system.loan.connect(system.taker).approve(system.backstop, MAX);
  return system;
}
type Loans = Awaited<ReturnType<typeof loansAlone>> | Awaited<ReturnType<typeof loansCovered>>;

const uncovered = (loss: bigint): Realized => ({ covered: 0n, owed: 0n, surrendered: 0n, fromLenders: loss });

const succeeds = (sent: Promise<unknown>): Promise<boolean> =>
  sent.then(
    () => true,
    () => false,
  );

class Model {
  readonly positions: ModelPosition[] = [];
  reserve = 0n;
  cash = 0n;
  scaledDebt = 0n;
  saleClock = 0n;
  deciding = price(2_000n);
  state: bigint = ORACLE.fresh;
  backstop: BackstopModel | undefined;
  /** Collateral that was surrendered to the vault. */
  swept = 0n;
  /** Who bore the last loss. */
  last: Realized | undefined;

  get pending(): bigint {
    return this.backstop?.pendingOf(0) ?? 0n;
  }

  pendingOf(user: HardhatEthersSigner | undefined): bigint {
    return this.backstop?.pending(0, user?.address ?? "").assets ?? 0n;
  }

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
  const live = model.positions.findIndex(({ startedAt }) => startedAt !== 0n);
  const loss = model.positions.findIndex(
    ({ collateral, scaledDebt }, i) =>
      (collateral === 0n && scaledDebt !== 0n) || model.pendingOf(users[i]) !== 0n,
  );
  const buysOut = step.kind === "buyOut" && system.backstop !== undefined && live !== -1;
  // Where there is one that it can do something to, for choice.
  const wanted = step.kind === "realize" ? loss : step.kind === "takeAll" || buysOut ? live : -1;
  const who = wanted === -1 ? step.who : wanted;
  const user: HardhatEthersSigner | undefined = users[who];
  if (user === undefined) throw new Error("no such user");
  const position = model.at(who);
  // The backstop waits for a horizon.
  if (buysOut) await pass(CALM_TERMS.horizon);
  const { index } = await vault.accruedTotals();
  const second = await now();
  const debt = toAssetsUp(position.scaledDebt, index);
  /** Where the clock of a sale stands that is live for the model. */
  const readClock = async (): Promise<void> => {
    const { saleStartedAt, proof } = await vault.position(user);
    if (position.startedAt !== 0n && saleStartedAt !== 0n)
      [position.startedAt, position.proof] = [saleStartedAt, proof];
  };
  if (model.backstop !== undefined) model.backstop.now = second;
  switch (step.kind) {
    case "price":
    case "doubt":
    case "outage": {
      const deciding = price(step.level);
      const low = (deciding * (BPS - step.band)) / BPS;
      const high = (deciding * (BPS + step.band)) / BPS;
      const state = { price: ORACLE.fresh, doubt: ORACLE.suspect, outage: ORACLE.stale }[step.kind];
      const said = { deciding, low, high, startBound: deciding, liveSince: 0n, aliveUntil: 0n, state };
      await say(said);
      [model.deciding, model.state] = [deciding, state];
      if (model.backstop !== undefined) model.backstop.oracles[0] = said;
      return true;
    }
    case "wait":
      if (model.pending === 0n) return false;
      await pass(30n * DAY);
      return true;
    case "resell": {
      const held = model.backstop?.cover(0).inventory ?? 0n;
      if (system.backstop === undefined || held === 0n) return false;
      const part = max((held * step.share) / 1_000n, 1n);
      const done = await succeeds(system.backstop.connect(taker).buyInventory(vault, part, MAX, taker));
      expect(done).to.equal(model.state === ORACLE.fresh);
      if (done) model.backstop?.buyInventory(0, part, MAX);
      return done;
    }
    case "pass":
      await pass(step.seconds);
      return true;
    case "start": {
      const clock = { saleStartedAt: position.startedAt, proof: position.proof };
      const isFree = position.startedAt === 0n || hasLapsed(clock, CALM_TERMS, second + 1n);
      const can = position.collateral !== 0n && isFree && !model.healthy(position, index);
      const done = await succeeds(vault.connect(starter).startSale(user, ethers.ZeroAddress));
      expect(done).to.equal(can && model.state !== ORACLE.stale);
      if (!done) return false;
      position.startedAt = second;
      await readClock();
      model.remark(position, index, second);
      return true;
    }
    case "buyOut":
    case "take":
    case "takeAll": {
      const before = await vault.position(user);
      const reserve = (await vault.accruedTotals()).reserve;
      const most = step.kind === "take" ? (debt * step.share) / 1_000n : MAX;
      if (step.kind === "buyOut" && !buysOut) return false;
      const sent =
        step.kind === "buyOut" && system.backstop !== undefined
          ? system.backstop.buy(vault, user, MAX)
          : system.take({ borrower: user.address, maxRepay: most }, taker);
      if (!(await succeeds(sent))) return false;
      const [event] = await vault.queryFilter(vault.filters.Take(user), "latest");
      if (event === undefined) throw new Error("no take");
      const { repaid, penalty, collateral } = event.args;
      expect(model.healthy(position, index) || position.startedAt === 0n).to.equal(false);
      model.pay(position, repaid, index);
      position.collateral = before.collateral - collateral;
      model.cash += repaid + penalty;
      if (step.kind === "buyOut") model.backstop?.bought(0, repaid + penalty, collateral);
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
      const done = await succeeds(vault.markDown(user));
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
      const waited = model.pendingOf(user);
      const isNew = position.scaledDebt !== 0n && (position.collateral === 0n || waited === 0n);
      const can = isNew ? position.collateral === 0n : waited !== 0n;
      const reserve = (await vault.accruedTotals()).reserve;
      const done = await succeeds(vault.realizeLoss(user));
      expect(done).to.equal(can);
      if (!done) return false;
      let loss = 0n;
      if (isNew) {
        const lentBefore = toAssetsDown(model.scaledDebt, index);
        model.scaledDebt -= position.scaledDebt;
        loss = lentBefore - toAssetsDown(model.scaledDebt, index);
        [position.scaledDebt, position.mark, position.startedAt] = [0n, 0n, 0n];
      }
      const fromReserve = min(loss, reserve);
      const beyond = loss - fromReserve;
      const outcome = model.backstop?.realize(0, user.address, beyond) ?? uncovered(beyond);
      model.cash += outcome.covered;
      model.swept += outcome.surrendered;
      expect((await vault.totals()).reserve).to.equal(reserve - fromReserve);
      const [event] = await vault.queryFilter(vault.filters.LossRealized(user), "latest");
      expect(event?.args.fromReserve).to.equal(fromReserve);
      expect(event?.args.fromBackstop).to.equal(outcome.covered);
      expect(event?.args.fromLenders).to.equal(outcome.fromLenders);
      model.last = outcome;
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

async function coverOf({ backstop, vault, holder, oracle }: Awaited<ReturnType<typeof loansCovered>>) {
  const cover = new BackstopModel(BACKSTOP.cooldown, BACKSTOP.window);
  const { isListed, cap, inventory, cost, owed, resaleClock, doubtSince, doubtSeen } =
    await backstop.coverOf(vault);
  const resale = { ...RESALE, maxDiscountBps: 100n, startPremiumBps: 50n };
  const clocks = { resaleClock, doubtSince, doubtSeen };
  cover.covers.push({ isListed, cap, inventory, cost, owed, ...clocks, resale });
  const { deciding, low, high, startBound, liveSince, aliveUntil, state } = await oracle.price();
  cover.oracles.push({ deciding, low, high, startBound, liveSince, aliveUntil, state });
  cover.deposit(holder.address, STAKED);
  return cover;
}

async function compare({ vault, users, backstop, loan }: Loans, model: Model): Promise<void> {
  const totals = await vault.accruedTotals();
  for (const [i, user] of users.entries()) {
    const stored = await vault.position(user);
    const { collateral, scaledDebt, startedAt, mark } = model.at(i);
    expect([stored.collateral, stored.scaledDebt, stored.saleStartedAt !== 0n]).to.deep.equal([
      collateral,
      scaledDebt,
      startedAt !== 0n,
    ]);
    const assets = model.pendingOf(user);
    expect((await vault.pendingLossOf(user)).assets).to.equal(assets);
    expect(await vault.markOf(user)).to.equal(toAssetsUp(mark, totals.index) + assets);
  }
  expect([totals.cash, totals.scaledDebt]).to.deep.equal([model.cash, model.scaledDebt]);
  expect(totals.marked).to.equal(model.totalMarks !== 0n || model.pending !== 0n);
  const marks = toAssetsDown(model.totalMarks, totals.index);
  const lent = toAssetsDown(model.scaledDebt, totals.index);
  expect(await vault.markdown()).to.equal(max(marks - totals.reserve, 0n) + model.pending);
  const assets = max(model.cash + lent - max(totals.reserve, marks), 0n);
  expect(await vault.totalAssets()).to.equal(assets);
  // Whoever enters pays for marks and for what waits.
  const full = max(model.cash + lent + model.pending - totals.reserve, 0n);
  const shares = (STORY.lent * ((await vault.totalSupply()) + VIRTUAL_SHARES)) / (full + 1n);
  expect(await vault.previewDeposit(STORY.lent)).to.equal(shares);
  expect((await vault.position(vault)).collateral).to.equal(model.swept);
  if (model.backstop === undefined || backstop === undefined) return;
  const { inventory, cost, owed, cap } = await backstop.coverOf(vault);
  const cover = model.backstop.cover(0);
  expect([inventory, cost, owed, cap]).to.deep.equal([cover.inventory, cover.cost, cover.owed, cover.cap]);
  expect(await loan.balanceOf(backstop)).to.equal(model.backstop.cash);
}

describe("Reference: marks and losses against a model of integers", () => {
  it(`agree to the unit over ${RUNS} sequences of ${STEPS} steps`, async () => {
    const sequences = fc.sample(fc.array(stepArbitrary, { minLength: STEPS, maxLength: STEPS }), {
      numRuns: RUNS,
      seed: SEED,
    });
    const seen = new Map<string, number>();
    const see = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const [i, sequence] of sequences.entries()) {
      // Those of one kind in a row: a chain keeps no state of another kind beside.
      const isCovered = i >= RUNS / 2;
      const system: Loans = await (isCovered ? loadFixture(loansCovered) : loadFixture(loansAlone));
      const model = new Model();
      if (system.backstop !== undefined) model.backstop = await coverOf(system);
      const totals = await system.vault.accruedTotals();
      expect(totals.index).to.be.above((WAD * 5n) / 4n);
      [model.cash, model.scaledDebt, model.saleClock] = [totals.cash, totals.scaledDebt, totals.saleClock];
      for (const user of system.users) {
        const { collateral, scaledDebt } = await system.vault.position(user);
        model.positions.push({ collateral, scaledDebt, startedAt: 0n, proof: 0n, mark: 0n });
      }
      for (const step of sequence) {
        if (await perform(system, model, step)) {
          see(step.kind);
          if (step.kind === "realize" && model.last !== undefined) {
            const { covered, owed } = model.last;
            if (covered !== 0n) see("covered");
            if (owed !== 0n) see("waits");
          }
        }
        await compare(system, model);
        for (const { collateral, scaledDebt, mark } of model.positions) {
          if (mark !== 0n && collateral !== 0n) see("marked with collateral");
          if (collateral === 0n && scaledDebt !== 0n) {
            see(model.state === ORACLE.fresh ? "emptied" : "emptied while in doubt");
          }
        }
      }
    }
    for (const what of ["start", "take", "takeAll", "mark", "repay", "add", "realize", "buyOut", "resell"]) {
      expect(seen.get(what) ?? 0, what).to.be.at.least(2);
    }
    const rare = ["covered", "waits"];
    for (const what of ["marked with collateral", "emptied", "emptied while in doubt", ...rare]) {
      expect(seen.get(what) ?? 0, what).to.be.at.least(1);
    }
  }).timeout(300_000);
});
