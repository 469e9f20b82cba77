import { type Interface, ZeroAddress } from "ethers";

import { lookBackOf } from "../memory.ts";
import type { Venue } from "../system.ts";
import { isBuiltFrom } from "./code.ts";
import type { Context } from "./context.ts";
import { eventsOf } from "./events.ts";
import { verifyMemory } from "./memory.ts";

type VenueOf<Kind extends Venue["kind"]> = Extract<Venue, { readonly kind: Kind }>;

const sorted = (tokens: readonly string[]): string =>
  tokens
    .map((token) => token.toLowerCase())
    .sort()
    .join(" ");

/** A venue is of no use for tokens other than the vault's. */
const verifyTokens = (
  { report, system }: Context,
  name: string,
  found: readonly [token0: string, token1: string],
): void => {
  const expected = [system.loan.address, system.collateral.address];
  report.equal(`${name}: tokens of the pool`, sorted(found), sorted(expected));
};

const verifyV3Venue = async (
  context: Context,
  name: string,
  address: string,
  expected: VenueOf<"uniswapV3">,
): Promise<void> => {
  const { report, ethers } = context;
  report.holds(
    await isBuiltFrom(context, address, "UniswapV3Venue"),
    `${name}: the code at ${address} is not that of UniswapV3Venue`,
  );
  const venue = await ethers.getContractAt("UniswapV3Venue", address);
  report.equal(`${name}: pool`, await venue.pool(), expected.pool);
  report.equal(`${name}: window`, await venue.window(), expected.window);
  const factory = await ethers.getContractAt("IUniswapV3Factory", expected.factory);
  const pool = await ethers.getContractAt("IUniswapV3Pool", expected.pool);
  const [token0, token1] = [await pool.token0(), await pool.token1()] as const;
  const genuine = await factory.getPool(token0, token1, await pool.fee());
  report.equal(`${name}: pool of the factory`, genuine, expected.pool);
  verifyTokens(context, name, [token0, token1]);
  await verifyMemory(context, name, expected.pool, lookBackOf(expected, context.system));
};

const verifyV2Venue = async (
  context: Context,
  name: string,
  address: string,
  expected: VenueOf<"uniswapV2">,
): Promise<void> => {
  const { report, ethers } = context;
  report.holds(
    await isBuiltFrom(context, address, "UniswapV2Venue"),
    `${name}: the code at ${address} is not that of UniswapV2Venue`,
  );
  const venue = await ethers.getContractAt("UniswapV2Venue", address);
  report.equal(`${name}: pair`, await venue.pair(), expected.pair);
  const factory = await ethers.getContractAt("IUniswapV2Factory", expected.factory);
  const pair = await ethers.getContractAt("IUniswapV2Pair", expected.pair);
  const [token0, token1] = [await pair.token0(), await pair.token1()] as const;
  report.equal(`${name}: pair of the factory`, await factory.getPair(token0, token1), expected.pair);
  verifyTokens(context, name, [token0, token1]);
};

/** Whoever sells in venues lists all of ours, and no other. */
export const verifyVenueList = async (
  context: Context,
  name: "directLiquidator" | "deleverager",
  seller: {
    getAddress(): Promise<string>;
    readonly interface: Interface;
    isVenueListed(venue: string): Promise<boolean>;
  },
): Promise<void> => {
  const { report, addresses } = context;
  const listings = await eventsOf(context, seller, "VenueListed");
  const everListed = new Set(listings.map(({ args }) => String(args.getValue("venue"))));
  for (const venue of everListed) {
    const isListed = await seller.isVenueListed(venue);
    report.holds(
      !isListed || addresses.venues.includes(venue),
      `${name}: venue ${venue} is listed, which the parameters do not say`,
    );
  }
  for (const [i, venue] of addresses.venues.entries()) {
    report.holds(await seller.isVenueListed(venue), `${name}: venue ${i} at ${venue} is not listed`);
  }
};

/** Direct sales have our reference venue and go into the listed venues only, each over a real pool of the vault's tokens. */
export const verifyDirectSale = async (context: Context): Promise<void> => {
  const { report, ethers, addresses, system } = context;
  const direct = await ethers.getContractAt("DirectSaleLiquidator", addresses.directLiquidator);
  report.equal("directLiquidator.vaultFactory", await direct.vaultFactory(), addresses.vaultFactory);
  const expectedReference = addresses.venues[system.directSale.reference] ?? ZeroAddress;
  report.equal(
    "directLiquidator.referenceVenue",
    await direct.referenceVenue(addresses.vault),
    expectedReference,
  );

  await verifyVenueList(context, "directLiquidator", direct);
  for (const [i, expected] of system.directSale.venues.entries()) {
    const name = `directLiquidator: venue ${i}`;
    const address = addresses.venues[i];
    if (address === undefined) {
      report.holds(false, `${name} is not deployed`);
      continue;
    }
    await report.section(name, () =>
      expected.kind === "uniswapV3"
        ? verifyV3Venue(context, name, address, expected)
        : verifyV2Venue(context, name, address, expected),
    );
  }
};
