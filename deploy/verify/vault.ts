import type { Context } from "./context.ts";
import { verifyTerms } from "./terms.ts";

/** Decimals of the shares beyond those of the loan asset. */
const SHARE_DECIMALS_OFFSET = 6n;
const FIRST_TERMS = 1n;

const verifyTokens = async ({ report, ethers, system }: Context): Promise<void> => {
  for (const name of ["loan", "collateral"] as const) {
    const token = await ethers.getContractAt("IERC20Metadata", system[name].address);
    report.equal(`${name}: decimals`, await token.decimals(), system[name].decimals);
  }
};

const verifyParts = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const vault = await ethers.getContractAt("IVault", addresses.vault);
  report.equal("vault.asset", await vault.asset(), system.loan.address);
  report.equal("vault.collateralAsset", await vault.collateralAsset(), system.collateral.address);
  report.equal("vault.oracle", await vault.oracle(), addresses.oracle);
  report.equal("vault.rateModel", await vault.rateModel(), addresses.rateModel);
  report.equal("vault.curve", await vault.curve(), addresses.curve);
  report.equal("vault.extension", await vault.extension(), addresses.vaultExtension);
  report.equal("vault.directLiquidator", await vault.directLiquidator(), addresses.directLiquidator);
  report.equal("vault.batchLiquidator", await vault.batchLiquidator(), addresses.batchLiquidator);
  report.equal("vault.backstop", await vault.backstop(), addresses.backstop);
  report.equal("vault.name", await vault.name(), system.vault.name);
  report.equal("vault.symbol", await vault.symbol(), system.vault.symbol);
  report.equal("vault.decimals", await vault.decimals(), system.loan.decimals + SHARE_DECIMALS_OFFSET);

  const factory = await ethers.getContractAt("VaultFactory", addresses.vaultFactory);
  report.equal("vaultFactory.vaultExtension", await factory.vaultExtension(), addresses.vaultExtension);
  report.equal("vaultFactory.isVault", await factory.isVault(addresses.vault), true);
};

const verifyLimits = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const expected = system.vault;
  const vault = await ethers.getContractAt("IVault", addresses.vault);
  const { supplyCap, borrowCap, maxPositionDebt } = await vault.caps();
  report.equal("vault.supplyCap", supplyCap, expected.supplyCap);
  report.equal("vault.borrowCap", borrowCap, expected.borrowCap);
  report.equal("vault.maxPositionDebt", maxPositionDebt, expected.maxPositionDebt);
  report.equal("vault.minDebt", await vault.minDebt(), expected.minDebt);
  report.equal("vault.stressDepth", await vault.stressDepth(), expected.stressDepth);
  const reward = await vault.rewardConfig();
  report.equal("vault.reward.cap", reward.cap, expected.reward.cap);
  report.equal("vault.reward.nativePrice", reward.nativePrice, expected.reward.nativePrice);

  const params = await vault.params();
  report.equal("vault.borrowLtvBps", params.borrowLtvBps, expected.borrowLtvBps);
  report.equal("vault.liquidationLtvBps", await vault.liquidationLtvBps(), expected.liquidationLtvBps);
  report.equal("vault.liquidationLtvToBps", params.liquidationLtvToBps, expected.liquidationLtvBps);
  report.equal("vault.reserveFactorBps", params.reserveFactorBps, expected.reserveFactorBps);
  report.equal("vault.maxOracleStepBps", params.maxOracleStepBps, expected.maxOracleStepBps);
  report.equal("vault.pausedActions", params.pausedActions, 0n);
  report.equal("vault.termsId", params.termsId, FIRST_TERMS);

  verifyTerms(report, "vault.terms", await vault.terms(FIRST_TERMS), expected.terms);
};

const verifyRateModel = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const { kind, ...expected } = system.rateModel;
  const model = await ethers.getContractAt(
    kind === "adaptive" ? "AdaptiveRateModel" : "KinkedRateModel",
    addresses.rateModel,
  );
  for (const [name, value] of Object.entries(expected)) {
    report.equal(`rateModel.${name}`, (await model.getFunction(name)()) as bigint, value);
  }
};

/** Whoever comes first into an empty vault sets its share price: it is not handed over empty. */
const verifySeed = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const vault = await ethers.getContractAt("IVault", addresses.vault);
  report.holds(
    (await vault.totalSupply()) !== 0n,
    "vault: empty market: nobody has lent yet; give the parameters a seed",
  );
  if (system.seed === undefined) return;
  const { receiver } = system.seed;
  report.holds((await vault.balanceOf(receiver)) !== 0n, `vault: ${receiver} does not hold the seed`);
};

/** The vault is made of these parts, with these limits and terms, and is not empty. */
export const verifyVault = async (context: Context): Promise<void> => {
  const { report } = context;
  await report.section("tokens", () => verifyTokens(context));
  await report.section("vault", () => verifyParts(context));
  await report.section("vault limits", () => verifyLimits(context));
  await report.section("rateModel", () => verifyRateModel(context));
  await report.section("vault seed", () => verifySeed(context));
};
