/** Volatility as somebody sees it who looks at every price: squared log returns, of which recent ones count most. */
export class RealisedVolatility {
  private readonly halfLife: number;
  private variance: number;
  private last: { readonly price: number; readonly time: number } | undefined;

  /**
   * @param halfLife Seconds in which the weight of a return halves.
   * @param initial Per root of a second.
   */
  constructor(halfLife: number, initial: number) {
    this.halfLife = halfLife;
    this.variance = initial ** 2;
  }

  /** Per root of a second. */
  get perRootSecond(): number {
    return Math.sqrt(this.variance);
  }

  /** Takes a price in; times must not run backward. */
  observe(price: number, time: number): void {
    const { last } = this;
    const seconds = time - (last?.time ?? time);
    if (last !== undefined && seconds <= 0) return;
    this.last = { price, time };
    if (last === undefined) return;
    const kept = 0.5 ** (seconds / this.halfLife);
    this.variance = kept * this.variance + ((1 - kept) * Math.log(price / last.price) ** 2) / seconds;
  }
}
