import { behindDirectSales, MAX_IMPACT_BPS } from "../deployment/defaults.ts";
import {
  deployBatchLiquidator,
  deployDirectLiquidator,
  deployLiquidator,
  deployProtocol,
  deployV3Venue,
  openDirectSales,
} from "../deployment/protocol.ts";
import { BPS } from "../lib/math.ts";
import { Random } from "../lib/random.ts";
import { Bidders } from "./agents/bidders.ts";
import { Crew, type Trade } from "./agents/crew.ts";
import { DirectKeepers } from "./agents/directKeepers.ts";
import { DutchKeepers } from "./agents/dutchKeepers.ts";
import { hireKeepers } from "./agents/keeper.ts";
import { MarketWatch } from "./agents/marketWatch.ts";
import { Starters } from "./agents/starters.ts";
import { deployVault } from "./deployVault.ts";
import type { Ground, Mechanism } from "./mechanism.ts";
import type { MechanismName } from "./mechanismNames.ts";
import { BIDDERS_SHARE_BPS } from "./parameters.ts";
import { STREAMS } from "./scenario.ts";

interface Ways {
  readonly dutch?: true;
  readonly direct?: true;
  readonly batch?: true;
}

/** Gavel with these ways of selling; whatever is not named is not there. */
function gavel(name: MechanismName, ways: Ways): Mechanism {
  return { name, deploy: (ground) => deployGavel(ground, ways) };
}

async function deployGavel(given: Ground, ways: Ways) {
  const { chain, scenario, holders, uniswap, authority, market } = given;
  const { sizes } = given;
  const terms = ways.direct && ways.dutch ? behindDirectSales(sizes.terms) : sizes.terms;
  const ground = { ...given, sizes: { ...sizes, terms } };
  const { connection } = chain;
  const { pool } = market;
  const protocol = await deployProtocol(connection);
  const { factory, lens } = protocol;
  const liquidator = await deployLiquidator(
    connection,
    { factory, poolFactory: uniswap.factory, authority },
    [pool.address],
  );
  const venue = await deployV3Venue(connection, { poolFactory: uniswap.factory, pool: pool.address });
  const { policy, direct } = await deployDirectLiquidator(connection, { factory, authority }, [venue]);
  const batch = await deployBatchLiquidator(connection, factory);
  const vault = await deployVault(ground, protocol, { directLiquidator: direct, batchLiquidator: batch });
  const bids = ways.batch ? (scenario.totalDebt * BIDDERS_SHARE_BPS) / BPS : 0n;
  const watch = new MarketWatch(ground, { policy, vault, bids });
  await openDirectSales({ policy, direct }, vault, { maxImpactBps: MAX_IMPACT_BPS, inputs: watch.inputs });
  holders.addAll({ factory, lens, venue });
  holders.addAll({ DutchAuctionLiquidator: liquidator, DirectSaleLiquidator: direct, SalePolicy: policy });
  holders.addAll({ BatchAuctionLiquidator: batch });

  const hire = async (): Promise<Crew> => {
    const trades: Trade[] = [];
    if (ways.direct) trades.push(new DirectKeepers(ground, { vault, direct, venue }));
    if (ways.batch) trades.push(await Bidders.hire(ground, { vault, batch, capital: bids }));
    if (ways.dutch) trades.push(new DutchKeepers(ground, { vault, liquidator }));
    return new Crew({
      keepers: await hireKeepers(holders),
      random: new Random(scenario.seed, STREAMS.keepers),
      starters: new Starters(ground, vault),
      trades,
      watch,
    });
  };
  return { vault, lens, hire };
}

export const dutch = gavel("dutch", { dutch: true });
export const direct = gavel("direct", { direct: true });
export const batch = gavel("batch", { batch: true });
/** Direct sales first, the clock and the book of bids behind them. */
export const auto = gavel("auto", { dutch: true, direct: true, batch: true });
