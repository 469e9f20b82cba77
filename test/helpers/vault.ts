/** One vault on a mock oracle and a mock rate model, its users, and what they do. All defaults stand here. */
import { ROLES } from "../../deploy/roles.ts";
import { restrict } from "../../scripts/kit/roles.ts";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { AddressLike, BigNumberish, BytesLike } from "ethers";

import { BPS, PRICE_SCALE } from "../../sdk/math.ts";
import { calmTerms } from "../../scripts/kit/defaults.ts";
import type { SaleTerms } from "../../sdk/terms.ts";
import type {
  SaleTermsStruct,
  TakeParamsStruct,
  VaultConfigStruct,
} from "../../typechain-types/contracts/vault/Vault.ts";
import type { PriceStruct } from "../../typechain-types/contracts/mocks/MockOracle.ts";
import { ethers, now, pass } from "./chain.ts";

export const LOAN_DECIMALS = 6n;
export const COLLATERAL_DECIMALS = 18n;
/** One loan unit, one collateral unit. */
export const LOAN = 10n ** LOAN_DECIMALS;
export const COLL = 10n ** COLLATERAL_DECIMALS;
export const MAX = ethers.MaxUint256;
export const NOBODY = ethers.ZeroAddress;
export const NO_DATA = "0x";
/** What a callee is called back with when its content does not matter. */
export const SOME_DATA = "0x01";

/** Oracle price of `units` loan units a collateral unit. */
export const price = (units: bigint): bigint => (units * LOAN * PRICE_SCALE) / COLL;

export const GOVERNOR_ROLE = ROLES.governor;
export const GUARDIAN_ROLE = ROLES.guardian;

/** The sources' prices around a deciding one, by default half a percent away on both sides. */
export const banded = (deciding: bigint, bandBps = 50n) => ({
  deciding,
  low: (deciding * (BPS - bandBps)) / BPS,
  high: (deciding * (BPS + bandBps)) / BPS,
});

/** Bits of paused actions. */
export const PAUSE = {
  deposit: 1n,
  borrow: 2n,
  withdrawCollateral: 4n,
  sales: 8n,
  flashLoan: 16n,
  all: 31n,
  windDown: 128n,
} as const;

/** States of the oracle. */
export const ORACLE = { stale: 0n, suspect: 1n, fresh: 2n } as const;

/** An oracle that never was interrupted and does not say how long it lives. */
const QUIET = { liveSince: 0n, aliveUntil: 0n } as const;

/** Why a sale ended. */
export const ENDED = { cured: 0n, sold: 1n, recovered: 2n, emptied: 3n } as const;

/** What a mock rate model does. */
export const RATE_MODEL = { answers: 0n, reverts: 1n, burnsGas: 2n, answersShort: 3n } as const;

/** Gas of a start that a taker who starts is paid. */
export const START_GAS = 90_000n;
/** Gas that a start alone is paid. */
export const REWARDED_GAS = 45_000n;

/** Highest cap: half of what the books can hold. */
export const MAX_CAP = 2n ** 95n;

export const YEAR = 31_536_000n;
export const DAY = 86_400n;

export const CALM_TERMS: SaleTerms = calmTerms(250_000n * LOAN);

/** Parameters of the vault that are not an address. */
export const CONFIG = {
  name: "Gavel LOAN/COLL",
  symbol: "gLOAN",
  minDebt: 100n * LOAN,
  maxOracleStepBps: 300n,
  borrowLtvBps: 8_000n,
  liquidationLtvBps: 8_300n,
  reserveFactorBps: 1_000n,
  supplyCap: 10n ** 9n * LOAN,
  borrowCap: 10n ** 9n * LOAN,
  maxPositionDebt: 10n ** 7n * LOAN,
  stressDepth: 4n * 10n ** 8n * LOAN,
  reward: { cap: 100n * LOAN, nativePrice: 2_000n * LOAN },
  terms: CALM_TERMS,
} as const;

/** The story that most tests tell: a lender, a borrower at an LTV of 75%, and prices that the loan does not bear. */
export const STORY = {
  price: price(2_000n),
  lent: 1_000_000n * LOAN,
  collateral: 100n * COLL,
  debt: 150_000n * LOAN,
  /** LTV 84.3%: unhealthy, and a take restores it. */
  sunk: price(1_780n),
  /** LTV 92.9%: at a deep discount the collateral pays the debt, and not the penalty. */
  deep: price(1_615n),
  /** LTV 115%: the collateral cannot pay the debt. */
  underWater: price(1_300n),
} as const;

