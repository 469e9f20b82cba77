import { toBeHex } from "ethers";

import type { VaultLens } from "../../../typechain-types/index.ts";
import { type PositionView, STATUSES } from "../../../sdk/positionView.ts";
import type { Chain } from "./chain.ts";
import { decodeStructs } from "./structs.ts";

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
