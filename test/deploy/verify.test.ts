import { expect } from "chai";
import { network } from "hardhat";

import { deployMarket } from "../../deploy/deployment.ts";
import { PUBLIC_ROLE, ADMIN_ROLE, ROLES } from "../../deploy/roles.ts";
import type { Venue } from "../../deploy/system.ts";
import { type Deployed, deployLocally, failuresOf, localParameters } from "./fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, setCode, time } = networkHelpers;

const [, governor, guardian, stranger] = await ethers.getSigners();

const managerOf = ({ addresses }: Deployed) =>
  ethers.getContractAt("AccessManager", addresses.authority, governor);
const vaultOf = ({ addresses }: Deployed) => ethers.getContractAt("IVault", addresses.vault, governor);
const aggregatorOf = ({ parameters }: Deployed) => {
  const { primary } = parameters.oracle;
  if (primary.kind !== "chainlink") throw new Error("expected an aggregator");
  return ethers.getContractAt("MockAggregator", primary.aggregator);
};

async function assign(deployed: Deployed, functionName: "pause" | "setCaps", role: bigint): Promise<void> {
  const selector = deployed.compiled.interfaces.vault.getFunction(functionName)!.selector;
  await (await managerOf(deployed)).setTargetFunctionRole(deployed.addresses.vault, [selector], role);
}

async function replaceCode(address: string, contract: { getAddress(): Promise<string> }): Promise<void> {
  await setCode(address, await ethers.provider.getCode(await contract.getAddress()));
}

const directOf = ({ addresses }: Deployed) =>
  ethers.getContractAt("DirectSaleLiquidator", addresses.directLiquidator, governor);

type Four = [bigint, bigint, bigint, bigint];

interface Sabotage {
  readonly what: string;
  readonly act: (deployed: Deployed) => Promise<unknown>;
  readonly complaint: RegExp;
}

