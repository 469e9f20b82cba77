/** What a mark takes off a position's collateral: contracts/vault/VaultState.sol on bigint. */
import { discount } from "./decayCurve.ts";
import { BPS, ceilDiv, clamp, min, WAD } from "./math.ts";
import type { SaleTerms } from "./terms.ts";

/**
 * What a mark takes off the collateral's value, bps: hold, or the discount that the sale's clocks come to one half-life from
 * now where that is more (`VaultState._reachableBps`). Rounded up.
 */
export function markDiscountBps(terms: SaleTerms, ownSeconds: bigint, vaultSeconds: bigint): bigint {
  const reached = discount(
    terms,
    ownSeconds + terms.halfLife,
    min(vaultSeconds + terms.halfLife, terms.horizon),
  );
  return clamp(reached <= 0n ? 0n : ceilDiv(reached * BPS, WAD), terms.holdBps, terms.maxDiscountBps);
}
