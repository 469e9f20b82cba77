import type { ReplaySystem } from "./system.ts";

export type TokenName = "loan" | "collateral" | "shares";
export const TOKEN_NAMES: readonly TokenName[] = ["loan", "collateral", "shares"];

/** Balance of each holder of each token, by the holder's name. */
export type Balances = Readonly<Record<TokenName, ReadonlyMap<string, bigint>>>;

export function tokenAddress({ tokens, vault }: ReplaySystem, token: TokenName): string {
  return token === "shares" ? String(vault.target) : tokens[token];
}

export async function readBalances(system: ReplaySystem): Promise<Balances> {
  const read = async (token: TokenName): Promise<ReadonlyMap<string, bigint>> => {
    const balances = new Map<string, bigint>();
    for (const [name, address] of system.holders.entries) {
      balances.set(name, await system.tokens.balanceOf(tokenAddress(system, token), address));
    }
    return balances;
  };
  return { loan: await read("loan"), collateral: await read("collateral"), shares: await read("shares") };
}
