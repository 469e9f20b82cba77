/** A steward over one vault, on mock inputs, with a real sale policy and a real direct liquidator. All defaults stand here. */
import { ROLES } from "../../deploy/roles.ts";
import { restrict, STEWARD_ALONE } from "../../scripts/kit/roles.ts";
import type { AddressLike } from "ethers";

import type { BoundsStruct, StewardConfigStruct } from "../../typechain-types/contracts/risk/RiskSteward.ts";
import type { AccessManager, IVault, RiskSteward, SalePolicy } from "../../typechain-types/index.ts";
import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/Vault.ts";

import { wildMarket } from "../../scripts/kit/defaults.ts";
import { WAD } from "../../sdk/math.ts";
import {
  type Bounds,
  type Dial,
  type Dials,
  type Parameter,
  PARAMETERS,
  type StewardBase,
  type Values,
  type VaultRules,
} from "../../sdk/stewardMath.ts";
import type { SaleTerms } from "../../sdk/terms.ts";
import { ethers, now, pass } from "./chain.ts";
import { deployVault, LOAN, openStory, prepare } from "./vault.ts";

export const STEWARD_ROLE = ROLES.steward;
export const HOUR = 3_600n;
export const DAY = 86_400n;
const MILLION = 1_000_000n * LOAN;

/** 29% and 100% a day. */
export const CALM_VOLATILITY = 10n ** 15n;
export const WILD_VOLATILITY = 34n * 10n ** 14n;
export const CALM_DEPTH = 1_600n * MILLION;

/** Terms, limits and inputs of the calm end of the envelope. */
export const CALM: Values = {
  liquidationLtv: 8_300n,
  borrowLtv: 8_000n,
  startPremium: 100n,
  hold: 150n,
  maxDiscount: 800n,
  targetLtv: 7_055n,
  halfLife: 424n,
  lot: 1_200_000n * LOAN,
  urgency: 200n,
  stressDepth: 400n * MILLION,
  borrowCap: 1_000n * MILLION,
  maxPositionDebt: 10n * MILLION,
  policyVolatility: CALM_VOLATILITY,
  policyDepth: CALM_DEPTH,
};

export const BASE: StewardBase = {
  calmVolatility: CALM_VOLATILITY,
  wildVolatility: WILD_VOLATILITY,
  stressVolatility: WAD,
  calmDepth: CALM_DEPTH,
  depthKept: (25n * WAD) / 100n,
  depthKeptStressed: (6n * WAD) / 100n,
  capPerDepth: (25n * WAD) / 10n,
  coverage: (115n * WAD) / 100n,
  exposure: 2n * WAD,
  saleLossBps: 800n,
  targetShareBps: 8_500n,
  targetShareWildBps: 8_000n,
};

export const NOTICE = DAY;
export const RAMP = 2n * DAY;
export const MAX_AGE = 2n * HOUR;
export const MAX_GAP = 12n * HOUR;
export const TIGHT_DELAY = 2n * HOUR;
export const LOOSE_DELAY = 3n * DAY;

export const CONFIG: StewardConfigStruct = {
  feed: "0x00000000000000000000000000000000000000fe",
  ...BASE,
  notice: NOTICE,
  rampDuration: RAMP,
  maxInputAge: MAX_AGE,
  maxGap: MAX_GAP,
};

const bounds = (floor: bigint, ceiling: bigint, tightStep: bigint, looseStep: bigint): Bounds => ({
  floor,
  ceiling,
  tightDelay: TIGHT_DELAY,
  looseDelay: LOOSE_DELAY,
  tightStep,
  looseStep,
});

export const BOUNDS: Readonly<Record<Parameter, Bounds>> = {
  liquidationLtv: bounds(7_000n, 8_300n, 200n, 50n),
  borrowLtv: bounds(6_500n, 8_000n, 300n, 50n),
  startPremium: bounds(0n, 100n, 60n, 40n),
  hold: bounds(150n, 250n, 30n, 20n),
  maxDiscount: bounds(800n, 1_000n, 60n, 30n),
  targetLtv: bounds(5_000n, 7_055n, 400n, 100n),
  halfLife: bounds(180n, 424n, 60n, 20n),
  lot: bounds(160_000n * LOAN, 1_200_000n * LOAN, 300_000n * LOAN, 100_000n * LOAN),
  urgency: bounds(200n, 800n, 150n, 50n),
  stressDepth: bounds(50n * MILLION, 400n * MILLION, 100n * MILLION, 20n * MILLION),
  borrowCap: bounds(100n * MILLION, 1_000n * MILLION, 300n * MILLION, 50n * MILLION),
  maxPositionDebt: bounds(MILLION / 10n, 10n * MILLION, 5n * MILLION, MILLION / 2n),
  policyVolatility: bounds(10n ** 14n, 5n * 10n ** 16n, 2n * 10n ** 15n, 5n * 10n ** 14n),
  policyDepth: bounds(10n * MILLION, 1_600n * MILLION, 400n * MILLION, 100n * MILLION),
};

