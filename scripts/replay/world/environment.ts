import { rmSync } from "node:fs";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

import hre from "hardhat";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { NetworkConfigOverride } from "hardhat/types/config";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";

import userConfig from "../../../hardhat.config.ts";
import { mistakes } from "../../../sdk/errors.ts";

/** The node to fork, and the block; the latest one where undefined. */
export interface Fork {
  readonly url: string;
  readonly block: number | undefined;
}

/** Where a chain is made. */
export interface Environment {
  readonly hre: HardhatRuntimeEnvironment;
  readonly chainType: "l1" | "generic";
  /** What the network `sim` gets on top. */
  readonly override: NetworkConfigOverride;
}

/** A chain of its own that begins at `time`, unix seconds. */
export function localEnvironment(time: number): Environment {
  return { hre, chainType: "l1", override: { initialDate: new Date(time * 1_000) } };
}

/**
 * Forgets what forked nodes have answered. It is kept by URL and chain id: a node that was restarted with another state would be
 * answered for from the old one.
 */
export function forgetForks(): void {
  rmSync(join(hre.config.paths.cache, "edr-fork-cache"), { recursive: true, force: true });
}

/**
 * Chain id of the node that is to be forked.
 * @throws InputError Where no node answers, or has not come to the block yet.
 */
export async function chainIdOf({ url, block }: Fork): Promise<number> {
  const chainId = await ask(url, "eth_chainId");
  const head = await ask(url, "eth_blockNumber");
  if (block !== undefined && block > head) {
    throw mistakes.blockToCome(block, url, head);
  }
  return chainId;
}

/** A fork of a node of any kind. Whoever starts several threads forgets what was kept before that. */
export async function forkEnvironment(fork: Fork): Promise<Environment> {
  const { url, block } = fork;
  const chainId = await chainIdOf(fork);
  if (isMainThread) forgetForks();
  const forking = { url, ...(block === undefined ? {} : { blockNumber: block }) };
  const isEthereum = hre.config.chainDescriptors.get(BigInt(chainId))?.chainType === "l1";
  if (isEthereum) return { hre, chainType: "l1", override: { forking } };
  // Hardhat must be told the hardforks of chains that it does not know.
  const descriptor = { name: `chain ${chainId}`, hardforkHistory: { cancun: { blockNumber: 0 } } };
  const chainDescriptors = { ...userConfig.chainDescriptors, [chainId]: descriptor };
  const root = hre.config.paths.root;
  const informed = await createHardhatRuntimeEnvironment({ ...userConfig, chainDescriptors }, {}, root);
  return { hre: informed, chainType: "generic", override: { forking } };
}

const answerSchema = z.object({ result: z.coerce.number().int() });

/** A number that the node tells about itself. */
async function ask(url: string, method: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] });
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return answerSchema.parse(await response.json()).result;
  } catch {
    throw mistakes.noNode(url);
  }
}
