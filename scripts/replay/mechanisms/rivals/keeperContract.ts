import type { MockRivalKeeper } from "../../../../typechain-types/index.ts";
import type { Liquidator } from "../../agents/bonusKeepers.ts";
import { type Check, equal } from "../../run/check.ts";
import type { PositionView } from "../../../../sdk/positionView.ts";
import type { Ground } from "../mechanism.ts";

/** Name of the keepers' contract among the holders of tokens. */
const NAME = "RivalKeeper";

/** The keepers' contract at a protocol that wants to be paid first: with capital for the whole book. */
export class KeeperContract {
  readonly contract: MockRivalKeeper;
  private readonly ground: Ground;
  private readonly capital: bigint;

  private constructor(ground: Ground, contract: MockRivalKeeper) {
    this.ground = ground;
    this.contract = contract;
    this.capital = ground.scenario.totalDebt;
  }

  /** @param entrance Contract that liquidates. */
  static async deploy(ground: Ground, entrance: string): Promise<KeeperContract> {
    const { chain, tokens, market, holders } = ground;
    const contract = await chain.connection.ethers.deployContract("MockRivalKeeper", [
      tokens.loan,
      tokens.collateral,
      market.pool.address,
      entrance,
    ]);
    const keeper = new KeeperContract(ground, contract);
    holders.addAll({ [NAME]: contract });
    const treasurer = await holders.actor("keepers' capital");
    await tokens.mintLoan(String(contract.target), keeper.capital, treasurer);
    return keeper;
  }

  /** @param parts.liquidation Call of the protocol that repays so much of a position, loan units. */
  liquidator(parts: {
    readonly gas: number;
    readonly minDebt: bigint;
    readonly liquidation: (view: PositionView, repay: bigint) => string;
  }): Liquidator {
    const { contract } = this;
    return {
      contract,
      gas: parts.gas,
      minDebt: parts.minDebt,
      encode: (view, repay, minProfit) =>
        contract.interface.encodeFunctionData("execute", [parts.liquidation(view, repay), minProfit]),
    };
  }

  /** It holds what it began with, and no collateral. */
  async checks(): Promise<readonly Check[]> {
    const { tokens } = this.ground;
    const address = String(this.contract.target);
    return [
      equal("keepers' capital is back", "loan", this.capital, await tokens.balanceOf(tokens.loan, address)),
      equal("keepers sold all", "collateral", 0n, await tokens.balanceOf(tokens.collateral, address)),
    ];
  }
}
