import type { IVault } from "../../../typechain-types/index.ts";
import { termsFrom } from "../../lib/terms.ts";
import type { Receipt } from "../chain.ts";
import type { Desk, Ground } from "../mechanism.ts";
import type { VaultSizes } from "../parameters.ts";
import type { RiskLayer } from "../riskLayer.ts";
import type { Watch } from "./crew.ts";

/** How often the steward is asked to look, and everything it listens to brought up to date. */
const LOOK_SECONDS = 600;
/** Most rounds of the feed that one call takes in. */
const ROUNDS = 50n;

/**
 * Whoever keeps the risk layer going: takes in every round of the feed as it comes, measures depth and stress, lets the steward
 * move what it may. It is paid by nobody.
 */
export class Stewardship implements Watch {
  moved = 0;
  private readonly ground: Ground;
  private readonly vault: IVault;
  private readonly risk: RiskLayer;
  private readonly account: string;
  /** What agents reckon with; its terms follow the vault's. */
  private readonly sizes: { terms: VaultSizes["terms"] };
  private seenPrice = 0;
  private lookAt = 0;

  constructor(
    ground: Ground,
    parts: {
      readonly vault: IVault;
      readonly risk: RiskLayer;
      readonly account: string;
      readonly sizes: { terms: VaultSizes["terms"] };
    },
  ) {
    this.ground = ground;
    this.vault = parts.vault;
    this.risk = parts.risk;
    this.account = parts.account;
    this.sizes = parts.sizes;
  }

  async tend(desk: Desk): Promise<void> {
    const isTime = desk.time >= this.lookAt;
    if (desk.oraclePrice !== this.seenPrice || isTime) {
      this.seenPrice = desk.oraclePrice;
      const { volatility, feed } = this.risk;
      await this.call(desk, volatility, volatility.interface.encodeFunctionData("poke", [feed, ROUNDS]));
    }
    if (!isTime) return;
    this.lookAt = desk.time + LOOK_SECONDS;
    const { depth, damped, steward } = this.risk;
    const { collateral, loan } = this.ground.tokens;
    const pair = [collateral, loan] as const;
    await this.call(desk, depth, depth.interface.encodeFunctionData("poke", [...pair]));
    await this.call(desk, damped, damped.interface.encodeFunctionData("poke"));
    const vault = String(this.vault.target);
    const applied = await this.call(desk, steward, steward.interface.encodeFunctionData("applyTo", [vault]));
    const moves = applied?.logs.filter((log) => steward.interface.parseLog(log)?.name === "ParameterMoved");
    this.moved += moves?.length ?? 0;
    const { termsId } = await this.vault.params();
    this.sizes.terms = termsFrom(await this.vault.terms(termsId));
  }

  /** What fails is tried again at the next look: a source that has nothing to say yet, for example. */
  private async call(
    desk: Desk,
    contract: { readonly target: unknown },
    data: string,
  ): Promise<Receipt | undefined> {
    const target = String(contract.target);
    if ((await this.ground.chain.tryCall(target, data, this.account)) === undefined) return undefined;
    return desk.send("upkeep", this.account, target, data);
  }
}