/** Keepers want 2%. */
export const POLICY_INPUTS = {
  ...wildMarket(CALM_DEPTH, 0n),
  volatility: CALM_VOLATILITY,
  keeperMargin: (2n * WAD) / 100n,
};

export const inOrder = <T>(record: Readonly<Record<Parameter, T>>): T[] =>
  PARAMETERS.map((parameter) => record[parameter]);

export const byName = <T>(values: readonly T[]): Record<Parameter, T> =>
  Object.fromEntries(PARAMETERS.map((parameter, i) => [parameter, values[i]])) as Record<Parameter, T>;

export const indexOf = (parameter: Parameter): bigint => BigInt(PARAMETERS.indexOf(parameter));

/** The bounds with some of them changed. */
export const boundsWith = (changes: Partial<Record<Parameter, Partial<Bounds>>>): BoundsStruct[] =>
  PARAMETERS.map((parameter) => ({ ...BOUNDS[parameter], ...changes[parameter] }));

/** What the mock inputs say; each updated now, complete and known unless said otherwise. */
export interface Said {
  readonly volatility?: bigint;
  readonly depth?: bigint;
  readonly stress?: bigint;
  readonly volatilityAge?: bigint;
  readonly depthAge?: bigint;
  readonly hasVolatility?: boolean;
  readonly hasDepth?: boolean;
  readonly hasStress?: boolean;
}

/** Everything asks to be tighter, and most of it down to the floor. */
export const STORM: Said = { volatility: 10n * CALM_VOLATILITY, depth: CALM_DEPTH / 16n };
export const CALM_SAID: Said = { volatility: CALM_VOLATILITY, depth: CALM_DEPTH, stress: 0n };

export type StewardSystem = Awaited<ReturnType<typeof deploySteward>>;

export interface StewardOptions {
  readonly config?: Partial<VaultConfigStruct>;
  readonly terms?: Partial<SaleTerms>;
  readonly withoutDirect?: boolean;
  readonly withoutPolicy?: boolean;
  /** Instead of the mock's. */
  readonly volatilityOracle?: AddressLike;
}

/** Contracts that a steward moves or is governed by, and who governs them. */
export interface StewardParts {
  readonly steward: RiskSteward;
  readonly policy: SalePolicy;
  readonly vault: IVault;
  readonly governor: AddressLike;
  /** Of vault and steward. */
  readonly authority: AccessManager;
  /** Of the policy. */
  readonly saleAuthority: AccessManager;
}

/** The steward gets what it needs, the governor the same, and the guardians their brakes. */
export async function giveStewardRoles(parts: StewardParts): Promise<void> {
  const { steward, policy, vault, governor, authority, saleAuthority } = parts;
  await restrict(authority, "vault", vault, STEWARD_ALONE);
  for (const account of [governor, steward]) await authority.grantRole(STEWARD_ROLE, account, 0n);
  await restrict(authority, "riskSteward", steward);
  await restrict(saleAuthority, "policy", policy, STEWARD_ALONE);
  for (const account of [governor, steward]) await saleAuthority.grantRole(STEWARD_ROLE, account, 0n);
}

/** What a steward sees and would do. */
export async function previewOf(steward: RiskSteward, vault: AddressLike) {
  const [market, current, wanted, next] = await steward.preview(vault);
  return {
    market,
    current: byName(current) as Values,
    wanted: byName(wanted) as Values,
    next: byName(next) as Values,
  };
}

