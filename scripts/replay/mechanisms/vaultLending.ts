import type { EventFragment, LogDescription } from "ethers";

import type { IVault, VaultLens } from "../../../typechain-types/index.ts";
import type { MirroredPosition } from "../../world/exposure.ts";
import type { Chain, Receipt } from "../world/chain.ts";
import { atLeast, type Check, equal } from "../run/check.ts";
import type { Call, Lending, SaleEvent, Standing } from "./lending.ts";
import { LensReader } from "../world/lens.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import type { Agents } from "../agents/agents.ts";
import { ENDINGS } from "../records/sales.ts";

const ZERO_ADDRESS = `0x${"0".repeat(40)}`;

function amountOf(event: LogDescription, name: string): bigint {
  return event.args.getValue(name) as bigint;
}

function addressOf(event: LogDescription, name: string): string {
  return String(event.args.getValue(name)).toLowerCase();
}

function isAbout(fragment: EventFragment, name: string): boolean {
  return fragment.inputs.some((input) => input.name === name);
}

/** A vault of Gavel's, or a contract that speaks as one and as its lens. */
export class VaultLending implements Lending {
  readonly vault: IVault;
  readonly entrance: string;
  readonly custody: Lending["custody"];
  readonly shares: string;
  readonly contracts: Readonly<Record<string, string>>;
  readonly hire: () => Promise<Agents>;
  private readonly chain: Chain;
  private readonly reader: LensReader;

  constructor(
    chain: Chain,
    parts: {
      readonly vault: IVault;
      readonly lens: VaultLens;
      readonly hire: () => Promise<Agents>;
    },
  ) {
    const address = String(parts.vault.target).toLowerCase();
    this.chain = chain;
    this.vault = parts.vault;
    this.hire = parts.hire;
    this.entrance = address;
    this.custody = { loan: address, collateral: address };
    this.shares = address;
    this.contracts = { vault: address };
    this.reader = new LensReader(chain, parts.lens, address);
  }

  // -------------------------------------------------------------------------------------------------------------- calls

  private callOf(data: string): Call {
    return { to: this.entrance, data };
  }

  deposit(assets: bigint, lender: string): Call {
    return this.callOf(this.vault.interface.encodeFunctionData("deposit", [assets, lender]));
  }

  supplyCollateral(assets: bigint, borrower: string): Call {
    return this.callOf(this.vault.interface.encodeFunctionData("supplyCollateral", [assets, borrower]));
  }

  borrow(assets: bigint, borrower: string): Call {
    return this.callOf(this.vault.interface.encodeFunctionData("borrow", [assets, borrower, borrower]));
  }

  writeOff(borrower: string): Call {
    return this.callOf(this.vault.interface.encodeFunctionData("realizeLoss", [borrower]));
  }

  // -------------------------------------------------------------------------------------------------------------- views

  async positions(borrowers: readonly string[]): Promise<readonly PositionView[]> {
    return this.reader.positions(borrowers);
  }

  async position(borrower: string): Promise<MirroredPosition> {
    const { interface: calls } = this.vault;
    const answer = await this.chain.call(this.entrance, calls.encodeFunctionData("position", [borrower]));
    const [{ collateral, scaledDebt }] = calls.decodeFunctionResult("position", answer);
    return { collateral, scaledDebt };
  }

  async standing(): Promise<Standing> {
    const { interface: calls } = this.vault;
    const answer = await this.chain.call(this.entrance, calls.encodeFunctionData("accruedTotals"));
    const [{ index }] = calls.decodeFunctionResult("accruedTotals", answer);
    return { index, liquidationLtvBps: await this.vault.liquidationLtvBps() };
  }

  async valueOfShares(shares: bigint): Promise<bigint> {
    return this.vault.convertToAssets(shares);
  }

  // ------------------------------------------------------------------------------------------------------------- events

  async eventsIn(receipt: Receipt): Promise<readonly SaleEvent[]> {
    const { interface: calls } = this.vault;
    return receipt.logs.flatMap((log) => {
      if (log.address.toLowerCase() !== this.entrance) return [];
      const event = calls.parseLog(log);
      return event === null ? [] : (toSaleEvent(event) ?? []);
    });
  }

  // -------------------------------------------------------------------------------------------------------------- books

  async checkBooks(
    borrowers: readonly string[],
    held: { readonly loan: bigint; readonly collateral: bigint },
  ): Promise<readonly Check[]> {
    const { vault } = this;
    const totals = await vault.accruedTotals();
    // Dust that was swept to the reserve lies in a position of the vault's own.
    let inPositions = (await vault.position(vault)).collateral;
    let owed = 0n;
    for (const borrower of borrowers) {
      inPositions += (await vault.position(borrower)).collateral;
      owed += await vault.debtOf(borrower);
    }
    const claims = (await vault.totalAssets()) + totals.reserve;
    return [
      equal("the vault's cash is its balance", "loan", totals.cash, held.loan),
      equal("positions' collateral is the vault's balance", "collateral", inPositions, held.collateral),
      // Claims are covered by cash and by what borrowers owe one by one; that is a bound, not an equality.
      atLeast("cash and debts cover lenders' claims and the reserve", "loan", claims, totals.cash + owed),
    ];
  }
}

function toSaleEvent(event: LogDescription): SaleEvent | undefined {
  if (event.name === "Transfer") {
    if (addressOf(event, "from") !== ZERO_ADDRESS) return undefined;
    return { kind: "sharesMinted", amount: amountOf(event, "value") };
  }
  if (event.name === "Repay")
    return { kind: "repaid", borrower: addressOf(event, "onBehalf"), amount: amountOf(event, "assets") };
  if (!isAbout(event.fragment, "borrower")) return undefined;
  const borrower = addressOf(event, "borrower");
  switch (event.name) {
    case "SaleStarted": {
      const debt = amountOf(event, "debt");
      const collateral = amountOf(event, "collateral");
      return { kind: "started", borrower, debt, collateral, reward: amountOf(event, "reward") };
    }
    case "Take":
      return {
        kind: "take",
        borrower,
        taker: String(event.args.getValue("taker")),
        repaid: amountOf(event, "repaid"),
        penalty: amountOf(event, "penalty"),
        collateral: amountOf(event, "collateral"),
        keptCollateral: 0n,
        price: amountOf(event, "price"),
      };
    case "SaleEnded": {
      const reason = amountOf(event, "reason");
      const ending = ENDINGS[Number(reason)];
      if (ending === undefined) throw new Error(`a sale ended for reason ${reason}, which is none`);
      return { kind: "ended", borrower, ending };
    }
    case "LossRealized":
      return {
        kind: "loss",
        borrower,
        fromReserve: amountOf(event, "fromReserve"),
        fromBackstop: amountOf(event, "fromBackstop"),
        fromLenders: amountOf(event, "fromLenders"),
      };
    default:
      return { kind: "changed", borrower };
  }
}
