/** A price path: what the market says from each moment until the next one. */

export interface PricePoint {
  /** Unix seconds. */
  readonly time: number;
  /** Loan assets per collateral asset. */
  readonly price: number;
}

export type PricePath = readonly PricePoint[];

/** A price that never rebounds is at most this far above its low so far. */
export const NO_REBOUND_BAND = 0.03;

/** The same path held within `NO_REBOUND_BAND` of its low so far: the bounce that saves slow sales is taken away. */
export function withoutRebound(path: PricePath): PricePath {
  let low = Infinity;
  return path.map(({ time, price }) => {
    low = Math.min(low, price);
    return { time, price: Math.min(price, low * (1 + NO_REBOUND_BAND)) };
  });
}

/** Reads a path forward in time; a step function, since nobody knows a candle's close before its end. */
export class PathReader {
  private index = 0;
  private readonly path: PricePath;

  constructor(path: PricePath) {
    if (path.length === 0) throw new RangeError("a price path needs a point");
    this.path = path;
  }

  /** Price at a moment that is not before the one asked for last. */
  at(time: number): number {
    while ((this.path[this.index + 1]?.time ?? Infinity) <= time) ++this.index;
    const point = this.path[this.index];
    if (point === undefined) throw new RangeError("a price path needs a point");
    return point.price;
  }
}
