import { behindDirectSales } from "../../kit/defaults.ts";
import {
  deployBatchLiquidator,
  deployDirectLiquidator,
  deployLiquidator,
  deployProtocol,
  deployV3Venue,
  openDirectSales,
} from "../../kit/protocol.ts";
import { loanToNumber, numberToLoan } from "../../../sdk/units.ts";
import { Random } from "../../world/random.ts";
import { Bidders } from "../agents/bidders.ts";
import { Crew, type Trade } from "../agents/crew.ts";
import { DirectKeepers } from "../agents/directKeepers.ts";
import { DutchKeepers } from "../agents/dutchKeepers.ts";
import { hireKeepers } from "../agents/keeper.ts";
import { Rescuers } from "../agents/rescuers.ts";
import { Stewardship } from "../agents/stewardship.ts";
import { Starters } from "../agents/starters.ts";
import { Touchers } from "../agents/touchers.ts";
import { deployVault } from "./deployVault.ts";
import type { Ground, Mechanism } from "./mechanism.ts";
import type { Generation, MechanismName } from "./mechanismNames.ts";
import { borrowerName } from "../world/openPositions.ts";
import { CLIENTS_SHARE } from "../world/parameters.ts";
import { policyInputs } from "./policyInputs.ts";
import { deployRiskLayer, type Stewarded } from "./riskLayer.ts";
import { STREAMS } from "../input/scenario.ts";
import { VaultLending } from "./vaultLending.ts";

interface Ways {
  readonly dutch?: true;
  readonly direct?: true;
  readonly batch?: true;
}

/** What moves terms and positions before anything has to be sold. */
interface Foresight {
  readonly generation: Generation;
  readonly stewarded: Stewarded;
  /** Whether borrowers can be rescued. */
  readonly rescues: boolean;
}

/** Gavel with these ways of selling; whatever is not named is not there. */
export function gavel(name: MechanismName, ways: Ways, foresight?: Foresight): Mechanism<VaultLending> {
  const generation = foresight === undefined ? {} : { generation: foresight.generation };
  return { name, ...generation, deploy: (ground) => deployGavel(ground, ways, foresight) };
}

async function deployGavel(given: Ground, ways: Ways, foresight: Foresight | undefined) {
  const { chain, scenario, holders, uniswap, authority, market } = given;
  const { sizes } = given;
  // What a deployment says stands as it is.
  const isBehind = ways.direct && ways.dutch && scenario.deployed === undefined;
  const terms = isBehind ? behindDirectSales(sizes.terms) : sizes.terms;
  const current = { ...sizes, terms };
  const ground = { ...given, sizes: current };
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
  const capital = numberToLoan(loanToNumber(scenario.totalDebt) * scenario.market.bidders);
  const bids = ways.batch ? capital : 0n;
  const inputs = policyInputs(ground, bids);
  await openDirectSales({ policy, direct }, vault, { reference: venue, inputs });
  // The steward tells the policy, which splits are held against, what oracles of our own know of the market.
  const stewarded = foresight?.stewarded ?? (ways.direct ? "inputs" : undefined);
  const risk =
    stewarded === undefined
      ? undefined
      : await deployRiskLayer(ground, { factory, vault, policy, venue }, stewarded);
  holders.addAll({ factory, lens, venue });
  holders.addAll({ DutchAuctionLiquidator: liquidator, DirectSaleLiquidator: direct, SalePolicy: policy });
  holders.addAll({ BatchAuctionLiquidator: batch });

  const hire = async (): Promise<Crew> => {
    const trades: Trade[] = [];
    const keepers = await hireKeepers(holders);
    if (ways.direct) trades.push(await DirectKeepers.hire(ground, { vault, direct, venue }, keepers));
    if (ways.batch) trades.push(await Bidders.hire(ground, { vault, batch, capital: bids }));
    if (ways.dutch) trades.push(new DutchKeepers(ground, { vault, liquidator }));
    const random = new Random(scenario.seed, STREAMS.keepers);
    const starters = new Starters(ground, vault);
    const touchers = ways.dutch || ways.batch ? new Touchers(ground, vault) : undefined;
    const crew = { keepers, random, starters, touchers, trades };
    if (risk === undefined) return new Crew(crew);
    const account = await holders.actor("risk keeper");
    const watch = new Stewardship(ground, { vault, risk, account, sizes: current });
    const rescuers = foresight?.rescues
      ? await Rescuers.hire(
          ground,
          { vault, lens, risk, venue },
          { clients: await clientsOf(ground), account },
        )
      : undefined;
    return new Crew({ ...crew, watch, rescuers });
  };
  return new VaultLending(chain, { vault, lens, hire });
}

/** Every borrower wants to be rescued with the same chance. */
async function clientsOf({ scenario, book, holders }: Ground): Promise<readonly string[]> {
  const random = new Random(scenario.seed, STREAMS.clients);
  const clients: string[] = [];
  for (const [i, opening] of book.openings.entries()) {
    if (random.chance(CLIENTS_SHARE)) clients.push(await holders.actor(borrowerName(i, opening)));
  }
  return clients;
}

export const dutch = gavel("dutch", { dutch: true });
export const direct = gavel("direct", { direct: true });
export const batch = gavel("batch", { batch: true });
/** Direct sales first, the clock and the book of bids behind them. */
export const auto = gavel("auto", { dutch: true, direct: true, batch: true });
