/** The Deleverager over the whole system: a borrower's order, its signatures, and how an executor prices it. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { BigNumberish, TypedDataDomain, TypedDataField } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { BPS, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import type { IVault } from "../../typechain-types/contracts/interfaces/IVault.ts";
import type {
  DeleverageExecutionStruct,
  DeleverageOrderStruct,
  Deleverager,
} from "../../typechain-types/contracts/risk/Deleverager.ts";
import type { VaultConfigStruct } from "../../typechain-types/contracts/vault/VaultFactory.ts";
import { deployV3Venue } from "./directSale.ts";
import {
  deploySystem,
  FOREVER,
  lend,
  type LoanToken,
  moveMarket,
  ONE_COLLATERAL,
  ONE_LOAN,
  ONE_PRICE,
  open,
} from "./system.ts";

export const DAY = 86_400n;
/** 5% a day, per sqrt(second). */
export const VOLATILITY = 170_103_000_000_000n;
/** LTV 76.9% instead of 75%: one and a half standard deviations of a day from liquidation. */
export const NEAR_PRICE = 1_950n;
export const COLLATERAL = 100n * ONE_COLLATERAL;
export const DEBT = 150_000n * ONE_LOAN;
/** Oldest volatility that counts. */
export const MAX_AGE = DAY;
/** Gas of a rescue through one venue, by which executors are paid. */
export const RESCUE_GAS = 405_000n;
/** Estimates run at a base fee of 0, at which nobody is paid: too little gas for what then happens. */
export const GAS = { gasLimit: 5_000_000n };
export const UNSIGNED = "0x";

export type DeleverSystem = Awaited<ReturnType<typeof deployDeleverager>>;

/** The numbers of an order, as bigints. */
export type Order = { [K in keyof DeleverageOrderStruct]: K extends "borrower" | "vault" ? string : bigint };
export type Execution = Omit<DeleverageExecutionStruct, "order" | "price" | "receiver"> & {
  readonly order: Order;
  readonly price: bigint;
  readonly receiver: string;
};

/** The system with a Deleverager, and one position at an LTV of 75%, two standard deviations from liquidation. */
export async function deployDeleverager(
  connection: NetworkConnection<"l1">,
  changes: Partial<VaultConfigStruct> = {},
  loanToken: LoanToken = "MockERC20",
) {
  const { ethers } = connection;
  const base = await deploySystem(connection, changes, loanToken);
  const { vault, factory, authority, primary, borrower } = base;
  const venue = await deployV3Venue(base, base.pool);
  const volatilityOracle = await ethers.deployContract("MockVolatilityOracle");
  const deleverager = await ethers.deployContract("Deleverager", [factory, volatilityOracle, authority]);
  await deleverager.setVenueListed(venue, true);
  await deleverager.setFeed(vault, primary, MAX_AGE);
  const system = { ...base, venue, volatilityOracle, deleverager };
  await setVolatility(system);
  await lend(system, 5_000_000n * ONE_LOAN);
  await open(system, borrower, COLLATERAL, DEBT);
  return system;
}

/** The same when the price has fallen so that the order is due, which the pool has had the time to forget. */
export async function deployNear(
  connection: NetworkConnection<"l1">,
  changes: Partial<VaultConfigStruct> = {},
  loanToken: LoanToken = "MockERC20",
) {
  const system = await deployDeleverager(connection, changes, loanToken);
  await moveMarket(system, NEAR_PRICE);
  await connection.networkHelpers.time.increase(60);
  return system;
}

/** The same with the vault's permission given. */
export async function deployApproved(connection: NetworkConnection<"l1">) {
  const system = await deployNear(connection);
  await system.vault.connect(system.borrower).setDeleverager(system.deleverager, true);
  return system;
}

export async function setVolatility(
  {
    volatilityOracle,
    primary,
    connection,
  }: Pick<Awaited<ReturnType<typeof deploySystem>>, "primary" | "connection"> & {
    readonly volatilityOracle: { set: DeleverSystem["volatilityOracle"]["set"] };
  },
  change: { perRootSecond?: bigint; updatedAt?: BigNumberish; isComplete?: boolean } = {},
): Promise<void> {
  await volatilityOracle.set(primary, {
    perRootSecond: VOLATILITY,
    updatedAt: await connection.networkHelpers.time.latest(),
    isComplete: true,
    ...change,
  });
}

/** To an LTV of 60% when two standard deviations of a day are left, for 1% at most, once a day, for good. */
export async function orderOf(
  { vault, borrower }: Pick<DeleverSystem, "vault" | "borrower">,
  change: Partial<Order> = {},
): Promise<Order> {
  return {
    borrower: borrower.address,
    vault: await vault.getAddress(),
    targetLtvBps: 6_000n,
    triggerDistance: 2n * WAD,
    horizon: DAY,
    maxCostBps: 100n,
    minInterval: DAY,
    expiry: FOREVER,
    nonce: 0n,
    ...change,
  };
}

