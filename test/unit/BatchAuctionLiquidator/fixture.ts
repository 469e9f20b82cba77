import type {
  BatchAuctionLiquidator,
  IVault,
  MockERC20,
  MockOracle,
} from "../../../typechain-types/index.js";
import { network } from "hardhat";

import { BATCH_AUCTION, calmTerms } from "../../../scripts/kit/defaults.ts";
import { deployBatchLiquidator } from "../../../scripts/kit/protocol.ts";

export const connection = await network.create({ network: "sim", chainType: "l1" });
export const { ethers, networkHelpers } = connection;

export const { interval: INTERVAL, tickBps: TICK_BPS } = BATCH_AUCTION;
export const ONE_LOAN = 10n ** 6n;
export const ONE_COLLATERAL = 10n ** 18n;
export const MIN_DEBT = 100n * ONE_LOAN;
/** 2,000 loan units a collateral unit. */
export const START_PRICE = 2_000n * 10n ** 24n;
export const LIQUIDATION_LTV_BPS = 8_300n;
/** Puts the standard position under water of its limit: LTV 84.3%. */
export const CRASHED = 1_898n * 10n ** 24n;
export const HOLD_BPS = 150n;
export const NO_PRICE = {
  deciding: 0n,
  low: 0n,
  high: 0n,
  startBound: 0n,
  liveSince: 0n,
  aliveUntil: 0n,
  state: 0n,
};

/** Mean terms of a calm pair. */
export const TERMS = calmTerms(250_000n * ONE_LOAN);

/** Which tokens the vault is made of: names of mock contracts. */
export interface Tokens {
  readonly loan?: string;
  readonly collateral?: string;
}

/** Price of a tick off a deciding price, rounded up. */
export const tickPrice = (deciding: bigint, tick: bigint): bigint => {
  const scaled = deciding * (10_000n - tick * TICK_BPS);
  return (scaled + 9_999n) / 10_000n;
};

/** Vaults of one factory share one batch liquidator. */
async function deploy(interval: bigint) {
  const [deployer, lender, alice, bob, carol, keeper] = await ethers.getSigners();
  if (!deployer || !lender || !alice || !bob || !carol || !keeper) throw new Error("too few accounts");
  const factory = await ethers.deployContract("MockVaultFactory");
  const batch = await deployBatchLiquidator(connection, factory, { tickBps: TICK_BPS, interval });
  const rateModel = await ethers.deployContract("MockRateModel");
  const curve = await ethers.deployContract("ExponentialDecayCurve");
  const extension = await ethers.deployContract("VaultExtension");
  const authority = await ethers.deployContract("AccessManager", [deployer]);

  /** A vault with a lender's cash in it. */
  const deployVault = async (
    tokens: Tokens = {},
    batchLiquidator: string | BatchAuctionLiquidator = batch,
  ) => {
    const loan = (await ethers.deployContract(tokens.loan ?? "MockERC20", [
      "Loan",
      "LOAN",
      6n,
    ])) as unknown as MockERC20;
    const collateral = (await ethers.deployContract(tokens.collateral ?? "MockERC20", [
      "Collateral",
      "COLL",
      18n,
    ])) as unknown as MockERC20;
    const oracle = await ethers.deployContract("MockOracle", [collateral, loan]);
    await oracle.setExactPrice(START_PRICE);
    const bare = await ethers.deployContract("Vault", [
      {
        asset: loan,
        collateralAsset: collateral,
        oracle,
        rateModel,
        curve,
        extension,
        directLiquidator: ethers.ZeroAddress,
        batchLiquidator,
        backstop: ethers.ZeroAddress,
        authority,
        name: "Gavel LOAN/COLL",
        symbol: "gLOAN",
        minDebt: MIN_DEBT,
        maxOracleStepBps: 300n,
        borrowLtvBps: 8_000n,
        liquidationLtvBps: LIQUIDATION_LTV_BPS,
        reserveFactorBps: 1_000n,
        supplyCap: 10n ** 9n * ONE_LOAN,
        borrowCap: 10n ** 9n * ONE_LOAN,
        maxPositionDebt: 10n ** 7n * ONE_LOAN,
        stressDepth: 4n * 10n ** 8n * ONE_LOAN,
        reward: { cap: 0n, nativePrice: 0n },
        terms: TERMS,
      },
    ]);
    const vault = await ethers.getContractAt("IVault", await bare.getAddress());
    await factory.setVault(vault, true);
    await loan.mint(lender, 10n ** 8n * ONE_LOAN);
    await loan.connect(lender).approve(vault, ethers.MaxUint256);
    await vault.connect(lender).deposit(10n ** 7n * ONE_LOAN, lender);
    for (const user of [alice, bob, carol, keeper]) {
      await loan.mint(user, 10n ** 8n * ONE_LOAN);
      await loan.connect(user).approve(batch, ethers.MaxUint256);
      await loan.connect(user).approve(vault, ethers.MaxUint256);
    }
    return { vault, loan, collateral, oracle };
  };
  const system = await deployVault();
  return { ...system, batch, factory, rateModel, deployVault, deployer, lender, alice, bob, carol, keeper };
}

