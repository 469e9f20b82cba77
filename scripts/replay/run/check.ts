import type { TokenName } from "../world/tokenNames.ts";

/** One relation between what is held and what must be; units of the token. */
export interface Check {
  readonly what: string;
  readonly token: TokenName;
  readonly expected: bigint;
  readonly actual: bigint;
  readonly ok: boolean;
}

export function equal(what: string, token: TokenName, expected: bigint, actual: bigint): Check {
  return { what, token, expected, actual, ok: expected === actual };
}

/** A bound where rounding forbids equality. */
export function atLeast(what: string, token: TokenName, expected: bigint, actual: bigint): Check {
  return { what, token, expected, actual, ok: actual >= expected };
}
