/**
 * A backstop on bigint: holders and their locks, cash, what is held of each vault and what it cost, and the losses that wait. It
 * keeps no running sums. What vaults say of their marks and debts, and how old a sale is, is the caller's word.
 */
import {
  rewind,
  salePrice,
  type Size,
  sizeUpTo,
  TICKS_PER_SECOND,
  value,
  valueUp,
} from "../../sdk/saleMath.ts";
import { discount } from "../../sdk/decayCurve.ts";
import { BPS, ceilDiv, MAX_UINT256, min, mulDivUp, WAD, zeroFloorSub } from "../../sdk/math.ts";
import type { OraclePrice } from "../../sdk/oracleAdapter.ts";
import type { SaleTerms } from "../../sdk/terms.ts";
import { DAY, ORACLE } from "./vault.ts";

const VIRTUAL_SHARES = 10n ** 6n;
/** A share worth less than this part of the first one's price is void. */
const VOID_DIVISOR = 10n ** 6n;
const MAX_ASSETS = 2n ** 112n - 1n;
const LONGEST_DOUBT = 7n * DAY;
const DOUBT_MEMORY = 8n * DAY;
const LONGEST_WAIT = 30n * DAY;

/** The name of the error that the contract must answer with. */
export class Refused extends Error {}

/** A price as the ABI gives it: its state is a number. */
export type ModelOracle = Omit<OraclePrice, "state"> & { readonly state: bigint };

/** What a vault says of itself. */
export interface VaultWord {
  readonly markdown: bigint;
  readonly scaledDebt: bigint;
  readonly oracleAliveUntil: bigint;
}

/** What a vault says of a position whose sale is live. */
export interface SaleWord {
  readonly debt: bigint;
  readonly collateral: bigint;
  readonly mark: bigint;
  readonly terms: SaleTerms;
  readonly ownSeconds: bigint;
  readonly liveSeconds: bigint;
  readonly minDebt: bigint;
}

export interface ModelCover {
  isListed: boolean;
  cap: bigint;
  inventory: bigint;
  cost: bigint;
  owed: bigint;
  resaleClock: bigint;
  doubtSince: bigint;
  doubtSeen: bigint;
  resale: SaleTerms;
}

interface Holder {
  shares: bigint;
  lock: { shares: bigint; opensAt: bigint; closesAt: bigint };
}

interface Pending {
  assets: bigint;
  finalAt: bigint;
}

/** Who bore a loss, and what still waits. */
export interface Realized {
  readonly covered: bigint;
  readonly fromLenders: bigint;
  readonly owed: bigint;
  /** Collateral that went to the vault. */
  readonly surrendered: bigint;
}

const refuseWhen = (isRefused: boolean, error: string): void => {
  if (isRefused) throw new Refused(error);
};

const noLock = (): Holder["lock"] => ({ shares: 0n, opensAt: 0n, closesAt: 0n });

export class BackstopModel {
  cash = 0n;
  generation = 0;
  now = 0n;
  readonly covers: ModelCover[] = [];
  readonly oracles: ModelOracle[] = [];
  /** Read anew before each use. */
  words: readonly VaultWord[] = [];
  private readonly holders = new Map<string, Holder>();
  private readonly pendings = new Map<string, Pending>();
  private readonly cooldown: bigint;
  private readonly window: bigint;

  constructor(cooldown: bigint, window: bigint) {
    this.cooldown = cooldown;
    this.window = window;
  }

  // ------------------------------------------------------------------------------------------------------------- state

  cover(v: number): ModelCover {
    const cover = this.covers[v];
    if (cover === undefined) throw new Error("no such vault");
    return cover;
  }

  oracle(v: number): ModelOracle {
    const oracle = this.oracles[v];
    if (oracle === undefined) throw new Error("no such oracle");
    return oracle;
  }

  private holder(who: string): Holder {
    const found = this.holders.get(who) ?? { shares: 0n, lock: noLock() };
    this.holders.set(who, found);
    return found;
  }

  balanceOf(who: string): bigint {
    return this.holder(who).shares;
  }

  lockedOf(who: string): bigint {
    const { lock } = this.holder(who);
    return this.now > lock.closesAt ? 0n : lock.shares;
  }

  opensAt(who: string): bigint {
    return this.holder(who).lock.opensAt;
  }

  get supply(): bigint {
    return [...this.holders.values()].reduce((sum, { shares }) => sum + shares, 0n);
  }

  pending(v: number, borrower: string): Pending {
    return this.pendings.get(`${v} ${borrower}`) ?? { assets: 0n, finalAt: 0n };
  }

