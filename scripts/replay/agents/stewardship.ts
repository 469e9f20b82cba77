import type { IVault } from "../../../typechain-types/index.ts";
import { type ParameterMove, PARAMETERS } from "../../../sdk/stewardMath.ts";
import { termsFrom } from "../../../sdk/terms.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import type { VaultSizes } from "../world/parameters.ts";
import type { RiskLayer } from "../mechanisms/riskLayer.ts";
import type { Watch } from "./crew.ts";

/** How often everything that the steward listens to is brought up to date, and its look is sent whether or not it moves anything. */
const LOOK_SECONDS = 600;
/** Most rounds of the feed that one call takes in. */
const ROUNDS = 50n;
/** `Reason.TIGHTENED` of contracts/types/Steward.sol. */
const TIGHTENED = 0n;

/**
 * Whoever keeps the risk layer going: takes in every round of the feed as it comes, measures depth and stress, lets the steward
 * move what it may. After each round it asks what a look would move, which costs nothing, and sends the look where that is
 * anything: a storm is not kept waiting for the next regular one. It is paid by nobody.
 */
export class Stewardship implements Watch {
  readonly moves: ParameterMove[] = [];
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
    if (desk.oraclePrice === this.seenPrice && !isTime) return;
    this.seenPrice = desk.oraclePrice;
    const { volatility, feed } = this.risk;
    await this.call(desk, volatility, volatility.interface.encodeFunctionData("poke", [feed, ROUNDS]));
    if (isTime) await this.measure(desk);
    await this.look(desk, isTime);
  }

  private async measure(desk: Desk): Promise<void> {
    this.lookAt = desk.time + LOOK_SECONDS;
    const { depth, damped } = this.risk;
    const { collateral, loan } = this.ground.tokens;
    await this.call(desk, depth, depth.interface.encodeFunctionData("poke", [collateral, loan]));
    await this.call(desk, damped, damped.interface.encodeFunctionData("poke"));
  }

  /** @param isDue Whether the look is sent even where it moves nothing: it says that calm still holds. */
  private async look(desk: Desk, isDue: boolean): Promise<void> {
    const { steward } = this.risk;
    const calls = steward.interface;
    const data = calls.encodeFunctionData("applyTo", [String(this.vault.target)]);
    const target = String(steward.target);
    const answer = await this.ground.chain.tryCall(target, data, this.account);
    if (answer === undefined) return;
    const [moved] = calls.decodeFunctionResult("applyTo", answer);
    if (moved === 0n && !isDue) return;
    const { logs } = await desk.send("upkeep", this.account, target, data);
    for (const log of logs) {
      const event = calls.parseLog(log);
      if (event?.name !== "ParameterMoved") continue;
      const { parameter, oldValue, newValue, reason } = event.args;
      this.moves.push({
        time: desk.time,
        parameter: parameterAt(parameter),
        from: oldValue,
        to: newValue,
        tightens: reason === TIGHTENED,
      });
    }
    const { termsId } = await this.vault.params();
    this.sizes.terms = termsFrom(await this.vault.terms(termsId));
  }

  /** What fails is tried again at the next look: a source that has nothing to say yet, for example. */
  private async call(desk: Desk, contract: { readonly target: unknown }, data: string): Promise<void> {
    const target = String(contract.target);
    if ((await this.ground.chain.tryCall(target, data, this.account)) === undefined) return;
    await desk.send("upkeep", this.account, target, data);
  }
}

function parameterAt(index: bigint): ParameterMove["parameter"] {
  const parameter = PARAMETERS[Number(index)];
  if (parameter === undefined) throw new RangeError(`no parameter ${index}`);
  return parameter;
}
