import { type DebtAtRisk, Exposure, type MirroredPosition } from "../../world/exposure.ts";
import type { Standing } from "../mechanisms/lending.ts";
import type { ReplaySystem } from "../world/system.ts";

/** Interest since the last reading of the index, and rounding: positions so near the edge are looked at as well. */
const SLACK = 0.002;

/** The protocol's positions, kept here so that not all of them have to be read at every step. */
export class Mirror {
  private readonly system: ReplaySystem;
  private readonly exposure: Exposure;
  private readonly indexOf: ReadonlyMap<string, number>;

  private constructor(
    system: ReplaySystem,
    positions: readonly MirroredPosition[],
    { index, liquidationLtvBps }: Standing,
  ) {
    this.system = system;
    this.exposure = new Exposure(positions, liquidationLtvBps);
    this.exposure.setIndex(index);
    this.indexOf = new Map(system.borrowers.map(({ address }, i) => [address, i]));
  }

  static async create(system: ReplaySystem): Promise<Mirror> {
    const positions: MirroredPosition[] = [];
    for (const { address } of system.borrowers) positions.push(await system.lending.position(address));
    return new Mirror(system, positions, await system.lending.standing());
  }

  /** After something happened to these positions. */
  async refresh(borrowers: readonly string[]): Promise<void> {
    for (const borrower of borrowers) {
      const i = this.indexOf.get(borrower);
      if (i !== undefined) this.exposure.set(i, await this.system.lending.position(borrower));
    }
  }

  async refreshIndex(): Promise<void> {
    const { index, liquidationLtvBps } = await this.system.lending.standing();
    this.exposure.setIndex(index);
    this.exposure.setLiquidationLtv(liquidationLtvBps);
  }

  /** Borrowers that are unhealthy at a price, or may be. */
  nearEdge(price: number): readonly string[] {
    return this.exposure.nearEdge(price, SLACK).map((i) => this.system.borrowers[i]?.address ?? "");
  }

  atRisk(price: number): DebtAtRisk {
    return this.exposure.atRisk(price);
  }
}