const uints = (...names: string[]): TypedDataField[] => names.map((name) => ({ name, type: "uint256" }));

async function domainOf(signer: HardhatEthersSigner, name: string, contract: Deleverager | IVault) {
  const { chainId = null } = (await signer.provider?.getNetwork()) ?? {};
  return { name, version: "1", chainId, verifyingContract: await contract.getAddress() };
}

export async function signOrder(
  deleverager: Deleverager,
  signer: HardhatEthersSigner,
  order: Order,
  domain: TypedDataDomain = {},
): Promise<string> {
  return signer.signTypedData(
    { ...(await domainOf(signer, "Gavel Deleverager", deleverager)), ...domain },
    {
      DeleverageOrder: [
        { name: "borrower", type: "address" },
        { name: "vault", type: "address" },
        ...uints(
          "targetLtvBps",
          "triggerDistance",
          "horizon",
          "maxCostBps",
          "minInterval",
          "expiry",
          "nonce",
        ),
      ],
    },
    order,
  );
}

export interface Approval {
  readonly deleverager: string;
  readonly owner: string;
  readonly approved: boolean;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** Lets a contract deleverage the signer's position, or that of `owner`. */
export async function signApproval(
  vault: IVault,
  signer: HardhatEthersSigner,
  change: Partial<Approval> & Pick<Approval, "deleverager">,
  domain: TypedDataDomain = {},
): Promise<string> {
  const owner = change.owner ?? signer.address;
  const approval: Approval = {
    owner,
    approved: true,
    nonce: await vault.deleveragerNonce(owner),
    deadline: FOREVER,
    ...change,
  };
  return signer.signTypedData(
    { ...(await domainOf(signer, await vault.name(), vault)), ...domain },
    {
      SetDeleverager: [
        { name: "owner", type: "address" },
        { name: "deleverager", type: "address" },
        { name: "approved", type: "bool" },
        ...uints("nonce", "deadline"),
      ],
    },
    approval,
  );
}

/** The executor buys: at the least price, signed by the borrower, unless changed. */
export async function purchaseOf(
  system: DeleverSystem,
  orderChange: Partial<Order> = {},
  change: Partial<Execution> = {},
): Promise<Execution> {
  const { deleverager, borrower, receiver } = system;
  const order = await orderOf(system, orderChange);
  return {
    order,
    signature: await signOrder(deleverager, borrower, order),
    approvalSignature: UNSIGNED,
    approvalDeadline: 0n,
    parts: [],
    price: leastPrice(order),
    receiver: receiver.address,
    deadline: FOREVER,
    ...change,
  };
}

/** The pools buy: at what they pay less the gas, signed by the borrower, unless changed. */
export async function saleOf(
  system: DeleverSystem,
  orderChange: Partial<Order> = {},
  change: Partial<Execution> = {},
): Promise<Execution> {
  const { deleverager, venue, collateral, connection } = system;
  const execution = await purchaseOf(system, orderChange);
  const { baseFeePerGas } = (await connection.ethers.provider.getBlock("latest")) ?? {};
  const fee = (RESCUE_GAS * (baseFeePerGas ?? 0n) * 2_000n * ONE_LOAN) / WAD;
  let { price } = execution;
  for (let i = 0; i < 4; i++) {
    const { collateral: sold } = await deleverager.preview(execution.order, price);
    const { amountOut } = await venue.quote.staticCall(collateral, sold);
    price = ((amountOut - fee) * PRICE_SCALE) / sold;
  }
  const parts = [{ venue: await venue.getAddress(), share: WAD }];
  return { ...execution, parts, price: price - price / 100_000n, ...change };
}

/** Price of the near market less what an order lets it cost. */
export function leastPrice({ maxCostBps }: Order): bigint {
  return (NEAR_PRICE * ONE_PRICE * (BPS - maxCostBps) + BPS - 1n) / BPS;
}

/** Gives the executor what it buys with. */
export async function fundExecutor(
  { loan, deleverager }: DeleverSystem,
  executor: HardhatEthersSigner,
): Promise<void> {
  await loan.mint(executor, 10n ** 7n * ONE_LOAN);
  await loan.connect(executor).approve(deleverager, 10n ** 7n * ONE_LOAN);
}

/** What the borrower has: value of the collateral at the near price less debt, and loan assets in hand. */
export async function equityOf({ vault, loan, borrower }: DeleverSystem, at = NEAR_PRICE * ONE_PRICE) {
  const { collateral } = await vault.position(borrower);
  const debt = await vault.debtOf(borrower);
  const value = (collateral * at) / PRICE_SCALE;
  return {
    collateral,
    debt,
    value,
    ltv: (debt * WAD) / value,
    equity: value - debt + (await loan.balanceOf(borrower)),
  };
}
