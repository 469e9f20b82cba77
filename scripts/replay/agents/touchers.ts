import type { PositionStructOutput } from "../../../typechain-types/contracts/interfaces/IVault.ts";
import type { IVault } from "../../../typechain-types/index.ts";
import { value } from "../../../sdk/saleMath.ts";
import { BPS } from "../../../sdk/math.ts";
import type { SaleClock } from "../../../sdk/saleClock.ts";
import { type SaleTerms, termsFrom } from "../../../sdk/terms.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import { TOUCH_GAS, touchDueAt, touchGain } from "../../strategies/touches.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import type { Keeper } from "./keeper.ts";

/** What a touch would not prove is looked at again after so long. */
const RETRY_SECONDS = 60n;

/** When a touch of a sale is due, seconds of the chain. */
interface Watched {
  /** The clock changes where this does. */
  readonly collateral: bigint;
  readonly dueAt: bigint;
}

/**
 * Keepers who wait for deeper discounts. Beyond the time to hold a sale's age goes on only from proof to proof, at most a half-life
 * apart: they touch each sale just before its last proof is too old, where the discount that a half-life adds is worth the gas
 * to whichever of them will take it.
 */
export class Touchers {
  private readonly ground: Ground;
  private readonly vault: IVault;
  private readonly watched = new Map<string, Watched>();
  private readonly termsById = new Map<bigint, SaleTerms>();

  constructor(ground: Ground, vault: IVault) {
    this.ground = ground;
    this.vault = vault;
  }

  async act(desk: Desk, present: readonly Keeper[], views: readonly PositionView[]): Promise<void> {
    const [keeper] = present;
    if (keeper === undefined) return;
    let mostAtStart: ((collateral: bigint) => bigint) | undefined;
    for (const view of views) {
      if (view.status !== "FOR_SALE" || !this.isDue(desk, view)) continue;
      const gain = await this.gainOf(desk, view);
      if (gain === undefined || gain < desk.gasCost(TOUCH_GAS) * present.length) continue;
      mostAtStart ??= await this.startBound();
      if (view.debt > mostAtStart(view.collateral)) {
        const data = this.vault.interface.encodeFunctionData("touch", [view.borrower]);
        await desk.send("touch", keeper.address, String(this.vault.target), data);
        this.watched.delete(view.borrower);
      } else this.watch(view, this.nowOf(desk) + RETRY_SECONDS);
    }
  }

  /** As the chain counts it. */
  private nowOf({ time }: Desk): bigint {
    return this.ground.chain.toChainTime(time);
  }

  private isDue(desk: Desk, { borrower, collateral }: PositionView): boolean {
    const seen = this.watched.get(borrower);
    return seen?.collateral !== collateral || this.nowOf(desk) >= seen.dueAt;
  }

  private watch({ borrower, collateral }: PositionView, dueAt: bigint): void {
    this.watched.set(borrower, { collateral, dueAt });
  }

  /** What the discount gains in a half-life on all that may be taken, loan units; undefined where a touch would be too early. */
  private async gainOf(desk: Desk, view: PositionView): Promise<number | undefined> {
    const { clock, terms } = await this.saleOf(view.borrower);
    const now = this.nowOf(desk);
    const dueAt = touchDueAt(clock, terms, BigInt(this.ground.scenario.stepSeconds));
    if (now < dueAt) {
      this.watch(view, dueAt);
      return undefined;
    }
    return touchGain(view.closeAmount, clock, terms, now);
  }

  private async saleOf(borrower: string): Promise<{ readonly clock: SaleClock; readonly terms: SaleTerms }> {
    const { interface: calls, target } = this.vault;
    const data = calls.encodeFunctionData("position", [borrower]);
    const answer = await this.ground.chain.call(String(target), data);
    const position = calls.decodeFunctionResult("position", answer)[0] as PositionStructOutput;
    return { clock: position, terms: await this.termsOf(position.termsId) };
  }

  private async termsOf(termsId: bigint): Promise<SaleTerms> {
    const known = this.termsById.get(termsId);
    if (known !== undefined) return known;
    const terms = termsFrom(await this.vault.terms(termsId));
    this.termsById.set(termsId, terms);
    return terms;
  }

  /** Most debt of collateral at which a proof would find it healthy. */
  private async startBound(): Promise<(collateral: bigint) => bigint> {
    const { chain, oracle } = this.ground;
    const { interface: calls, target } = oracle;
    const answer = await chain.call(String(target), calls.encodeFunctionData("price"));
    const [{ startBound }] = calls.decodeFunctionResult("price", answer);
    const liquidationLtvBps = await this.vault.liquidationLtvBps();
    return (collateral) => (value(collateral, startBound) * liquidationLtvBps) / BPS;
  }
}