export type BatchSystem = Awaited<ReturnType<typeof deployBatch>>;

export const deployBatch = () => deploy(INTERVAL);

/** A boundary every five minutes: long enough for the clock to pass the hold before the first one. */
export const deploySlowBatch = () => deploy(300n);

/** `OracleState`. */
export const ORACLE = { stale: 0n, suspect: 1n, fresh: 2n } as const;

/** A price whose sources disagree: 1.5% under and 1.8% over the deciding one. */
export const banded = (deciding: bigint, state: bigint = ORACLE.fresh) => ({
  ...NO_PRICE,
  deciding,
  low: (deciding * 985n) / 1_000n,
  high: (deciding * 1_018n) / 1_000n,
  startBound: deciding,
  state,
});

/** A year of 5% interest: from then on the index is not 1. */
export async function passAYear({
  rateModel,
  vault,
}: Pick<BatchSystem, "rateModel" | "vault">): Promise<void> {
  await rateModel.set(1_585_489_599n, 0n, 0n);
  await vault.accrue();
  await networkHelpers.time.increase(365 * 86_400);
  await vault.accrue();
}

/** Tokens, vault and oracle, of the first vault or of another one. */
export interface Market {
  readonly vault: IVault;
  readonly collateral: MockERC20;
  readonly oracle: MockOracle;
}

/** A fresh borrower at 80% LTV at the start price. */
export async function openPosition(
  { vault, collateral }: Market,
  assets = 100n * ONE_COLLATERAL,
  debt = 160_000n * ONE_LOAN,
  under = ethers.MaxUint256,
): Promise<string> {
  // The supply grows with each position: the same addresses, and with them the same order of a list, in each run.
  let hash = ethers.solidityPackedKeccak256(
    ["address", "uint256"],
    [await vault.getAddress(), await collateral.totalSupply()],
  );
  while (BigInt(ethers.dataSlice(hash, 12)) >= under) hash = ethers.keccak256(hash);
  const address = ethers.getAddress(ethers.dataSlice(hash, 12));
  await networkHelpers.impersonateAccount(address);
  await networkHelpers.setBalance(address, ONE_COLLATERAL);
  const borrower = await ethers.getSigner(address);
  await collateral.mint(borrower, assets);
  await collateral.connect(borrower).approve(vault, ethers.MaxUint256);
  await vault.connect(borrower).supplyCollateral(assets, borrower);
  await vault.connect(borrower).borrow(debt, borrower, borrower);
  return address;
}

/** The price crashes right after a boundary, and the sales start. Returns the borrowers by ascending address. */
export async function crash(
  { batch }: { batch: BatchAuctionLiquidator },
  { vault, oracle }: Market,
  borrowers: readonly string[],
): Promise<string[]> {
  await passBoundary(batch);
  await oracle.set(banded(CRASHED));
  for (const borrower of borrowers) await vault.startSale(borrower, ethers.ZeroAddress);
  return [...borrowers].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}

/** Open, crash and start: positions that sell some 92k loan units each to be healthy again. */
export async function putForSale(
  system: BatchSystem,
  count = 1,
  size = 1n,
  market: Market = system,
): Promise<string[]> {
  const borrowers: string[] = [];
  for (let i = 0; i < count; ++i) {
    borrowers.push(await openPosition(market, size * 100n * ONE_COLLATERAL, size * 160_000n * ONE_LOAN));
  }
  return crash(system, market, borrowers);
}

/** Goes `seconds` past the next boundary; the transaction that follows is mined a second later. */
export async function passBoundary(batch: BatchAuctionLiquidator, seconds = 0n): Promise<void> {
  await networkHelpers.time.increaseTo((await batch.nextBoundary()) + seconds);
}
