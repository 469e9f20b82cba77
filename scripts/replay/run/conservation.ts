import { type Balances, tokenAddress } from "../world/balances.ts";
import { TOKEN_NAMES, type TokenName } from "../world/tokenNames.ts";
import { type Check, equal } from "./check.ts";
import type { Agents } from "../agents/agents.ts";
import type { Recorder } from "../records/recorder.ts";
import { sumOf } from "../records/sales.ts";
import type { ReplaySystem } from "../world/system.ts";

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
  const { tokens, lending, borrowers } = system;
  const { agents, recorder, opening, closing } = run;
  const inSales = recorder.sales.reduce(
    (sum, sale) => sum + sumOf(sale, "collateral") - sumOf(sale, "keptCollateral"),
    0n,
  );
  const inRescues = (agents.rescues?.all ?? []).reduce((sum, { collateral }) => sum + collateral, 0n);
  const sold = inSales + inRescues;
  const change = (token: TokenName, name: string): bigint =>
    (closing[token].get(name) ?? 0n) - (opening[token].get(name) ?? 0n);
  const custodian = (token: "loan" | "collateral"): string =>
    system.holders.namesOf([lending.custody[token]])[0] ?? "";
  const keeperNames = system.holders.namesOf(agents.keepers);
  const checks: Check[] = [];

  for (const token of TOKEN_NAMES) {
    const contract = tokenAddress(system, token);
    if (contract === undefined) continue;
    const supply = await tokens.totalSupply(contract);
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
  const [cash, collateral] = [custodian("loan"), custodian("collateral")];
  checks.push(
    equal("the protocol got what takers paid", "loan", agents.settled.payments, change("loan", cash)),
    equal("the protocol gave what was sold", "collateral", -sold, change("collateral", collateral)),
  );
  const profits = keeperNames.reduce((sum, name) => sum + change("loan", name), 0n);
  checks.push(equal("keepers got what sales left them", "loan", agents.settled.profits, profits));

  const held = { loan: closing.loan.get(cash) ?? 0n, collateral: closing.collateral.get(collateral) ?? 0n };
  checks.push(
    ...(await lending.checkBooks(
      borrowers.map(({ address }) => address),
      held,
    )),
  );
  return checks;
}
