import { AbiCoder, Interface, keccak256, ZeroAddress } from "ethers";

import type { MirroredPosition } from "../../../world/exposure.ts";
import { value } from "../../../../sdk/saleMath.ts";
import { BPS, MAX_UINT256, mulDivDown, PRICE_SCALE, WAD } from "../../../../sdk/math.ts";
import { COLLATERAL_DECIMALS, LOAN_DECIMALS } from "../../../../sdk/units.ts";
import { hireBonusKeepers } from "../../agents/hireBonusKeepers.ts";
import { atLeast, type Check, equal } from "../../run/check.ts";
import type { Receipt } from "../../world/chain.ts";
import { type Call, type Lending, type SaleEvent, type Standing, lower } from "../lending.ts";
import type { PositionView } from "../../../../sdk/positionView.ts";
import type { Agents } from "../../agents/agents.ts";
import type { Ground, Mechanism } from "../mechanism.ts";
import { rivalArtifacts } from "./artifacts.ts";
import { BatchReader, type View } from "./batchReader.ts";
import { Deployer } from "./deployer.ts";
import { KeeperContract } from "./keeperContract.ts";
import { assetsUp, type BorrowTotals, incentiveOf, largestLiquidation } from "./morphoMath.ts";
import { type Liquidation, SaleTracker } from "./saleTracker.ts";
import { mistakes } from "../../../../sdk/errors.ts";

/** Liquidation LTV of its largest markets of WETH against stable coins: one of the few that its governance enables. */
const LLTV_BPS = 8_600n;
const LLTV = (LLTV_BPS * WAD) / BPS;
const INCENTIVE = incentiveOf(LLTV);
/** Gas of a liquidation through the keepers' contract, with the swap, as measured. */
const LIQUIDATION_GAS = 200_000;

const MARKET = "(address loanToken, address collateralToken, address oracle, address irm, uint256 lltv)";
const MORPHO = new Interface([
  "function enableIrm(address irm)",
  "function enableLltv(uint256 lltv)",
  `function createMarket(${MARKET} marketParams)`,
  `function supply(${MARKET} marketParams, uint256 assets, uint256 shares, address onBehalf, bytes data)`,
  `function supplyCollateral(${MARKET} marketParams, uint256 assets, address onBehalf, bytes data)`,
  `function borrow(${MARKET} marketParams, uint256 assets, uint256 shares, address onBehalf, address receiver)`,
  `function liquidate(${MARKET} marketParams, address borrower, uint256 seizedAssets, uint256 repaidShares, bytes data)`,
  "function market(bytes32 id) view returns (uint128 totalSupplyAssets, uint128 totalSupplyShares, uint128 totalBorrowAssets, uint128 totalBorrowShares, uint128 lastUpdate, uint128 fee)",
  "function position(bytes32 id, address user) view returns (uint256 supplyShares, uint128 borrowShares, uint128 collateral)",
  "event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)",
]);
const ORACLE = new Interface(["function price() view returns (uint256)"]);

/** A market of Morpho's, in the order of its struct. */
type MarketParams = readonly [loan: string, collateral: string, oracle: string, irm: string, lltv: bigint];

interface Read {
  readonly totals: BorrowTotals;
  readonly price: bigint;
  readonly supplied: bigint;
}

/** Morpho Blue itself, compiled from its package: one market, whose oracle is the feed alone, without interest. */
export const morpho: Mechanism = {
  name: "morpho",
  deploy: async (ground) => {
    const { chain, governor, scenario } = ground;
    if (scenario.ltvs.borrowLtvBps > LLTV_BPS)
      throw mistakes.lendsTooMuch("morpho", scenario.ltvs.borrowLtvBps, "Morpho's market up to", LLTV_BPS);
    const contract = await new Deployer(chain.connection, rivalArtifacts("morpho")).deploy("Morpho", [
      governor.address,
    ]);
    const address = lower(contract.target);
    const { ethers } = chain.connection;
    const oracle = await ethers.deployContract("MockRivalFeed", [
      ground.aggregator,
      LOAN_DECIMALS,
      COLLATERAL_DECIMALS,
    ]);
    const { loan, collateral } = ground.tokens;
    // Morpho admits the zero address as a rate model once its owner has enabled it: nobody pays interest then.
    const params: MarketParams = [loan, collateral, String(oracle.target), ZeroAddress, LLTV];
    const set = async (name: string, ...args: readonly unknown[]): Promise<void> => {
      await chain.send(governor.address, address, MORPHO.encodeFunctionData(name, args));
    };
    await set("enableIrm", ZeroAddress);
    await set("enableLltv", LLTV);
    await set("createMarket", params);
    const keepers = await KeeperContract.deploy(ground, address);
    const reader = new BatchReader(chain, await ethers.deployContract("MockReader"));
    return new MorphoLending(ground, address, params, { keepers, reader });
  },
};

