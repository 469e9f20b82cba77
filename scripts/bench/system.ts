import type { NetworkConnection } from "hardhat/types/network";

/** The system that gas is measured on: production shape, nothing that a user would not meet. */

const YEAR = 31_536_000n;
const WAD = 10n ** 18n;
const GOVERNOR_ROLE = 1n;

export const LOAN_DECIMALS = 6n;
export const ONE_LOAN = 10n ** LOAN_DECIMALS;
export const ONE_COLLATERAL = WAD;

const aYear = (percent: bigint): bigint => (percent * WAD) / 100n / YEAR;

const CALM_TERMS = {
  startPremiumBps: 0n,
  holdBps: 150n,
  maxDiscountBps: 800n,
  penaltyBps: 50n,
  targetLtvBps: 7_055n,
  halfLife: 212n,
  horizon: 1_060n,
  lot: 250_000n * ONE_LOAN,
};

export type BenchSystem = Awaited<ReturnType<typeof deployBenchSystem>>;

/** Vault with the adaptive rate model and an oracle of two Chainlink-type feeds. */
export const deployBenchSystem = async (connection: NetworkConnection<"l1">) => {
  const { ethers } = connection;
  const [deployer, lender, borrower, keeper, receiver] = await ethers.getSigners();
  if (!deployer || !lender || !borrower || !keeper || !receiver) throw new Error("too few accounts");

  const loan = await ethers.deployContract("MockERC20", ["USD Coin", "USDC", LOAN_DECIMALS]);
  const collateral = await ethers.deployContract("MockERC20", ["Wrapped Ether", "WETH", 18n]);
  const feeds = [
    await ethers.deployContract("MockAggregator", [8n]),
    await ethers.deployContract("MockAggregator", [8n]),
  ] as const;
  for (const feed of feeds) await feed.pushAnswer(2_000n * 10n ** 8n);
  const authority = await ethers.deployContract("AccessManager", [deployer]);
  const source = (target: string) => ({
    kind: 1n,
    target,
    heartbeat: 86_400n,
    minPrice: 10n ** 24n,
    maxPrice: 10n ** 30n,
  });
  const oracle = await ethers.deployContract("OracleAdapter", [
    {
      collateralAsset: collateral,
      loanAsset: loan,
      primary: source(await feeds[0].getAddress()),
      second: source(await feeds[1].getAddress()),
      standby: { kind: 0n, target: ethers.ZeroAddress, heartbeat: 0n, minPrice: 0n, maxPrice: 0n },
      sequencerFeed: ethers.ZeroAddress,
      sequencerGrace: 0n,
      maxDisagreementBps: 200n,
      primaryGrace: 3_600n,
    },
    authority,
  ]);
  const rateModel = await ethers.deployContract("AdaptiveRateModel", [
    {
      targetUtilisation: (9n * WAD) / 10n,
      steepness: 4n * WAD,
      speed: (50n * WAD) / YEAR,
      initialRateAtTarget: aYear(4n),
      minRateAtTarget: aYear(1n) / 10n,
      maxRateAtTarget: aYear(200n),
    },
  ]);
  const curve = await ethers.deployContract("ExponentialDecayCurve");
  const extension = await ethers.deployContract("VaultExtension");
  const vaultAtCode = await ethers.deployContract("Vault", [
    {
      asset: loan,
      collateralAsset: collateral,
      oracle,
      rateModel,
      curve,
      extension,
      directLiquidator: ethers.ZeroAddress,
      batchLiquidator: ethers.ZeroAddress,
      backstop: ethers.ZeroAddress,
      authority,
      name: "Gavel USDC/WETH",
      symbol: "gUSDC",
      minDebt: 100n * ONE_LOAN,
      maxOracleStepBps: 300n,
      borrowLtvBps: 8_000n,
      liquidationLtvBps: 8_300n,
      reserveFactorBps: 1_000n,
      supplyCap: 10n ** 9n * ONE_LOAN,
      borrowCap: 10n ** 9n * ONE_LOAN,
      maxPositionDebt: 10n ** 7n * ONE_LOAN,
      stressDepth: 4n * 10n ** 8n * ONE_LOAN,
      reward: { cap: 100n * ONE_LOAN, nativePrice: 2_000n * ONE_LOAN },
      terms: CALM_TERMS,
    },
  ]);
  const vault = await ethers.getContractAt("IVault", await vaultAtCode.getAddress());
  await authority.setTargetFunctionRole(
    vault,
    [vault.interface.getFunction("pause").selector],
    GOVERNOR_ROLE,
  );

  for (const user of [lender, borrower, keeper, receiver]) {
    await loan.mint(user, 10n ** 9n * ONE_LOAN);
    await collateral.mint(user, 10n ** 6n * ONE_COLLATERAL);
    await loan.connect(user).approve(vault, ethers.MaxUint256);
    await collateral.connect(user).approve(vault, ethers.MaxUint256);
  }
  return { loan, collateral, feeds, oracle, rateModel, curve, vault, lender, borrower, keeper, receiver };
};
