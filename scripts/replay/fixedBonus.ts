import { Random } from "../lib/random.ts";
import { Crew } from "./agents/crew.ts";
import { FixedBonusKeepers } from "./agents/fixedBonusKeepers.ts";
import { hireKeepers } from "./agents/keeper.ts";
import type { Ground, Mechanism } from "./mechanism.ts";
import type { Generation, MechanismName } from "./mechanismNames.ts";
import { STREAMS } from "./scenario.ts";
import { VaultLending } from "./vaultLending.ts";

/** Of a pool to compare with; `closeFactorBps` 0 for: to the target LTV. */
interface BonusRules {
  readonly minBonusBps: bigint;
  readonly maxBonusBps: bigint;
  readonly deepHealthBps: bigint;
  readonly closeFactorBps: bigint;
}

/** Lending pools that sell at a bonus from the first moment on, over the same oracle and market. */
export function fixedBonus(
  name: MechanismName,
  rules: BonusRules,
  generation?: Generation,
): Mechanism<VaultLending> {
  const numbered = generation === undefined ? {} : { generation };
  return { name, ...numbered, deploy: (ground) => deployFixedBonus(ground, rules) };
}

async function deployFixedBonus(ground: Ground, rules: BonusRules) {
  const { chain, scenario, tokens, oracle, market, holders, sizes } = ground;
  const { ethers } = chain.connection;
  const { borrowLtvBps, liquidationLtvBps } = scenario.ltvs;
  const lending = await ethers.deployContract("MockFixedBonusPool", [
    tokens.loan,
    tokens.collateral,
    oracle,
    borrowLtvBps,
    liquidationLtvBps,
    sizes.minDebt,
    { ...rules, targetLtvBps: sizes.terms.targetLtvBps },
  ]);
  const contract = await ethers.deployContract("MockFixedBonusKeeper", [lending, market.pool.address]);
  holders.addAll({ FixedBonusKeeper: contract });
  // It speaks as a vault and its lens do, as far as a replay asks.
  const vault = await ethers.getContractAt("IVault", lending);
  const lens = await ethers.getContractAt("VaultLens", lending);
  const hire = async (): Promise<Crew> =>
    new Crew({
      keepers: await hireKeepers(holders),
      random: new Random(scenario.seed, STREAMS.keepers),
      trades: [new FixedBonusKeepers(ground, contract)],
    });
  return new VaultLending(chain, { vault, lens, hire });
}

/** Aave v3: 5%, half of the debt, all of it under health 0.95. */
export const fixed5 = fixedBonus("fixed5", {
  minBonusBps: 500n,
  maxBonusBps: 500n,
  deepHealthBps: 9_500n,
  closeFactorBps: 5_000n,
});

/** Aave v4's rules, set well: to the target LTV, 1% at health 1 and up to 2% at health 0.95. */
export const fixed2 = fixedBonus("fixed2", {
  minBonusBps: 100n,
  maxBonusBps: 200n,
  deepHealthBps: 9_500n,
  closeFactorBps: 0n,
});
