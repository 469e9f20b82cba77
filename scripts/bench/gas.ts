import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { measureBids } from "./bids.ts";
import { CRASHED, fill, gasOf, pass, push, sink } from "./measuring.ts";
import {
  measureDirectOrder,
  measureDirectOrderRunning,
  measureDutchOrder,
  measureDutchOrderRunning,
  measurePrivateKeeper,
} from "./orders.ts";
import { measureRivals, rivalLines } from "./rivals.ts";
import { type BenchSystem, deployBenchSystem, ONE_COLLATERAL, ONE_LOAN } from "./system.ts";

/**
 * `npm run gas`: what each operation costs, one transaction each with everything cold, allowances set, interest accruing in
 * the step; beside the target it must meet. `--check` compares with the committed snapshot, `--update` rewrites it. `--rivals`
 * shows the same operations on Morpho Blue and Aave v3.6 instead, with `--json` for programs.
 */

/**
 * The design's, but for six: `startSale` 88,000, `take` 121,000, `startAndTake` 125,000, `takeManyMarginal` 18,000, `dutchOrder` 212,000
 * and `claim` 60,000 there. A start also looks at the rest of the sale before it (190 gas); a take that leaves the position unhealthy
 * proves its sale (43); each position of many is also held against the price that binds new starts where its proof is old, and
 * pays its own share of the penalty (1.2k). Every sale is held against what covers its debt while it is young (400), and reads
 * three more terms (130). A claim reads six cold slots, of the bid and of its tick; one less would bound collateral to 96 bits.
 *
 * `privateKeeper` is held to Morpho's, whose keeper is built alike. A direct sale sells all that may be sold, at the price of the
 * liquidator's own quote, and repays the rest (13,000). No policy is asked for one any more: there is no key for a sale that has to ask.
 */
const TARGETS = {
  deposit: 82_000,
  supplyCollateral: 51_000,
  borrow: 92_000,
  repay: 74_000,
  withdrawCollateral: 84_000,
  startSale: 88_500,
  take: 121_900,
  startAndTake: 125_800,
  takeManyMarginal: 19_800,
  clearPerBidder: 0,
  dutchOrder: 212_300,
  dutchOrderRunning: 212_000,
  privateKeeper: 184_000,
  directOrder: 275_000,
  directOrderRunning: 275_000,
  clearOne: 270_000,
  placeBidFirst: 180_000,
  placeBid: 110_000,
  claim: 61_600,
} as const;

/** What grows with a number, and what has no target of its own: it is one more that may cost only so much. */
type Sum = `takeMany${1 | 10 | 100 | 300}` | `clear${10 | 1_000 | 10_000}`;

type Operation = keyof typeof TARGETS | Sum;

/** Steps from one number to the next. */
const STEPS: Readonly<Partial<Record<Sum, { readonly from: Sum; readonly more: number }>>> = {
  takeMany10: { from: "takeMany1", more: 9 },
  takeMany100: { from: "takeMany10", more: 90 },
  takeMany300: { from: "takeMany100", more: 200 },
  clear1000: { from: "clear10", more: 990 },
  clear10000: { from: "clear1000", more: 9_000 },
};

const targetOf = (name: Operation): number | undefined =>
  (TARGETS as Partial<Record<Operation, number>>)[name];

const SNAPSHOT = fileURLToPath(new URL("./gas-snapshot.json", import.meta.url));
const REPORT_FOLDER = fileURLToPath(new URL("../../reports/", import.meta.url));
/** Positions opened, sales started and bids placed in one transaction: a block has no room for more. */
const POSITIONS_A_CALL = 100;
const BIDS_A_CALL = 125;
/** The target of a further position is held over so many. */
const MANY = 21;
const BID_TICKS = 3n;
/** Two thirds of it, at the first two ticks, do not cover what one of two positions pays. */
const BID_IN_ALL = 1_200_000n * ONE_LOAN;
/** One more bid at the third tick, which covers both with it: it is filled in part. */
const LARGE_BID = 1_200_000n * ONE_LOAN;

/** A system that lenders and borrowers use already. */
const prepare = async (connection: NetworkConnection<"l1">): Promise<BenchSystem> => {
  const system = await deployBenchSystem(connection);
  await fill(connection, system);
  return system;
};

const limits = (system: BenchSystem, maxRepay: bigint) => ({
  receiver: system.keeper,
  maxRepay,
  maxPayment: 2n ** 255n,
  minCollateral: 0n,
  deadline: 2n ** 40n,
  data: "0x",
});

