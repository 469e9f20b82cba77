/**
 * The backstop against a model of integers, to the unit, over random sequences: two vaults of different units behind one pool,
 * holders who come, lock, pass on and leave, sales that it buys from and resells, losses beyond its cash that wait for inventory
 * and fall due, and wipe-outs. Prices have a band of a real width, are in doubt or dead at times, and the interest index is not 1.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";

import { BPS, min, PRICE_SCALE, WAD, zeroFloorSub } from "../../sdk/math.ts";
import { toAssetsDown, toAssetsUp } from "../../sdk/interestMath.ts";
import { Random } from "../../scripts/world/random.ts";
import { termsFrom } from "../../sdk/terms.ts";
import type { IVault, MockERC20, MockOracle } from "../../typechain-types/index.js";
import { BACKSTOP, deployBackstopSystem, RESALE } from "../helpers/backstop.ts";
import {
  BackstopModel,
  type ModelCover,
  type ModelOracle,
  Refused,
  type SaleWord,
} from "../helpers/backstopModel.ts";
import { ethers, loadFixture, networkHelpers, now, pass } from "../helpers/chain.ts";
import {
  CALM_TERMS,
  COLL,
  CONFIG,
  DAY,
  GOVERNOR_ROLE,
  LOAN,
  MAX,
  NO_DATA,
  NOBODY,
  ORACLE,
  prepare,
  RATE_MODEL,
  STORY,
  YEAR,
} from "../helpers/vault.ts";
import { type Answer, deployReader, question, type Question } from "../helpers/reader.ts";

const START = 4_000_000_000n;
const SEEDS = [1, 2, 3, 4, 5, 6];
const STEPS = 65;
const HIGH = 2_000n;
const CAP = 22_000n * LOAN;
/** Two proofs bring a sale to its horizon. */
const TERMS = { ...CALM_TERMS, halfLife: 530n };
/** Penalties and target differ: what is sold depends on whose terms count. */
const OTHER_TERMS = { ...TERMS, penaltyBps: 90n, targetLtvBps: 6_900n };
const OTHER_RESALE = {
  ...RESALE,
  startPremiumBps: 40n,
  maxDiscountBps: 500n,
  horizon: 9_000n,
  lot: 20_000n * LOAN,
};

interface Side {
  readonly vault: IVault;
  readonly oracle: MockOracle;
  readonly collateral: MockERC20;
  /** Units of one coin of collateral. */
  readonly coin: bigint;
}

const deploy = async () => {
  await networkHelpers.time.increaseTo(START);
  const system = await prepare(
    await deployBackstopSystem({ config: { reserveFactorBps: 10n }, terms: TERMS }),
  );
  const { authority, backstop, config, deployer, governor, rateModel, loan, lender } = system;
  const { borrower, otherBorrower, otherLender, operator, stranger, taker } = system;
  const secondCollateral = await ethers.deployContract("MockERC20", ["Other", "OTHER", 8n]);
  const secondOracle = await ethers.deployContract("MockOracle", [secondCollateral, loan]);
  const code = await ethers.deployContract("Vault", [
    { ...config, collateralAsset: secondCollateral, oracle: secondOracle },
  ]);
  const second = await ethers.getContractAt("IVault", await code.getAddress());
  const setTerms = second.getFunction("setTerms").fragment.selector;
  await authority.connect(deployer).setTargetFunctionRole(second, [setTerms], GOVERNOR_ROLE);
  const sides: readonly Side[] = [
    { vault: system.vault, oracle: system.oracle, collateral: system.collateral, coin: COLL },
    { vault: second, oracle: secondOracle, collateral: secondCollateral, coin: 10n ** 8n },
  ];
  for (const { vault, oracle, collateral, coin } of sides) {
    await oracle.setPrice((HIGH * LOAN * PRICE_SCALE) / coin);
    for (const user of [lender, borrower, otherBorrower, taker]) {
      await loan.mint(user, STORY.lent);
      await loan.connect(user).approve(vault, MAX);
      await collateral.mint(user, 1_000n * coin);
      await collateral.connect(user).approve(vault, MAX);
    }
    await vault.connect(lender).deposit(STORY.lent / 2n, lender);
    await vault.connect(borrower).supplyCollateral(20n * coin, borrower);
    await vault.connect(borrower).borrow(20_000n * LOAN, borrower, borrower);
  }
  const holders = [otherLender, operator, stranger];
  for (const user of [...holders, taker]) {
    await loan.mint(user, 10n ** 9n * LOAN);
    await loan.connect(user).approve(backstop, MAX);
  }
  // An index of 1.28.
  await rateModel.set(WAD / 4n / YEAR, WAD / 4n / YEAR, RATE_MODEL.answers);
  for (const { vault } of sides) await vault.accrue();
  await pass(YEAR);
  await rateModel.set(WAD / 10n / YEAR, WAD / 10n / YEAR, RATE_MODEL.answers);
  for (const { vault } of sides) {
    await vault.accrue();
    await vault.connect(borrower).repay(MAX, borrower);
    await backstop.connect(governor).setCover(vault, { cap: CAP, resale: RESALE });
  }
  return { ...system, sides, holders, borrowers: [borrower, otherBorrower], read: await deployReader() };
};
type System = Awaited<ReturnType<typeof deploy>>;

