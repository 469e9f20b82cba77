/** A real vault on a real adapter, with one lender, one borrower and a keeper who has money. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";

import { WAD } from "../../sdk/math.ts";
import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/VaultFactory.ts";
import type { OracleAdapter } from "../../typechain-types/index.ts";
import { deployOracle, type OracleOptions, type OracleSystem, START } from "./oracleSystem.ts";
import { actorsOf, createVault, deploySystem, FOREVER, NO_LIMIT } from "./system.ts";

export type OracleVault = Awaited<ReturnType<typeof deployOracleVault>>;

/** Whole tokens. */
export const STORY = {
  lent: 1_000_000n,
  collateral: 10n,
  /** An LTV of 75% at the start; unhealthy under a price of 1,807.2. */
  debt: 15_000n,
  crash: 1_750n,
} as const;

/** @param adapt Another adapter for the vault than that of the options, on the same pair. */
export async function deployOracleVault(
  connection: NetworkConnection<"l1">,
  options: OracleOptions = {},
  adapt?: (system: OracleSystem) => Promise<OracleAdapter>,
) {
  const { ethers } = connection;
  const { factory, creationCode, config } = await deploySystem(connection);
  const { lender, borrower, keeper, stranger } = await actorsOf(connection);
  const base = await deployOracle(connection, options);
  const oracle = (await adapt?.(base)) ?? base.oracle;
  const { loan, collateral, decimals } = base;
  const oneLoan = 10n ** decimals.loan;
  const oneCollateral = 10n ** decimals.collateral;
  // Without interest every debt is the number that a test wrote down.
  const rateModel = await ethers.deployContract("KinkedRateModel", [
    { base: 0n, slope1: 0n, slope2: 0n, kink: WAD / 2n },
  ]);
  const vaultConfig: VaultConfigStruct = {
    ...config,
    asset: await loan.getAddress(),
    collateralAsset: await collateral.getAddress(),
    oracle: await oracle.getAddress(),
    rateModel: await rateModel.getAddress(),
    // A unit of collateral may be worth a thousandth of it.
    minDebt: (decimals.collateral === 0n ? 1_000n : 100n) * oneLoan,
    supplyCap: 10n ** 9n * oneLoan,
    borrowCap: 10n ** 9n * oneLoan,
    maxPositionDebt: 10n ** 7n * oneLoan,
    stressDepth: 4n * 10n ** 8n * oneLoan,
    reward: { cap: 0n, nativePrice: 0n },
    terms: { ...config.terms, lot: 250_000n * oneLoan },
  };
  const vault = await createVault(
    connection,
    factory,
    vaultConfig,
    creationCode,
    ethers.id(await loan.getAddress()),
  );

  for (const user of [lender, borrower, keeper, stranger]) {
    await loan.mint(user, 10n * STORY.lent * oneLoan);
    await collateral.mint(user, 1_000n * oneCollateral);
    await loan.connect(user).approve(vault, NO_LIMIT);
    await collateral.connect(user).approve(vault, NO_LIMIT);
  }
  await vault.connect(lender).deposit(STORY.lent * oneLoan, lender);

  return {
    ...base,
    oracle,
    factory,
    creationCode,
    vaultConfig,
    vault,
    lender,
    borrower,
    keeper,
    stranger,
    oneLoan,
    oneCollateral,
  };
}

/** Whole tokens in, whole tokens out. */
export async function openPosition(
  { vault, oneLoan, oneCollateral }: OracleVault,
  owner: HardhatEthersSigner,
  collateral: bigint = STORY.collateral,
  debt: bigint = STORY.debt,
): Promise<void> {
  await vault.connect(owner).supplyCollateral(collateral * oneCollateral, owner);
  if (debt !== 0n) await vault.connect(owner).borrow(debt * oneLoan, owner, owner);
}

export async function startSale({ vault, borrower, keeper, connection }: OracleVault): Promise<void> {
  await vault.connect(keeper).startSale(borrower, connection.ethers.ZeroAddress);
}

/** What a keeper asks for who takes up to `maxRepay` of the borrower's debt. */
export function takeOf({ borrower, keeper }: OracleVault, maxRepay: bigint = NO_LIMIT) {
  return {
    borrower,
    receiver: keeper,
    maxRepay,
    maxPayment: NO_LIMIT,
    minCollateral: 0n,
    deadline: FOREVER,
    data: "0x",
  };
}

/** The start price, on every feed. */
export const EVERYTHING_FRESH = { primary: { price: START }, second: { price: START } } as const;
