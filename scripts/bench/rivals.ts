import { type BaseContract, Interface, ZeroAddress } from "ethers";

import { ADAPTIVE_RATES } from "../kit/defaults.ts";
import { BPS, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import { deployAaveMarket, WETH } from "../replay/mechanisms/rivals/aaveMarket.ts";
import { ONE_BASE } from "../replay/mechanisms/rivals/aaveMath.ts";
import { rivalArtifacts } from "../replay/mechanisms/rivals/artifacts.ts";
import { Deployer } from "../replay/mechanisms/rivals/deployer.ts";
import { CRASHED, gasOf, pass, push } from "./measuring.ts";
import { calmMarket, orderOf, REPAID, startedTake, type SunkMarket } from "./orders.ts";
import { ONE_COLLATERAL, ONE_LOAN } from "./system.ts";

/**
 * `npm run gas -- --rivals`: the same operations here, on Morpho Blue and on Aave v3.6, compiled from their npm packages, on one chain
 * with the same tokens, accounts, feeds and pool. Everything is measured in one run; nothing is remembered from another.
 *
 * Morpho's market has a rate model with a slot of its own and an oracle of two feeds, as in production; Aave's reads one feed an
 * asset. The private keepers of all three are built alike: their owner alone may call, they sell first and liquidate in the pool's
 * callback without capital, and they keep the profit. A vault sends the collateral to whom it is told, here straight to the pool; Morpho
 * and Aave send it to their caller, who passes it on.
 */

export const OPERATIONS = [
  "deposit",
  "supplyCollateral",
  "borrow",
  "repay",
  "withdrawCollateral",
  "liquidation, private keeper",
  "liquidation, public liquidator",
] as const;
export type RivalOperation = (typeof OPERATIONS)[number];

export const PROTOCOLS = ["Gavel", "Morpho Blue", "Aave v3.6"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Operation → protocol → gas; nothing where a protocol has no such thing. */
export type RivalTable = Readonly<Record<RivalOperation, Partial<Readonly<Record<Protocol, number>>>>>;

type Transaction = Parameters<typeof gasOf>[0];

/** A protocol's operations, by whoever does them here. */
interface Lending {
  readonly deposit: () => Transaction;
  readonly supplyCollateral: () => Transaction;
  readonly borrow: (assets: bigint) => Transaction;
  readonly repay: () => Transaction;
  readonly withdrawCollateral: () => Transaction;
  readonly privateKeeper: () => Transaction;
}

const LENT = 50_000_000n * ONE_LOAN;
const PLEDGED = 100n * ONE_COLLATERAL;
const OWED = 100_000n * ONE_LOAN;
/** What brings the borrower to the edge of each protocol's limit before the fall. */
const SOME_LOAN = 1_000n * ONE_LOAN;
/** Collateral that Morpho gives for about what an order here repays. */
const SEIZED = (REPAID * ONE_COLLATERAL * 10_500n) / (1_880n * ONE_LOAN * BPS);
/** Of what Aave gives for that, its own fee off, all but a little. */
const SEIZED_OF_AAVE = (REPAID * ONE_COLLATERAL * 10_440n) / (1_880n * ONE_LOAN * BPS);
const SECONDS = 60;
/** Liquidation LTV of Morpho's markets of WETH against stable coins, WAD. */
const LLTV = (86n * WAD) / 100n;
/** What Morpho's position owes on top, so that it is over its higher limit. */
const AT_THE_EDGE = {
  gavel: 59_900n * ONE_LOAN,
  morpho: 62_500n * ONE_LOAN,
  aave: 57_500n * ONE_LOAN,
} as const;
/** Aave's rates of its reserve of USDC, bps. */
const AAVE_RATES = { optimalUsageBps: 9_200n, baseBps: 0n, slopeBps: 550n, steepSlopeBps: 4_000n } as const;
const VARIABLE_RATE = 2n;

// ------------------------------------------------------------------------------------------------------------ the protocols

const gavel = ({ system, market }: SunkMarket): Lending => {
  const { vault, lender, borrower, keeper } = system;
  const owner = vault.connect(borrower);
  return {
    deposit: () => vault.connect(lender).deposit(SOME_LOAN, lender),
    supplyCollateral: () => owner.supplyCollateral(ONE_COLLATERAL, borrower),
    borrow: (assets) => owner.borrow(assets, borrower, borrower),
    repay: () => owner.repay(SOME_LOAN, borrower),
    withdrawCollateral: () => owner.withdrawCollateral(ONE_COLLATERAL, borrower, borrower),
    privateKeeper: async () => {
      const sold = await startedTake(system);
      return market.privateKeeper.connect(keeper).execute(borrower, true, REPAID, sold, 1n);
    },
  };
};

/** A contract's transaction, whose name no type knows. */
const send = (contract: BaseContract, name: string, ...args: readonly unknown[]): Transaction =>
  contract.getFunction(name)(...args) as Transaction;

const deployMorpho = async ({ connection, system, market }: SunkMarket): Promise<Lending> => {
  const { ethers } = connection;
  const { loan, collateral, feeds, deployer, lender, borrower, keeper } = system;
  const contract = await new Deployer(connection, rivalArtifacts("morpho")).deploy("Morpho", [
    deployer.address,
  ]);
  const scale = (ONE_LOAN * PRICE_SCALE) / ONE_COLLATERAL;
  const dollar = await ethers.deployContract("MockAggregator", [8n]);
  await dollar.pushAnswer(10n ** 8n);
  const oracle = await ethers.deployContract("MockRivalOracle", [feeds[0], dollar, scale]);
  const rates = await ethers.deployContract("MockRivalRates", [ADAPTIVE_RATES]);
  const addresses = [loan, collateral, oracle, rates].map(async (contract_) => contract_.getAddress());
  const terms = [...(await Promise.all(addresses)), LLTV];
  await send(contract, "enableIrm", rates);
  await send(contract, "enableLltv", LLTV);
  await send(contract, "createMarket", terms);
  const privateKeeper = await ethers.deployContract(
    "MockPrivateRivalKeeper",
    [loan, collateral, market.pool.address, contract.target],
    keeper,
  );
  await loan.mint(privateKeeper, ONE_LOAN);
  const as = (user: typeof lender) => contract.connect(user);
  for (const user of [lender, borrower, keeper]) {
    await loan.connect(user).approve(contract.target, 2n ** 256n - 1n);
    await collateral.connect(user).approve(contract.target, 2n ** 256n - 1n);
  }
  await send(as(lender), "supply", terms, LENT, 0n, lender.address, "0x");
  for (const user of [borrower, keeper]) {
    await send(as(user), "supplyCollateral", terms, PLEDGED, user.address, "0x");
    await send(as(user), "borrow", terms, OWED, 0n, user.address, user.address);
  }
  const liquidation = contract.interface.encodeFunctionData("liquidate", [
    terms,
    borrower.address,
    SEIZED,
    0n,
    "0x",
  ]);
  return {
    deposit: () => send(as(lender), "supply", terms, SOME_LOAN, 0n, lender.address, "0x"),
    supplyCollateral: () =>
      send(as(borrower), "supplyCollateral", terms, ONE_COLLATERAL, borrower.address, "0x"),
    borrow: (assets) => send(as(borrower), "borrow", terms, assets, 0n, borrower.address, borrower.address),
    repay: () => send(as(borrower), "repay", terms, SOME_LOAN, 0n, borrower.address, "0x"),
    withdrawCollateral: () =>
      send(as(borrower), "withdrawCollateral", terms, ONE_COLLATERAL, borrower.address, borrower.address),
    privateKeeper: () => privateKeeper.connect(keeper).liquidate(liquidation, SEIZED, 0n, 1n),
  };
};

const AAVE_POOL = [
  "function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)",
  "function withdraw(address asset, uint256 amount, address to)",
  "function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf)",
  "function repay(address asset, uint256 amount, uint256 interestRateMode, address onBehalfOf)",
  "function liquidationCall(address collateralAsset, address debtAsset, address borrower, uint256 debtToCover, bool receiveAToken)",
] as const;

const deployAave = async ({ connection, system, market }: SunkMarket): Promise<Lending> => {
  const { ethers } = connection;
  const { feeds, deployer, lender, borrower, keeper, receiver } = system;
  const loan = await system.loan.getAddress();
  const collateral = await system.collateral.getAddress();
  const dollar = await ethers.deployContract("MockAggregator", [8n]);
  await dollar.pushAnswer(10n ** 8n);
  const { pool } = await deployAaveMarket(connection, {
    governor: deployer.address,
    treasury: receiver.address,
    loan,
    collateral,
    feeds: { [loan]: dollar, [collateral]: feeds[0] },
    base: { currency: ZeroAddress, unit: ONE_BASE },
    rates: AAVE_RATES,
    terms: WETH,
  });
  const contract = await ethers.getContractAt([...AAVE_POOL], pool);
  const privateKeeper = await ethers.deployContract(
    "MockPrivateRivalKeeper",
    [loan, collateral, market.pool.address, pool],
    keeper,
  );
  await system.loan.mint(privateKeeper, ONE_LOAN);
  // What it could not sell of what Aave gave before.
  await system.collateral.mint(privateKeeper, ONE_COLLATERAL);
  const as = (user: typeof lender): BaseContract => contract.connect(user);
  for (const user of [lender, borrower, keeper]) {
    await system.loan.connect(user).approve(pool, 2n ** 256n - 1n);
    await system.collateral.connect(user).approve(pool, 2n ** 256n - 1n);
  }
  await send(as(lender), "supply", loan, LENT, lender.address, 0n);
  for (const user of [borrower, keeper]) {
    await send(as(user), "supply", collateral, PLEDGED, user.address, 0n);
    await send(as(user), "borrow", loan, OWED, VARIABLE_RATE, 0n, user.address);
  }
  const liquidation = new Interface(AAVE_POOL).encodeFunctionData("liquidationCall", [
    collateral,
    loan,
    borrower.address,
    REPAID,
    false,
  ]);
  return {
    deposit: () => send(as(lender), "supply", loan, SOME_LOAN, lender.address, 0n),
    supplyCollateral: () => send(as(borrower), "supply", collateral, ONE_COLLATERAL, borrower.address, 0n),
    borrow: (assets) => send(as(borrower), "borrow", loan, assets, VARIABLE_RATE, 0n, borrower.address),
    repay: () => send(as(borrower), "repay", loan, SOME_LOAN, VARIABLE_RATE, borrower.address),
    withdrawCollateral: () => send(as(borrower), "withdraw", collateral, ONE_COLLATERAL, borrower.address),
    privateKeeper: () => privateKeeper.connect(keeper).liquidate(liquidation, SEIZED_OF_AAVE, REPAID, 1n),
  };
};

// ------------------------------------------------------------------------------------------------------------------- measure

/** All operations of all three, each some time after the one before: interest accrues in the step. */
export const measureRivals = async (): Promise<RivalTable> => {
  const ground = await calmMarket();
  const { connection, system, market } = ground;
  const protocols: readonly (readonly [Protocol, Lending, bigint])[] = [
    ["Gavel", gavel(ground), AT_THE_EDGE.gavel],
    ["Morpho Blue", await deployMorpho(ground), AT_THE_EDGE.morpho],
    ["Aave v3.6", await deployAave(ground), AT_THE_EDGE.aave],
  ];
  const table = Object.fromEntries(OPERATIONS.map((operation) => [operation, {}])) as Record<
    RivalOperation,
    Partial<Record<Protocol, number>>
  >;
  await pass(connection, 60 * SECONDS);
  for (const [name, lending] of protocols) {
    const measured = async (transaction: () => Transaction): Promise<number> => {
      await pass(connection, SECONDS);
      return gasOf(transaction());
    };
    table.deposit[name] = await measured(lending.deposit);
    table.supplyCollateral[name] = await measured(lending.supplyCollateral);
    table.borrow[name] = await measured(() => lending.borrow(SOME_LOAN));
    table.repay[name] = await measured(lending.repay);
    table.withdrawCollateral[name] = await measured(lending.withdrawCollateral);
  }
  for (const [, lending, edge] of protocols) await (await lending.borrow(edge)).wait();
  await push(system, CRASHED);
  await pass(connection, SECONDS);
  // Each finds the pool as the others do.
  const liquidated = async (transaction: () => Transaction): Promise<number> => {
    const snapshot = await connection.networkHelpers.takeSnapshot();
    const gas = await gasOf(transaction());
    await snapshot.restore();
    return gas;
  };
  for (const [name, lending] of protocols)
    table["liquidation, private keeper"][name] = await liquidated(lending.privateKeeper);
  const order = orderOf(system, market.pool.address);
  table["liquidation, public liquidator"].Gavel = await liquidated(() =>
    market.liquidator.connect(system.keeper).execute(order),
  );
  return table;
};

/** One line an operation. */
export const rivalLines = (table: RivalTable): readonly string[] => {
  const width = Math.max(...OPERATIONS.map(({ length }) => length));
  const cell = (value: string): string => value.padStart(12);
  return [
    `${"gas, one transaction".padEnd(width)}${PROTOCOLS.map(cell).join("")}`,
    ...OPERATIONS.map(
      (operation) =>
        `${operation.padEnd(width)}${PROTOCOLS.map((protocol) => {
          const gas = table[operation][protocol];
          return cell(gas === undefined ? "-" : gas.toLocaleString("en-US"));
        }).join("")}`,
    ),
  ];
};
