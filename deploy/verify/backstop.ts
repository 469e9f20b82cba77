import type { Context } from "./context.ts";
import { verifyTerms } from "./terms.ts";

/** The backstop stands behind our vault, and behind no other. */
export const verifyBackstop = async ({ report, ethers, addresses, system }: Context): Promise<void> => {
  const expected = system.backstop;
  const backstop = await ethers.getContractAt("Backstop", addresses.backstop);
  report.equal("backstop.asset", await backstop.asset(), system.loan.address);
  report.equal("backstop.name", await backstop.name(), expected.name);
  report.equal("backstop.symbol", await backstop.symbol(), expected.symbol);
  report.equal("backstop.cooldownSeconds", await backstop.cooldownSeconds(), expected.cooldownSeconds);
  report.equal("backstop.windowSeconds", await backstop.windowSeconds(), expected.windowSeconds);
  report.equal("backstop.coveredVaults", (await backstop.coveredVaults()).join(" "), addresses.vault);
  const { cap, resale } = await backstop.coverOf(addresses.vault);
  report.equal("backstop.cover", cap, expected.cover);
  verifyTerms(report, "backstop.resale", resale, expected.resale);
};
