/** A mirror of the vault's positions: which are near the edge at a price, and how much debt is under water. */
import { toAssetsUp } from "../../sdk/interestMath.ts";
import { value } from "../../sdk/saleMath.ts";
import { BPS, WAD } from "../../sdk/math.ts";
import { rawPrice, priceToScaled } from "../../sdk/units.ts";

export interface MirroredPosition {
  readonly collateral: bigint;
  readonly scaledDebt: bigint;
}

export interface DebtAtRisk {
  /** Debt of positions above the liquidation LTV, loan units. */
  readonly unhealthy: bigint;
  /** Debt of positions that owe more than their collateral is worth, loan units. */
  readonly underWater: bigint;
  /** By how much they do, loan units. */
  readonly shortfall: bigint;
}

export class Exposure {
  private readonly positions: MirroredPosition[];
  /** Scaled debt over collateral, loan units per collateral unit: the price at which LTV is 1, at index 1. */
  private readonly edges: number[];
  private liquidationLtv = 0;
  /** WAD. */
  private index = WAD;

  constructor(positions: readonly MirroredPosition[], liquidationLtvBps: bigint) {
    this.positions = [...positions];
    this.edges = positions.map(edgeOf);
    this.setLiquidationLtv(liquidationLtvBps);
  }

  setLiquidationLtv(bps: bigint): void {
    this.liquidationLtv = Number(bps) / Number(BPS);
  }

  set(i: number, position: MirroredPosition): void {
    this.positions[i] = position;
    this.edges[i] = edgeOf(position);
  }

  /** Interest since: a WAD that only grows. */
  setIndex(index: bigint): void {
    this.index = index;
  }

  /** Positions that are unhealthy at a price, or would be if it were lower by `slack`. */
  nearEdge(price: number, slack: number): number[] {
    const edge = this.edgeAt(price * (1 - slack)) * this.liquidationLtv;
    return this.edges.flatMap((own, i) => (own > edge ? [i] : []));
  }

  atRisk(price: number): DebtAtRisk {
    const waterline = this.edgeAt(price);
    const scaled = priceToScaled(price);
    let unhealthy = 0n;
    let underWater = 0n;
    let shortfall = 0n;
    this.positions.forEach((position, i) => {
      const own = this.edges[i] ?? 0;
      if (own <= waterline * this.liquidationLtv) return;
      const debt = toAssetsUp(position.scaledDebt, this.index);
      unhealthy += debt;
      if (own <= waterline) return;
      underWater += debt;
      shortfall += debt - value(position.collateral, scaled);
    });
    return { unhealthy, underWater, shortfall };
  }

  /** Edge of a position whose LTV is 1 at a price. */
  private edgeAt(price: number): number {
    return rawPrice(price) / (Number(this.index) / Number(WAD));
  }
}

function edgeOf({ collateral, scaledDebt }: MirroredPosition): number {
  if (scaledDebt === 0n) return 0;
  return collateral === 0n ? Infinity : Number(scaledDebt) / Number(collateral);
}
