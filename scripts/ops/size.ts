import Table from "cli-table3";
import { artifacts } from "hardhat";

import { mistakes } from "../../sdk/errors.ts";

/** `npm run size`: code of every contract beside what a chain accepts. Fails where one is above, mocks apart. */

/** EIP-170 and EIP-3860, bytes. */
const MAX_DEPLOYED = 24_576;
const MAX_CREATION = 49_152;
const MOCKS = "contracts/mocks/";
/** What the compiler leaves of a library that has only internal functions. */
const STUB = 57;

interface Size {
  readonly name: string;
  readonly source: string;
  readonly deployed: number;
  readonly creation: number;
}

const bytes = (code: string): number => (code.length - 2) / 2;

const sizeOf = async (fullName: string): Promise<Size> => {
  const { contractName, sourceName, bytecode, deployedBytecode } = await artifacts.readArtifact(fullName);
  return {
    name: contractName,
    source: sourceName,
    deployed: bytes(deployedBytecode),
    creation: bytes(bytecode),
  };
};

const main = async (): Promise<void> => {
  const names = [...(await artifacts.getAllFullyQualifiedNames())];
  const sizes = (await Promise.all(names.map(sizeOf))).filter(
    ({ deployed, source }) => deployed > STUB && !source.startsWith(MOCKS),
  );
  sizes.sort((a, b) => b.deployed - a.deployed);

  const table = new Table({
    head: ["contract", "deployed", "left", "creation", "left"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const { name, deployed, creation } of sizes) {
    table.push([name, deployed, MAX_DEPLOYED - deployed, creation, MAX_CREATION - creation]);
  }
  console.log(table.toString());

  if (sizes.length === 0) throw mistakes.notBuilt();
  for (const { name, deployed, creation } of sizes) {
    if (deployed > MAX_DEPLOYED) {
      console.error(`${name}: ${deployed} bytes deployed, ${deployed - MAX_DEPLOYED} too many`);
      process.exitCode = 1;
    }
    if (creation > MAX_CREATION) {
      console.error(`${name}: ${creation} bytes to create, ${creation - MAX_CREATION} too many`);
      process.exitCode = 1;
    }
  }
};

await main();