const SABOTAGES: readonly Sabotage[] = [
  {
    what: "a function with another role",
    act: (deployed) => assign(deployed, "pause", ROLES.governor),
    complaint: /^roles: vault\.pause needs role: expected 2, found 1$/,
  },
  {
    what: "a function without a role",
    act: (deployed) => assign(deployed, "setCaps", ADMIN_ROLE),
    complaint: /^roles: vault\.setCaps needs role: expected 3, found 0$/,
  },
  {
    what: "a function that is open to all",
    act: (deployed) => assign(deployed, "setCaps", PUBLIC_ROLE),
    complaint: /^roles: vault\.setCaps is open to strangers$/,
  },
  {
    what: "a second admin",
    act: async (deployed) => (await managerOf(deployed)).grantRole(ADMIN_ROLE, stranger!, 0n),
    complaint: new RegExp(`^roles: ${stranger!.address} holds admin, which the parameters do not say$`),
  },
  {
    what: "a guardian too many",
    act: async (deployed) => (await managerOf(deployed)).grantRole(ROLES.guardian, stranger!, 0n),
    complaint: new RegExp(`^roles: ${stranger!.address} holds guardian, which the parameters do not say$`),
  },
  {
    what: "a role that is none of ours",
    act: async (deployed) => (await managerOf(deployed)).grantRole(7n, stranger!, 0n),
    complaint: new RegExp(`^roles: ${stranger!.address} holds role 7, which the parameters do not say$`),
  },
  {
    what: "a missing guardian",
    act: async (deployed) => (await managerOf(deployed)).revokeRole(ROLES.guardian, guardian!),
    complaint: new RegExp(`^roles: ${guardian!.address} does not hold guardian$`),
  },
  {
    what: "another delay",
    act: async (deployed) => (await managerOf(deployed)).grantRole(ROLES.governor, governor!, 3_600n),
    complaint: new RegExp(`^roles: delay of ${governor!.address} as governor: expected 0, found 3600$`),
  },
  {
    what: "a role that another role hands out",
    act: async (deployed) => (await managerOf(deployed)).setRoleAdmin(ROLES.guardian, ROLES.steward),
    complaint: /^roles: admin of guardian: expected 0, found 3$/,
  },
  {
    what: "a role that another role can hold up",
    act: async (deployed) => (await managerOf(deployed)).setRoleGuardian(ROLES.governor, ROLES.guardian),
    complaint: /^roles: guardian of governor: expected 0, found 2$/,
  },
  {
    what: "a label that misleads",
    act: async (deployed) => (await managerOf(deployed)).labelRole(ROLES.steward, "guardian"),
    complaint: /^roles: label of role 3: expected steward, found guardian$/,
  },
  {
    what: "a closed contract",
    act: async (deployed) => (await managerOf(deployed)).setTargetClosed(deployed.addresses.vault, true),
    complaint: /^roles: vault is closed: expected false, found true$/,
  },
  {
    what: "a contract that obeys another manager",
    act: async (deployed) => {
      const other = await ethers.deployContract("AccessManager", [stranger!]);
      await (await managerOf(deployed)).updateAuthority(deployed.addresses.liquidator, other);
    },
    complaint: /^liquidator\.authority: expected 0x\w+, found 0x\w+$/,
  },
  {
    what: "another cap",
    act: async (deployed) => (await vaultOf(deployed)).tightenCaps(5n, 5n, 5n),
    complaint: /^vault\.supplyCap: expected 1000000000000000, found 5$/,
  },
  {
    what: "another LTV",
    act: async (deployed) => (await vaultOf(deployed)).setBorrowLtv(7_900n),
    complaint: /^vault\.borrowLtvBps: expected 8000, found 7900$/,
  },
  {
    what: "a ramp under way",
    act: async (deployed) => (await vaultOf(deployed)).rampLiquidationLtv(8_350n, 1_000n),
    complaint: /^vault\.liquidationLtvToBps: expected 8300, found 8350$/,
  },
  {
    what: "a second version of the terms",
    act: async (deployed) =>
      (await vaultOf(deployed)).setTerms({ ...deployed.system.vault.terms, holdBps: 100n }),
    complaint: /^vault\.termsId: expected 1, found 2$/,
  },
  {
    what: "a paused action",
    act: async (deployed) => (await vaultOf(deployed)).connect(guardian).pause(8n),
    complaint: /^vault\.pausedActions: expected 0, found 8$/,
  },
  {
    what: "another bound of the starter's reward",
    act: async (deployed) =>
      (await vaultOf(deployed)).setRewardConfig({ cap: 1n, nativePrice: 2_000_000_000n }),
    complaint: /^vault\.reward\.cap: expected 100000000, found 1$/,
  },
  {
    what: "a feed with other decimals",
    act: async (deployed) =>
      replaceCode(
        await (await aggregatorOf(deployed)).getAddress(),
        await ethers.deployContract("MockAggregator", [18n]),
      ),
    complaint: /^oracle\.primary: decimals: expected 8, found 18$/,
  },
  {
    what: "a token with other decimals",
    act: async ({ parameters }) =>
      replaceCode(
        parameters.loan.address,
        await ethers.deployContract("MockERC20", ["USD Coin", "USDC", 18n]),
      ),
    complaint: /^loan: decimals: expected 6, found 18$/,
  },
  {
    what: "a price that nobody expects",
    act: async (deployed) => (await aggregatorOf(deployed)).pushAnswer(2_500n * 10n ** 8n),
    complaint:
      /^oracle\.price: 2500000000000000000000000000 is outside of the expected 19\d+ to 21\d+ \(1e36 scale\)/,
  },
  {
    what: "sources that disagree",
    act: async (deployed) => (await aggregatorOf(deployed)).pushAnswer(2_190n * 10n ** 8n),
    complaint: /^oracle\.price: state: expected 2, found 1$/,
  },
  {
    what: "dead sources",
    act: () => time.increase(2 * 86_400),
    complaint: /^oracle\.price: state: expected 2, found 0$/,
  },
  {
    what: "a feed that can't be read",
    act: async (deployed) => setCode(await (await aggregatorOf(deployed)).getAddress(), "0x"),
    complaint: /^oracle\.primary: can't be read: /,
  },
  {
    what: "an oracle of other code",
    act: async ({ addresses, parameters }) =>
      replaceCode(
        addresses.oracle,
        await ethers.deployContract("MockOracle", [parameters.collateral.address, parameters.loan.address]),
      ),
    complaint: /^oracle: the code at 0x\w+ is not that of OracleAdapter$/,
  },
  {
    what: "extension code that was not built here",
    act: async ({ addresses }) =>
      replaceCode(addresses.vaultExtension, await ethers.deployContract("MockRateModel")),
    complaint: /^vaultExtension: the code at 0x\w+ is not that of VaultExtension$/,
  },
  {
    what: "a pool struck off",
    act: async ({ addresses, parameters }) => {
      const liquidator = await ethers.getContractAt("DutchAuctionLiquidator", addresses.liquidator, governor);
      await liquidator.setPoolListed(parameters.liquidator.pools[0]!, false);
    },
    complaint: /^liquidator: pool 0x\w+ is not listed$/,
  },
  {
    what: "a venue struck off",
    act: async (deployed) => (await directOf(deployed)).setVenueListed(deployed.addresses.venues[1]!, false),
    complaint: /^directLiquidator: venue 1 at 0x\w+ is not listed$/,
  },
  {
    what: "a venue too many",
    act: async (deployed) => (await directOf(deployed)).setVenueListed(stranger!, true),
    complaint: new RegExp(
      `^directLiquidator: venue ${stranger!.address} is listed, which the parameters do not say$`,
    ),
  },
  {
    what: "a venue of other code",
    act: async ({ addresses }) =>
      replaceCode(addresses.venues[2]!, await ethers.deployContract("MockRateModel")),
    complaint: /^directLiquidator: venue 2: the code at 0x\w+ is not that of UniswapV2Venue$/,
  },
  {
    what: "another reference venue of direct sales",
    act: async (deployed) => {
      const { vault, venues } = deployed.addresses;
      return (await directOf(deployed)).setReferenceVenue(vault, venues[1]!);
    },
    complaint: /^directLiquidator\.referenceVenue: expected 0x\w{40}, found 0x\w{40}$/,
  },
  {
    what: "direct sales turned off",
    act: async (deployed) =>
      (await directOf(deployed)).setReferenceVenue(deployed.addresses.vault, ethers.ZeroAddress),
    complaint: /^directLiquidator\.referenceVenue: expected 0x\w{40}, found 0x0{40}$/,
  },
  {
    what: "a policy that was told of another market",
    act: async ({ addresses, system }) => {
      const policy = await ethers.getContractAt("SalePolicy", addresses.policy, governor);
      const { cascade, gas, ...inputs } = system.policy;
      await policy.setInputs(addresses.vault, {
        ...inputs,
        cascade: [0n, ...cascade.slice(1)] as Four,
        gas: [...gas] as Four,
        depth: 1n,
      });
    },
    complaint: /^policy\.depth: expected 28000000000000, found 1$/,
  },
  {
    what: "a backstop with less cover",
    act: async ({ addresses, system }) => {
      const backstop = await ethers.getContractAt("Backstop", addresses.backstop, governor);
      await backstop.setCover(addresses.vault, { cap: 1n, resale: { ...system.backstop.resale } });
    },
    complaint: /^backstop\.cover: expected 1000000000000, found 1$/,
  },
];

