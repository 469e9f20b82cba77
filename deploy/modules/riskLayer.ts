import type { ContractFuture, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

import { PARAMETERS } from "../../sdk/stewardMath.ts";
import { ROLES } from "../roles.ts";
import type { System } from "../system.ts";
import { type Contract, legArgument } from "./parts.ts";

/** What the risk layer is built upon. */
interface Ground {
  readonly authority: Contract;
  readonly vaultFactory: Contract;
  readonly policy: Contract;
}

/** The three sources of stress, and what they look at. */
const stressSources = (
  m: IgnitionModuleBuilder,
  { loan, collateral, risk: { stress, volatility } }: System,
  volatilityOracle: Contract,
  { authority, vaultFactory }: Ground,
) => {
  const { feedDeviation, vaults } = stress;
  const deviationFeed = m.contract(
    "ChainlinkRatioFeed",
    [collateral.address, loan.address, legArgument(feedDeviation.base), legArgument(feedDeviation.quote)],
    { id: "deviationFeed" },
  );
  const deviationMarket = m.contract(
    "UniswapV3TwapFeed",
    [feedDeviation.pool, collateral.address, loan.address, feedDeviation.window, feedDeviation.minLiquidity],
    { id: "deviationMarket" },
  );
  const deviationSource = m.contract("FeedDeviationSource", [
    deviationFeed,
    deviationMarket,
    feedDeviation.fullScale,
  ]);
  const volatilitySource = m.contract("VolatilitySource", [
    volatilityOracle,
    volatility.feed.address,
    stress.volatility.calm,
    stress.volatility.wild,
  ]);
  const vaultSource = m.contract("GavelVaultSource", [vaultFactory, vaults.kink, vaults.fullMark, authority]);
  // Whoever borrows much for one transaction would move it at will.
  const dampedVaultSource = m.contract("DampedSource", [vaultSource, vaults.secondsToFull, vaults.maxStep]);
  return {
    deviationFeed,
    deviationMarket,
    deviationSource,
    volatilitySource,
    vaultSource,
    dampedVaultSource,
  };
};

/** What measures the market, what moves the vault's parameters by it, and what rescues borrowers who ask for it. */
export const riskLayer = (m: IgnitionModuleBuilder, system: System, ground: Ground) => {
  const { authority, vaultFactory, policy } = ground;
  const { depth, stress } = system.risk;
  const volatilityOracle = m.contract("VolatilityOracle", [authority]);
  const depthOracle = m.contract("DepthOracle", [depth.factory, authority]);
  const contagionMonitor = m.contract("ContagionMonitor", [stress.minLive, authority]);
  const riskSteward = m.contract("RiskSteward", [
    volatilityOracle,
    depthOracle,
    contagionMonitor,
    policy,
    authority,
  ]);
  const deleverager = m.contract("Deleverager", [vaultFactory, volatilityOracle, authority]);
  return {
    volatilityOracle,
    depthOracle,
    ...stressSources(m, system, volatilityOracle, ground),
    contagionMonitor,
    riskSteward,
    deleverager,
  };
};

/** Says what is measured and how far the steward may go, and gives it its role. The monitor's sources come with the hand-over. */
export const configureRisk = (
  m: IgnitionModuleBuilder,
  { loan, collateral, risk }: System,
  parts: {
    readonly vault: ContractFuture<string>;
    readonly authority: Contract;
    readonly venues: readonly Contract[];
  },
  layer: ReturnType<typeof riskLayer>,
): void => {
  const { vault, authority, venues } = parts;
  const { volatilityOracle, depthOracle, vaultSource, riskSteward, deleverager } = layer;
  const feed = risk.volatility.feed.address;
  m.call(volatilityOracle, "setFeed", [feed, { ...risk.volatility.config }]);
  const { window, windows, maxTicks, pools } = risk.depth;
  m.call(depthOracle, "setPair", [
    collateral.address,
    loan.address,
    { window, windows, maxTicks, pools: [...pools] },
  ]);
  m.call(vaultSource, "addVault", [vault]);
  const bounds = PARAMETERS.map((parameter) => ({ ...risk.steward.bounds[parameter] }));
  const configuration = m.call(riskSteward, "configure", [vault, { feed, ...risk.steward.config }, bounds]);
  m.call(authority, "grantRole", [ROLES.steward, riskSteward, 0n], {
    id: "grant_riskSteward",
    after: [configuration],
  });
  for (const [i, venue] of venues.entries()) {
    m.call(deleverager, "setVenueListed", [venue, true], { id: `list_deleverager_venue_${i}` });
  }
  m.call(deleverager, "setFeed", [vault, feed, risk.deleverager.maxAge], { id: "deleverager_feed" });
};