export async function deploySteward(options: StewardOptions = {}) {
  const [deployer] = await ethers.getSigners();
  if (deployer === undefined) throw new Error("no signer");
  const factory = await ethers.deployContract("MockVaultFactory");
  // The vault must know its liquidator at its creation, so that this one has an authority of its own.
  const saleAuthority = await ethers.deployContract("AccessManager", [deployer]);
  const policy = await ethers.deployContract("SalePolicy", [saleAuthority]);
  const direct = await ethers.deployContract("DirectSaleLiquidator", [factory, saleAuthority]);
  const system = await deployVault({
    config: { ...(options.withoutDirect ? {} : { directLiquidator: direct }), ...options.config },
    terms: {
      startPremiumBps: CALM.startPremium,
      halfLife: CALM.halfLife,
      horizon: 5n * CALM.halfLife,
      lot: CALM.lot,
      urgencyBps: CALM.urgency,
      ...options.terms,
    },
  });
  const { vault, authority, governor, guardian } = system;
  const inputs = await ethers.deployContract("MockRiskInputs");
  const steward = await ethers.deployContract("RiskSteward", [
    options.volatilityOracle ?? inputs,
    inputs,
    inputs,
    policy,
    authority,
  ]);

  // Each on its own authority.
  await giveStewardRoles({ steward, policy, vault, governor, authority, saleAuthority });

  if (!options.withoutPolicy) {
    await policy.connect(governor).setInputs(vault, POLICY_INPUTS);
  }
  await steward.connect(governor).configure(vault, CONFIG, inOrder(BOUNDS));

  /** The inputs say this from now on; figures that are not named stay, but are updated now. */
  const tell = async (said: Said = {}) => {
    const at = await now();
    await inputs.setVolatility({
      perRootSecond: said.volatility ?? (await inputs.volatility(vault)).perRootSecond,
      updatedAt: at - (said.volatilityAge ?? 0n),
      isComplete: said.hasVolatility ?? true,
    });
    await inputs.setDepth({
      reserve: said.depth ?? (await inputs.depth(vault, vault)).reserve,
      updatedAt: at - (said.depthAge ?? 0n),
      isComplete: said.hasDepth ?? true,
    });
    await inputs.setStress({
      level: said.stress ?? (await inputs.stress()).level,
      live: 3n,
      isKnown: said.hasStress ?? true,
    });
  };
  await tell(CALM_SAID);

  const applyTo = (by = system.stranger) => steward.connect(by).applyTo(vault);
  /** Lets time pass, with the inputs alive and a look at every turn. */
  const applyFor = async (time: bigint, every: bigint) => {
    for (let passed = 0n; passed < time; passed += every) {
      await pass(every);
      await tell();
      await applyTo();
    }
  };
  const preview = () => previewOf(steward, vault);
  /** Parameters as they are. */
  const values = async () => (await preview()).current;
  const dials = async (): Promise<Dials> =>
    byName(
      await Promise.all(
        PARAMETERS.map(async (parameter): Promise<Dial> => {
          const dial = await steward.dial(vault, indexOf(parameter));
          return {
            floor: dial.floor,
            ceiling: dial.ceiling,
            tightDelay: dial.tightDelay,
            looseDelay: dial.looseDelay,
            tightStep: dial.tightStep,
            looseStep: dial.looseStep,
            changedAt: dial.changedAt,
            calmSince: dial.calmSince,
            spent: dial.spent,
          };
        }),
      ),
    );
  /** What the vault says of itself, as the steward must read it. */
  const rules = async (): Promise<VaultRules> => {
    const params = await vault.params();
    const isRamping = (await now()) < params.rampEnd;
    const [from, to] = [params.liquidationLtvFromBps, params.liquidationLtvToBps];
    const start = isRamping ? from : to;
    const market = await policy.inputs(vault);
    return {
      maxOracleStepBps: params.maxOracleStepBps,
      penaltyBps: (await vault.terms(params.termsId)).penaltyBps,
      leastLtvBps: start < to ? start : to,
      mostLtvBps: start > to ? start : to,
      keeperMargin: market.keeperMargin,
      blockTime: market.blockTime,
    };
  };
  const configure = (config: Partial<StewardConfigStruct>, changes: Parameters<typeof boundsWith>[0] = {}) =>
    steward.connect(governor).configure(vault, { ...CONFIG, ...config }, boundsWith(changes));

  return {
    ...system,
    factory,
    saleAuthority,
    policy,
    direct,
    inputs,
    steward,
    guardian,
    tell,
    applyTo,
    applyFor,
    preview,
    values,
    dials,
    rules,
    configure,
  };
}

/** TypeChain asks for tuples. */
export type Fourteen<T> = [T, T, T, T, T, T, T, T, T, T, T, T, T, T];

/** The calm vault with a lender and a borrower at an LTV of 75%. */
export async function calmVault() {
  return openStory(await prepare(await deploySteward()));
}
