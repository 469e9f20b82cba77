/** Calls to all functions of a contract that may change something, with one address in every place. */
import { type BaseContract, type FunctionFragment, Interface, type ParamType, ZeroHash } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

/** Of any parameter: the victim for an address, the amount as far as it fits for a number. */
function valueOf(param: ParamType, victim: string, amount: bigint): unknown {
  if (param.isArray()) return [0, 1].map(() => valueOf(param.arrayChildren, victim, amount));
  if (param.isTuple()) return param.components.map((part) => valueOf(part, victim, amount));
  const bits = /^u?int(\d+)$/.exec(param.type)?.[1];
  if (bits !== undefined) return amount % 2n ** (BigInt(bits) - 1n);
  if (param.type === "address") return victim;
  if (param.type === "bool") return true;
  return param.type === "bytes32" ? ZeroHash : "0x";
}

/** Sends each call from each caller; most revert. `check` is given the function's name after each. @returns How many functions there are. */
export async function callEverything(
  contract: BaseContract,
  options: {
    readonly victim: string;
    readonly amounts: readonly bigint[];
    readonly callers: readonly HardhatEthersSigner[];
    readonly check: (name: string) => Promise<void>;
  },
): Promise<number> {
  const { victim, amounts, callers, check } = options;
  const abi = new Interface(contract.interface.fragments);
  const functions = abi.fragments.filter(
    (fragment): fragment is FunctionFragment =>
      fragment.type === "function" && !(fragment as FunctionFragment).constant,
  );
  for (const fragment of functions) {
    for (const amount of amounts) {
      const args = fragment.inputs.map((param) => valueOf(param, victim, amount));
      const data = abi.encodeFunctionData(fragment, args);
      for (const caller of callers) {
        await caller.sendTransaction({ to: contract, data, gasLimit: 3_000_000n }).catch(() => undefined);
        await check(fragment.name);
      }
    }
  }
  return functions.length;
}
