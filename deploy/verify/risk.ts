import { type Bounds, type Parameter, PARAMETERS } from "../../sdk/stewardMath.ts";
import { readGrantedAt, registrationsOf } from "../registrations.ts";
import type { Context } from "./context.ts";
import { verifyVenueList } from "./directSale.ts";
import { verifyMemory } from "./memory.ts";
import { verifyAggregator, verifyFeed } from "./oracle.ts";
import type { Report } from "./report.ts";

type Values = Readonly<Record<string, bigint>>;

/** Numbers as a contract shows them, name by name. */
const verifyValues = <T extends Values>(report: Report, name: string, found: T, expected: T): void => {
  for (const key of Object.keys(expected)) {
    report.equal(`${name}.${key}`, found[key] ?? "nothing", expected[key] ?? "nothing");
  }
};

const addressList = (addresses: readonly string[]): string => addresses.join(" ");

/** The rounds of this feed make the volatility, and of no other. */
const verifyVolatility = async (context: Context): Promise<void> => {
  const { report, ethers, addresses, system } = context;
  const { feed, config } = system.risk.volatility;
  const oracle = await ethers.getContractAt("VolatilityOracle", addresses.volatilityOracle);
  const { halfLife, heartbeat, maxReturn, deviation, floor, initialVolatility } = await oracle.configOf(
    feed.address,
  );
  const found = { halfLife, heartbeat, maxReturn, deviation, floor, initialVolatility };
  verifyValues(report, "volatilityOracle", found, { ...config });
  await verifyAggregator(context, "volatilityOracle.feed", feed);
};

/** The depth is that of these pools, all of them real and with memory enough. */
const verifyDepth = async (context: Context): Promise<void> => {
  const { report, ethers, addresses, system } = context;
  const { loan, collateral } = system;
  const { factory: factoryAddress, pools, ...expected } = system.risk.depth;
  const oracle = await ethers.getContractAt("DepthOracle", addresses.depthOracle);
  const config = await oracle.configOf(collateral.address, loan.address);
  const { window, windows, maxTicks } = config;
  verifyValues(report, "depthOracle", { window, windows, maxTicks }, expected);
  report.equal("depthOracle.pools", addressList(config.pools), addressList(pools));
  const factory = await ethers.getContractAt("IUniswapV3Factory", factoryAddress);
  // The depth is the least of several windows, one after the other.
  const memory = expected.window * expected.windows;
  for (const address of pools) {
    const pool = await ethers.getContractAt("IUniswapV3Pool", address);
    const genuine = await factory.getPool(collateral.address, loan.address, await pool.fee());
    report.equal(`depthOracle: pool of the factory at ${address}`, genuine, address);
    await verifyMemory(context, "depthOracle", address, memory);
  }
};

const verifyFeedDeviation = async (context: Context): Promise<void> => {
  const { report, ethers, addresses, system } = context;
  const { base, quote, pool, window, minLiquidity, fullScale } = system.risk.stress.feedDeviation;
  const source = await ethers.getContractAt("FeedDeviationSource", addresses.deviationSource);
  report.equal("deviationSource.feed", await source.feed(), addresses.deviationFeed);
  report.equal("deviationSource.market", await source.market(), addresses.deviationMarket);
  report.equal("deviationSource.fullScale", await source.fullScale(), fullScale);
  await verifyFeed(context, "deviationFeed", addresses.deviationFeed, {
    kind: "chainlinkRatio",
    base,
    quote,
  });
  await verifyFeed(context, "deviationMarket", addresses.deviationMarket, {
    kind: "uniswapTwap",
    pool,
    window,
    minLiquidity,
  });
};

const verifyVolatilitySource = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const { volatility, stress } = system.risk;
  const source = await ethers.getContractAt("VolatilitySource", addresses.volatilitySource);
  report.equal("volatilitySource.oracle", await source.oracle(), addresses.volatilityOracle);
  report.equal("volatilitySource.feed", await source.feed(), volatility.feed.address);
  report.equal("volatilitySource.calm", await source.calm(), stress.volatility.calm);
  report.equal("volatilitySource.wild", await source.wild(), stress.volatility.wild);
};

const verifyVaultSource = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const { kink, fullMark, secondsToFull, maxStep } = system.risk.stress.vaults;
  const source = await ethers.getContractAt("GavelVaultSource", addresses.vaultSource);
  report.equal("vaultSource.factory", await source.factory(), addresses.vaultFactory);
  report.equal("vaultSource.kink", await source.kink(), kink);
  report.equal("vaultSource.fullMark", await source.fullMark(), fullMark);
  report.equal("vaultSource.vaults", addressList(await source.vaults()), addresses.vault);
  const damped = await ethers.getContractAt("DampedSource", addresses.dampedVaultSource);
  report.equal("dampedVaultSource.source", await damped.source(), addresses.vaultSource);
  report.equal("dampedVaultSource.secondsToFull", await damped.secondsToFull(), secondsToFull);
  report.equal("dampedVaultSource.maxStep", await damped.maxStep(), maxStep);
};

