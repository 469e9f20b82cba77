/** Stakes that are filled together: contracts/libraries/FillAccumulator.sol on bigint. */
import { mulDivDown } from "./math.ts";

const ONE = 1n << 127n;

const SCALE_BITS = 32n;

const MIN_PRODUCT = ONE >> SCALE_BITS;

const SHARE_BITS = 192n;

const SUM_BITS = 224n;

const MIN_SHARES = 1n << (SHARE_BITS - 127n);

/** Where product and sum stood at one moment. */
export interface Snapshot {
  readonly product: bigint;
  readonly epoch: number;
  readonly scale: number;
  readonly sum: bigint;
}

/** Stakes that are filled together, pro rata, whatever their number. */
export class FillPool {
  total = 0n;
  pending = 0n;
  product = ONE;
  epoch = 0;
  scale = 0;
  private cohort = 0n;
  private leavingShares = 0n;
  private readonly sums = new Map<string, bigint>();
  private readonly snapshots = new Map<bigint, Snapshot>();

  /** Lets the cohort of an earlier boundary in and out. */
  fold(boundary: bigint): void {
    if (this.cohort === 0n || this.cohort === boundary) return;
    this.snapshots.set(this.cohort, this.current());
    this.total += this.pending - ((this.leavingShares * this.product) >> SHARE_BITS);
    this.cohort = 0n;
    this.pending = 0n;
    this.leavingShares = 0n;
  }

  /** Lets a stake in at the next boundary. */
  enter(assets: bigint, boundary: bigint): void {
    this.fold(boundary);
    this.pending += assets;
    this.cohort = boundary;
  }

  /** Takes back a stake that has not come in yet. */
  undoEntry(assets: bigint): void {
    this.pending -= assets;
  }

  /** Lets a stake out at the next boundary; nothing happens where nothing is left of it. */
  exit(assets: bigint, entered: bigint, boundary: bigint): bigint {
    const shares = sharesAt(assets, this.stateAt(entered), this.current());
    const left = (shares * this.product) >> SHARE_BITS;
    if (left === 0n) return 0n;
    this.leavingShares += shares;
    this.cohort = boundary;
    return left;
  }

  /** Turns loan assets of all stakes, pro rata, into collateral. */
  fill(amount: bigint, collateral: bigint): void {
    const { sum } = this.current();
    const left = this.total - amount;
    const grown = mulDivDown(this.product << (SUM_BITS - SHARE_BITS), collateral, this.total);
    this.sums.set(this.sumKey(), sum + grown);
    if (left === 0n) {
      this.total = 0n;
      this.product = ONE;
      this.epoch += 1;
      this.scale = 0;
      this.leavingShares = 0n;
      return;
    }
    let shifts = 0n;
    let product = mulDivDown(this.product, left, this.total);
    while (product < MIN_PRODUCT) {
      shifts += 1n;
      product = mulDivDown(this.product << (SCALE_BITS * shifts), left, this.total);
    }
    this.total = left;
    this.product = product;
    this.scale += Number(shifts);
    this.leavingShares >>= SCALE_BITS * shifts;
  }

  /** Product and sum now. */
  current(): Snapshot {
    const { product, epoch, scale } = this;
    return { product, epoch, scale, sum: this.sums.get(this.sumKey()) ?? 0n };
  }

  /** Product and sum at the end of a boundary's interval in which something came in or left. */
  stateAt(boundary: bigint): Snapshot {
    return this.snapshots.get(boundary) ?? this.current();
  }

  /** What is left of a stake that was in from `entry` to `out`, loan units, and what it got, collateral units. */
  position(assets: bigint, entry: Snapshot, out: Snapshot): { left: bigint; collateral: bigint } {
    const left = (sharesAt(assets, entry, out) * out.product) >> SHARE_BITS;
    let shares = (assets << SHARE_BITS) / entry.product;
    let before = entry.sum;
    let collateral = 0n;
    for (let scale = entry.scale; entry.epoch !== out.epoch || scale < out.scale; ++scale) {
      const sum = this.sums.get(`${String(entry.epoch)}/${String(scale)}`) ?? 0n;
      collateral += (shares * (sum - before)) >> SUM_BITS;
      before = 0n;
      shares >>= SCALE_BITS;
      if (shares < MIN_SHARES) return { left, collateral };
    }
    return { left, collateral: collateral + ((shares * (out.sum - before)) >> SUM_BITS) };
  }

  private sumKey(): string {
    return `${String(this.epoch)}/${String(this.scale)}`;
  }
}

/** Shares at the scale of a later state; 0 once the epoch has ended. */
function sharesAt(assets: bigint, entry: Snapshot, state: Snapshot): bigint {
  if (entry.epoch !== state.epoch) return 0n;
  return ((assets << SHARE_BITS) / entry.product) >> (SCALE_BITS * BigInt(state.scale - entry.scale));
}