  pendingOf(v: number): bigint {
    return [...this.pendings]
      .filter(([key]) => key.startsWith(`${v} `))
      .reduce((sum, [, { assets }]) => sum + assets, 0n);
  }

  private listed(v: number): ModelCover {
    const cover = this.cover(v);
    refuseWhen(!cover.isListed, "VaultNotListed");
    return cover;
  }

  // ------------------------------------------------------------------------------------------------------------ values

  private isFresh(v: number): boolean {
    return this.oracle(v).state === ORACLE.fresh;
  }

  get canPrice(): boolean {
    return this.covers.every(({ inventory }, v) => inventory === 0n || this.isFresh(v));
  }

  get totalAssets(): bigint {
    return this.covers.reduce((sum, { inventory, cost, resale }, v) => {
      if (!this.isFresh(v)) return sum;
      const least = (value(inventory, this.oracle(v).low) * (BPS - resale.maxDiscountBps)) / BPS;
      return sum + min(cost, least);
    }, this.cash);
  }

  private get fullAssets(): bigint {
    return this.covers.reduce((sum, { inventory }, v) => {
      if (inventory === 0n) return sum;
      refuseWhen(!this.isFresh(v), "OracleNotFresh");
      return sum + valueUp(inventory, this.oracle(v).high);
    }, this.cash);
  }

  /** Whether a share is worth less than a millionth of what the first one cost. */
  get isWorthless(): boolean {
    const price = ((this.fullAssets + 1n) * VIRTUAL_SHARES * VOID_DIVISOR) / (this.supply + VIRTUAL_SHARES);
    return price === 0n;
  }

  private sharesOf(assets: bigint): bigint {
    const supply = this.isWorthless ? 0n : this.supply;
    return (assets * (supply + VIRTUAL_SHARES)) / (this.fullAssets + 1n);
  }

  previewDeposit(assets: bigint): bigint {
    return this.sharesOf(assets);
  }

  previewMint(shares: bigint): bigint {
    const supply = this.isWorthless ? 0n : this.supply;
    return mulDivUp(shares, this.fullAssets + 1n, supply + VIRTUAL_SHARES);
  }

  previewRedeem(shares: bigint): bigint {
    return (shares * (this.totalAssets + 1n)) / (this.supply + VIRTUAL_SHARES);
  }

  get maxDeposit(): bigint {
    return this.canPrice ? zeroFloorSub(MAX_ASSETS, this.fullAssets) : 0n;
  }

  maxRedeem(who: string): bigint {
    if (this.now < this.opensAt(who) || this.openLoss() !== 0n || this.inDoubt) return 0n;
    const forCash = (this.cash * (this.supply + VIRTUAL_SHARES)) / (this.totalAssets + 1n);
    const shares = min(this.lockedOf(who), forCash);
    return this.previewRedeem(shares) === 0n ? 0n : shares;
  }

  maxWithdraw(who: string): bigint {
    return min(this.cash, this.previewRedeem(this.maxRedeem(who)));
  }

  /** @param beside Vault and mark that count nothing. */
  openLoss(beside?: { readonly v: number; readonly mark: bigint }): bigint {
    return this.covers.reduce((sum, { isListed, cap }, v) => {
      if (!isListed) return sum;
      const marked = this.words[v]?.markdown ?? 0n;
      return sum + min(cap, beside?.v === v ? zeroFloorSub(marked, beside.mark) : marked);
    }, 0n);
  }

  private isDoubted(v: number): boolean {
    const { cap } = this.cover(v);
    const { state, aliveUntil } = this.oracle(v);
    const word = this.words[v];
    if (cap === 0n || state === ORACLE.fresh || word === undefined || word.scaledDebt === 0n) return false;
    if (word.oracleAliveUntil === 0n) return aliveUntil === 0n;
    return this.now <= word.oracleAliveUntil + LONGEST_DOUBT;
  }

  get inDoubt(): boolean {
    return this.covers.some(({ isListed, doubtSince, doubtSeen }, v) => {
      const isLong = this.now >= doubtSince + LONGEST_DOUBT && this.now <= doubtSeen + DOUBT_MEMORY;
      return isListed && !isLong && this.isDoubted(v);
    });
  }

  // ------------------------------------------------------------------------------------------------------- enter, leave

  private beginAnewIfWorthless(): void {
    if (!this.canPrice || !this.isWorthless) return;
    this.generation += 1;
    this.holders.clear();
  }

  private enter(who: string, assets: bigint, shares: bigint): void {
    this.beginAnewIfWorthless();
    this.cash += assets;
    this.holder(who).shares += shares;
  }

