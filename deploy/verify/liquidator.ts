import type { Context } from "./context.ts";
import { eventsOf } from "./events.ts";

/** The liquidator serves our factory's vaults and sells in the listed pools only, all of them real. */
export const verifyLiquidator = async (context: Context): Promise<void> => {
  const { report, ethers, addresses, system } = context;
  const liquidator = await ethers.getContractAt("DutchAuctionLiquidator", addresses.liquidator);
  report.equal("liquidator.vaultFactory", await liquidator.vaultFactory(), addresses.vaultFactory);
  report.equal("liquidator.poolFactory", await liquidator.poolFactory(), system.poolFactory);

  const listings = await eventsOf(context, liquidator, "PoolListed");
  const everListed = new Set(listings.map(({ args }) => String(args.getValue("pool"))));
  for (const pool of everListed) {
    const isListed = await liquidator.isPoolListed(pool);
    report.holds(
      !isListed || system.pools.includes(pool),
      `liquidator: pool ${pool} is listed, which the parameters do not say`,
    );
  }
  const factory = await ethers.getContractAt("IUniswapV3Factory", system.poolFactory);
  for (const address of system.pools) {
    report.holds(await liquidator.isPoolListed(address), `liquidator: pool ${address} is not listed`);
    const pool = await ethers.getContractAt("IUniswapV3Pool", address);
    const genuine = await factory.getPool(await pool.token0(), await pool.token1(), await pool.fee());
    report.equal(`liquidator: pool of the factory at ${address}`, genuine, address);
  }
};
