import type { Context } from "./context.ts";

/** The batch auction serves our factory's vaults, at these ticks and boundaries. */
export const verifyBatchAuction = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const batch = await ethers.getContractAt("BatchAuctionLiquidator", addresses.batchLiquidator);
  report.equal("batchLiquidator.vaultFactory", await batch.vaultFactory(), addresses.vaultFactory);
  report.equal("batchLiquidator.tickBps", await batch.tickBps(), system.batchAuction.tickBps);
  report.equal("batchLiquidator.interval", await batch.interval(), system.batchAuction.interval);
};