  /** @return Shares. */
  deposit(who: string, assets: bigint): bigint {
    refuseWhen(assets > this.maxDeposit, "ERC4626ExceededMaxDeposit");
    const shares = this.previewDeposit(assets);
    refuseWhen(assets === 0n || shares === 0n, "ZeroAmount");
    this.enter(who, assets, shares);
    return shares;
  }

  /** @return Assets. */
  mint(who: string, shares: bigint): bigint {
    const most = this.maxDeposit;
    refuseWhen(most === 0n || shares > this.previewDeposit(most), "ERC4626ExceededMaxMint");
    const assets = this.previewMint(shares);
    refuseWhen(assets === 0n || shares === 0n, "ZeroAmount");
    this.enter(who, assets, shares);
    return assets;
  }

  startCooldown(who: string, shares: bigint): void {
    const opensAt = this.now + this.cooldown;
    const locked = min(shares, this.balanceOf(who));
    this.holder(who).lock = { shares: locked, opensAt, closesAt: opensAt + this.window };
  }

  private leave(who: string, assets: bigint, shares: bigint): void {
    refuseWhen(assets === 0n || shares === 0n, "ZeroAmount");
    const holder = this.holder(who);
    this.cash -= assets;
    holder.lock.shares -= shares;
    holder.shares -= shares;
  }

  /** @return Assets. */
  redeem(who: string, shares: bigint): bigint {
    refuseWhen(shares > this.maxRedeem(who), "ERC4626ExceededMaxRedeem");
    const assets = this.previewRedeem(shares);
    this.leave(who, assets, shares);
    return assets;
  }

  /** @return Shares. */
  withdraw(who: string, assets: bigint): bigint {
    refuseWhen(assets > this.maxWithdraw(who), "ERC4626ExceededMaxWithdraw");
    const shares = mulDivUp(assets, this.supply + VIRTUAL_SHARES, this.totalAssets + 1n);
    this.leave(who, assets, shares);
    return shares;
  }

  transfer(from: string, to: string, shares: bigint): void {
    refuseWhen(shares > this.balanceOf(from), "ERC20InsufficientBalance");
    refuseWhen(this.balanceOf(from) - shares < this.lockedOf(from), "SharesLocked");
    this.holder(from).shares -= shares;
    this.holder(to).shares += shares;
  }

  // -------------------------------------------------------------------------------------------------------- buy, resell

  /** Cash that no other open loss may need, within the cap. */
  spare(v: number, mark: bigint): bigint {
    const { cap, cost } = this.cover(v);
    return min(zeroFloorSub(this.cash, this.openLoss({ v, mark })), zeroFloorSub(cap, cost));
  }

  /** @return Price, and the size that the vault must sell. */
  planPurchase(
    v: number,
    sale: SaleWord | undefined,
    maxPayment: bigint,
  ): { readonly price: bigint; readonly size: Size } {
    const { resale } = this.listed(v);
    if (sale === undefined) throw new Refused("");
    const { debt, collateral, terms, ownSeconds, minDebt } = sale;
    refuseWhen(sale.liveSeconds < terms.horizon, "SaleTooYoung");
    refuseWhen(!this.isFresh(v), "OracleNotFresh");
    const { deciding, low } = this.oracle(v);
    const off = discount(terms, ownSeconds, ownSeconds);
    refuseWhen(off < (resale.maxDiscountBps * WAD) / BPS, "ResaleTooDeep");
    const price = salePrice(deciding, low, off, terms.maxDiscountBps);
    const budget = min(maxPayment, this.spare(v, sale.mark));
    const inputs = { debt, collateral, price, deciding, minDebt };
    const whole = sizeUpTo(MAX_UINT256, inputs, terms);
    const fits = whole.repay + whole.penalty <= budget;
    const size = fits ? whole : sizeUpTo((budget * BPS) / (BPS + terms.penaltyBps), inputs, terms);
    refuseWhen(size.repay === 0n, "ZeroAmount");
    return { price, size };
  }

  bought(v: number, payment: bigint, collateral: bigint): void {
    const cover = this.cover(v);
    const ticks = this.now * TICKS_PER_SECOND;
    const age = min(ticks - cover.resaleClock, cover.resale.horizon * TICKS_PER_SECOND);
    // What is bought now is of age 0.
    cover.resaleClock = ticks - (age * cover.inventory) / (cover.inventory + collateral);
    cover.inventory += collateral;
    cover.cost += payment;
    this.cash -= payment;
  }