/** The monitor hears these sources, and no other, until the day that the parameters say. */
const verifyMonitor = async (context: Context): Promise<void> => {
  const { report, ethers, addresses, system } = context;
  const monitor = await ethers.getContractAt("ContagionMonitor", addresses.contagionMonitor);
  report.equal("contagionMonitor.minLive", await monitor.minLive(), system.risk.stress.minLive);
  const expected = registrationsOf(system, addresses, await readGrantedAt(context, addresses));
  const found = await monitor.sources();
  report.equal(
    "contagionMonitor.sources",
    addressList(found.map(({ source }) => source).sort()),
    addressList(expected.map(({ source }) => source).sort()),
  );
  for (const [i, { source, weight, heartbeat, expiresAt }] of expected.entries()) {
    const name = `contagionMonitor.sources.${i}`;
    const registered = found.find((other) => other.source === source);
    report.equal(`${name}.weight`, registered?.weight ?? "nothing", weight);
    report.equal(`${name}.heartbeat`, registered?.heartbeat ?? "nothing", heartbeat);
    report.equal(`${name}.expiresAt`, registered?.expiresAt ?? "nothing", expiresAt);
  }
};

const verifyBounds = (report: Report, parameter: Parameter, found: Bounds, expected: Bounds): void => {
  const { floor, ceiling, tightDelay, looseDelay, tightStep, looseStep } = found;
  const bounds = { floor, ceiling, tightDelay, looseDelay, tightStep, looseStep };
  verifyValues(report, `riskSteward.bounds.${parameter}`, bounds, { ...expected });
};

/** The steward hears our oracles and moves our vault within these bounds. */
const verifySteward = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const { steward: expected, volatility } = system.risk;
  const steward = await ethers.getContractAt("RiskSteward", addresses.riskSteward);
  report.equal("riskSteward.volatilityOracle", await steward.volatilityOracle(), addresses.volatilityOracle);
  report.equal("riskSteward.depthOracle", await steward.depthOracle(), addresses.depthOracle);
  report.equal("riskSteward.contagionMonitor", await steward.contagionMonitor(), addresses.contagionMonitor);
  report.equal("riskSteward.policy", await steward.policy(), addresses.policy);
  report.equal("riskSteward.isFrozen", await steward.isFrozen(), false);
  const config = await steward.config(addresses.vault);
  report.equal("riskSteward.feed", config.feed, volatility.feed.address);
  for (const key of Object.keys(expected.config) as readonly (keyof typeof expected.config)[]) {
    report.equal(`riskSteward.${key}`, config[key], expected.config[key]);
  }
  for (const [i, parameter] of PARAMETERS.entries()) {
    const dial = await steward.dial(addresses.vault, BigInt(i));
    verifyBounds(report, parameter, dial, expected.bounds[parameter]);
  }
  // Whatever stands in its way when anybody applies it shows here.
  await steward.preview(addresses.vault);
};

/** Rescues go by our volatility, into our venues. */
const verifyDeleverager = async (context: Context): Promise<void> => {
  const { report, ethers, addresses, system } = context;
  const { volatility, deleverager: expected } = system.risk;
  const deleverager = await ethers.getContractAt("Deleverager", addresses.deleverager);
  report.equal("deleverager.vaultFactory", await deleverager.vaultFactory(), addresses.vaultFactory);
  report.equal(
    "deleverager.volatilityOracle",
    await deleverager.volatilityOracle(),
    addresses.volatilityOracle,
  );
  const { feed, maxAge } = await deleverager.feedOf(addresses.vault);
  report.equal("deleverager.feed", feed, volatility.feed.address);
  report.equal("deleverager.maxAge", maxAge, expected.maxAge);
  await verifyVenueList(context, "deleverager", deleverager);
};

/** What measures the market, and what moves the vault's parameters by it. */
export const verifyRisk = async (context: Context): Promise<void> => {
  const { report } = context;
  await report.section("volatilityOracle", () => verifyVolatility(context));
  await report.section("depthOracle", () => verifyDepth(context));
  await report.section("deviationSource", () => verifyFeedDeviation(context));
  await report.section("volatilitySource", () => verifyVolatilitySource(context));
  await report.section("vaultSource", () => verifyVaultSource(context));
  await report.section("contagionMonitor", () => verifyMonitor(context));
  await report.section("riskSteward", () => verifySteward(context));
  await report.section("deleverager", () => verifyDeleverager(context));
};
