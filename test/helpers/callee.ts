/** An account with code that acts in its callbacks. */
import type { BaseContract } from "ethers";

import { ethers } from "./chain.ts";
import { MAX, type VaultSystem } from "./vault.ts";

export interface Call {
  readonly target: string;
  readonly data: string;
}

/** One call, encoded. */
export async function call(contract: BaseContract, name: string, args: readonly unknown[]): Promise<Call> {
  return {
    target: await contract.getAddress(),
    data: contract.interface.encodeFunctionData(name, await resolved(args)),
  };
}

/** Contracts and signers among arguments become their addresses. */
async function resolved(args: readonly unknown[]): Promise<unknown[]> {
  return Promise.all(
    args.map((arg) =>
      typeof arg === "object" && arg !== null && "getAddress" in arg && typeof arg.getAddress === "function"
        ? (arg.getAddress() as Promise<string>)
        : arg,
    ),
  );
}

/** A callee with means and allowances of both kinds. */
export async function deployCallee(
  { vault, loan, collateral }: VaultSystem,
  loanUnits: bigint,
  collateralUnits: bigint,
) {
  const callee = await ethers.deployContract("MockCallee");
  const act = async (contract: BaseContract, name: string, args: readonly unknown[]) => {
    const { target, data } = await call(contract, name, args);
    return callee.execute(target, data);
  };
  const actMany = async (contract: BaseContract, name: string, args: readonly unknown[], times: bigint) => {
    const { target, data } = await call(contract, name, args);
    return callee.executeMany(target, data, times);
  };
  await loan.mint(callee, loanUnits);
  await collateral.mint(callee, collateralUnits);
  await act(loan, "approve", [vault, MAX]);
  await act(collateral, "approve", [vault, MAX]);
  return { callee, self: await callee.getAddress(), act, actMany };
}

/** What the vault answers while it is locked. */
export const LOCKED = ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10);