/** What a test may change about the vault. */
export interface VaultOptions {
  readonly config?: Partial<VaultConfigStruct>;
  readonly terms?: Partial<SaleTerms>;
  /** Names of the token contracts. */
  readonly loan?: string;
  readonly collateral?: string;
  /** Address of another curve. */
  readonly curve?: AddressLike;
  /** Deploys a backstop for the vault, which names it. */
  readonly backstop?: (loan: AddressLike, authority: AddressLike) => Promise<AddressLike>;
  readonly loanDecimals?: bigint;
}

export type VaultSystem = Awaited<ReturnType<typeof deployVault>>;

export async function deployVault(options: VaultOptions = {}) {
  const [
    deployer,
    governor,
    guardian,
    lender,
    otherLender,
    borrower,
    otherBorrower,
    starter,
    taker,
    operator,
    stranger,
    receiver,
  ] = (await ethers.getSigners()) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];

  const token = async (contract: string, name: string, symbol: string, decimals: bigint) => {
    const deployed = await ethers.deployContract(contract, [name, symbol, decimals]);
    return ethers.getContractAt("MockERC20", await deployed.getAddress());
  };
  const loan = await token(
    options.loan ?? "MockERC20",
    "Loan",
    "LOAN",
    options.loanDecimals ?? LOAN_DECIMALS,
  );
  const collateral = await token(
    options.collateral ?? "MockERC20",
    "Collateral",
    "COLL",
    COLLATERAL_DECIMALS,
  );
  const oracle = await ethers.deployContract("MockOracle", [collateral, loan]);
  await oracle.setExactPrice(STORY.price);
  const rateModel = await ethers.deployContract("MockRateModel");
  const curve = options.curve ?? (await ethers.deployContract("ExponentialDecayCurve"));
  const extension = await ethers.deployContract("VaultExtension");
  const authority = await ethers.deployContract("AccessManager", [deployer]);
  const terms: SaleTerms = { ...CALM_TERMS, ...options.terms };
  const config: VaultConfigStruct = {
    ...CONFIG,
    asset: loan,
    collateralAsset: collateral,
    oracle,
    rateModel,
    curve,
    extension,
    directLiquidator: NOBODY,
    batchLiquidator: NOBODY,
    backstop: options.backstop === undefined ? NOBODY : await options.backstop(loan, authority),
    authority,
    ...options.config,
    terms,
  };
  /** The vault by its code: it knows the errors of OpenZeppelin too. */
  const code = await ethers.deployContract("Vault", [config]);
  const vault = await ethers.getContractAt("IVault", await code.getAddress());

  // Everything but the governors' powers is open to all; a guardian may pause and tighten caps. There is no steward here.
  await restrict(authority, "vault", vault, { steward: "governor" });
  await authority.grantRole(GOVERNOR_ROLE, governor, 0n);
  await authority.grantRole(GUARDIAN_ROLE, governor, 0n);
  await authority.grantRole(GUARDIAN_ROLE, guardian, 0n);

  /** Gives tokens and allowance of both kinds. */
  const fund = async (user: HardhatEthersSigner, loanUnits: bigint, collateralUnits: bigint) => {
    if (loanUnits !== 0n) await loan.mint(user, loanUnits);
    if (collateralUnits !== 0n) await collateral.mint(user, collateralUnits);
    await loan.connect(user).approve(vault, MAX);
    await collateral.connect(user).approve(vault, MAX);
  };

  const lend = async (assets: bigint, user = lender) => {
    await fund(user, assets, 0n);
    return vault.connect(user).deposit(assets, user);
  };

  /** Opens a position; the loan stays with the borrower. */
  const open = async (
    user = borrower,
    collateralUnits: bigint = STORY.collateral,
    debt: bigint = STORY.debt,
  ) => {
    await fund(user, 0n, collateralUnits);
    await vault.connect(user).supplyCollateral(collateralUnits, user);
    if (debt !== 0n) await vault.connect(user).borrow(debt, user, user);
  };

  /** FRESH, and the sources differ a little, as they do. */
  const sink = (to: bigint = STORY.sunk) => say(banded(to));

  /** The oracle says one price, FRESH, unless changed. */
  const say = (change: Partial<PriceStruct> & { readonly deciding: bigint }) =>
    oracle.set({
      low: change.deciding,
      high: change.deciding,
      startBound: change.deciding,
      ...QUIET,
      state: ORACLE.fresh,
      ...change,
    });

  /** The sources disagree about the price. */
  const suspect = (change: Partial<PriceStruct> & { readonly deciding: bigint }) =>
    say({ ...change, state: ORACLE.suspect });

  const stale = () => say({ deciding: 0n, state: ORACLE.stale });

  /** Starts a sale; the reward is waived unless somebody is named. */
  const start = (user: AddressLike = borrower, rewardReceiver: AddressLike = NOBODY) =>
    vault.connect(starter).startSale(user, rewardReceiver);

  /** A take without limits, of the maximum, unless changed. */
  const takeParams = async (change: Partial<TakeParamsStruct> = {}): Promise<TakeParamsStruct> => ({
    borrower: borrower.address,
    receiver: taker.address,
    maxRepay: MAX,
    maxPayment: MAX,
    minCollateral: 0n,
    deadline: await now(),
    data: NO_DATA,
    ...change,
  });

  const take = async (change: Partial<TakeParamsStruct> = {}, by = taker) =>
    vault.connect(by).take(await takeParams(change));

  /** Passes time as keepers would who prove these sales before each half-life is over. */
  const ripen = async (seconds: bigint, users: readonly AddressLike[] = [borrower]) => {
    const until = (await now()) + seconds;
    const step = terms.halfLife - (terms.horizon + 15n) / 16n - 2n * BigInt(users.length) - 1n;
    while ((await now()) + step + BigInt(users.length) < until) {
      await pass(step);
      for (const user of users) await vault.touch(user);
    }
    await pass(until - (await now()));
  };

  const startAndTake = async (change: Partial<TakeParamsStruct> = {}, by = taker) =>
    vault.connect(by).startAndTake(await takeParams(change));

  const takeMany = async (
    borrowers: readonly AddressLike[],
    change: {
      receiver?: AddressLike;
      maxRepay?: BigNumberish;
      maxPayment?: BigNumberish;
      minCollateral?: BigNumberish;
      deadline?: BigNumberish;
      data?: BytesLike;
    } = {},
    by = taker,
  ) => {
    const { borrower: _, ...limits } = await takeParams();
    return vault.connect(by).takeMany({ borrowers: [...borrowers], ...limits, ...change });
  };

  return {
    loan,
    collateral,
    oracle,
    rateModel,
    curve,
    extension,
    authority,
    code,
    vault,
    config,
    terms,
    deployer,
    governor,
    guardian,
    lender,
    otherLender,
    borrower,
    otherBorrower,
    starter,
    taker,
    operator,
    stranger,
    receiver,
    fund,
    lend,
    open,
    sink,
    say,
    suspect,
    stale,
    start,
    take,
    takeParams,
    startAndTake,
    takeMany,
    pass,
    ripen,
  };
}

