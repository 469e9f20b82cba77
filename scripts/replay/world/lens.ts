import { toBeHex } from "ethers";

import type { VaultLens } from "../../../typechain-types/index.ts";
import { WAD } from "../../../sdk/math.ts";
import type { Chain } from "./chain.ts";
import { decodeStructs } from "./structs.ts";

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
  /** Value of the collateral at the deciding price. */
  readonly value: bigint;
  /** WAD. */
  readonly health: bigint;
  /** 1e36 scale; 0 unless FOR_SALE. */
  readonly salePrice: bigint;
  readonly closeAmount: bigint;
  readonly penalty: bigint;
  readonly collateralOut: bigint;
}

/** Unhealthy at the deciding price, whether or not it can be sold now. A price that nobody knows makes nothing unhealthy. */
export function isUnhealthy({ status, value, health }: PositionView): boolean {
  if (status === "FROZEN") return value !== 0n && health < WAD;
  return status === "STARTABLE" || status === "FOR_SALE" || status === "LAPSED";
}

/** Healthy, with a sale that somebody could end, or only the price can: it goes on as soon as the position is unhealthy again. */
export function isArmed({ status }: PositionView): boolean {
  return status === "RECOVERED" || status === "WAITING";
}

/** Borrowers a call: what a node's gas limit for calls allows. */
const PAGE = 500;
const ADDRESS_BYTES = 20;

function toView(fields: ReadonlyMap<string, bigint>): PositionView {
  const read = (name: string): bigint => {
    const field = fields.get(name);
    if (field === undefined) throw new Error(`the lens shows no ${name}`);
    return field;
  };
  const status = STATUSES[Number(read("status"))];
  if (status === undefined) throw new Error(`the lens shows status ${read("status")}, which is none`);
  return {
    borrower: toBeHex(read("borrower"), ADDRESS_BYTES),
    status,
    collateral: read("collateral"),
    debt: read("debt"),
    value: read("value"),
    health: read("health"),
    salePrice: read("salePrice"),
    closeAmount: read("closeAmount"),
    penalty: read("penalty"),
    collateralOut: read("collateralOut"),
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

  async positions(borrowers: readonly string[]): Promise<readonly PositionView[]> {
    const { interface: calls, target } = this.lens;
    const views: PositionView[] = [];
    for (let offset = 0; offset < borrowers.length; offset += PAGE) {
      const page = borrowers.slice(offset, offset + PAGE);
      const data = calls.encodeFunctionData("positions", [this.vault, page]);
      const [list] = calls.getFunction("positions").outputs;
      if (list === undefined) throw new Error("the lens answers nothing");
      views.push(...decodeStructs(list, await this.chain.call(String(target), data)).map(toView));
    }
    return views;
  }
}