/** Fields of a vault's totals, as a view returns them. */
const asTotals = (answer: Answer) => {
  const [, scaledDebt, , oracleAliveUntil, , , reserve] = answer?.[0] as readonly bigint[];
  if (scaledDebt === undefined || oracleAliveUntil === undefined || reserve === undefined)
    throw new Error("these are no totals");
  return { scaledDebt, oracleAliveUntil, reserve };
};

/** Terms by name: what a view returns does not spread. */
/** A cover as its view returns it. */
const coverFields = ({ resale, ...cover }: ModelCover): readonly unknown[] => [
  ...Object.values(cover),
  Object.values(resale),
];

/** What the model refuses has no answer. */
const orRefused = (byModel: () => unknown): unknown => {
  try {
    return byModel();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
};

const asItIs = (): Promise<void> => Promise.resolve();

/** What happened, so that nobody takes idle sequences for a proof. */
const seen = new Map<string, number>();
const see = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

/** What sequences must come to, so that they prove something. */
const OFTEN = [
  ...["deposit", "mint", "redeem", "withdraw", "cooldown", "transfer", "donate"],
  ...["buy", "buy beside an open loss", "buy to the bound"],
  ...["buyInventory", "partly resold", "all resold", "writeOff"],
  ...["realize", "covered", "all cash paid", "noteDoubt", "setCover"],
  ...[
    "kept in by an open loss",
    "kept in by a doubt",
    "inventory without a price",
    "a part of what is locked",
  ],
];
const RARE = [
  ...["generation", "loss that waits", "paid after it waited", "surrendered"],
  ...[
    "handOut",
    "buy beside inventory",
    "struck off",
    "doubt noted",
    "sale of older terms",
    "buy near the deepest",
  ],
];

/** One sequence: the contract, its model, and what comes next. */
class Sequence {
  private readonly system: System;
  private readonly random: Random;
  private readonly model = new BackstopModel(BACKSTOP.cooldown, BACKSTOP.window);
  /** Tokens that nobody accounts for: gifts, and what was written off. */
  private looseLoan = 0n;
  private readonly looseCollateral = [0n, 0n];
  private readonly surrendered = [0n, 0n];

  constructor(system: System, seed: number) {
    this.system = system;
    this.random = new Random(seed);
  }

  private pick(n: number): number {
    return Math.floor(this.random.uniform() * n);
  }

  private any<T>(items: readonly T[]): T {
    const item = items[this.pick(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }

  /** Up to `most`, small ones and all of it more often. */
  private amount(most: bigint): bigint {
    const dice = this.pick(16);
    if (dice === 0) return 0n;
    if (dice < 2) return 1n;
    if (dice < 4 || most === 0n) return most + 1n;
    if (dice < 8) return most;
    return (most * BigInt(1 + this.pick(1_000))) / 1_001n;
  }

  private side(v: number): Side {
    const side = this.system.sides[v];
    if (side === undefined) throw new Error("no such side");
    return side;
  }

  async begin(): Promise<void> {
    const { backstop, sides } = this.system;
    for (const [v, { vault }] of sides.entries()) {
      const { isListed, cap, inventory, cost, owed, resaleClock, doubtSince, doubtSeen } =
        await backstop.coverOf(vault);
      expect([isListed, cap, inventory]).to.deep.equal([true, CAP, 0n]);
      const clocks = { resaleClock, doubtSince, doubtSeen };
      this.model.covers.push({ isListed, cap, inventory, cost, owed, ...clocks, resale: RESALE });
      await this.say(v, HIGH * 100n, 0n, ORACLE.fresh);
    }
    await this.compare();
  }

  private wordQuestions(): readonly Question[] {
    return this.system.sides.flatMap(({ vault }) => [question(vault, "markdown"), question(vault, "totals")]);
  }

  /** Brings the model to what vaults say now. */
  private async hear(answers: readonly Answer[]): Promise<void> {
    this.model.now = await now();
    this.model.words = this.system.sides.map((_, v) => {
      const { scaledDebt, oracleAliveUntil } = asTotals(answers[2 * v + 1]);
      return { markdown: answers[2 * v]?.[0] as bigint, scaledDebt, oracleAliveUntil };
    });
  }

  private async look(): Promise<void> {
    await this.hear(await this.system.read(this.wordQuestions()));
  }

  /** Both do it, or both refuse. @return What the model came to; nothing where it refused. */
  private async both<T>(what: string, byModel: () => T, act: () => Promise<unknown>): Promise<T | undefined> {
    await this.look();
    let result: T;
    try {
      result = byModel();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const told = await act().then(
        () => "nothing",
        (reason: unknown) => String(reason),
      );
      expect(told, `${what} must be refused`).to.match(new RegExp(`revert.*${error.message}`));
      see(`${what} refused`);
      return undefined;
    }
    await act();
    see(what);
    return result;
  }

  // ------------------------------------------------------------------------------------------------------------ prices

  private async say(v: number, hundredths: bigint, bandBps: bigint, state: bigint): Promise<void> {
    const { oracle, coin } = this.side(v);
    const deciding = (hundredths * LOAN * PRICE_SCALE) / coin / 100n;
    const second = await now();
    const said: ModelOracle = {
      deciding: state === ORACLE.stale ? 0n : deciding,
      low: (deciding * (BPS - bandBps)) / BPS,
      high: (deciding * (BPS + 2n * bandBps)) / BPS,
      startBound: this.pick(3) === 0 ? (deciding * (BPS + bandBps)) / BPS : deciding,
      liveSince: this.pick(4) === 0 ? second - BigInt(this.pick(3_000)) : 0n,
      aliveUntil: this.pick(2) === 0 ? second + BigInt(this.pick(7_200)) : 0n,
      state,
    };
    await oracle.set(said);
    this.model.oracles[v] = said;
  }

  private async move(): Promise<void> {
    const state = this.any([ORACLE.fresh, ORACLE.fresh, ORACLE.fresh, ORACLE.suspect, ORACLE.stale]);
    await this.say(this.pick(2), BigInt(60_000 + this.pick(130_000)), BigInt(this.pick(300)), state);
    if (state !== ORACLE.fresh && this.model.covers.some(({ inventory }) => inventory !== 0n)) {
      see("inventory without a price");
    }
  }

  // ------------------------------------------------------------------------------------------------------------- sales

  /** Somebody borrows where he can, the price sinks, his sale starts and, if so chosen, ripens with proofs. */
  private async newSale(v: number, borrower: HardhatEthersSigner): Promise<void> {
    const { vault, coin } = this.side(v);
    const { starter } = this.system;
    await this.say(v, HIGH * 100n, BigInt(this.pick(100)), ORACLE.fresh);
    const { collateral, scaledDebt } = await vault.position(borrower);
    if (collateral === 0n && scaledDebt !== 0n) await this.realize(v, borrower);
    if (collateral === 0n || scaledDebt === 0n) {
      const coins = BigInt(4 + this.pick(30));
      await vault.connect(borrower).supplyCollateral(coins * coin, borrower);
      await vault.connect(borrower).borrow(coins * 1_480n * LOAN, borrower, borrower);
    }
    const [debt, held] = [await vault.debtOf(borrower), (await vault.position(borrower)).collateral];
    const ltvBps = this.pick(5) === 0 ? 13_000 + this.pick(12_000) : 8_400 + this.pick(3_000);
    const hundredths = (debt * 100n * coin * BPS) / (LOAN * held * BigInt(ltvBps));
    await this.say(v, hundredths, BigInt(this.pick(150)), ORACLE.fresh);
    await vault
      .connect(starter)
      .startSale(borrower, NOBODY)
      .catch(() => undefined);
    if (this.pick(6) === 0) return;
    if (this.pick(2) === 0) await this.newTerms(v);
    for (let proofs = 0; proofs < 2; ++proofs) {
      await pass(440n);
      await vault.touch(borrower).catch(() => undefined);
    }
    await pass(180n + BigInt(this.pick(400)));
  }

  private async take(v: number, borrower: HardhatEthersSigner): Promise<void> {
    const { vault } = this.side(v);
    const { taker } = this.system;
    const params = {
      borrower,
      receiver: taker,
      maxRepay: MAX,
      maxPayment: MAX,
      minCollateral: 0n,
      deadline: MAX,
      data: NO_DATA,
    };
    await vault
      .connect(taker)
      .take(params)
      .catch(() => undefined);
    const { collateral, scaledDebt } = await vault.position(borrower);
    if (collateral === 0n && scaledDebt !== 0n) see("emptied with a loss");
  }

  private async newTerms(v: number): Promise<void> {
    const terms = this.any([TERMS, OTHER_TERMS]);
    await this.side(v).vault.connect(this.system.governor).setTerms(terms);
  }

  // --------------------------------------------------------------------------------------------------- buy and resell

  private async saleWord(v: number, borrower: HardhatEthersSigner): Promise<SaleWord | undefined> {
    const { vault } = this.side(v);
    const quote = await vault.quoteTake(borrower).catch(() => undefined);
    if (quote === undefined) return undefined;
    const [{ scaledDebt, collateral, termsId }, { index }, { termsId: newest }, mark] = await Promise.all([
      vault.position(borrower),
      vault.accruedTotals(),
      vault.params(),
      vault.markOf(borrower),
    ]);
    const terms = termsFrom(await vault.terms(termsId));
    if (termsId !== newest) see("sale of older terms");
    const debt = toAssetsUp(scaledDebt, index);
    const { ownSeconds, liveSeconds } = quote;
    return { debt, collateral, mark, terms, ownSeconds, liveSeconds, minDebt: CONFIG.minDebt };
  }

  private async buy(v: number, borrower: HardhatEthersSigner): Promise<void> {
    const { backstop } = this.system;
    const { vault } = this.side(v);
    const sale = await this.saleWord(v, borrower);
    await this.look();
    const most = this.pick(2) === 0 ? MAX : BigInt(this.pick(60_000)) * LOAN;
    const heldBefore = this.model.cover(v).inventory;
    const { spare, besides } = {
      spare: sale === undefined ? 0n : this.model.spare(v, sale.mark),
      besides: sale === undefined ? 0n : this.model.openLoss({ v, mark: sale.mark }),
    };
    const plan = await this.both(
      "buy",
      () => this.model.planPurchase(v, sale, most),
      () => backstop.buy(vault, borrower, most),
    );
    if (plan === undefined) return;
    const [event] = await vault.queryFilter(vault.filters.Take(borrower), "latest");
    if (event === undefined) throw new Error("nothing was sold");
    const { repaid, penalty, collateral, price } = event.args;
    expect([repaid, penalty, price]).to.deep.equal([plan.size.repay, plan.size.penalty, plan.price]);
    this.model.bought(v, repaid + penalty, collateral);
    if (heldBefore !== 0n) see("buy beside inventory");
    if (besides !== 0n) see("buy beside an open loss");
    if (repaid + penalty + LOAN >= spare) see("buy to the bound");
    if (price < (this.model.oracle(v).deciding * 9_405n) / BPS) see("buy near the deepest");
  }

  /** Where there is any, for choice. */
  private sideToSell(): number {
    const stocked = [0, 1].filter((v) => this.model.cover(v).inventory !== 0n);
    return stocked.length === 0 ? this.pick(2) : this.any(stocked);
  }

  private async buyInventory(v: number, amount?: bigint): Promise<void> {
    const { backstop, taker, loan } = this.system;
    const { vault } = this.side(v);
    const collateral = amount ?? this.amount(this.model.cover(v).inventory);
    const limit = this.pick(8) === 0 ? 1_000n * LOAN : MAX;
    const before = await loan.balanceOf(taker);
    const payment = await this.both(
      "buyInventory",
      () => this.model.buyInventory(v, collateral, limit),
      () => backstop.connect(taker).buyInventory(vault, collateral, limit, taker),
    );
    if (payment === undefined) return;
    expect(before - (await loan.balanceOf(taker))).to.equal(payment);
    see(this.model.cover(v).inventory === 0n ? "all resold" : "partly resold");
  }

  /** @param all If given, so much is written off. */
  private async removeInventory(v: number, all?: bigint): Promise<void> {
    const { backstop, governor, receiver } = this.system;
    const { vault } = this.side(v);
    const isHandedOut = all === undefined && this.pick(2) === 0;
    const collateral = all ?? this.amount(this.model.cover(v).inventory / 2n);
    await this.both(
      isHandedOut ? "handOut" : "writeOff",
      () => {
        this.model.removeInventory(v, collateral, isHandedOut);
        if (!isHandedOut) this.looseCollateral[v] = (this.looseCollateral[v] ?? 0n) + collateral;
      },
      () =>
        backstop
          .connect(governor)
          .removeInventory(vault, collateral, isHandedOut ? receiver.address : NOBODY),
    );
  }

  // ------------------------------------------------------------------------------------------------------------ losses

  private async realize(v: number, borrower: HardhatEthersSigner): Promise<void> {
    const { vault } = this.side(v);
    const [position, totals] = await Promise.all([vault.position(borrower), vault.accruedTotals()]);
    const waited = this.model.pending(v, borrower.address);
    const isNew = position.scaledDebt !== 0n && (position.collateral === 0n || waited.assets === 0n);
    let loss = 0n;
    if (isNew) {
      const left = totals.scaledDebt - position.scaledDebt;
      loss = toAssetsDown(totals.scaledDebt, totals.index) - toAssetsDown(left, totals.index);
    }
    const fromReserve = min(loss, totals.reserve);
    const outcome = await this.both(
      "realize",
      () => {
        const nothing = !isNew && waited.assets === 0n;
        if (nothing || (isNew && position.collateral !== 0n)) throw new Refused("NotEmptied");
        return this.model.realize(v, borrower.address, loss - fromReserve);
      },
      () => vault.realizeLoss(borrower),
    );
    if (outcome === undefined) return;
    const [event] = await vault.queryFilter(vault.filters.LossRealized(borrower), "latest");
    expect([event?.args.fromReserve, event?.args.fromBackstop, event?.args.fromLenders]).to.deep.equal([
      fromReserve,
      outcome.covered,
      outcome.fromLenders,
    ]);
    this.surrendered[v] = (this.surrendered[v] ?? 0n) + outcome.surrendered;
    if (outcome.covered !== 0n) see("covered");
    if (outcome.owed !== 0n) see("loss that waits");
    if (outcome.surrendered !== 0n) see("surrendered");
    if (outcome.owed !== 0n && this.pick(3) === 0) {
      await pass(30n * DAY);
      await this.realize(v, borrower);
    }
    if (waited.assets !== 0n && outcome.covered !== 0n) see("paid after it waited");
    if (waited.assets !== 0n && isNew) see("new loss beside one that waits");
    if (this.model.cash !== 0n || outcome.covered === 0n) return;
    see("all cash paid");
    if (this.pick(2) === 0) await this.ruin();
  }

  /** What is left is written off: shares are worth nothing, and whoever enters begins anew. */
  private async ruin(): Promise<void> {
    for (const v of this.system.sides.keys()) {
      const { inventory } = this.model.cover(v);
      if (inventory !== 0n) await this.removeInventory(v, inventory);
    }
    await this.enter(this.any(this.system.holders));
  }

  // --------------------------------------------------------------------------------------------------- enter and leave

  private async enter(user: HardhatEthersSigner): Promise<void> {
    const { backstop, loan } = this.system;
    const receiver = this.any(this.system.holders);
    const generation = this.model.generation;
    const voided = this.model.supply;
    const before = await loan.balanceOf(user);
    const size = this.any([1n, 500n, 8_000n, 16_000n]) * LOAN + BigInt(this.pick(1_000));
    let paid: bigint | undefined;
    if (this.pick(2) === 0) {
      const assets = this.pick(12) === 0 ? 0n : size;
      const act = () => backstop.connect(user).deposit(assets, receiver);
      if ((await this.both("deposit", () => this.model.deposit(receiver.address, assets), act)) !== undefined)
        paid = assets;
    } else {
      const shares = await backstop.previewDeposit(size).catch(() => size);
      const act = () => backstop.connect(user).mint(shares, receiver);
      paid = await this.both("mint", () => this.model.mint(receiver.address, shares), act);
    }
    if (paid !== undefined) expect(before - (await loan.balanceOf(user))).to.equal(paid);
    const [event] = await backstop.queryFilter(backstop.filters.SharesVoided(), "latest");
    if (this.model.generation === generation) expect(event).to.equal(undefined);
    else {
      expect([event?.args.generation, event?.args.shares]).to.deep.equal([BigInt(generation) + 1n, voided]);
      see("generation");
    }
  }

  private async leave(user: HardhatEthersSigner): Promise<void> {
    const { backstop, loan, receiver } = this.system;
    const owner = user.address;
    await this.look();
    const before = await loan.balanceOf(receiver);
    let got: bigint | undefined;
    if (this.pick(2) === 0) {
      const shares = this.amount(this.model.maxRedeem(owner));
      const act = () => backstop.connect(user).redeem(shares, receiver, owner);
      got = await this.both("redeem", () => this.model.redeem(owner, shares), act);
    } else {
      const assets = this.amount(this.model.maxWithdraw(owner));
      const act = () => backstop.connect(user).withdraw(assets, receiver, owner);
      if ((await this.both("withdraw", () => this.model.withdraw(owner, assets), act)) !== undefined)
        got = assets;
    }
    if (got === undefined) return;
    expect((await loan.balanceOf(receiver)) - before).to.equal(got);
    if (this.model.lockedOf(owner) !== 0n) see("a part of what is locked");
  }

  private async startCooldown(user: HardhatEthersSigner): Promise<void> {
    const shares = this.pick(3) === 0 ? MAX : this.amount(this.model.balanceOf(user.address));
    await this.both(
      "cooldown",
      () => {
        this.model.startCooldown(user.address, shares);
      },
      () => this.system.backstop.connect(user).startCooldown(shares),
    );
  }

  private async transfer(from: HardhatEthersSigner): Promise<void> {
    const to = this.any(this.system.holders);
    await this.look();
    const free = this.model.balanceOf(from.address) - this.model.lockedOf(from.address);
    const shares = this.amount(free);
    await this.both(
      "transfer",
      () => {
        this.model.transfer(from.address, to.address, shares);
      },
      () => this.system.backstop.connect(from).transfer(to, shares),
    );
  }

  private async donate(v: number): Promise<void> {
    const { backstop, taker, loan } = this.system;
    const { collateral, coin } = this.side(v);
    if (this.pick(2) === 0) {
      await loan.connect(taker).transfer(backstop, 5_000n * LOAN);
      this.looseLoan += 5_000n * LOAN;
    } else {
      await collateral.connect(taker).transfer(backstop, coin);
      this.looseCollateral[v] = (this.looseCollateral[v] ?? 0n) + coin;
    }
    see("donate");
  }

  private async setCover(v: number): Promise<void> {
    const { backstop, governor } = this.system;
    const cap = this.any([0n, 3_000n * LOAN, 9_000n * LOAN, CAP, CAP]);
    const resale = this.any([RESALE, OTHER_RESALE]);
    await this.both(
      "setCover",
      () => {
        this.model.setCover(v, cap, resale);
      },
      () => backstop.connect(governor).setCover(this.side(v).vault, { cap, resale }),
    );
    if (!this.model.cover(v).isListed) see("struck off");
  }

  private async noteDoubt(v: number): Promise<void> {
    const { backstop } = this.system;
    await this.both(
      "noteDoubt",
      () => {
        this.model.noteDoubt(v);
      },
      () => backstop.noteDoubt(this.side(v).vault),
    );
    const { state } = this.model.oracle(v);
    if (state !== ORACLE.fresh && this.model.cover(v).doubtSeen !== 0n) see("doubt noted");
  }

  // -------------------------------------------------------------------------------------------------------------- step

  /** Prices come back, inventory is sold, and whoever still shows a mark is looked at. */
  private async calm(): Promise<void> {
    for (const [v, { vault }] of this.system.sides.entries()) {
      await this.say(v, HIGH * 100n, BigInt(this.pick(100)), ORACLE.fresh);
      const { inventory } = this.model.cover(v);
      if (inventory !== 0n && this.pick(3) !== 0) await this.buyInventory(v, inventory);
      for (const borrower of this.system.borrowers) {
        const { collateral, scaledDebt } = await vault.position(borrower);
        const waits = this.model.pending(v, borrower.address).assets !== 0n;
        if (waits || (scaledDebt !== 0n && collateral === 0n)) await this.realize(v, borrower);
        else if ((await vault.markOf(borrower)) !== 0n) await vault.markDown(borrower).catch(() => undefined);
      }
    }
  }

  /** Holders lock shares, and try to leave when the window opens. */
  private async season(): Promise<void> {
    for (const holder of this.system.holders) if (this.pick(3) !== 0) await this.startCooldown(holder);
    await this.compare();
    await pass(BACKSTOP.cooldown - (this.pick(6) === 0 ? 1n : 0n));
    if (this.pick(4) !== 0) await this.calm();
    if (this.pick(4) === 0) await this.move();
    for (const holder of this.system.holders) await this.leave(holder);
  }

  /** A vault's price is in doubt for long, noted or not; holders would leave, and the governor may hand its inventory out. */
  private async doubt(v: number): Promise<void> {
    for (const holder of this.system.holders) await this.startCooldown(holder);
    await this.say(v, HIGH * 100n, 100n, this.any([ORACLE.suspect, ORACLE.stale]));
    await this.compare();
    if (this.pick(3) !== 0) await this.noteDoubt(v);
    await this.removeInventory(v);
    await this.enter(this.any(this.system.holders));
    await pass(BACKSTOP.cooldown - (this.pick(6) === 0 ? 1n : 0n));
    await this.compare();
    if (this.pick(2) === 0) await this.noteDoubt(v);
    for (const holder of this.system.holders) await this.leave(holder);
    if (this.pick(2) === 0) await pass(this.any([DAY, 8n * DAY, 8n * DAY + 1n]));
    if (this.pick(2) === 0) await this.noteDoubt(v);
  }

  /** A sale, and what the backstop has of it: a purchase, a loss, or both one after the other. */
  private async crash(v: number, borrower: HardhatEthersSigner): Promise<void> {
    await this.newSale(v, borrower);
    const dice = this.pick(5);
    if (dice < 3) await this.buy(v, borrower);
    await this.compare();
    if (dice === 0) {
      await pass(BigInt(this.pick(4_000)));
      await this.buyInventory(this.sideToSell());
    }
    if (dice < 2) return;
    await this.take(v, borrower);
    if (dice < 4) await this.realize(v, borrower);
  }

  /** Losses that wait are asked for again, some of them when they are due. */
  private async settle(): Promise<void> {
    if (this.pick(3) !== 0) await pass(this.any([DAY, 30n * DAY]));
    for (const v of this.system.sides.keys()) {
      for (const borrower of this.system.borrowers) {
        if (this.model.pending(v, borrower.address).assets !== 0n) await this.realize(v, borrower);
      }
    }
  }

  async step(): Promise<void> {
    const dice = this.pick(40);
    const v = this.pick(2);
    const borrower = this.any(this.system.borrowers);
    const holder = this.any(this.system.holders);
    if (dice < 5) await this.enter(holder);
    else if (dice < 6) await this.startCooldown(holder);
    else if (dice < 8) await this.leave(holder);
    else if (dice < 10) await this.transfer(holder);
    else if (dice < 11) await this.donate(v);
    else if (dice < 19) await this.crash(v, borrower);
    else if (dice < 21) await this.buy(v, borrower);
    else if (dice < 24) await this.buyInventory(this.sideToSell());
    else if (dice < 26) await this.removeInventory(this.sideToSell());
    else if (dice < 27) await this.take(v, borrower);
    else if (dice < 29) await this.realize(v, borrower);
    else if (dice < 30) await this.settle();
    else if (dice < 31) await this.setCover(v);
    else if (dice < 33) await this.move();
    else if (dice < 35) await this.doubt(this.sideToSell());
    else if (dice < 36) await this.newTerms(v);
    else if (dice < 38) await this.season();
    else await pass(this.any([60n, 3_000n, 3_000n, 7n * DAY, 8n * DAY, 30n * DAY]));
    await this.compare();
  }

  // ----------------------------------------------------------------------------------------------------------- compare

  private async compare(): Promise<void> {
    const { sides, read } = this.system;
    const table = this.table();
    const words = this.wordQuestions();
    const marks = [...sides.keys()].map((v) => this.markQuestions(v));
    const answers = await read([...words, ...table.map(([asked]) => asked), ...marks.flat()]);
    await this.hear(answers);
    const told = answers.slice(words.length);
    for (const [i, [{ name, args }, byModel]] of table.entries()) {
      expect(told[i]?.[0], `${name} ${args.join(" ")}`).to.deep.equal(orRefused(byModel));
    }
    let from = table.length;
    for (const [v, asked] of marks.entries()) {
      this.compareMarks(v, told.slice(from, from + asked.length));
      from += asked.length;
    }
    this.seeWhoIsKept();
  }

  private table(): readonly (readonly [Question, () => unknown])[] {
    const { backstop, loan, holders, sides, borrowers } = this.system;
    const { model } = this;
    const size = 1_234_567_891n;
    const shares = size * size;
    const table: (readonly [Question, () => unknown])[] = [
      [question(backstop, "totalSupply"), () => model.supply],
      [question(backstop, "totalAssets"), () => model.totalAssets],
      [question(backstop, "openLoss"), () => model.openLoss()],
      [question(backstop, "inDoubt"), () => model.inDoubt],
      [question(backstop, "maxDeposit", NOBODY), () => model.maxDeposit],
      [question(backstop, "previewDeposit", size), () => model.previewDeposit(size)],
      [question(backstop, "previewMint", shares), () => model.previewMint(shares)],
      [question(backstop, "convertToAssets", shares), () => model.previewRedeem(shares)],
      [question(loan, "balanceOf", backstop.target), () => model.cash + this.looseLoan],
    ];
    for (const { address } of holders) {
      table.push(
        [question(backstop, "balanceOf", address), () => model.balanceOf(address)],
        [question(backstop, "lockedOf", address), () => model.lockedOf(address)],
        [question(backstop, "maxRedeem", address), () => model.maxRedeem(address)],
        [question(backstop, "maxWithdraw", address), () => model.maxWithdraw(address)],
      );
    }
    for (const [v, { vault, collateral }] of sides.entries()) {
      const held = model.cover(v).inventory + (this.looseCollateral[v] ?? 0n);
      table.push(
        [question(backstop, "coverOf", vault.target), () => coverFields(model.cover(v))],
        [question(backstop, "resalePrice", vault.target), () => model.resalePrice(v)],
        [question(collateral, "balanceOf", backstop.target), () => held],
      );
      for (const { address } of borrowers) {
        const { assets, finalAt } = model.pending(v, address);
        table.push([question(vault, "pendingLossOf", address), () => [assets, finalAt]]);
      }
    }
    return table;
  }

  private markQuestions(v: number): readonly Question[] {
    const { vault } = this.side(v);
    return [
      question(vault, "accruedTotals"),
      question(vault, "position", vault.target),
      ...this.system.borrowers.map(({ address }) => question(vault, "markOf", address)),
    ];
  }

  /** Marks round up one by one, their sum down; what waits is on top, and what was surrendered the vault's own. */
  private compareMarks(v: number, [totals, own, ...marks]: readonly Answer[]): void {
    const waiting = this.model.pendingOf(v);
    const marked = marks.reduce((sum, mark) => sum + (mark?.[0] as bigint), 0n) - waiting;
    const { reserve } = asTotals(totals);
    expect(this.model.words[v]?.markdown).to.be.within(
      zeroFloorSub(zeroFloorSub(marked, 2n), reserve) + waiting,
      zeroFloorSub(marked, reserve) + waiting,
    );
    expect((own?.[0] as readonly bigint[] | undefined)?.[0]).to.equal(this.surrendered[v]);
  }

  private seeWhoIsKept(): void {
    const { model } = this;
    for (const { address } of this.system.holders) {
      if (model.lockedOf(address) === 0n || model.now < model.opensAt(address)) continue;
      if (model.openLoss() !== 0n) see("kept in by an open loss");
      if (model.inDoubt) see("kept in by a doubt");
    }
  }
}

describe("Reference: the backstop against a model of integers", function () {
  this.timeout(600_000);

  before(async () => {
    // On a young chain: the sequences begin at a second of their own.
    await loadFixture(asItIs);
  });

  for (const seed of SEEDS) {
    it(`agrees to the unit over ${STEPS} steps, seed ${seed}`, async () => {
      const sequence = new Sequence(await networkHelpers.loadFixture(deploy), seed);
      await sequence.begin();
      for (let step = 0; step < STEPS; ++step) await sequence.step();
    });
  }

  after(() => {
    for (const what of OFTEN) expect(seen.get(what) ?? 0, what).to.be.at.least(3);
    for (const what of RARE) expect(seen.get(what) ?? 0, what).to.be.at.least(1);
  });
});
