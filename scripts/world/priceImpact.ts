/** What forced sales do to the market's price: a share of each fall of the pool stays for a while, the rest is traded back. */

export interface ImpactRule {
  /** Share of the fall of the pool that the market follows. */
  readonly share: number;
  /** Seconds until half of that is gone. */
  readonly halfLife: number;
  /** Share of the rest that is traded back in a second. */
  readonly refill: number;
}

/** Log falls of the price that forced sales caused. */
export class PriceImpact {
  private readonly rule: ImpactRule;
  /** What the market followed, what it is about to follow, and what is yet to be traded back. */
  private lasting = 0;
  private followed = 0;
  private fresh = 0;
  private time: number;
  private readonly start: number;
  private deepest = 0;
  /** Integral over time. */
  private sum = 0;

  constructor(rule: ImpactRule, time: number) {
    this.rule = rule;
    this.time = time;
    this.start = time;
  }

  /** Factor on the price that the market would have without forced sales. */
  get factor(): number {
    return Math.exp(-this.lasting);
  }

  /** Deviation of the pool's price that is caused now, as a share. */
  get deviation(): number {
    return 1 - Math.exp(-this.lasting - this.followed - this.fresh);
  }

  /** A forced sale moved the pool by this much: log of the price before over the price after; a rise counts as well. */
  add(logFall: number): void {
    this.followed += logFall * this.rule.share;
    this.fresh += logFall * (1 - this.rule.share);
    this.deepest = Math.max(this.deepest, this.deviation);
  }

  /** Moves on: the market follows the share that stays, which fades; the rest is traded back. */
  moveTo(time: number): void {
    const seconds = time - this.time;
    if (seconds <= 0) return;
    this.sum += this.deviation * seconds;
    const kept = this.lasting + this.followed;
    this.lasting = kept * 0.5 ** (seconds / this.rule.halfLife);
    this.followed = 0;
    this.fresh *= (1 - this.rule.refill) ** seconds;
    this.time = time;
  }

  /** Largest deviation, and its mean over time, both as shares. */
  get summary(): { readonly max: number; readonly timeWeighted: number } {
    const seconds = this.time - this.start;
    return { max: this.deepest, timeWeighted: seconds === 0 ? 0 : this.sum / seconds };
  }
}