const takeParams = (system: BenchSystem, maxRepay: bigint) => ({
  ...limits(system, maxRepay),
  borrower: system.borrower,
});

/** Positions of these sizes, all for sale: those that own them, by ascending address. */
const putForSale = async (
  connection: NetworkConnection<"l1">,
  system: BenchSystem,
  count: number,
  assets: bigint,
  debt: bigint,
): Promise<readonly string[]> => {
  const { vault, collateral } = system;
  const crowd = await connection.ethers.deployContract("MockCrowd", [vault]);
  await collateral.mint(crowd, BigInt(count) * assets);
  const gas = { gasLimit: 55_000_000n };
  const parts = Array.from({ length: Math.ceil(count / POSITIONS_A_CALL) }, (_, i) => {
    const from = i * POSITIONS_A_CALL;
    return { from, to: Math.min(from + POSITIONS_A_CALL, count) };
  });
  for (const { from, to } of parts) await crowd.open(to - from, assets, debt, gas);
  await push(system, CRASHED);
  for (const { from, to } of parts) await crowd.startSales(from, to, gas);
  return [...(await crowd.members())].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
};

const measureTakeMany = async (positions: number): Promise<number> => {
  const connection = await network.create({ network: "sim", chainType: "l1" });
  const system = await prepare(connection);
  const { vault, keeper } = system;
  const borrowers = await putForSale(connection, system, positions, 10n * ONE_COLLATERAL, 15_990n * ONE_LOAN);
  await pass(connection, 120);
  return gasOf(vault.connect(keeper).takeMany({ ...limits(system, 2n ** 255n), borrowers: [...borrowers] }));
};

/** Two positions are sold to bids at three ticks. */
const measureClear = async (bids: number): Promise<number> => {
  const connection = await network.create({ network: "sim", chainType: "l1" });
  const system = await prepare(connection);
  const { vault, batch, loan, keeper } = system;
  const bidder = await connection.ethers.deployContract("MockBidder", [batch]);
  const assets = BID_IN_ALL / BigInt(bids);
  await loan.mint(bidder, BID_IN_ALL);
  for (let placed = 0; placed < bids; placed += BIDS_A_CALL) {
    const count = Math.min(BIDS_A_CALL, bids - placed);
    await bidder.placeMany(vault, count, BID_TICKS, assets, connection.ethers.ZeroAddress, {
      gasLimit: 55_000_000n,
    });
  }
  await loan.mint(keeper, LARGE_BID);
  await loan.connect(keeper).approve(batch, LARGE_BID);
  await batch.connect(keeper).placeBid(vault, BID_TICKS - 1n, LARGE_BID, keeper);
  await connection.networkHelpers.time.increaseTo(await batch.nextBoundary());
  const borrowers = await putForSale(connection, system, 2, 1_000n * ONE_COLLATERAL, 1_599_000n * ONE_LOAN);
  await connection.networkHelpers.time.increaseTo(await batch.nextBoundary());
  const gas = await gasOf(batch.connect(keeper).clear(vault, [...borrowers]));
  const { open } = await batch.bid(BID_TICKS);
  if (open === 0n || open === assets) throw new Error("the last tick is not filled in part");
  return gas;
};

/** What each one costs that comes on top. */
const perFurther = (few: number, many: number, more: number): number => Math.round((many - few) / more);

/** The same for the last step to an operation; undefined where there is none. */
const marginalOf = (measured: Readonly<Record<Operation, number>>, name: Operation): number | undefined => {
  const step = (STEPS as Partial<Record<Operation, { readonly from: Sum; readonly more: number }>>)[name];
  return step && perFurther(measured[step.from], measured[name], step.more);
};

