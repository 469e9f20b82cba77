import type { Context } from "./context.ts";

const MECHANISMS = ["direct", "dutch", "batch", "backstop"] as const;

/** The policy knows the vault's market as the parameters have it, and splits are held against it. */
export const verifyPolicy = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const policy = await ethers.getContractAt("SalePolicy", addresses.policy);
  const found = await policy.inputs(addresses.vault);
  const { cascade, gas, ...expected } = system.policy;
  for (const name of Object.keys(expected) as readonly (keyof typeof expected)[]) {
    report.equal(`policy.${name}`, found[name], expected[name]);
  }
  for (const [i, mechanism] of MECHANISMS.entries()) {
    report.equal(`policy.cascade.${mechanism}`, found.cascade[i] ?? 0n, cascade[i] ?? 0n);
    report.equal(`policy.gas.${mechanism}`, found.gas[i] ?? 0n, gas[i] ?? 0n);
  }

  const split = await ethers.getContractAt("SplitLiquidator", addresses.splitLiquidator);
  report.equal("splitLiquidator.policy", await split.policy(), addresses.policy);
  report.equal(
    "splitLiquidator.directSaleLiquidator",
    await split.directSaleLiquidator(),
    addresses.directLiquidator,
  );
  report.equal(
    "splitLiquidator.dutchAuctionLiquidator",
    await split.dutchAuctionLiquidator(),
    addresses.liquidator,
  );
};
