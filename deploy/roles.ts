import type { Interface } from "ethers";

/**
 * Who may call what: the one table that deployment and verification share. Every function that the contracts restrict
 * stands here; whatever is not here is open to all.
 */

/** AccessManager's own: whoever holds it hands out all other roles. */
export const ADMIN_ROLE = 0n;

/** AccessManager's own too: everybody holds it. */
export const PUBLIC_ROLE = 2n ** 64n - 1n;

export const ROLES = {
  /** Decides after its delay. */
  governor: 1n,
  /**
   * Brakes at once: pauses, tightens caps, freezes the steward, switches to the standby. Loosens nothing; its `veto` keeps
   * `liquidationLtv` from falling, which is for borrowers against lenders, and stops no ramp but the steward's.
   */
  guardian: 2n,
  /** Moves risk parameters within bounds. */
  steward: 3n,
} as const;

export type RoleName = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly RoleName[];

export const ROLE_TABLE = {
  vault: {
    setTerms: "steward",
    setBorrowLtv: "steward",
    rampLiquidationLtv: "steward",
    setCaps: "steward",
    setStressDepth: "steward",
    tightenCaps: "guardian",
    pause: "guardian",
    renewPause: "governor",
    unpause: "governor",
    windDown: "governor",
    setReserveFactor: "governor",
    setRewardConfig: "governor",
    claimReserve: "governor",
    claimSweptCollateral: "governor",
  },
  oracle: {
    setStandbyActive: "guardian",
  },
  liquidator: {
    setPoolListed: "governor",
  },
  directLiquidator: {
    setVenueListed: "governor",
    setReferenceVenue: "governor",
  },
  policy: {
    setInputs: "steward",
  },
  backstop: {
    setCover: "governor",
    removeInventory: "governor",
  },
  volatilityOracle: {
    setFeed: "governor",
  },
  depthOracle: {
    setPair: "governor",
  },
  vaultSource: {
    addVault: "governor",
    removeVault: "governor",
  },
  contagionMonitor: {
    setSource: "governor",
    removeSource: "governor",
    setMinLive: "governor",
  },
  riskSteward: {
    configure: "governor",
    unfreeze: "governor",
    freeze: "guardian",
    veto: "guardian",
  },
  deleverager: {
    setVenueListed: "governor",
    setFeed: "governor",
  },
} as const satisfies Record<string, Readonly<Record<string, RoleName>>>;

/** Contracts that obey the AccessManager. */
export type Target = keyof typeof ROLE_TABLE;

export const TARGETS = Object.keys(ROLE_TABLE) as readonly Target[];

/** Functions of a contract and the role that each needs. */
export const rolesOf = (target: Target): readonly (readonly [functionName: string, role: RoleName])[] =>
  Object.entries(ROLE_TABLE[target]);

/** Functions of a contract that a role may call. */
export const functionsOf = (target: Target, role: RoleName): readonly string[] =>
  rolesOf(target)
    .filter(([, needed]) => needed === role)
    .map(([name]) => name);

/** Selector of a function of the table, or an error: a table that names what no contract has is wrong. */
export const selectorOf = (contract: Interface, functionName: string): string => {
  const fragment = contract.getFunction(functionName);
  if (fragment === null) throw new Error(`no function ${functionName} to give a role to`);
  return fragment.selector;
};

/** An account that holds a role, and how long it waits between deciding and acting. */
export interface Member {
  readonly account: string;
  readonly delay: bigint;
}

/** Whom the roles are given to. */
export interface Authority {
  readonly governor: string;
  /** Seconds. */
  readonly governorDelay: bigint;
  readonly guardians: readonly string[];
  /** Besides the contract that is deployed for it. */
  readonly stewards: readonly string[];
}

/** The same with the contract that moves the risk parameters of the vault. */
export const withSteward = (authority: Authority, riskSteward: string): Authority => ({
  ...authority,
  stewards: [...authority.stewards, riskSteward],
});

/** Members of each role: the governor holds all of them, always with its delay; the others act at once. */
export const membersOf = (authority: Authority): Readonly<Record<RoleName | "admin", readonly Member[]>> => {
  const governor = { account: authority.governor, delay: authority.governorDelay };
  const atOnce = (accounts: readonly string[]): readonly Member[] => [
    governor,
    ...accounts.map((account) => ({ account, delay: 0n })),
  ];
  return {
    admin: [governor],
    governor: [governor],
    guardian: atOnce(authority.guardians),
    steward: atOnce(authority.stewards),
  };
};
