import { readFile } from "node:fs/promises";

import { expect } from "chai";
import { artifacts } from "hardhat";

import { type Authority, membersOf, rolesOf, TARGETS } from "../../deploy/roles.ts";

interface AstNode {
  readonly nodeType: string;
  readonly name?: string;
  readonly nodes?: readonly AstNode[];
  readonly modifiers?: readonly { readonly modifierName: { readonly name: string } }[];
}

interface BuildOutput {
  readonly output: { readonly sources: Readonly<Record<string, { readonly ast: AstNode }>> };
}

/** Sources of our contracts that have no business on a real chain. */
const MOCKS = "/contracts/mocks/";

/** Names of the functions with the modifier `restricted`, by what the compiler read in our sources. */
async function restrictedFunctions(): Promise<Set<string>> {
  const found = new Set<string>();
  for (const id of await artifacts.getAllBuildInfoIds()) {
    const path = await artifacts.getBuildInfoOutputPath(id);
    if (path === undefined) continue;
    const { output } = JSON.parse(await readFile(path, "utf8")) as BuildOutput;
    for (const [source, { ast }] of Object.entries(output.sources)) {
      if (!source.startsWith("project/contracts/") || source.includes(MOCKS)) continue;
      const contracts = ast.nodes?.filter(({ nodeType }) => nodeType === "ContractDefinition") ?? [];
      for (const { name, modifiers = [] } of contracts.flatMap(({ nodes = [] }) => nodes)) {
        const isRestricted = modifiers.some(({ modifierName }) => modifierName.name === "restricted");
        if (isRestricted && name !== undefined) found.add(name);
      }
    }
  }
  return found;
}

describe("Role table", () => {
  it("names every function that our sources restrict, and no other", async () => {
    // Two contracts may have a function of the same name.
    const table = new Set(TARGETS.flatMap((target) => rolesOf(target).map(([name]) => name)));
    expect([...table]).to.have.members([...(await restrictedFunctions())]);
  });
});

describe("membersOf", () => {
  const authority: Authority = {
    governor: "g",
    governorDelay: 172_800n,
    guardians: ["a", "b"],
    stewards: ["s"],
  };

  it("gives the governor every role and the admin, always with its delay", () => {
    for (const members of Object.values(membersOf(authority))) {
      expect(members[0]).to.deep.equal({ account: "g", delay: 172_800n });
    }
  });

  it("lets guardians and stewards act at once, each in its role only", () => {
    const { admin, governor, guardian, steward } = membersOf(authority);
    expect([admin.length, governor.length]).to.deep.equal([1, 1]);
    expect(guardian.slice(1)).to.deep.equal([
      { account: "a", delay: 0n },
      { account: "b", delay: 0n },
    ]);
    expect(steward.slice(1)).to.deep.equal([{ account: "s", delay: 0n }]);
  });
});