describe("Verification of a deployment", () => {
  const deployed = () => deployLocally(connection);

  for (const { what, act, complaint } of SABOTAGES) {
    it(`fails on ${what}`, async () => {
      const system = await loadFixture(deployed);
      await act(system);
      const failures = await failuresOf(system);
      expect(
        failures.some((failure) => complaint.test(failure)),
        failures.join("\n"),
      ).to.equal(true);
    });
  }

  it("says nothing more than what was changed", async () => {
    const system = await loadFixture(deployed);
    await (await vaultOf(system)).setBorrowLtv(7_900n);
    expect(await failuresOf(system)).to.deep.equal(["vault.borrowLtvBps: expected 8000, found 7900"]);
  });

  it("fails on a restricted function that the table does not name", async () => {
    const system = await loadFixture(deployed);
    // The oracle in the liquidator's place: its function is not in the liquidator's part of the table.
    const interfaces = { ...system.compiled.interfaces, liquidator: system.compiled.interfaces.oracle };
    const failures = await failuresOf({
      ...system,
      addresses: { ...system.addresses, liquidator: system.addresses.oracle },
      compiled: { ...system.compiled, interfaces },
    });
    expect(failures).to.include("roles: liquidator.setStandbyActive is restricted, but no role may call it");
  });

  it("fails on a creation code that differs from the build's", async () => {
    const system = await loadFixture(deployed);
    const compiled = { ...system.compiled, vaultCreationCode: `${system.compiled.vaultCreationCode}00` };
    const failures = await failuresOf({ ...system, compiled });
    expect(failures).to.have.length(1);
    expect(failures[0]).to.match(/^vaultFactory\.creationCodeHash: expected 0x\w{64}, found 0x\w{64}$/);
  });

  it("fails on a pool of another factory", async () => {
    const system = await loadFixture(deployed);
    const elsewhere = await deployMarket(connection, localParameters(), "elsewhere");
    const pool = elsewhere.liquidator.pools[0]!;
    expect(await failuresOf({ ...system, system: { ...system.system, pools: [pool] } })).to.include.members([
      `liquidator: pool ${pool} is not listed`,
      `liquidator: pool of the factory at ${pool}: expected ${pool}, found ${ethers.ZeroAddress}`,
    ]);
  });

  describe("given links that lead elsewhere", () => {
    /** Another liquidator of direct sales and all that hangs on it, in the place of what was deployed. */
    async function withOtherParts(system: Deployed): Promise<Deployed> {
      const { addresses } = system;
      const policy = await ethers.deployContract("SalePolicy", [addresses.authority]);
      const direct = await ethers.deployContract("DirectSaleLiquidator", [
        addresses.vault,
        addresses.authority,
      ]);
      const batch = await ethers.deployContract("BatchAuctionLiquidator", [addresses.vault, 20n, 30n]);
      const split = await ethers.deployContract("SplitLiquidator", [policy, batch, direct]);
      return {
        ...system,
        addresses: {
          ...addresses,
          directLiquidator: await direct.getAddress(),
          batchLiquidator: await batch.getAddress(),
          splitLiquidator: await split.getAddress(),
        },
      };
    }

    it("fails on each of them", async () => {
      const failures = await failuresOf(await withOtherParts(await loadFixture(deployed)));
      for (const link of [
        "vault.directLiquidator",
        "vault.batchLiquidator",
        "directLiquidator.vaultFactory",
        "directLiquidator.referenceVenue",
        "batchLiquidator.vaultFactory",
        "splitLiquidator.policy",
        "splitLiquidator.directSaleLiquidator",
        "splitLiquidator.dutchAuctionLiquidator",
      ]) {
        const complaint = new RegExp(`^${link.replace(".", "\\.")}: expected 0x\\w{40}, found 0x\\w{40}$`);
        expect(
          failures.some((failure) => complaint.test(failure)),
          `${link}\n${failures.join("\n")}`,
        ).to.equal(true);
      }
      expect(failures).to.include.members([
        "batchLiquidator.tickBps: expected 15, found 20",
        "batchLiquidator.interval: expected 60, found 30",
      ]);
    });
  });

  it("fails on venues over other pools, of other tokens or with too short a memory", async () => {
    const system = await loadFixture(deployed);
    const elsewhere = await deployMarket(connection, localParameters(), "elsewhere");
    const [, wide, pair] = elsewhere.directSale.venues;
    const [first] = system.system.directSale.venues;
    if (wide?.kind !== "uniswapV3" || pair === undefined || first?.kind !== "uniswapV3") {
      throw new Error("expected venues of the local market");
    }
    const venues = [{ ...first, window: 3_700n }, { ...wide, window: 12n }, pair as Venue];
    const failures = await failuresOf({
      ...system,
      system: { ...system.system, directSale: { reference: 0, venues } },
    });
    const tokens = /expected 0x\w{40} 0x\w{40}, found 0x\w{40} 0x\w{40}$/;
    for (const complaint of [
      /^directLiquidator: venue 0: window: expected 3700, found 12$/,
      /^directLiquidator: venue 0: pool 0x\w{40} keeps 301 observations, fewer than the 320 that 3820 s need$/,
      /^directLiquidator: venue 1: pool: expected 0x\w{40}, found 0x\w{40}$/,
      new RegExp(`^directLiquidator: venue 1: tokens of the pool: ${tokens.source}`),
      /^directLiquidator: venue 2: pair: expected 0x\w{40}, found 0x\w{40}$/,
      new RegExp(`^directLiquidator: venue 2: tokens of the pool: ${tokens.source}`),
    ]) {
      expect(
        failures.some((failure) => complaint.test(failure)),
        `${complaint.source}\n${failures.join("\n")}`,
      ).to.equal(true);
    }
  });

  it("asks a venue's pool for a swap in every block of its mean and of the fall before, at blocks of a quarter of a second", async () => {
    const system = await loadFixture(deployed);
    const [venue] = system.system.directSale.venues;
    if (venue?.kind !== "uniswapV3") throw new Error("expected a venue over a v3 pool");
    const { window } = venue;
    const { fallWindow } = system.system.vault.terms;
    expect([window, fallWindow]).to.deep.equal([12n, 120n]);
    const policy = { ...system.system.policy, blockTime: 250n };
    const fast = { ...system, system: { ...system.system, policy } };
    const complaintOf = (kept: bigint): string =>
      `directLiquidator: venue 0: pool ${venue.pool} keeps ${kept} observations, fewer than the 529 that 132 s need`;
    expect(await failuresOf(fast)).to.include(complaintOf(301n));
    const pool = await ethers.getContractAt("IUniswapV3Pool", venue.pool);
    // Four a second, and one for the block at the beginning.
    await pool.increaseObservationCardinalityNext(528n);
    expect(await failuresOf(fast)).to.include(complaintOf(528n));
    await pool.increaseObservationCardinalityNext(529n);
    const failures = await failuresOf(fast);
    expect(failures.filter((failure) => failure.startsWith("directLiquidator: venue 0"))).to.deep.equal([]);
    expect(failures).to.include("policy.blockTime: expected 250, found 12000");
  });

  it("fails on a pool and a pair that their factories do not know", async () => {
    const system = await loadFixture(deployed);
    const elsewhere = await deployMarket(connection, localParameters(), "elsewhere");
    const [, wide, pair] = elsewhere.directSale.venues;
    const [own, , ownPair] = system.system.directSale.venues;
    const venues = [
      { ...own!, factory: wide!.factory } as Venue,
      { ...ownPair!, factory: pair!.factory } as Venue,
    ];
    const addresses = {
      ...system.addresses,
      venues: [system.addresses.venues[0]!, system.addresses.venues[2]!],
    };
    const failures = await failuresOf({
      ...system,
      addresses,
      system: { ...system.system, directSale: { reference: 0, venues } },
    });
    const of = (what: string) => failures.filter((failure) => failure.includes(`${what} of the factory: `));
    expect([of("pool").length, of("pair").length], failures.join("\n")).to.deep.equal([1, 1]);
  });

  it("refuses an empty market, until somebody has lent", async () => {
    const system = await deployLocally(connection, localParameters({ seed: undefined }));
    expect(await failuresOf(system)).to.deep.equal([
      "vault: empty market: nobody has lent yet; give the parameters a seed",
    ]);
    const [deployer] = await ethers.getSigners();
    const loan = await ethers.getContractAt("MockERC20", system.parameters.loan.address);
    await loan.approve(system.addresses.vault, 1_000_000n);
    await (await vaultOf(system)).connect(deployer).deposit(1_000_000n, deployer!);
    expect(await failuresOf(system)).to.deep.equal([]);
  });
});
