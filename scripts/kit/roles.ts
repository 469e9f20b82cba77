import type { AddressLike, Interface } from "ethers";

import {
  functionsOf,
  ROLE_NAMES,
  type RoleName,
  ROLES,
  selectorOf,
  type Target,
} from "../../deploy/roles.ts";
import type { AccessManager } from "../../typechain-types/index.ts";

/** Gives functions of a contract their roles by the table that deployments use. */

/** A contract that obeys the authority. */
type Restricted = AddressLike & { readonly interface: Interface };

/**
 * Restricts what the table names of a contract, in one transaction a role. The sender must govern the authority.
 * @param as Role → who may call its functions instead; `null` leaves them as they are.
 */
export async function restrict(
  authority: AccessManager,
  target: Target,
  contract: Restricted,
  as: Readonly<Partial<Record<RoleName, RoleName | null>>> = {},
): Promise<void> {
  for (const role of ROLE_NAMES) {
    const names = ROLE_NAMES.filter((named) => (named in as ? as[named] : named) === role).flatMap((named) =>
      functionsOf(target, named),
    );
    if (names.length === 0) continue;
    const selectors = names.map((name) => selectorOf(contract.interface, name));
    await authority.setTargetFunctionRole(contract, selectors, ROLES[role]);
  }
}

/** What a steward alone may call: the other functions are left as they are. */
export const STEWARD_ALONE = { governor: null, guardian: null } as const;
