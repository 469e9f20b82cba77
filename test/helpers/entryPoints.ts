/** Every function of a vault, in the groups that security tests go through. */
import { CALM_TERMS, MAX, MAX_CAP, NO_DATA, STORY, type VaultSystem } from "./vault.ts";

export type Arguments = (system: VaultSystem, self: string) => Promise<readonly unknown[]>;

/** State-changing functions that are open to all and locked while another is under way. */
export const ENTRY_POINTS: Readonly<Record<string, Arguments>> = {
  deposit: async (_, self) => [1n, self],
  mint: async (_, self) => [1n, self],
  withdraw: async (_, self) => [1n, self, self],
  redeem: async (_, self) => [1n, self, self],
  flashLoan: async ({ loan }, self) => [self, await loan.getAddress(), 1n, NO_DATA],
  supplyCollateral: async (_, self) => [1n, self],
  withdrawCollateral: async (_, self) => [1n, self, self],
  borrow: async (_, self) => [1n, self, self],
  repay: async (_, self) => [1n, self],
  supplyCollateralAndBorrow: async (_, self) => [1n, 1n, self, self, NO_DATA],
  repayAndWithdrawCollateral: async (_, self) => [1n, 1n, self, self, NO_DATA],
  startSale: async ({ borrower }, self) => [borrower.address, self],
  take: async ({ borrower, takeParams }, self) => [
    await takeParams({ borrower: borrower.address, receiver: self }),
  ],
  takeMany: async ({ borrower, takeParams }, self) => {
    const { borrower: _, ...limits } = await takeParams({ receiver: self });
    return [{ borrowers: [borrower.address], ...limits }];
  },
  startAndTake: async ({ borrower, takeParams }, self) => [
    await takeParams({ borrower: borrower.address, receiver: self }),
  ],
  sell: async ({ borrower }, self) => [
    { borrowers: [borrower.address], receiver: self, maxRepay: 1n, price: STORY.price, data: NO_DATA },
  ],
  deleverage: async ({ borrower }, self) => [
    { borrower: borrower.address, collateral: 1n, repay: 1n, receiver: self, data: NO_DATA },
  ],
  touch: async ({ borrower }) => [borrower.address],
  endSale: async ({ borrower }) => [borrower.address],
  markDown: async ({ borrower }) => [borrower.address],
  realizeLoss: async ({ borrower }) => [borrower.address],
  accrue: async () => [],
};

/** Functions that change nothing but the caller's own permissions; they stay open while the vault is locked. */
export const PERMISSIONS = [
  "approve",
  "transfer",
  "transferFrom",
  "permit",
  "setOperator",
  "setOperatorWithSig",
  "setDeleverager",
  "setDeleveragerWithSig",
] as const;

/** Powers, by the role that has them. */
export const GOVERNOR_POWERS: Readonly<Record<string, Arguments>> = {
  setTerms: async () => [CALM_TERMS],
  setBorrowLtv: async () => [7_000n],
  rampLiquidationLtv: async () => [8_310n, 0n],
  setCaps: async () => [MAX_CAP, MAX_CAP, 1n],
  setReserveFactor: async () => [500n],
  setRewardConfig: async () => [{ cap: 1n, nativePrice: 1n }],
  setStressDepth: async () => [MAX >> 128n],
  renewPause: async () => [1n],
  unpause: async () => [1n],
  windDown: async () => [],
  claimReserve: async (_, self) => [self, 0n],
  claimSweptCollateral: async (_, self) => [self],
};

export const GUARDIAN_POWERS: Readonly<Record<string, Arguments>> = {
  tightenCaps: async () => [0n, 0n, 0n],
  pause: async () => [1n],
};

/** Views of books, positions and prices: none may be read while they are in between. */
export const LOCKED_VIEWS: Readonly<Record<string, Arguments>> = {
  totalAssets: async () => [],
  convertToShares: async () => [1n],
  convertToAssets: async () => [1n],
  previewDeposit: async () => [1n],
  previewMint: async () => [1n],
  previewWithdraw: async () => [1n],
  previewRedeem: async () => [1n],
  maxDeposit: async (_, self) => [self],
  maxMint: async (_, self) => [self],
  maxWithdraw: async (_, self) => [self],
  maxRedeem: async (_, self) => [self],
  maxFlashLoan: async ({ loan }) => [await loan.getAddress()],
  position: async ({ borrower }) => [borrower.address],
  debtOf: async ({ borrower }) => [borrower.address],
  totals: async () => [],
  accruedTotals: async () => [],
  totalDebt: async () => [],
  markdown: async () => [],
  markOf: async ({ borrower }) => [borrower.address],
  pendingLossOf: async ({ borrower }) => [borrower.address],
  quoteTake: async ({ borrower }) => [borrower.address],
  quoteSell: async ({ borrower }) => [borrower.address, STORY.price, MAX],
  saleFacts: async ({ borrower }) => [borrower.address],
};

/** Configuration and the plain ERC-20 of the shares. */
export const OPEN_VIEWS = [
  "DOMAIN_SEPARATOR",
  "allowance",
  "asset",
  "authority",
  "backstop",
  "balanceOf",
  "batchLiquidator",
  "borrowLtvBps",
  "capCeilings",
  "caps",
  "collateralAsset",
  "curve",
  "decimals",
  "deleveragerNonce",
  "directLiquidator",
  "extension",
  "flashFee",
  "isConsumingScheduledOp",
  "isDeleverager",
  "isOperator",
  "liquidationLtvBps",
  "minDebt",
  "name",
  "nonces",
  "operatorNonce",
  "oracle",
  "params",
  "pauseEnds",
  "rateModel",
  "rewardConfig",
  "stressDepth",
  "symbol",
  "terms",
  "totalSupply",
] as const;

/** Runs in the constructor and never again. */
export const CONSTRUCTION = ["setUp"] as const;

/** For the authority itself alone: it hands the vault to another one. */
export const AUTHORITYS_OWN = ["setAuthority"] as const;
