import { Interface } from "ethers";

import type { MirroredPosition } from "../../../world/exposure.ts";
import { value } from "../../../../sdk/saleMath.ts";
import { max, MAX_UINT256, PRICE_SCALE, WAD } from "../../../../sdk/math.ts";
import { COLLATERAL_DECIMALS, LOAN_DECIMALS, ONE_COLLATERAL, ONE_LOAN } from "../../../../sdk/units.ts";
import { hireBonusKeepers } from "../../agents/hireBonusKeepers.ts";
import { atLeast, type Check, equal } from "../../run/check.ts";
import type { Receipt } from "../../world/chain.ts";
import { type Call, type Lending, type SaleEvent, type Standing, lower } from "../lending.ts";
import type { PositionView } from "../../../../sdk/positionView.ts";
import type { Agents } from "../../agents/agents.ts";
import type { Ground, Mechanism } from "../mechanism.ts";
import {
  type AavePosition,
  type AaveTerms,
  healthOf,
  largestLiquidation,
  LEAST_LEFTOVER,
  ONE_BASE,
} from "./aaveMath.ts";
import { type AaveMarket, type AaveRates, deployAaveMarket, WETH } from "./aaveMarket.ts";
import { BatchReader, type View } from "./batchReader.ts";
import { KeeperContract } from "./keeperContract.ts";
import { type Liquidation, SaleTracker } from "./saleTracker.ts";
import { mistakes } from "../../../../sdk/errors.ts";

const TERMS: AaveTerms = { liquidationBonusBps: WETH.bonusBps, protocolFeeBps: WETH.protocolFeeBps };

/** Rates of 0: this compares sales, and the formula pools know no interest either. */
const NO_INTEREST: AaveRates = { optimalUsageBps: 9_000n, baseBps: 0n, slopeBps: 0n, steepSlopeBps: 0n };
const VARIABLE_RATE = 2n;
const NO_REFERRAL = 0n;
/** Gas of a liquidation through the keepers' contract, with the swap, as measured. */
const LIQUIDATION_GAS = 380_000;

const POOL = new Interface([
  "function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)",
  "function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf)",
  "function liquidationCall(address collateralAsset, address debtAsset, address borrower, uint256 debtToCover, bool receiveAToken)",
  "function getVirtualUnderlyingBalance(address asset) view returns (uint128)",
  "function getReserveDeficit(address asset) view returns (uint256)",
  "event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)",
  "event DeficitCreated(address indexed user, address indexed debtAsset, uint256 amountCreated)",
]);
const ORACLE = new Interface(["function getAssetPrice(address asset) view returns (uint256)"]);
const TOKEN = new Interface([
  "function balanceOf(address owner) view returns (uint256)",
  "function totalSupply() view returns (uint256)",
  "event Transfer(address indexed from, address indexed to, uint256 value)",
]);

/** Aave v3.6 itself, compiled from its package: it reads the feed alone, and sells at a fixed bonus. */
export const aave: Mechanism = {
  name: "aave",
  deploy: async (ground) => {
    const market = await deployAave(ground);
    const keepers = await KeeperContract.deploy(ground, market.pool);
    const reader = await ground.chain.connection.ethers.deployContract("MockReader");
    return new AaveLending(ground, market, keepers, new BatchReader(ground.chain, reader));
  },
};

// -------------------------------------------------------------------------------------------------------------- deployment

async function deployAave(ground: Ground): Promise<AaveMarket> {
  const { chain, governor, tokens, aggregator, holders } = ground;
  const feed = await chain.connection.ethers.deployContract("MockRivalFeed", [
    aggregator,
    LOAN_DECIMALS,
    COLLATERAL_DECIMALS,
  ]);
  return deployAaveMarket(chain.connection, {
    governor: governor.address,
    treasury: lower(await holders.actor("Aave's treasury")),
    loan: tokens.loan,
    collateral: tokens.collateral,
    // Prices in loan assets: only the collateral needs a feed.
    feeds: { [tokens.collateral]: feed },
    base: { currency: tokens.loan, unit: ONE_BASE },
    rates: NO_INTEREST,
    terms: { ...WETH, ltvBps: openingLtv(ground) },
  });
}

/** The book is opened as everywhere: with a higher LTV than Aave's own where the scenario lends more. */
function openingLtv({ scenario }: Ground): bigint {
  const ltvBps = max(WETH.ltvBps, scenario.ltvs.borrowLtvBps);
  if (ltvBps >= WETH.liquidationLtvBps)
    throw mistakes.lendsTooMuch("aave", ltvBps, "Aave liquidates at", WETH.liquidationLtvBps);
  return ltvBps;
}