/** The calm vault, empty. */
export async function emptyVault() {
  return deployVault();
}

/** The calm vault with a lender, and takers and borrowers with funds. */
export async function lentVault() {
  return prepare(await deployVault());
}

/** The same with a borrower at an LTV of 75%. */
export async function loanVault() {
  return openStory(await lentVault());
}

/** The same when the price has sunk and nobody has acted yet. */
export async function unhealthyVault() {
  const system = await loanVault();
  await system.sink();
  return system;
}

/** The same with the borrower's sale just started. */
export async function saleVault() {
  const system = await unhealthyVault();
  await system.start();
  return system;
}

/** A lender's funds are lent; everybody who pays has means and allowance. */
export async function prepare<T extends VaultSystem>(system: T): Promise<T> {
  await system.lend(STORY.lent);
  for (const user of [
    system.taker,
    system.borrower,
    system.otherBorrower,
    system.stranger,
    system.starter,
    system.operator,
  ]) {
    await system.fund(user, STORY.lent, 0n);
  }
  return system;
}

export async function openStory<T extends VaultSystem>(system: T): Promise<T> {
  await system.open();
  return system;
}

/** LTV in bps, rounded down. */
export const ltvBps = (debt: bigint, collateral: bigint, at: bigint): bigint =>
  (debt * BPS * PRICE_SCALE) / (collateral * at);

export type { SaleTermsStruct };
