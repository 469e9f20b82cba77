import type { IVault, SalePolicy, UniswapV3Venue, VaultFactory } from "../../../typechain-types/index.ts";
import {
  deleveragerMaxAge,
  depthConfig,
  STRESS,
  stewardBounds,
  stewardConfig,
  volatilityConfig,
} from "../../kit/riskDefaults.ts";
import { ROLES } from "../../../deploy/roles.ts";
import { restrict, STEWARD_ALONE } from "../../kit/roles.ts";
import { type Bounds, type Parameter, PARAMETERS } from "../../../sdk/stewardMath.ts";
import { minLiquidityOf } from "../world/deployOracle.ts";
import type { Ground } from "./mechanism.ts";

/** What a steward moves: what the sale policy is told of the market, the LTVs alone, or everything. */
export type Stewarded = "inputs" | "ltvs" | "everything";

export type RiskLayer = Awaited<ReturnType<typeof deployRiskLayer>>;

const FREE: Readonly<Record<Stewarded, ReadonlySet<Parameter>>> = {
  inputs: new Set(["policyVolatility", "policyDepth"]),
  ltvs: new Set(["liquidationLtv", "borrowLtv"]),
  everything: new Set(PARAMETERS),
};
/** Decimals of an aggregator that says one loan asset is one loan asset. */
const UNIT_DECIMALS = 8n;
const LONG = 2n ** 32n - 1n;
const DAY = 86_400n;

/** Volatility, depth and stress of the replay's market, the steward that listens to them, and the Deleverager. */
export async function deployRiskLayer(
  ground: Ground,
  parts: {
    readonly factory: VaultFactory;
    readonly vault: IVault;
    readonly policy: SalePolicy;
    readonly venue: UniswapV3Venue;
  },
  stewarded: Stewarded,
) {
  const { chain, scenario, authority, uniswap, market, aggregator, tokens, sizes } = ground;
  const { factory, vault, policy, venue } = parts;
  const { ethers } = chain.connection;
  const feed = String(aggregator.target);

  const volatility = await ethers.deployContract("VolatilityOracle", [authority]);
  await volatility.setFeed(feed, volatilityConfig());
  const depth = await ethers.deployContract("DepthOracle", [uniswap.factory, authority]);
  await depth.setPair(tokens.collateral, tokens.loan, depthConfig([market.pool.address]));
  const monitor = await deployMonitor(ground, { factory, vault, volatility: String(volatility.target) });
  const steward = await ethers.deployContract("RiskSteward", [
    volatility,
    depth,
    monitor.monitor,
    policy,
    authority,
  ]);
  await restrict(authority, "vault", vault, STEWARD_ALONE);
  await restrict(authority, "policy", policy, STEWARD_ALONE);
  await authority.grantRole(ROLES.steward, steward, 0n);

  const { root, liquidity } = market.state;
  const calmDepth = BigInt(Math.floor(root * liquidity));
  const [, borrowCap, maxPositionDebt] = await vault.caps();
  const bounds = stewardBounds({
    terms: sizes.terms,
    ltvs: scenario.ltvs,
    maxPositionDebt,
    stressDepth: sizes.stressDepth,
    borrowCap,
    calmDepth,
  });
  const config = stewardConfig({ feed, calmDepth });
  await steward.configure(vault, config, bounds);
  if (stewarded !== "everything") {
    const { current } = await steward.preview(vault);
    const held = PARAMETERS.map((parameter, i) => {
      const bound = bounds[i];
      if (bound === undefined) throw new RangeError(`no bounds of ${parameter}`);
      return FREE[stewarded].has(parameter) ? bound : hold(bound, current[i] ?? 0n);
    });
    await steward.configure(vault, config, held);
  }

  const deleverager = await ethers.deployContract("Deleverager", [factory, volatility, authority]);
  await deleverager.setVenueListed(venue, true);
  await deleverager.setFeed(vault, feed, deleveragerMaxAge());
  ground.holders.addAll({ RiskSteward: steward, Deleverager: deleverager });
  return { feed, volatility, depth, damped: monitor.damped, monitor: monitor.monitor, steward, deleverager };
}

/** Bounds in which a parameter stays where it is. */
function hold(bound: Bounds, current: bigint): Bounds {
  return { ...bound, floor: current, ceiling: current, tightDelay: LONG, looseDelay: LONG };
}

/** The feed against the pool, its volatility, and the vault itself, as fast as nobody can fake it. */
async function deployMonitor(
  { chain, scenario, authority, aggregator, market, tokens, oracle }: Ground,
  parts: { readonly factory: VaultFactory; readonly vault: IVault; readonly volatility: string },
) {
  const { ethers } = chain.connection;
  const unit = await ethers.deployContract("MockAggregator", [UNIT_DECIMALS]);
  await unit.pushAnswer(10n ** UNIT_DECIMALS);
  const most = 2n ** 127n - 1n;
  const leg = (target: typeof unit) => ({
    aggregator: target,
    heartbeat: LONG,
    minAnswer: 1n,
    maxAnswer: most,
  });
  const { collateral, loan } = tokens;
  const feed = await ethers.deployContract("ChainlinkRatioFeed", [
    collateral,
    loan,
    leg(aggregator),
    leg(unit),
  ]);
  const pool = await ethers.deployContract("UniswapV3TwapFeed", [
    market.pool.address,
    collateral,
    loan,
    STRESS.twapWindow,
    await minLiquidityOf(chain, market.pool.address, scenario.oracle),
  ]);
  const deviation = await ethers.deployContract("FeedDeviationSource", [
    feed,
    pool,
    STRESS.feedDeviation.fullScale,
  ]);
  const wildness = await ethers.deployContract("VolatilitySource", [
    parts.volatility,
    aggregator,
    STRESS.volatility.calm,
    STRESS.volatility.wild,
  ]);
  const own = await ethers.deployContract("GavelVaultSource", [
    parts.factory,
    STRESS.vaults.kink,
    STRESS.vaults.fullMark,
    authority,
  ]);
  await own.addVault(parts.vault);
  const damped = await ethers.deployContract("DampedSource", [
    own,
    STRESS.damping.secondsToFull,
    STRESS.damping.maxStep,
  ]);
  const monitor = await ethers.deployContract("ContagionMonitor", [STRESS.k, authority]);
  const now = (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
  const { feedDeviation, volatility, vaults } = STRESS.heartbeats;
  const registered = [
    { source: deviation, heartbeat: feedDeviation },
    { source: wildness, heartbeat: volatility },
    { source: damped, heartbeat: vaults },
  ];
  for (const { source, heartbeat } of registered) {
    await monitor.setSource({
      source,
      weight: STRESS.weight,
      heartbeat,
      expiresAt: BigInt(now) + STRESS.termDays * DAY,
    });
  }
  return { monitor, damped, oracle };
}