// -------------------------------------------------------------------------------------------------------------- the market

class AaveLending implements Lending {
  readonly entrance: string;
  readonly custody: Lending["custody"];
  readonly shares: string;
  readonly contracts: Readonly<Record<string, string>>;
  private readonly ground: Ground;
  private readonly market: AaveMarket;
  private readonly keepers: KeeperContract;
  private readonly reader: BatchReader;
  private readonly sales = new SaleTracker();
  /** Positions as they were read: without interest nothing but liquidations changes them. */
  private readonly known = new Map<string, AavePosition>();
  private badDebt = 0n;

  constructor(ground: Ground, market: AaveMarket, keepers: KeeperContract, reader: BatchReader) {
    this.ground = ground;
    this.market = market;
    this.keepers = keepers;
    this.reader = reader;
    this.entrance = market.pool;
    this.custody = { loan: market.aLoan, collateral: market.aCollateral };
    this.shares = market.aLoan;
    this.contracts = {
      "Aave pool": market.pool,
      "Aave aUSDC": market.aLoan,
      "Aave aWETH": market.aCollateral,
    };
  }

  // -------------------------------------------------------------------------------------------------------------- calls

  private callOf(name: string, args: readonly unknown[]): Call {
    return { to: this.entrance, data: POOL.encodeFunctionData(name, args) };
  }

  deposit(assets: bigint, lender: string): Call {
    return this.callOf("supply", [this.ground.tokens.loan, assets, lender, NO_REFERRAL]);
  }

  supplyCollateral(assets: bigint, borrower: string): Call {
    return this.callOf("supply", [this.ground.tokens.collateral, assets, borrower, NO_REFERRAL]);
  }

  borrow(assets: bigint, borrower: string): Call {
    return this.callOf("borrow", [this.ground.tokens.loan, assets, VARIABLE_RATE, NO_REFERRAL, borrower]);
  }

  writeOff(borrower: string): Call {
    throw new Error(`Aave writes off in liquidations, and ${borrower} has debt without collateral`);
  }

  // -------------------------------------------------------------------------------------------------------------- views

  private balance(token: string, owner: string): View {
    return { to: token, calls: TOKEN, name: "balanceOf", args: [owner] };
  }

  private async price(): Promise<bigint> {
    const args = [this.ground.tokens.collateral];
    const [answer] = await this.reader.read([
      { to: this.market.oracle, calls: ORACLE, name: "getAssetPrice", args },
    ]);
    return answer?.[0] as bigint;
  }

  async positions(borrowers: readonly string[]): Promise<readonly PositionView[]> {
    const unread = borrowers.map(lower).filter((borrower) => !this.known.has(borrower));
    await this.learn(unread);
    const price = await this.price();
    return borrowers.map((borrower) => this.viewOf(lower(borrower), price));
  }

  /** Reads positions. */
  private async learn(borrowers: readonly string[]): Promise<void> {
    const { aCollateral, debt } = this.market;
    const answers = await this.reader.read(
      borrowers.flatMap((borrower) => [this.balance(aCollateral, borrower), this.balance(debt, borrower)]),
    );
    borrowers.forEach((borrower, i) => {
      const [collateral, owed] = [answers[2 * i], answers[2 * i + 1]];
      this.known.set(borrower, { collateral: collateral?.[0] as bigint, debt: owed?.[0] as bigint });
    });
  }

  private viewOf(borrower: string, price: bigint): PositionView {
    const known = this.known.get(borrower) ?? { collateral: 0n, debt: 0n };
    const position = { borrower, ...known, health: healthOf(known, price, WETH.liquidationLtvBps) };
    const status = this.sales.statusOf(position);
    const scaled = (price * PRICE_SCALE * ONE_LOAN) / (ONE_BASE * ONE_COLLATERAL);
    const shown = { ...position, status, value: value(position.collateral, scaled), penalty: 0n };
    if (status !== "FOR_SALE") return { ...shown, salePrice: 0n, closeAmount: 0n, collateralOut: 0n };
    const { repay, collateral } = largestLiquidation(position, price, TERMS);
    const salePrice = collateral === 0n ? 0n : (repay * PRICE_SCALE) / collateral;
    return { ...shown, salePrice, closeAmount: repay, collateralOut: collateral };
  }

  async position(borrower: string): Promise<MirroredPosition> {
    const own = lower(borrower);
    if (!this.known.has(own)) await this.learn([own]);
    const { collateral, debt } = this.known.get(own) ?? { collateral: 0n, debt: 0n };
    return { collateral, scaledDebt: debt };
  }

