import { createRequire } from "node:module";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { BaseContract, InterfaceAbi } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

/** The real Uniswap v2, from the bytecode that its npm package ships. */

interface Artifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

const require = createRequire(import.meta.url);
const artifact = (name: "UniswapV2Factory" | "UniswapV2Pair"): Artifact =>
  require(`@uniswap/v2-core/build/${name}.json`) as Artifact;

const abiOf = (name: "UniswapV2Factory" | "UniswapV2Pair"): string[] => [
  ...(artifact(name).abi as readonly string[]),
];

/** The factory of pairs. */
export async function deployPairFactory(
  { ethers }: NetworkConnection<"l1">,
  feeSetter: HardhatEthersSigner,
): Promise<BaseContract> {
  const { bytecode } = artifact("UniswapV2Factory");
  const deployer = await ethers.getContractFactory(abiOf("UniswapV2Factory"), `0x${bytecode}`);
  return deployer.deploy(feeSetter);
}

/** Creates a pair and gives it these reserves from `owner`, who holds them. */
export async function createPair(
  { ethers }: NetworkConnection<"l1">,
  factory: BaseContract,
  options: {
    readonly base: string;
    readonly quote: string;
    readonly owner: HardhatEthersSigner;
    readonly baseAmount: bigint;
    readonly quoteAmount: bigint;
  },
): Promise<BaseContract> {
  const { base, quote, owner, baseAmount, quoteAmount } = options;
  await factory.getFunction("createPair")(base, quote);
  const address = (await factory.getFunction("getPair")(base, quote)) as string;
  for (const [token, amount] of [
    [base, baseAmount],
    [quote, quoteAmount],
  ] as const) {
    const erc20 = await ethers.getContractAt("MockERC20", token, owner);
    await erc20.transfer(address, amount);
  }
  const pair = await ethers.getContractAt(abiOf("UniswapV2Pair"), address);
  await pair.getFunction("mint")(owner);
  return pair;
}
