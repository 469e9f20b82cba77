import { BPS } from "../../../sdk/math.ts";
import { hireBonusKeepers } from "../agents/hireBonusKeepers.ts";
import { TAKE_GAS } from "../../strategies/dutch.ts";
import type { Agents } from "../agents/agents.ts";
import type { Ground, Mechanism } from "./mechanism.ts";
import type { Generation, MechanismName } from "./mechanismNames.ts";
import { VaultLending } from "./vaultLending.ts";

/** Rules of a pool to compare with. */
export interface BonusRules {
  /** At health 1. */
  readonly minBonusBps: bigint;
  /** At `deepHealthBps` and below; linear in between. */
  readonly maxBonusBps: bigint;
  readonly deepHealthBps: bigint;
  /** Part of the debt that one liquidation may repay above `deepHealthBps`; 0: what brings the position to its target. */
  readonly closeFactorBps: bigint;
  /** Health that a liquidation without close factor restores (default: at the vault's target LTV). */
  readonly targetHealthBps?: bigint;
  /** Bonuses are parts of the price of what is sold, not of what is repaid. */
  readonly isDiscount?: boolean;
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

async function deployFixedBonus(ground: Ground, rules: BonusRules): Promise<VaultLending> {
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
    poolRules(rules, { liquidationLtvBps, targetLtvBps: sizes.terms.targetLtvBps }),
  ]);
  const contract = await ethers.deployContract("MockFixedBonusKeeper", [lending, market.pool.address]);
  holders.addAll({ FixedBonusKeeper: contract });
  // It speaks as a vault and its lens do, as far as a replay asks.
  const vault = await ethers.getContractAt("IVault", lending);
  const lens = await ethers.getContractAt("VaultLens", lending);
  const hire = async (): Promise<Agents> =>
    hireBonusKeepers(ground, {
      contract,
      gas: TAKE_GAS,
      minDebt: sizes.minDebt,
      encode: ({ borrower }, repay, minProfit) =>
        contract.interface.encodeFunctionData("execute", [borrower, repay, minProfit]),
    });
  return new VaultLending(chain, { vault, lens, hire });
}

/** As the pool's contract takes them. */
export function poolRules(
  { targetHealthBps, isDiscount = false, ...bonuses }: BonusRules,
  vault: { readonly liquidationLtvBps: bigint; readonly targetLtvBps: bigint },
) {
  const targetLtvBps =
    targetHealthBps === undefined ? vault.targetLtvBps : (vault.liquidationLtvBps * BPS) / targetHealthBps;
  return { ...bonuses, targetLtvBps, isDiscount };
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

/** Euler v2: a discount of one less health, at most 15%, and as much as the liquidator likes while health is under 1. */
export const EULER: BonusRules = {
  minBonusBps: 0n,
  maxBonusBps: 1_500n,
  deepHealthBps: 8_500n,
  closeFactorBps: 10_000n,
  isDiscount: true,
};

/** Aave v4: to health 1.05, a bonus of 1% at health 1 and up to 5% at health 0.9. The rules are its own, the figures ours. */
export const AAVE4: BonusRules = {
  minBonusBps: 100n,
  maxBonusBps: 500n,
  deepHealthBps: 9_000n,
  closeFactorBps: 0n,
  targetHealthBps: 10_500n,
};

export const euler = fixedBonus("euler", EULER);
export const aave4 = fixedBonus("aave4", AAVE4);
