import type { AddressLike } from "ethers";

import { createVault, type Protocol, vaultConfig } from "../../kit/protocol.ts";
import type { Ground } from "./mechanism.ts";

/** Caps are out of the way, at the most that a vault accepts: what bounds the book is the size of one position. */
const CAP = 2n ** 95n;

/** A vault made by the factory. */
export async function deployVault(
  { chain, scenario, tokens, oracle, authority, sizes }: Ground,
  protocol: Protocol,
  sellers: { readonly directLiquidator: AddressLike; readonly batchLiquidator: AddressLike },
) {
  const config = vaultConfig(protocol, {
    asset: tokens.loan,
    collateralAsset: tokens.collateral,
    oracle,
    authority,
    ...scenario.ltvs,
    supplyCap: CAP,
    borrowCap: CAP,
    maxPositionDebt: sizes.maxPositionDebt,
    stressDepth: sizes.stressDepth,
    minDebt: sizes.minDebt,
    reward: { cap: sizes.rewardCap, nativePrice: sizes.nativePrice },
    terms: sizes.terms,
    ...sellers,
  });
  return createVault(chain.connection, protocol.factory, config, protocol.creationCode);
}
