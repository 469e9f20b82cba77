import { mkdirSync, rmSync, writeFileSync } from "node:fs";

import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import { Command, CommanderError } from "commander";
import { id, keccak256 } from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { deploy, type Deployment, marketId, readCompiled } from "./deployment.ts";
import { readJournal } from "./journal.ts";
import type { Compiled } from "./modules/vaultSystem.ts";
import type { Parameters } from "./parameters.ts";
import { readParameters } from "./parametersFile.ts";
import { verify } from "./verify/verify.ts";
import { mistakes, UserError } from "../sdk/errors.ts";

/** Deploys a vault system, reads it back from the chain, and writes down where it stands. */

const LOCAL_CHAIN = 31_337;
const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Where the command talks to: a console will do. */
export interface Output {
  log(line: string): void;
  error(line: string): void;
}

interface Options {
  readonly network: string;
  readonly parameters: string;
  readonly url?: string;
  readonly id?: string;
  readonly yes: boolean;
}

const readOptions = (args: readonly string[], output: Output): Options =>
  new Command("npm run deploy --")
    .description("Deploys a vault system from a parameters file, and verifies it on its chain.")
    .requiredOption("--network <name>", "network of hardhat.config.ts")
    .requiredOption("--parameters <file>", "parameters, JSON5: see deploy/params/")
    .option("--url <url>", "endpoint in place of the network's own")
    .option("--id <name>", "name of the deployment: one system each (default: the chain's id)")
    .option("--yes", "deploy to a chain other than a local one", false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        output.log(text.trimEnd());
      },
      writeErr: (text) => {
        output.error(text.trimEnd());
      },
    })
    .parse(args, { from: "user" })
    .opts<Options>();

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";

const connect = async ({ network, url, yes }: Options, { chainId, authority }: Parameters) => {
  const config = hre.config.networks[network];
  if (config?.type !== "http") {
    throw mistakes.noNetwork(network);
  }
  const connection = await hre.network
    .create({ network, chainType: "l1", ...(url === undefined ? {} : { override: { url } }) })
    .catch((error: unknown) => {
      throw mistakes.badNetwork(network, firstLine(error));
    });
  const found = await connection.ethers.provider
    .getNetwork()
    .then((answer) => Number(answer.chainId))
    .catch((error: unknown) => {
      throw mistakes.noChain(network, firstLine(error));
    });
  if (found !== chainId) {
    throw mistakes.otherChain(network, found, chainId);
  }
  if (chainId !== LOCAL_CHAIN && !yes) {
    throw mistakes.notLocal(chainId);
  }
  const [deployer] = await connection.ethers.getSigners();
  if (deployer === undefined) throw mistakes.noAccount(network);
  if (deployer.address === authority.governor) {
    throw mistakes.deployerGoverns();
  }
  return connection;
};

/**
 * A local node that was started anew knows nothing of its last life: neither should the journal.
 * @returns Transactions that the journal already has.
 */
const forgetForeign = async (
  { ethers }: NetworkConnection<"l1">,
  chainId: number,
  folder: string,
  artifacts: HardhatArtifactResolver,
): Promise<number> => {
  const { isForeign, mined } = await readJournal(folder, ethers.provider, artifacts);
  if (!isForeign) return mined;
  if (chainId !== LOCAL_CHAIN) {
    throw mistakes.foreignJournal(folder);
  }
  rmSync(folder, { recursive: true });
  return 0;
};

const verified = async (
  connection: NetworkConnection<"l1">,
  compiled: Compiled,
  deployment: Deployment,
  fromBlock: number,
  output: Output,
): Promise<void> => {
  const { checks, failures } = await verify(connection, hre.artifacts, compiled, deployment, fromBlock);
  if (failures.length !== 0) {
    for (const failure of failures) output.error(`  ${failure}`);
    throw mistakes.unverified(failures.length, checks);
  }
  output.log(`Verified: ${checks} checks passed.`);
};

const record = (
  file: string,
  { parameters, addresses }: Deployment,
  compiled: Compiled,
  fromBlock: number,
  output: Output,
): void => {
  const contents = {
    chainId: parameters.chainId,
    block: fromBlock,
    parametersHash: id(JSON.stringify(parameters)),
    creationCodeHash: keccak256(compiled.vaultCreationCode),
    loan: parameters.loan.address,
    collateral: parameters.collateral.address,
    pools: parameters.liquidator.pools,
    ...addresses,
  };
  mkdirSync("deployments", { recursive: true });
  writeFileSync(file, `${JSON.stringify(contents, null, 2)}\n`);
  output.log(`Written: ${file}`);
};

const run = async (args: readonly string[], output: Output): Promise<void> => {
  const options = readOptions(args, output);
  const { parameters } = readParameters(options.parameters);
  const connection = await connect(options, parameters);
  const compiled = await readCompiled(hre.artifacts);
  const artifacts = new HardhatArtifactResolver(hre.artifacts);

  const { chainId } = parameters;
  const deploymentId = options.id ?? `chain-${chainId}`;
  const folderOf = (name: string): string => `${hre.config.paths.ignition}/deployments/${name}`;
  const minedBefore = await forgetForeign(connection, chainId, folderOf(deploymentId), artifacts);
  await forgetForeign(connection, chainId, folderOf(marketId(deploymentId)), artifacts);
  output.log(`Deploying ${parameters.vault.name} to chain ${chainId} ...`);
  // Elsewhere than on a terminal Ignition prints its whole picture anew for every step.
  const displayUi = process.stdout.isTTY;
  const deployment = await deploy(connection, compiled, parameters, { deploymentId, displayUi });
  const journal = await readJournal(folderOf(deploymentId), connection.ethers.provider, artifacts);
  const { firstBlock = 0 } = journal;
  const mined = journal.mined - minedBefore;
  output.log(mined === 0 ? "Nothing new to deploy." : `Deployed with ${mined} transactions.`);
  await verified(connection, compiled, deployment, firstBlock, output);
  record(`deployments/${options.id ?? chainId}.json`, deployment, compiled, firstBlock, output);
};

/** `npm run deploy` with its arguments; the exit code. */
export const deployCommand = async (args: readonly string[], output: Output): Promise<number> => {
  try {
    await run(args, output);
    return EXIT_DONE;
  } catch (error) {
    // Commander has said what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
    if (error instanceof UserError) {
      output.error(error.message);
      return error.exitCode;
    }
    output.error(`deployment failed: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT_FAILED;
  }
};
