import type { VaultLens } from "../../typechain-types/index.ts";
import type { Chain } from "./chain.ts";

/** In the order of the contracts' `PositionStatus`. */
const STATUSES = [
  "EMPTY",
  "HEALTHY",
  "STARTABLE",
  "FOR_SALE",
  "RECOVERED",
  "WAITING",
  "LAPSED",
  "EMPTIED",
  "FROZEN",
] as const;

export type Status = (typeof STATUSES)[number];

/** A position as the lens shows it; loan and collateral units. */
export interface PositionView {
  readonly borrower: string;
  readonly status: Status;
  readonly collateral: bigint;
  readonly debt: bigint;
  /** Of the collateral at the deciding price. */
  readonly value: bigint;
  /** WAD. */
  readonly health: bigint;
  /** 1e36 scale; 0 unless FOR_SALE. */
  readonly salePrice: bigint;
  readonly closeAmount: bigint;
  readonly penalty: bigint;
  readonly collateralOut: bigint;
}

/** Borrowers a call: what a node's gas limit for calls allows. */
const PAGE = 500;

type Answer = Awaited<ReturnType<VaultLens["positions"]>>[number];

function toView(answer: Answer): PositionView {
  const status = STATUSES[Number(answer.status)];
  if (status === undefined) throw new Error(`the lens shows status ${answer.status}, which is none`);
  const { collateral, debt, value, health, salePrice, closeAmount, penalty, collateralOut } = answer;
  const borrower = answer.borrower.toLowerCase();
  return {
    borrower,
    status,
    collateral,
    debt,
    value,
    health,
    salePrice,
    closeAmount,
    penalty,
    collateralOut,
  };
}

/** Reads positions through the lens. */
export class LensReader {
  private readonly chain: Chain;
  private readonly lens: VaultLens;
  private readonly vault: string;

  constructor(chain: Chain, lens: VaultLens, vault: string) {
    this.chain = chain;
    this.lens = lens;
    this.vault = vault;
  }

  /** Those of the borrowers about whom something can be done now. */
  async actionable(borrowers: readonly string[]): Promise<readonly PositionView[]> {
    const { interface: calls, target } = this.lens;
    const views: PositionView[] = [];
    for (let offset = 0n; offset < BigInt(borrowers.length);) {
      const data = calls.encodeFunctionData("actionable", [this.vault, [...borrowers], offset, PAGE]);
      const [found, next] = calls.decodeFunctionResult(
        "actionable",
        await this.chain.call(String(target), data),
      );
      views.push(...found.map(toView));
      offset = next;
    }
    return views;
  }

  async positions(borrowers: readonly string[]): Promise<readonly PositionView[]> {
    const { interface: calls, target } = this.lens;
    const views: PositionView[] = [];
    for (let offset = 0; offset < borrowers.length; offset += PAGE) {
      const page = borrowers.slice(offset, offset + PAGE);
      const data = calls.encodeFunctionData("positions", [this.vault, page]);
      const [found] = calls.decodeFunctionResult("positions", await this.chain.call(String(target), data));
      views.push(...found.map(toView));
    }
    return views;
  }
}