class MorphoLending implements Lending {
  readonly entrance: string;
  readonly custody: Lending["custody"];
  /** Lenders' shares are no token. */
  readonly shares = undefined;
  readonly contracts: Readonly<Record<string, string>>;
  private readonly ground: Ground;
  private readonly params: MarketParams;
  private readonly id: string;
  private readonly keepers: KeeperContract;
  private readonly reader: BatchReader;
  private readonly sales = new SaleTracker();
  /** Borrow shares of positions as they were last seen. */
  private readonly borrowShares = new Map<string, bigint>();
  private badDebt = 0n;
  private suppliedAtFirst: bigint | undefined;

  constructor(
    ground: Ground,
    address: string,
    params: MarketParams,
    parts: { readonly keepers: KeeperContract; readonly reader: BatchReader },
  ) {
    this.ground = ground;
    this.params = params;
    this.keepers = parts.keepers;
    this.reader = parts.reader;
    this.entrance = address;
    this.custody = { loan: address, collateral: address };
    this.contracts = { Morpho: address };
    const types = ["address", "address", "address", "address", "uint256"];
    this.id = keccak256(AbiCoder.defaultAbiCoder().encode(types, params));
  }

  // -------------------------------------------------------------------------------------------------------------- calls

  private callOf(name: string, args: readonly unknown[]): Call {
    return { to: this.entrance, data: MORPHO.encodeFunctionData(name, [this.params, ...args]) };
  }

  deposit(assets: bigint, lender: string): Call {
    return this.callOf("supply", [assets, 0n, lender, "0x"]);
  }

  supplyCollateral(assets: bigint, borrower: string): Call {
    return this.callOf("supplyCollateral", [assets, borrower, "0x"]);
  }

  borrow(assets: bigint, borrower: string): Call {
    return this.callOf("borrow", [assets, 0n, borrower, borrower]);
  }

  writeOff(borrower: string): Call {
    throw new Error(`Morpho writes off in liquidations, and ${borrower} has debt without collateral`);
  }

  // -------------------------------------------------------------------------------------------------------------- views

  private positionOf(borrower: string): View {
    return { to: this.entrance, calls: MORPHO, name: "position", args: [this.id, borrower] };
  }

  /** The market, and positions in it. */
  private async read(borrowers: readonly string[]): Promise<{
    readonly market: Read;
    readonly positions: readonly { readonly borrowShares: bigint; readonly collateral: bigint }[];
  }> {
    const [market, price, ...positions] = await this.reader.read([
      { to: this.entrance, calls: MORPHO, name: "market", args: [this.id] },
      { to: this.params[2], calls: ORACLE, name: "price" },
      ...borrowers.map((borrower) => this.positionOf(borrower)),
    ]);
    return {
      market: {
        totals: {
          assets: market?.getValue("totalBorrowAssets") as bigint,
          shares: market?.getValue("totalBorrowShares") as bigint,
        },
        price: price?.[0] as bigint,
        supplied: market?.getValue("totalSupplyAssets") as bigint,
      },
      positions: positions.map((answer) => ({
        borrowShares: answer.getValue("borrowShares") as bigint,
        collateral: answer.getValue("collateral") as bigint,
      })),
    };
  }

  async positions(borrowers: readonly string[]): Promise<readonly PositionView[]> {
    const { market, positions } = await this.read(borrowers);
    return positions.map((position, i) => {
      const borrower = lower(borrowers[i]);
      this.borrowShares.set(borrower, position.borrowShares);
      return this.viewOf(borrower, position, market);
    });
  }

