import { expect } from "chai";
import { network } from "hardhat";

import type { ContractName } from "../../deploy/contracts.ts";
import { deployMarket } from "../../deploy/deployment.ts";
import { ROLES, type Target } from "../../deploy/roles.ts";
import type { System } from "../../deploy/system.ts";
import { PARAMETERS } from "../../sdk/stewardMath.ts";
import { type Deployed, deployLocally, failuresOf, localParameters } from "./fixtures.ts";

/** Each check of deploy/verify/risk.ts, and what it says where something is wrong. */

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, setCode } = networkHelpers;

const [, governor, guardian, stranger] = await ethers.getSigners();

const deployed = () => deployLocally(connection);

/** Two systems of the same parameters side by side. */
async function twoDeployed() {
  return { system: await deployLocally(connection), other: await deployLocally(connection) };
}

function expectComplaints(failures: readonly string[], complaints: readonly RegExp[]): void {
  for (const complaint of complaints) {
    const isThere = failures.some((failure) => complaint.test(failure));
    expect(isThere, `${complaint.source}\n${failures.join("\n")}`).to.equal(true);
  }
}

/** What the complaints are about, each name once. */
const namesOf = (failures: readonly string[]): string[] => [
  ...new Set(failures.map((failure) => failure.split(/: expected |: can't be read/)[0] ?? "")),
];

const stewardOf = ({ addresses }: Deployed) =>
  ethers.getContractAt("RiskSteward", addresses.riskSteward, governor);
const monitorOf = ({ addresses }: Deployed) =>
  ethers.getContractAt("ContagionMonitor", addresses.contagionMonitor, governor);
const deleveragerOf = ({ addresses }: Deployed) =>
  ethers.getContractAt("Deleverager", addresses.deleverager, governor);

/** Registers the deviation of feeds anew. */
async function changeSource(
  deployed: Deployed,
  changes: { readonly weight?: bigint; readonly heartbeat?: bigint; readonly expiresAt?: bigint },
): Promise<void> {
  const monitor = await monitorOf(deployed);
  const registered = await monitor.sources();
  const first = registered.find(({ source }) => source === deployed.addresses.deviationSource)!;
  const { source, weight, heartbeat, expiresAt } = first;
  await monitor.setSource({ source, weight, heartbeat, expiresAt, ...changes });
}

/** Configures the steward as it is, but for these. */
async function reconfigure(
  deployed: Deployed,
  changes: Record<string, bigint>,
  lot: Record<string, bigint> = {},
): Promise<void> {
  const { steward, volatility } = deployed.system.risk;
  const feed = volatility.feed.address;
  const bounds = PARAMETERS.map((name) => ({ ...steward.bounds[name], ...(name === "lot" ? lot : {}) }));
  const config = { feed, ...steward.config, ...changes };
  await (await stewardOf(deployed)).configure(deployed.addresses.vault, config, bounds);
}

async function assign(deployed: Deployed, target: Target, name: string, role: bigint): Promise<void> {
  const manager = await ethers.getContractAt("AccessManager", deployed.addresses.authority, governor);
  const { selector } = deployed.compiled.interfaces[target].getFunction(name)!;
  await manager.setTargetFunctionRole(deployed.addresses[target], [selector], role);
}

interface Sabotage {
  readonly what: string;
  readonly act: (deployed: Deployed) => Promise<unknown>;
  readonly complaint: RegExp;
}

const SABOTAGES: readonly Sabotage[] = [
  {
    what: "a volatility with another memory",
    act: async ({ addresses, system }) => {
      const oracle = await ethers.getContractAt("VolatilityOracle", addresses.volatilityOracle, governor);
      const { feed, config } = system.risk.volatility;
      await oracle.setFeed(feed.address, { ...config, halfLife: 7_200n });
    },
    complaint: /^volatilityOracle\.halfLife: expected 3600, found 7200$/,
  },
  {
    what: "a depth of fewer pools",
    act: async ({ addresses, system, parameters }) => {
      const oracle = await ethers.getContractAt("DepthOracle", addresses.depthOracle, governor);
      const { window, windows, maxTicks, pools } = system.risk.depth;
      const config = { window, windows, maxTicks, pools: [pools[0]!] };
      await oracle.setPair(parameters.collateral.address, parameters.loan.address, config);
    },
    complaint: /^depthOracle\.pools: expected 0x\w{40} 0x\w{40}, found 0x\w{40}$/,
  },
  {
    what: "a depth over other windows",
    act: async ({ addresses, system, parameters }) => {
      const oracle = await ethers.getContractAt("DepthOracle", addresses.depthOracle, governor);
      const { windows, maxTicks, pools } = system.risk.depth;
      const config = { window: 900n, windows, maxTicks, pools: [...pools] };
      await oracle.setPair(parameters.collateral.address, parameters.loan.address, config);
    },
    complaint: /^depthOracle\.window: expected 600, found 900$/,
  },
  {
    what: "a source of stress too few",
    act: async (deployed) => (await monitorOf(deployed)).removeSource(deployed.addresses.dampedVaultSource),
    complaint: /^contagionMonitor\.sources: expected (0x\w{40} ?){3}, found 0x\w{40} 0x\w{40}$/,
  },
  {
    what: "a source of stress too many",
    act: async (deployed) => {
      const expiresAt = (await (await monitorOf(deployed)).sources())[0]!.expiresAt;
      const source = deployed.addresses.vaultSource;
      await (await monitorOf(deployed)).setSource({ source, weight: 100n, heartbeat: 60n, expiresAt });
    },
    complaint: /^contagionMonitor\.sources: expected (0x\w{40} ?){3}, found (0x\w{40} ?){4}$/,
  },
  {
    what: "a source of stress that weighs more",
    act: (deployed) => changeSource(deployed, { weight: 199n }),
    complaint: /^contagionMonitor\.sources\.0\.weight: expected 100, found 199$/,
  },
  {
    what: "a source of stress that may be older",
    act: (deployed) => changeSource(deployed, { heartbeat: 7_200n }),
    complaint: /^contagionMonitor\.sources\.0\.heartbeat: expected 3600, found 7200$/,
  },
  {
    what: "a source of stress that ends soon",
    act: async (deployed) =>
      changeSource(deployed, { expiresAt: BigInt(await networkHelpers.time.latest()) + 86_400n }),
    complaint: /^contagionMonitor\.sources\.0\.expiresAt: expected \d+, found \d+$/,
  },
  {
    what: "stress that more sources must agree on",
    act: async (deployed) => (await monitorOf(deployed)).setMinLive(4n),
    complaint: /^contagionMonitor\.minLive: expected 3, found 4$/,
  },
  {
    what: "a vault that its own source does not look at",
    act: async ({ addresses }) => {
      const source = await ethers.getContractAt("GavelVaultSource", addresses.vaultSource, governor);
      await source.removeVault(addresses.vault);
    },
    complaint: /^vaultSource\.vaults: expected 0x\w{40}, found $/,
  },
  {
    what: "a frozen steward",
    act: async (deployed) => (await stewardOf(deployed)).connect(guardian).freeze(),
    complaint: /^riskSteward\.isFrozen: expected false, found true$/,
  },
  {
    what: "a steward that gives other notice",
    act: (deployed) => reconfigure(deployed, { notice: 172_800n }),
    complaint: /^riskSteward\.notice: expected 86400, found 172800$/,
  },
  {
    what: "a steward with other bounds",
    act: (deployed) => reconfigure(deployed, {}, { floor: 5_000_000_000n }),
    complaint: /^riskSteward\.bounds\.lot\.floor: expected 4375000000, found 5000000000$/,
  },
  {
    what: "a steward that goes by another feed",
    act: async (deployed) => {
      const second = deployed.system.sources.second;
      if (second?.kind !== "chainlink") throw new Error("expected an aggregator");
      const { steward } = deployed.system.risk;
      const bounds = PARAMETERS.map((name) => ({ ...steward.bounds[name] }));
      await (
        await stewardOf(deployed)
      ).configure(deployed.addresses.vault, { feed: second.aggregator.address, ...steward.config }, bounds);
    },
    complaint: /^riskSteward\.feed: expected 0x\w{40}, found 0x\w{40}$/,
  },
  {
    what: "a steward without its role",
    act: async ({ addresses }) => {
      const manager = await ethers.getContractAt("AccessManager", addresses.authority, governor);
      await manager.revokeRole(ROLES.steward, addresses.riskSteward);
    },
    complaint: /^roles: 0x\w{40} does not hold steward$/,
  },
  {
    what: "a steward that has to wait",
    act: async ({ addresses }) => {
      const manager = await ethers.getContractAt("AccessManager", addresses.authority, governor);
      await manager.grantRole(ROLES.steward, addresses.riskSteward, 60n);
    },
    complaint: /^roles: delay of 0x\w{40} as steward: expected 0, found 60$/,
  },
  {
    what: "a reference venue that the steward may set",
    act: (deployed) => assign(deployed, "directLiquidator", "setReferenceVenue", ROLES.steward),
    complaint: /^roles: directLiquidator\.setReferenceVenue needs role: expected 1, found 3$/,
  },
  {
    what: "inputs of the policy that the steward may not set",
    act: (deployed) => assign(deployed, "policy", "setInputs", ROLES.governor),
    complaint: /^roles: policy\.setInputs needs role: expected 3, found 1$/,
  },
  {
    what: "bounds that the steward's role may set",
    act: (deployed) => assign(deployed, "riskSteward", "configure", ROLES.steward),
    complaint: /^roles: riskSteward\.configure needs role: expected 1, found 3$/,
  },
  {
    what: "a veto that is not the guardian's",
    act: (deployed) => assign(deployed, "riskSteward", "veto", ROLES.governor),
    complaint: /^roles: riskSteward\.veto needs role: expected 2, found 1$/,
  },
  {
    what: "sources that guardians may choose",
    act: (deployed) => assign(deployed, "contagionMonitor", "setSource", ROLES.guardian),
    complaint: /^roles: contagionMonitor\.setSource needs role: expected 1, found 2$/,
  },
  {
    what: "rescues by another feed",
    act: async (deployed) =>
      (await deleveragerOf(deployed)).setFeed(deployed.addresses.vault, stranger!, 90_000n),
    complaint: /^deleverager\.feed: expected 0x\w{40}, found 0x\w{40}$/,
  },
  {
    what: "rescues by an older volatility",
    act: async (deployed) =>
      (await deleveragerOf(deployed)).setFeed(
        deployed.addresses.vault,
        deployed.system.risk.volatility.feed.address,
        90_001n,
      ),
    complaint: /^deleverager\.maxAge: expected 90000, found 90001$/,
  },
  {
    what: "rescues without a venue",
    act: async (deployed) =>
      (await deleveragerOf(deployed)).setVenueListed(deployed.addresses.venues[1]!, false),
    complaint: /^deleverager: venue 1 at 0x\w{40} is not listed$/,
  },
  {
    what: "rescues into a venue too many",
    act: async (deployed) => (await deleveragerOf(deployed)).setVenueListed(stranger!, true),
    complaint: new RegExp(
      `^deleverager: venue ${stranger!.address} is listed, which the parameters do not say$`,
    ),
  },
  {
    what: "a feed that counts in other decimals",
    act: async ({ system }) => {
      const other = await ethers.deployContract("MockAggregator", [18n]);
      const code = await ethers.provider.getCode(await other.getAddress());
      await setCode(system.risk.volatility.feed.address, code);
    },
    complaint: /^volatilityOracle\.feed: decimals: expected 8, found 18$/,
  },
  {
    what: "a feed in the deviation's place that is none of ours",
    act: async ({ addresses }) => {
      const other = await ethers.deployContract("MockRateModel");
      await setCode(addresses.deviationFeed, await ethers.provider.getCode(await other.getAddress()));
    },
    complaint: /^deviationFeed: 0x\w{40} is no ChainlinkRatioFeed: /,
  },
  {
    what: "a market in the deviation's place that is none of ours",
    act: async ({ addresses }) => {
      const other = await ethers.deployContract("MockRateModel");
      await setCode(addresses.deviationMarket, await ethers.provider.getCode(await other.getAddress()));
    },
    complaint: /^deviationMarket: 0x\w{40} is no UniswapV3TwapFeed: /,
  },
];

/** Every number of the risk layer differs by one from what it was. */
function withOtherNumbers<T>(value: T): T {
  if (typeof value === "bigint") return (value + 1n) as T;
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withOtherNumbers(inner)] as const);
  return Object.fromEntries(entries) as T;
}

const under = (prefix: string, value: object): string[] =>
  Object.keys(value).map((key) => `${prefix}.${key}`);

/** Names of the checks of all numbers. */
function numbersOf({ risk: { volatility, steward } }: System): string[] {
  const leg = ["heartbeat", "least answer", "most answer", "decimals"];
  const sources = [0, 1, 2].flatMap((i) =>
    ["weight", "heartbeat", "expiresAt"].map((name) => `contagionMonitor.sources.${i}.${name}`),
  );
  return [
    ...under("volatilityOracle", volatility.config),
    "volatilityOracle.feed: decimals",
    ...["window", "windows", "maxTicks"].map((name) => `depthOracle.${name}`),
    "contagionMonitor.minLive",
    ...sources,
    "deviationSource.fullScale",
    ...["base", "quote"].flatMap((side) => leg.map((name) => `deviationFeed: ${side}: ${name}`)),
    "deviationMarket: window",
    "deviationMarket: least liquidity",
    ...["calm", "wild"].map((name) => `volatilitySource.${name}`),
    ...["kink", "fullMark"].map((name) => `vaultSource.${name}`),
    ...["secondsToFull", "maxStep"].map((name) => `dampedVaultSource.${name}`),
    ...under("riskSteward", steward.config),
    ...PARAMETERS.flatMap((name) => under(`riskSteward.bounds.${name}`, steward.bounds[name])),
    "deleverager.maxAge",
  ];
}

const OWN: readonly (readonly [name: ContractName, contract: string])[] = [
  ["volatilityOracle", "VolatilityOracle"],
  ["depthOracle", "DepthOracle"],
  ["deviationSource", "FeedDeviationSource"],
  ["volatilitySource", "VolatilitySource"],
  ["vaultSource", "GavelVaultSource"],
  ["dampedVaultSource", "DampedSource"],
  ["contagionMonitor", "ContagionMonitor"],
  ["riskSteward", "RiskSteward"],
  ["deleverager", "Deleverager"],
];

/** Some contracts of another system in the place of this one's. */
function withParts(system: Deployed, other: Deployed, names: readonly ContractName[]): Deployed {
  const parts = Object.fromEntries(names.map((name) => [name, other.addresses[name]]));
  return { ...system, addresses: { ...system.addresses, ...parts } };
}

describe("Verification of the risk layer", () => {
  for (const { what, act, complaint } of SABOTAGES) {
    it(`fails on ${what}`, async () => {
      const system = await loadFixture(deployed);
      await act(system);
      expectComplaints(await failuresOf(system), [complaint]);
    });
  }

  it("says nothing more than what was changed", async () => {
    const system = await loadFixture(deployed);
    await reconfigure(system, { exposure: 1n });
    expect(await failuresOf(system)).to.deep.equal([
      "riskSteward.exposure: expected 2000000000000000000, found 1",
    ]);
  });

  it("fails on each number that differs, and on nothing else", async () => {
    const system = await loadFixture(deployed);
    const changed = { ...system.system, risk: withOtherNumbers(system.system.risk) };
    const failures = await failuresOf({ ...system, system: changed });
    // Windows that are longer than the pools' memory are one complaint more, each.
    const numbers = failures.filter((failure) => !failure.includes(" observations, fewer than "));
    expect(failures.length - numbers.length).to.equal(2);
    const expected = numbersOf(system.system);
    expect(expected).to.have.length(138);
    expect(namesOf(numbers)).to.have.members(expected);
  });

  for (const [name, contract] of OWN) {
    it(`fails on a ${name} of other code`, async () => {
      const system = await loadFixture(deployed);
      const other = await ethers.deployContract("MockRateModel");
      const address = system.addresses[name as "riskSteward"];
      await setCode(address, await ethers.provider.getCode(await other.getAddress()));
      const failures = await failuresOf(system);
      expect(failures).to.include(`${name}: the code at ${address} is not that of ${contract}`);
    });
  }

  describe("given parts of another system", () => {
    const address = /expected 0x\w{40}, found 0x\w{40}$/;
    const links = (names: readonly string[]): RegExp[] =>
      names.map((name) => new RegExp(`^${name.replaceAll(".", "\\.")}: ${address.source}`));

    it("fails on each link to what is in their place", async () => {
      const { system, other } = await loadFixture(twoDeployed);
      const failures = await failuresOf(
        withParts(system, other, [
          "volatilityOracle",
          "depthOracle",
          "deviationFeed",
          "deviationMarket",
          "vaultSource",
          "contagionMonitor",
        ]),
      );
      expectComplaints(failures, [
        ...links([
          "volatilitySource.oracle",
          "deviationSource.feed",
          "deviationSource.market",
          "dampedVaultSource.source",
          "riskSteward.volatilityOracle",
          "riskSteward.depthOracle",
          "riskSteward.contagionMonitor",
          "deleverager.volatilityOracle",
          "vaultSource.factory",
          "vaultSource.vaults",
          "deviationFeed: base: aggregator",
          "deviationFeed: quote: aggregator",
          "deviationMarket: pool",
          "deviationMarket: collateral asset",
        ]),
        /^volatilityOracle\.halfLife: expected 3600, found 0$/,
        /^depthOracle\.pools: expected 0x\w{40} 0x\w{40}, found $/,
        /^contagionMonitor\.sources: expected (0x\w{40} ?){3}, found (0x\w{40} ?){3}$/,
        /^contagionMonitor\.authority: /,
      ]);
    });

    it("fails on each link of what is in their place", async () => {
      const { system, other } = await loadFixture(twoDeployed);
      const failures = await failuresOf(
        withParts(system, other, ["deviationSource", "volatilitySource", "riskSteward", "deleverager"]),
      );
      expectComplaints(failures, [
        ...links([
          "volatilitySource.feed",
          "riskSteward.policy",
          "riskSteward.feed",
          "deleverager.vaultFactory",
          "deleverager.feed",
        ]),
        /^contagionMonitor\.sources: /,
        /^riskSteward: can't be read: .*NotConfigured/,
        /^deleverager: venue 0 at 0x\w{40} is not listed$/,
        /^roles: 0x\w{40} does not hold steward$/,
        /^roles: 0x\w{40} holds steward, which the parameters do not say$/,
      ]);
    });
  });

  it("fails on pools that the factory does not know, or with too short a memory", async () => {
    const system = await loadFixture(deployed);
    const elsewhere = await deployMarket(connection, localParameters(), "elsewhere");
    const { risk, policy } = system.system;
    const [pool] = elsewhere.risk.depth.pools;
    const failures = await failuresOf({
      ...system,
      system: {
        ...system.system,
        policy: { ...policy, blockTime: 1_000n },
        risk: { ...risk, depth: { ...risk.depth, pools: [pool!, risk.depth.pools[1]!] } },
      },
    });
    expectComplaints(failures, [
      new RegExp(`^depthOracle: pool of the factory at ${pool!}: expected ${pool!}, found 0x\\w{40}$`),
      new RegExp(`^depthOracle\\.pools: expected ${pool!} 0x\\w{40}, found `),
      new RegExp(`^depthOracle: pool ${pool!} keeps 1 observations, fewer than the 3601 that 3600 s need$`),
      /^depthOracle: pool 0x\w{40} keeps 301 observations, fewer than the 3601 that 3600 s need$/,
      /^deviationMarket: pool 0x\w{40} keeps 301 observations, fewer than the 1801 that 1800 s need$/,
    ]);
  });

  it("fails on a restricted function that the table does not name", async () => {
    const system = await loadFixture(deployed);
    const interfaces = { ...system.compiled.interfaces, vaultSource: system.compiled.interfaces.depthOracle };
    const failures = await failuresOf({
      ...system,
      addresses: { ...system.addresses, vaultSource: system.addresses.depthOracle },
      compiled: { ...system.compiled, interfaces },
    });
    expect(failures).to.include("roles: vaultSource.setPair is restricted, but no role may call it");
  });
});
