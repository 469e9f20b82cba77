import { type DebtAtRisk, Exposure, type MirroredPosition } from "../lib/exposure.ts";
import type { ReplaySystem } from "./system.ts";

/** Interest since the last reading of the index, and rounding: positions so near the edge are looked at as well. */
const SLACK = 0.002;

/** The vault's positions, kept here so that not all of them have to be read at every step. */
export class Mirror {
  private readonly system: ReplaySystem;
  private readonly exposure: Exposure;
  private readonly indexOf: ReadonlyMap<string, number>;

  private constructor(system: ReplaySystem, positions: readonly MirroredPosition[]) {
    this.system = system;
    this.exposure = new Exposure(positions, system.scenario.ltvs.liquidationLtvBps);
    this.indexOf = new Map(system.borrowers.map(({ address }, i) => [address, i]));
  }

  static async create(system: ReplaySystem): Promise<Mirror> {
    const positions: MirroredPosition[] = [];
    for (const { address } of system.borrowers) positions.push(await readPosition(system, address));
    return new Mirror(system, positions);
  }

  /** After something happened to these positions. */
  async refresh(borrowers: readonly string[]): Promise<void> {
    for (const borrower of borrowers) {
      const i = this.indexOf.get(borrower);
      if (i !== undefined) this.exposure.set(i, await readPosition(this.system, borrower));
    }
  }

  async refreshIndex(): Promise<void> {
    const { interface: calls, target } = this.system.vault;
    const data = calls.encodeFunctionData("accruedTotals");
    const [totals] = calls.decodeFunctionResult(
      "accruedTotals",
      await this.system.chain.call(String(target), data),
    );
    this.exposure.setIndex(totals.index);
    this.exposure.setLiquidationLtv(await this.system.vault.liquidationLtvBps());
  }

  /** Borrowers that are unhealthy at a price, or may be. */
  nearEdge(price: number): readonly string[] {
    return this.exposure.nearEdge(price, SLACK).map((i) => this.system.borrowers[i]?.address ?? "");
  }

  atRisk(price: number): DebtAtRisk {
    return this.exposure.atRisk(price);
  }
}

async function readPosition({ chain, vault }: ReplaySystem, borrower: string): Promise<MirroredPosition> {
  const { interface: calls, target } = vault;
  const answer = await chain.call(String(target), calls.encodeFunctionData("position", [borrower]));
  const [{ collateral, scaledDebt }] = calls.decodeFunctionResult("position", answer);
  return { collateral, scaledDebt };
}
