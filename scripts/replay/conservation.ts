import { type Balances, TOKEN_NAMES, tokenAddress, type TokenName } from "./balances.ts";
import type { Agents } from "./mechanism.ts";
import type { Recorder } from "./recorder.ts";
import { sumOf } from "./sales.ts";
import type { ReplaySystem } from "./system.ts";

/** One equality between what is held and what must be; units of the token. */
export interface Check {
  readonly what: string;
  readonly token: TokenName;
  readonly expected: bigint;
  readonly actual: bigint;
  readonly ok: boolean;
}

const VAULT = "vault";
/** They serve others and keep nothing. */
const PASSERS_BY = [
  "DutchAuctionLiquidator",
  "DirectSaleLiquidator",
  "Deleverager",
  "RiskSteward",
  "venue",
  "SalePolicy",
  "FixedBonusKeeper",
  "router",
  "positionManager",
  "lens",
  "factory",
  "oracle",
  "aggregator",
];

function equal(what: string, token: TokenName, expected: bigint, actual: bigint): Check {
  return { what, token, expected, actual, ok: expected === actual };
}

function total(balances: ReadonlyMap<string, bigint>): bigint {
  return [...balances.values()].reduce((sum, balance) => sum + balance, 0n);
}

/** Every token in equals every token out, over all holders, to the wei. */
export async function checkConservation(
  system: ReplaySystem,
  run: {
    readonly agents: Agents;
    readonly recorder: Recorder;
    readonly opening: Balances;
    readonly closing: Balances;
  },
): Promise<readonly Check[]> {
  const { tokens, vault, borrowers } = system;
  const { agents, recorder, opening, closing } = run;
  const inSales = recorder.sales.reduce((sum, sale) => sum + sumOf(sale, "collateral"), 0n);
  const inRescues = (agents.rescues?.all ?? []).reduce((sum, { collateral }) => sum + collateral, 0n);
  const sold = inSales + inRescues;
  const change = (token: TokenName, name: string): bigint =>
    (closing[token].get(name) ?? 0n) - (opening[token].get(name) ?? 0n);
  const keeperNames = system.holders.namesOf(agents.keepers);
  const checks: Check[] = [];

  for (const token of TOKEN_NAMES) {
    const supply = await tokens.totalSupply(tokenAddress(system, token));
    checks.push(equal("all holders together hold the supply", token, supply, total(closing[token])));
    const before = total(opening[token]);
    const minted = token === "shares" ? recorder.sharesMinted : 0n;
    checks.push(
      equal("what all held, and was minted, is what all hold", token, before + minted, total(closing[token])),
    );
    for (const name of PASSERS_BY) {
      if (closing[token].has(name))
        checks.push(equal(`${name} keeps nothing`, token, 0n, closing[token].get(name) ?? 0n));
    }
  }
  for (const token of ["loan", "collateral"] as const) {
    checks.push(equal("supply is what was created", token, tokens.created[token], total(closing[token])));
  }
  checks.push(
    equal("the vault got what takers paid", "loan", agents.settled.payments, change("loan", VAULT)),
  );
  checks.push(equal("the vault gave what was sold", "collateral", -sold, change("collateral", VAULT)));
  const profits = keeperNames.reduce((sum, name) => sum + change("loan", name), 0n);
  checks.push(equal("keepers got what sales left them", "loan", agents.settled.profits, profits));

  const totals = await vault.accruedTotals();
  checks.push(equal("the vault's cash is its balance", "loan", totals.cash, closing.loan.get(VAULT) ?? 0n));
  // Dust that was swept to the reserve lies in a position of the vault's own.
  let inPositions = (await vault.position(vault)).collateral;
  let owed = 0n;
  for (const { address } of borrowers) {
    inPositions += (await vault.position(address)).collateral;
    owed += await vault.debtOf(address);
  }
  checks.push(
    equal(
      "positions' collateral is the vault's balance",
      "collateral",
      inPositions,
      closing.collateral.get(VAULT) ?? 0n,
    ),
  );
  // Claims are covered by cash and by what borrowers owe one by one; that is a bound, not an equality.
  const claims = (await vault.totalAssets()) + totals.reserve;
  const covered = totals.cash + owed;
  checks.push({
    what: "cash and debts cover lenders' claims and the reserve",
    token: "loan",
    expected: claims,
    actual: covered,
    ok: covered >= claims,
  });
  return checks;
}
