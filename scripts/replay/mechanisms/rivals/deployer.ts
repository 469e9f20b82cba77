import type { BaseContract } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { RivalArtifacts } from "./artifacts.ts";

const ADDRESS_DIGITS = 40;

/** Deploys a protocol's contracts from its artifacts. */
export class Deployer {
  private readonly connection: NetworkConnection<"l1">;
  private readonly artifacts: RivalArtifacts;

  constructor(connection: NetworkConnection<"l1">, artifacts: RivalArtifacts) {
    this.connection = connection;
    this.artifacts = artifacts;
  }

  private artifactOf(name: string): RivalArtifacts[string] {
    const artifact = this.artifacts[name];
    if (artifact === undefined) throw new Error(`${name} was not compiled`);
    return artifact;
  }

  /** @param libraries Deployed libraries, by name: those that the contract calls are linked. */
  async deploy(
    name: string,
    args: readonly unknown[] = [],
    libraries: Readonly<Record<string, BaseContract>> = {},
  ): Promise<BaseContract> {
    const { abi, bytecode, links } = this.artifactOf(name);
    let code = bytecode;
    for (const references of Object.values(links)) {
      for (const [library, places] of Object.entries(references)) {
        const target = libraries[library];
        if (target === undefined) throw new Error(`${name} needs the library ${library}`);
        const address = String(target.target).slice(2).toLowerCase();
        for (const { start } of places) {
          const at = 2 + 2 * start;
          code = code.slice(0, at) + address + code.slice(at + ADDRESS_DIGITS);
        }
      }
    }
    const factory = await this.connection.ethers.getContractFactory(abi, code);
    return factory.deploy(...args);
  }

  /** What is deployed at an address, seen as this contract. */
  async at(name: string, address: string): Promise<BaseContract> {
    return this.connection.ethers.getContractAt(this.artifactOf(name).abi, address);
  }
}