const measure = async (): Promise<Record<Operation, number>> => {
  const fresh = async () => {
    const connection = await network.create({ network: "sim", chainType: "l1" });
    return { connection, system: await prepare(connection) };
  };
  const { connection, system } = await fresh();
  const { vault, lender, borrower, keeper } = system;

  const deposit = await gasOf(vault.connect(lender).deposit(1_000n * ONE_LOAN, lender));
  await pass(connection, 60);
  const supplyCollateral = await gasOf(vault.connect(borrower).supplyCollateral(ONE_COLLATERAL, borrower));
  await pass(connection, 60);
  const borrow = await gasOf(vault.connect(borrower).borrow(1_000n * ONE_LOAN, borrower, borrower));
  await pass(connection, 60);
  const repay = await gasOf(vault.connect(borrower).repay(1_000n * ONE_LOAN, borrower));
  await pass(connection, 60);
  const withdrawCollateral = await gasOf(
    vault.connect(borrower).withdrawCollateral(ONE_COLLATERAL, borrower, borrower),
  );

  await sink(connection, system);
  const startSale = await gasOf(vault.connect(keeper).startSale(borrower, keeper));
  // A sale that is proven: within a half-life of its start. One that is not asks the curve for the time to hold: 8.8k more.
  await pass(connection, 200);
  const take = await gasOf(vault.connect(keeper).take(takeParams(system, 10_000n * ONE_LOAN)));

  const other = await fresh();
  await sink(other.connection, other.system);
  const startAndTake = await gasOf(
    other.system.vault
      .connect(other.system.keeper)
      .startAndTake(takeParams(other.system, 10_000n * ONE_LOAN)),
  );

  const takeMany1 = await measureTakeMany(1);
  const takeMany10 = await measureTakeMany(10);
  const takeMany100 = await measureTakeMany(100);
  const takeMany300 = await measureTakeMany(300);
  const clear10 = await measureClear(10);
  const clear1000 = await measureClear(1_000);
  const clear10000 = await measureClear(10_000);
  return {
    deposit,
    supplyCollateral,
    borrow,
    repay,
    withdrawCollateral,
    startSale,
    take,
    startAndTake,
    takeManyMarginal: perFurther(takeMany1, await measureTakeMany(MANY), MANY - 1),
    clearPerBidder: perFurther(clear10, clear10000, 9_990),
    dutchOrder: await measureDutchOrder(),
    dutchOrderRunning: await measureDutchOrderRunning(),
    privateKeeper: await measurePrivateKeeper(),
    directOrder: await measureDirectOrder(),
    directOrderRunning: await measureDirectOrderRunning(),
    ...(await measureBids()),
    takeMany1,
    takeMany10,
    takeMany100,
    takeMany300,
    clear10,
    clear1000,
    clear10000,
  };
};

/** Gas may wander by this much with addresses and amounts. */
const TOLERANCE = 100;

/** The table beside the rivals, as text or as JSON. */
const showRivals = async (isJson: boolean): Promise<void> => {
  const table = await measureRivals();
  console.log(isJson ? JSON.stringify(table, null, 2) : rivalLines(table).join("\n"));
};

const main = async (): Promise<void> => {
  const options = process.argv.slice(2);
  if (options.includes("--rivals")) return showRivals(options.includes("--json"));
  const [mode] = options;
  const measured = await measure();
  const operations = Object.keys(measured) as Operation[];
  const report = Object.fromEntries(
    operations.map((name) => [
      name,
      { gas: measured[name], target: targetOf(name), eachFurther: marginalOf(measured, name) },
    ]),
  );
  mkdirSync(REPORT_FOLDER, { recursive: true });
  writeFileSync(`${REPORT_FOLDER}gas.json`, `${JSON.stringify(report, null, 2)}\n`);

  const snapshot = existsSync(SNAPSHOT)
    ? (JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Partial<Record<Operation, number>>)
    : {};
  console.log("operation              gas   target   snapshot  each further");
  const failures: string[] = [];
  for (const name of operations) {
    const gas = measured[name];
    const before = snapshot[name];
    const target = targetOf(name);
    const isOver = target !== undefined && gas > target;
    console.log(
      `${name.padEnd(18)} ${String(gas).padStart(7)}  ${String(target ?? "-").padStart(7)}  ${String(before ?? "-").padStart(9)}  ${String(marginalOf(measured, name) ?? "").padStart(12)}${isOver ? "   over target" : ""}`,
    );
    if (isOver) failures.push(`${name} costs ${String(gas)}, over its target ${String(target)}`);
    if (before === undefined || gas > before + TOLERANCE) {
      failures.push(
        `${name} costs ${String(gas)}, snapshot ${String(before ?? "none")}: npm run gas -- --update, and say why`,
      );
    }
  }
  if (mode === "--update") {
    writeFileSync(SNAPSHOT, `${JSON.stringify(measured, null, 2)}\n`);
    console.log("snapshot updated");
  } else if (mode === "--check" && failures.length !== 0) {
    for (const failure of failures) console.error(failure);
    process.exitCode = 1;
  }
};

await main();
