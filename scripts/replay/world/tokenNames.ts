/** Tokens that a replay accounts for: loan asset, collateral asset, lenders' shares. */
export type TokenName = "loan" | "collateral" | "shares";

export const TOKEN_NAMES: readonly TokenName[] = ["loan", "collateral", "shares"];
