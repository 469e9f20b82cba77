import type { ReplaySystem } from "./system.ts";
import type { TokenName } from "./tokenNames.ts";

/** Balance of each holder of each token, by the holder's name. */
export type Balances = Readonly<Record<TokenName, ReadonlyMap<string, bigint>>>;

/** Undefined where the protocol has no such token. */
export function tokenAddress({ tokens, lending }: ReplaySystem, token: TokenName): string | undefined {
  return token === "shares" ? lending.shares : tokens[token];
}

export async function readBalances(system: ReplaySystem): Promise<Balances> {
  const read = async (token: TokenName): Promise<ReadonlyMap<string, bigint>> => {
    const balances = new Map<string, bigint>();
    const contract = tokenAddress(system, token);
    if (contract === undefined) return balances;
    for (const [name, address] of system.holders.entries) {
      balances.set(name, await system.tokens.balanceOf(contract, address));
    }
    return balances;
  };
  return { loan: await read("loan"), collateral: await read("collateral"), shares: await read("shares") };
}
