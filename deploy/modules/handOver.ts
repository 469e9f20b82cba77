import { buildModule, type Future } from "@nomicfoundation/ignition-core";

import type { Addresses } from "../contracts.ts";
import { registrationsOf } from "../registrations.ts";
import { ADMIN_ROLE, functionsOf, membersOf, ROLE_NAMES, ROLES, selectorOf, TARGETS } from "../roles.ts";
import type { System } from "../system.ts";
import type { Compiled } from "./vaultSystem.ts";

/**
 * The end of a deployment: registers the sources of stress, which end at a date that `grantedAt` decides, and hands the powers
 * out; the deployer gives its own up last.
 * @param grantedAt When the steward got its role, unix seconds.
 */
export const handOverModule = (
  system: System,
  addresses: Addresses,
  grantedAt: bigint,
  { interfaces }: Compiled,
) =>
  buildModule("HandOver", (m) => {
    const authority = m.contractAt("AccessManager", addresses.authority);
    const monitor = m.contractAt("ContagionMonitor", addresses.contagionMonitor);
    const after = registrationsOf(system, addresses, grantedAt).map((registration, i) =>
      m.call(monitor, "setSource", [{ ...registration }], { id: `register_source_${i}` }),
    );

    const { admin, ...members } = membersOf(system.authority);
    const steps: Future[] = [];
    for (const role of ROLE_NAMES) {
      steps.push(m.call(authority, "labelRole", [ROLES[role], role], { id: `label_${role}`, after }));
      for (const target of TARGETS) {
        const selectors = functionsOf(target, role).map((name) => selectorOf(interfaces[target], name));
        if (selectors.length === 0) continue;
        steps.push(
          m.call(authority, "setTargetFunctionRole", [addresses[target], selectors, ROLES[role]], {
            id: `assign_${target}_${role}`,
            after,
          }),
        );
      }
      for (const [i, { account, delay }] of members[role].entries()) {
        steps.push(
          m.call(authority, "grantRole", [ROLES[role], account, delay], { id: `grant_${role}_${i}`, after }),
        );
      }
    }
    const admins = admin.map(({ account, delay }, i) =>
      m.call(authority, "grantRole", [ADMIN_ROLE, account, delay], { id: `grant_admin_${i}`, after: steps }),
    );
    m.call(authority, "renounceRole", [ADMIN_ROLE, m.getAccount(0)], {
      id: "renounce_admin",
      after: admins,
    });
    return { authority };
  });