  async standing(): Promise<Standing> {
    return { index: WAD, liquidationLtvBps: WETH.liquidationLtvBps };
  }

  /** Shares are claims of one loan unit each. */
  async valueOfShares(shares: bigint): Promise<bigint> {
    return shares;
  }

  // ------------------------------------------------------------------------------------------------------------- events

  async eventsIn(receipt: Receipt): Promise<readonly SaleEvent[]> {
    const liquidation = this.liquidationIn(receipt);
    if (liquidation === undefined) return [];
    this.badDebt += liquidation.badDebt;
    this.known.delete(liquidation.borrower);
    const [after] = await this.positions([liquidation.borrower]);
    return after === undefined ? [] : this.sales.eventsOf(liquidation, after);
  }

  /** There is one a transaction at most. */
  private liquidationIn({ logs }: Receipt): Liquidation | undefined {
    const { pool, aCollateral, treasury } = this.market;
    let found: Omit<Liquidation, "keptCollateral" | "badDebt"> | undefined;
    let [badDebt, keptCollateral] = [0n, 0n];
    for (const log of logs) {
      const address = log.address.toLowerCase();
      const event =
        address === pool ? POOL.parseLog(log) : address === aCollateral ? TOKEN.parseLog(log) : null;
      if (event?.name === "DeficitCreated") badDebt += event.args.getValue("amountCreated") as bigint;
      if (event?.name === "Transfer" && lower(event.args.getValue("to")) === treasury)
        keptCollateral += event.args.getValue("value") as bigint;
      if (event?.name !== "LiquidationCall") continue;
      found = {
        borrower: lower(event.args.getValue("user")),
        taker: String(event.args.getValue("liquidator")),
        repaid: event.args.getValue("debtToCover") as bigint,
        collateral: event.args.getValue("liquidatedCollateralAmount") as bigint,
      };
    }
    if (found === undefined) return undefined;
    return { ...found, collateral: found.collateral + keptCollateral, keptCollateral, badDebt };
  }

  // -------------------------------------------------------------------------------------------------------------- books

  async checkBooks(
    borrowers: readonly string[],
    held: { readonly loan: bigint; readonly collateral: bigint },
  ): Promise<readonly Check[]> {
    const { pool, aLoan, aCollateral, debt, treasury } = this.market;
    const { loan, collateral } = this.ground.tokens;
    const ask = async (views: readonly View[]): Promise<readonly bigint[]> =>
      (await this.reader.read(views)).map((answer) => answer[0] as bigint);
    const ofPool = (name: string, asset: string): View => ({ to: pool, calls: POOL, name, args: [asset] });
    const supply = (token: string): View => ({ to: token, calls: TOKEN, name: "totalSupply" });
    const sum = (values: readonly bigint[]): bigint => values.reduce((total, own) => total + own, 0n);
    const [cash = 0n, stored = 0n, deficit = 0n, claims = 0n, claimed = 0n] = await ask([
      ofPool("getVirtualUnderlyingBalance", loan),
      ofPool("getVirtualUnderlyingBalance", collateral),
      ofPool("getReserveDeficit", loan),
      supply(aLoan),
      supply(aCollateral),
    ]);
    const owed = sum(await ask(borrowers.map((borrower) => this.balance(debt, borrower))));
    const owners = [...borrowers, treasury];
    const inPositions = sum(await ask(owners.map((owner) => this.balance(aCollateral, owner))));
    return [
      equal("Aave's cash is its balance", "loan", cash, held.loan),
      equal("Aave's collateral is its balance", "collateral", stored, held.collateral),
      equal("positions' and the treasury's collateral is the balance", "collateral", inPositions, stored),
      equal("positions' and the treasury's collateral is all that is claimed", "collateral", claimed, stored),
      equal("the deficit is the debt written off", "loan", this.badDebt, deficit),
      // Debts are rounded up, claims down: a bound, not an equality.
      atLeast("cash, debts and the deficit cover lenders' claims", "loan", claims, cash + owed + deficit),
      ...(await this.keepers.checks()),
    ];
  }

  async hire(): Promise<Agents> {
    const { loan, collateral } = this.ground.tokens;
    const liquidator = this.keepers.liquidator({
      gas: LIQUIDATION_GAS,
      minDebt: LEAST_LEFTOVER,
      liquidation: ({ borrower, closeAmount }, repay) => {
        const most = repay >= closeAmount ? MAX_UINT256 : repay;
        return POOL.encodeFunctionData("liquidationCall", [collateral, loan, borrower, most, false]);
      },
    });
    return hireBonusKeepers(this.ground, liquidator);
  }
}
