import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { ContractTransactionResponse } from "ethers";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { type BenchSystem, deployBenchSystem, ONE_COLLATERAL, ONE_LOAN } from "./system.ts";

/**
 * `npm run gas`: what each operation costs, one transaction each with everything cold, allowances set, interest accruing in
 * the step; beside the target it must meet. `--check` compares with the committed snapshot, `--update` rewrites it.
 */

const TARGETS = {
  deposit: 82_000,
  supplyCollateral: 51_000,
  borrow: 92_000,
  repay: 74_000,
  withdrawCollateral: 84_000,
  startSale: 88_000,
  take: 121_000,
  startAndTake: 125_000,
  takeManyMarginal: 18_000,
} as const;

type Operation = keyof typeof TARGETS;

const SNAPSHOT = fileURLToPath(new URL("./gas-snapshot.json", import.meta.url));
const REPORT_FOLDER = fileURLToPath(new URL("../../reports/", import.meta.url));
const CRASHED = 1_880n * 10n ** 8n;
const MANY = [1, 21] as const;

const gasOf = async (transaction: Promise<ContractTransactionResponse>): Promise<number> => {
  const receipt = await (await transaction).wait();
  if (receipt === null) throw new Error("a transaction was not mined");
  return Number(receipt.gasUsed);
};

const pass = async (connection: NetworkConnection<"l1">, seconds: number): Promise<void> => {
  await connection.networkHelpers.time.increase(seconds);
};

const push = async (system: BenchSystem, answer: bigint): Promise<void> => {
  for (const feed of system.feeds) await feed.pushAnswer(answer);
};

/** Lenders in, one borrower with room, and a second one so that totals are never at their first write. */
const prepare = async (connection: NetworkConnection<"l1">): Promise<BenchSystem> => {
  const system = await deployBenchSystem(connection);
  const { vault, lender, borrower, keeper } = system;
  await vault.connect(lender).deposit(50_000_000n * ONE_LOAN, lender);
  // The starter holds shares already.
  await vault.connect(keeper).deposit(1_000n * ONE_LOAN, keeper);
  for (const user of [borrower, keeper]) {
    await vault.connect(user).supplyCollateral(100n * ONE_COLLATERAL, user);
    await vault.connect(user).borrow(100_000n * ONE_LOAN, user, user);
  }
  await pass(connection, 3_600);
  return system;
};

/** Brings the borrower to the edge and the price over it. */
const sink = async (connection: NetworkConnection<"l1">, system: BenchSystem): Promise<void> => {
  const { vault, borrower } = system;
  await vault.connect(borrower).borrow(59_900n * ONE_LOAN, borrower, borrower);
  await push(system, CRASHED);
  await pass(connection, 60);
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

const measureTakeMany = async (positions: number): Promise<number> => {
  const connection = await network.create({ network: "sim", chainType: "l1" });
  const system = await prepare(connection);
  const { vault, keeper, loan, collateral } = system;
  const borrowers: string[] = [];
  for (let i = 0; i < positions; ++i) {
    const owner = connection.ethers.Wallet.createRandom(connection.ethers.provider);
    await connection.networkHelpers.impersonateAccount(owner.address);
    await connection.networkHelpers.setBalance(owner.address, ONE_COLLATERAL);
    const signer = await connection.ethers.getSigner(owner.address);
    await collateral.mint(signer, 10n * ONE_COLLATERAL);
    await collateral.connect(signer).approve(vault, 2n ** 255n);
    await vault.connect(signer).supplyCollateral(10n * ONE_COLLATERAL, signer);
    await vault.connect(signer).borrow(15_990n * ONE_LOAN, signer, signer);
    borrowers.push(owner.address);
  }
  await push(system, CRASHED);
  for (const borrower of borrowers) await vault.connect(keeper).startSale(borrower, keeper);
  await pass(connection, 120);
  await loan.mint(keeper, 10n ** 8n * ONE_LOAN);
  return gasOf(vault.connect(keeper).takeMany({ ...limits(system, 2n ** 255n), borrowers }));
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
  await pass(connection, 300);
  const take = await gasOf(vault.connect(keeper).take(takeParams(system, 10_000n * ONE_LOAN)));

  const other = await fresh();
  await sink(other.connection, other.system);
  const startAndTake = await gasOf(
    other.system.vault
      .connect(other.system.keeper)
      .startAndTake(takeParams(other.system, 10_000n * ONE_LOAN)),
  );

  const [few, many] = MANY;
  const takeManyMarginal = Math.round(
    ((await measureTakeMany(many)) - (await measureTakeMany(few))) / (many - few),
  );
  return {
    deposit,
    supplyCollateral,
    borrow,
    repay,
    withdrawCollateral,
    startSale,
    take,
    startAndTake,
    takeManyMarginal,
  };
};

/** Gas may wander by this much with addresses and amounts. */
const TOLERANCE = 100;

const main = async (): Promise<void> => {
  const mode = process.argv[2];
  const measured = await measure();
  const operations = Object.keys(TARGETS) as Operation[];
  const report = Object.fromEntries(
    operations.map((name) => [name, { gas: measured[name], target: TARGETS[name] }]),
  );
  mkdirSync(REPORT_FOLDER, { recursive: true });
  writeFileSync(`${REPORT_FOLDER}gas.json`, `${JSON.stringify(report, null, 2)}\n`);

  const snapshot = existsSync(SNAPSHOT)
    ? (JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Partial<Record<Operation, number>>)
    : {};
  console.log("operation              gas   target   snapshot");
  const failures: string[] = [];
  for (const name of operations) {
    const gas = measured[name];
    const before = snapshot[name];
    console.log(
      `${name.padEnd(18)} ${String(gas).padStart(7)}  ${String(TARGETS[name]).padStart(7)}  ${String(before ?? "-").padStart(9)}${gas > TARGETS[name] ? "   over target" : ""}`,
    );
    if (gas > TARGETS[name])
      failures.push(`${name} costs ${String(gas)}, over its target ${String(TARGETS[name])}`);
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
