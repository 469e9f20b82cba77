/** Many views in one call: a test that compares whole states is then bound by the contracts, not by the chain's door. */
import type { BaseContract } from "ethers";

import { ethers } from "./chain.ts";

const READER = new ethers.Interface([
  "function read(tuple(address target, bytes data)[] calls) view returns (bytes[] answers)",
]);

/** A view with its arguments. */
export interface Question {
  readonly of: BaseContract;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What a view returns, structs as arrays; nothing where it reverts. */
export type Answer = readonly unknown[] | undefined;

export type Read = (questions: readonly Question[]) => Promise<readonly Answer[]>;

export const question = (of: BaseContract, name: string, ...args: readonly unknown[]): Question => ({
  of,
  name,
  args,
});

export const deployReader = async (): Promise<Read> => {
  const reader = await ethers.deployContract("MockReader");
  const to = await reader.getAddress();
  return async (questions) => {
    const calls = await Promise.all(
      questions.map(async ({ of, name, args }) => ({
        target: await of.getAddress(),
        data: of.interface.encodeFunctionData(name, args),
      })),
    );
    const told = await ethers.provider.call({ to, data: READER.encodeFunctionData("read", [calls]) });
    const [answers] = READER.decodeFunctionResult("read", told).toArray(true) as [readonly string[]];
    return questions.map(({ of, name }, i) => {
      const bytes = answers[i] ?? "0x";
      return bytes === "0x" ? undefined : of.interface.decodeFunctionResult(name, bytes).toArray(true);
    });
  };
};