  private asked(v: number): bigint {
    const { resaleClock, resale } = this.cover(v);
    const { deciding, low, liveSince } = this.oracle(v);
    const sinceClock = (this.now * TICKS_PER_SECOND - resaleClock) / TICKS_PER_SECOND;
    const seconds = min(min(sinceClock, zeroFloorSub(this.now, liveSince)), resale.horizon);
    return salePrice(deciding, low, discount(resale, seconds, seconds), resale.maxDiscountBps);
  }

  resalePrice(v: number): bigint {
    this.listed(v);
    return this.isFresh(v) ? this.asked(v) : 0n;
  }

  private take(v: number, collateral: bigint): void {
    const cover = this.cover(v);
    cover.cost -= mulDivUp(cover.cost, collateral, cover.inventory);
    cover.inventory -= collateral;
  }

  private heldOf(v: number, collateral: bigint): void {
    const { inventory } = this.listed(v);
    refuseWhen(collateral === 0n, "ZeroAmount");
    refuseWhen(collateral > inventory, "InsufficientInventory");
  }

  /** @return Payment. */
  buyInventory(v: number, collateral: bigint, maxPayment: bigint): bigint {
    this.heldOf(v, collateral);
    refuseWhen(!this.isFresh(v), "OracleNotFresh");
    const payment = valueUp(collateral, this.asked(v));
    refuseWhen(payment > maxPayment, "PaymentTooHigh");
    const cover = this.cover(v);
    const sold = valueUp(collateral, this.oracle(v).deciding);
    const { horizon, lot } = cover.resale;
    cover.resaleClock = rewind(cover.resaleClock, this.now, sold, horizon, lot);
    this.take(v, collateral);
    this.cash += payment;
    return payment;
  }

  removeInventory(v: number, collateral: bigint, isHandedOut: boolean): void {
    this.heldOf(v, collateral);
    refuseWhen(isHandedOut && this.isFresh(v), "InventoryIsForSale");
    this.take(v, collateral);
  }

  setCover(v: number, cap: bigint, resale: SaleTerms): void {
    const cover = this.cover(v);
    cover.isListed = cap !== 0n || cover.inventory !== 0n;
    if (!cover.isListed) cover.owed = 0n;
    [cover.cap, cover.resale] = [cap, resale];
  }

  noteDoubt(v: number): void {
    const cover = this.listed(v);
    if (!this.isDoubted(v)) [cover.doubtSince, cover.doubtSeen] = [0n, 0n];
    else {
      if (this.now > cover.doubtSeen + DOUBT_MEMORY) cover.doubtSince = this.now;
      cover.doubtSeen = this.now;
    }
  }

  // ------------------------------------------------------------------------------------------------------------- losses

  /** What a vault realizes: a new loss beyond its reserve, with what waited for the same borrower. */
  realize(v: number, borrower: string, beyondReserve: bigint): Realized {
    const cover = this.cover(v);
    const waited = this.pending(v, borrower);
    const finalAt = waited.finalAt === 0n ? this.now + LONGEST_WAIT : waited.finalAt;
    const due = beyondReserve + waited.assets;
    const besides = this.pendingOf(v) - waited.assets;
    let [covered, owed, surrendered] = [0n, 0n, 0n];
    if (cover.isListed && due !== 0n) {
      covered = min(due, min(cover.cap, this.cash));
      cover.cap -= covered;
      this.cash -= covered;
      const cost = this.covers.reduce((sum, each) => sum + each.cost, 0n);
      const spoken = this.covers.reduce((sum, each, i) => (i === v ? sum : sum + each.owed), besides);
      owed = min(due - covered, min(zeroFloorSub(cover.cap, besides), zeroFloorSub(cost, spoken)));
      cover.owed = besides + owed;
    }
    const late = owed !== 0n && this.now >= finalAt;
    if (late) {
      surrendered = this.surrender(v, owed);
      owed = 0n;
    }
    if (owed === 0n) this.pendings.delete(`${v} ${borrower}`);
    else this.pendings.set(`${v} ${borrower}`, { assets: owed, finalAt });
    return { covered, owed, surrendered, fromLenders: due - covered - owed };
  }

  private surrender(v: number, loss: bigint): bigint {
    const cover = this.cover(v);
    const paid = min(loss, cover.cost);
    cover.owed -= min(loss, cover.owed);
    cover.cap -= min(paid, cover.cap);
    if (paid === 0n) return 0n;
    const collateral = ceilDiv(cover.inventory * paid, cover.cost);
    this.take(v, collateral);
    return collateral;
  }
}
