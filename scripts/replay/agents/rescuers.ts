import type {
  DeleverageOrderStruct,
  DeleverageResultStructOutput,
} from "../../../typechain-types/contracts/risk/Deleverager.ts";
import type { IVault, UniswapV3Venue, VaultLens } from "../../../typechain-types/index.ts";
import { value } from "../../../sdk/saleMath.ts";
import { WAD } from "../../../sdk/math.ts";
import { distanceOf, reachOf, rescuable, rescuePrice } from "../../strategies/rescues.ts";
import { priceToScaled } from "../../../sdk/units.ts";
import { LensReader } from "../world/lens.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import type { Desk } from "./agents.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import { FEE, FOREVER } from "../world/parameters.ts";
import { Rescues } from "../records/rescues.ts";
import type { RiskLayer } from "../mechanisms/riskLayer.ts";

/** Between two looks while the price stands still: volatility and pool change too. */
const LOOK_SECONDS = 60;

/** How old what is known of all clients may be, and by how much their distances may be off by then. */
const READ_ALL_SECONDS = 600;
const SLACK = 0.005;
/** A client is not tried again for so long. */
const RETRY_SECONDS = 120;

/** What borrowers who want to be rescued sign: one standard deviation of a quarter of an hour, to an LTV of 75%, for 1% at most. */
const WISHES = {
  targetLtvBps: 7_500n,
  triggerDistance: WAD,
  horizon: 900n,
  maxCostBps: 100n,
  minInterval: 600n,
  expiry: FOREVER,
  nonce: 0n,
} as const;

/** Carries out the standing orders of borrowers who want to be rescued before they would be for sale. */
export class Rescuers {
  readonly settled = { payments: 0n, profits: 0n };
  readonly rescues = new Rescues();
  private readonly ground: Ground;
  private readonly vault: IVault;
  private readonly risk: RiskLayer;
  private readonly venue: UniswapV3Venue;
  private readonly reader: LensReader;
  private readonly clients: readonly string[];
  readonly account: string;
  private seenPrice = 0;
  private lookAt = 0;
  private readAllAt = 0;
  private known: { readonly price: number; readonly views: readonly PositionView[] } = {
    price: 1,
    views: [],
  };
  /** By client: when to try again, after a rescue or in vain. */
  private readonly retryAt = new Map<string, number>();

  private constructor(
    ground: Ground,
    parts: {
      readonly vault: IVault;
      readonly lens: VaultLens;
      readonly risk: RiskLayer;
      readonly venue: UniswapV3Venue;
    },
    who: { readonly clients: readonly string[]; readonly account: string },
  ) {
    this.ground = ground;
    this.vault = parts.vault;
    this.risk = parts.risk;
    this.venue = parts.venue;
    this.reader = new LensReader(ground.chain, parts.lens, String(parts.vault.target));
    this.clients = who.clients;
    this.account = who.account;
  }

  /** The clients let the Deleverager in and place their orders. */
  static async hire(
    ground: Ground,
    parts: {
      readonly vault: IVault;
      readonly lens: VaultLens;
      readonly risk: RiskLayer;
      readonly venue: UniswapV3Venue;
    },
    who: { readonly clients: readonly string[]; readonly account: string },
  ): Promise<Rescuers> {
    const rescuers = new Rescuers(ground, parts, who);
    const { deleverager } = parts.risk;
    const target = String(deleverager.target);
    const letIn = parts.vault.interface.encodeFunctionData("setDeleverager", [target, true]);
    for (const client of who.clients) {
      const order = deleverager.interface.encodeFunctionData("placeOrder", [rescuers.orderOf(client)]);
      await ground.chain.send(client, String(parts.vault.target), letIn);
      await ground.chain.send(client, target, order);
    }
    return rescuers;
  }

  async tend(desk: Desk): Promise<void> {
    if (desk.oraclePrice === this.seenPrice && desk.time < this.lookAt) return;
    this.seenPrice = desk.oraclePrice;
    this.lookAt = desk.time + LOOK_SECONDS;
    const liquidationLtvBps = await this.vault.liquidationLtvBps();
    this.rescues.observe(priceToScaled(desk.oraclePrice), liquidationLtvBps);
    const { perRootSecond, isComplete } = await this.risk.volatility.volatility(this.risk.feed);
    if (!isComplete) return;
    const reach = reachOf(perRootSecond, WISHES.horizon);
    const views = await this.reader.positions(await this.candidates(desk, reach));
    for (const view of rescuable(views, reach)) {
      await this.rescue(desk, view, liquidationLtvBps);
    }
  }

  /** Clients whose rescue may be due, by what was known of all of them a while ago; not those who were tried just now. */
  private async candidates(desk: Desk, reach: number): Promise<readonly string[]> {
    if (desk.time >= this.readAllAt) {
      this.readAllAt = desk.time + READ_ALL_SECONDS;
      this.known = { price: desk.oraclePrice, views: await this.reader.positions(this.clients) };
    }
    const { price, views } = this.known;
    const fall = Math.log(price / desk.oraclePrice);
    return views
      .filter((view) => distanceOf(view) - fall < reach + SLACK)
      .map(({ borrower }) => borrower)
      .filter((borrower) => desk.time >= (this.retryAt.get(borrower) ?? 0));
  }

  private async rescue(desk: Desk, view: PositionView, liquidationLtvBps: bigint): Promise<void> {
    const rules = { order: WISHES, liquidationLtvBps, minDebt: this.ground.sizes.minDebt, fee: FEE };
    const price = rescuePrice(view, this.ground.market.state, rules, (gas) => desk.gasCost(gas));
    this.retryAt.set(view.borrower, desk.time + RETRY_SECONDS);
    if (price === undefined) return;
    const { interface: calls, target } = this.risk.deleverager;
    const data = calls.encodeFunctionData("execute", [
      {
        order: this.orderOf(view.borrower),
        signature: "0x",
        approvalSignature: "0x",
        approvalDeadline: 0n,
        parts: [{ venue: String(this.venue.target), share: WAD }],
        price,
        receiver: this.account,
        deadline: FOREVER,
      },
    ]);
    if ((await this.ground.chain.tryCall(String(target), data, this.account)) === undefined) return;
    const receipt = await desk.send("upkeep", this.account, String(target), data);
    for (const log of receipt.logs) {
      if (log.address.toLowerCase() !== String(target).toLowerCase()) continue;
      const event = calls.parseLog(log);
      if (event?.name !== "Rescue") continue;
      const { collateral, repaid, fee, credit, refund } = event.args.getValue(
        "result",
      ) as DeleverageResultStructOutput;
      this.settled.payments += repaid + credit;
      this.settled.profits += fee;
      const { time, marketPrice } = desk;
      const fairValue = value(collateral, priceToScaled(marketPrice));
      const rescue = { borrower: view.borrower, time, marketPrice, collateral, repaid, fee, fairValue };
      this.rescues.add({ ...rescue, returned: credit + refund }, view);
    }
  }

  private orderOf(borrower: string): DeleverageOrderStruct & { readonly borrower: string } {
    return { borrower, vault: String(this.vault.target), ...WISHES };
  }
}