  private viewOf(
    borrower: string,
    position: { readonly borrowShares: bigint; readonly collateral: bigint },
    { totals, price }: Read,
  ): PositionView {
    const { borrowShares, collateral } = position;
    const debt = assetsUp(borrowShares, totals);
    const worth = value(collateral, price);
    const most = mulDivDown(worth, LLTV, WAD);
    const health = debt === 0n ? MAX_UINT256 : mulDivDown(most, WAD, debt);
    const status = this.sales.statusOf({ borrower, debt, collateral, health });
    const shown = { borrower, status, collateral, debt, value: worth, health, penalty: 0n };
    if (status !== "FOR_SALE") return { ...shown, salePrice: 0n, closeAmount: 0n, collateralOut: 0n };
    const size = largestLiquidation(position, totals, price, INCENTIVE);
    const salePrice = size.collateral === 0n ? 0n : (size.repay * PRICE_SCALE) / size.collateral;
    return { ...shown, salePrice, closeAmount: size.repay, collateralOut: size.collateral };
  }

  async position(borrower: string): Promise<MirroredPosition> {
    const { market, positions } = await this.read([borrower]);
    const [{ borrowShares, collateral } = { borrowShares: 0n, collateral: 0n }] = positions;
    return { collateral, scaledDebt: assetsUp(borrowShares, market.totals) };
  }

  /** Called before the first sale too: what was lent then is what losses are measured from. */
  async standing(): Promise<Standing> {
    this.suppliedAtFirst ??= (await this.read([])).market.supplied;
    return { index: WAD, liquidationLtvBps: LLTV_BPS };
  }

  async valueOfShares(shares: bigint): Promise<bigint> {
    return shares;
  }

  // ------------------------------------------------------------------------------------------------------------- events

  async eventsIn(receipt: Receipt): Promise<readonly SaleEvent[]> {
    const events: SaleEvent[] = [];
    for (const liquidation of this.liquidationsIn(receipt)) {
      this.badDebt += liquidation.badDebt;
      const [after] = await this.positions([liquidation.borrower]);
      if (after !== undefined) events.push(...this.sales.eventsOf(liquidation, after));
    }
    return events;
  }

  private liquidationsIn({ logs }: Receipt): readonly Liquidation[] {
    return logs.flatMap((log) => {
      const event = log.address.toLowerCase() === this.entrance ? MORPHO.parseLog(log) : null;
      if (event?.name !== "Liquidate") return [];
      const amount = (name: string): bigint => event.args.getValue(name) as bigint;
      return [
        {
          borrower: lower(event.args.getValue("borrower")),
          taker: String(event.args.getValue("caller")),
          repaid: amount("repaidAssets"),
          collateral: amount("seizedAssets"),
          keptCollateral: 0n,
          badDebt: amount("badDebtAssets"),
        },
      ];
    });
  }

  // -------------------------------------------------------------------------------------------------------------- books

  async checkBooks(
    borrowers: readonly string[],
    held: { readonly loan: bigint; readonly collateral: bigint },
  ): Promise<readonly Check[]> {
    const { market, positions } = await this.read(borrowers);
    const { totals, supplied } = market;
    const inPositions = positions.reduce((sum, { collateral }) => sum + collateral, 0n);
    const owed = positions.reduce((sum, { borrowShares }) => sum + assetsUp(borrowShares, totals), 0n);
    const lost = (this.suppliedAtFirst ?? supplied) - supplied;
    return [
      // Repayments are rounded up, by less than a unit each: bounds, not equalities.
      atLeast(
        "Morpho's balance covers what is lent and not borrowed",
        "loan",
        supplied - totals.assets,
        held.loan,
      ),
      atLeast("balance and debts cover lenders' claims", "loan", supplied, held.loan + owed),
      equal("positions' collateral is Morpho's balance", "collateral", inPositions, held.collateral),
      equal("what lenders lost is the debt written off", "loan", this.badDebt, lost),
      ...(await this.keepers.checks()),
    ];
  }

  async hire(): Promise<Agents> {
    const liquidator = this.keepers.liquidator({
      gas: LIQUIDATION_GAS,
      minDebt: 0n,
      liquidation: (view, repay) => this.liquidation(view, repay),
    });
    return hireBonusKeepers(this.ground, liquidator);
  }

  /** All collateral where all of it goes; else so many of the position's shares. */
  private liquidation(view: PositionView, repay: bigint): string {
    const { borrower, debt, collateral, collateralOut, closeAmount } = view;
    if (repay >= closeAmount && collateralOut === collateral)
      return this.callOf("liquidate", [borrower, collateral, 0n, "0x"]).data;
    const shares = this.borrowShares.get(borrower) ?? 0n;
    const part = repay >= debt ? shares : (shares * repay) / debt;
    return this.callOf("liquidate", [borrower, 0n, part, "0x"]).data;
  }
}
