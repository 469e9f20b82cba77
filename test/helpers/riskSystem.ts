/**
 * The whole risk layer on real parts: steward and Deleverager over one vault of the whole system, volatility from the rounds of its
 * price feed, depth from its Uniswap v3 pool, and stress from four real sources. Time stands still between steps.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";

import { createVault } from "../../scripts/kit/protocol.ts";
import { movePrice, wrapEther } from "../../scripts/kit/uniswap.ts";
import { WAD } from "../../sdk/math.ts";
import { isTighterAbove, PARAMETERS, type Parameter, type Values } from "../../sdk/stewardMath.ts";
import { ethers, connection, now, pass } from "./chain.ts";
import { percent, termsOf } from "./contagion.ts";
import { deposit, everywhere, PLENTY } from "./depth.ts";
import { deployDirectSales } from "./directSale.ts";
import {
  BOUNDS,
  boundsWith,
  CALM,
  CALM_DEPTH,
  CONFIG,
  giveStewardRoles,
  HOUR,
  POLICY_INPUTS,
  previewOf,
} from "./steward.ts";
import {
  CALM_TERMS,
  FOREVER,
  moveMarket,
  NO_LIMIT,
  ONE_ANSWER,
  ONE_COLLATERAL,
  ONE_LOAN,
  ONE_PRICE,
  open,
  POOL_FEE,
  setPrices,
} from "./system.ts";
import { GOVERNOR_ROLE, GUARDIAN_ROLE, ORACLE } from "./vault.ts";
import { CONFIG as FEED_CONFIG } from "./volatility.ts";

/** All amounts of the steward's own tests, for a pool that holds so much less. */
const SMALLER = 16n;
/** The first providers hold some 46 million of virtual reserve, and who may leave some 57: a little more than a calm market needs. */
export const LEAVING = 13n * 10n ** 17n;
const IN_LOANS = ["lot", "stressDepth", "borrowCap", "maxPositionDebt", "policyDepth"] as const;
/** Whole loan tokens per whole collateral token: the borrowers borrowed at 2,000. */
export const EDGE_PRICE = 1_930n;
/** What 100 collateral tokens bear, as LTVs at the price of the edge: 82.90%, 82.38%, 77.7% and 62.2% of at most 83%. */
const DEBTS = [159_990n, 159_000n, 150_000n, 120_000n] as const;
const DEPTH_WINDOW = 600n;
/** The feed must speak once an hour, and is forgiven five minutes. */
export const SILENCE = HOUR + 301n;

const scaled = (value: bigint): bigint => value / SMALLER;

const LOAN_BOUNDS = Object.fromEntries(
  IN_LOANS.map((parameter) => {
    const { floor, ceiling, tightStep, looseStep } = BOUNDS[parameter];
    return [
      parameter,
      {
        floor: scaled(floor),
        ceiling: scaled(ceiling),
        tightStep: scaled(tightStep),
        looseStep: scaled(looseStep),
      },
    ];
  }),
) as Partial<Record<Parameter, Partial<(typeof BOUNDS)[Parameter]>>>;

/** Per sqrt(second): 3.5% and 12% a day. At its floor of 3.4% the feed is nearly as wild as a calm market may be. */
const CALM_VOLATILITY = 120n * 10n ** 12n;
export const WILD_VOLATILITY = 408n * 10n ** 12n;
const FLOOR_VOLATILITY = 115n * 10n ** 12n;

const CHANGES = {
  ...LOAN_BOUNDS,
  policyVolatility: {
    floor: CALM_VOLATILITY,
    tightStep: 2n * CALM_VOLATILITY,
    looseStep: CALM_VOLATILITY / 2n,
  },
};

export const stepsOf = (parameter: Parameter) => ({ ...BOUNDS[parameter], ...CHANGES[parameter as "lot"] });

export const CALM_VALUES: Values = {
  ...CALM,
  ...(Object.fromEntries(IN_LOANS.map((parameter) => [parameter, scaled(CALM[parameter])])) as Pick<
    Values,
    (typeof IN_LOANS)[number]
  >),
  policyVolatility: CALM_VOLATILITY,
};

export type RiskSystem = Awaited<ReturnType<typeof deployRisk>>;

async function deployOracles(base: Awaited<ReturnType<typeof deployDirectSales>>) {
  const { authority, uniswap, collateral, loan, pool, primary } = base;
  const volatilityOracle = await ethers.deployContract("VolatilityOracle", [authority]);
  await volatilityOracle.setFeed(primary, {
    ...FEED_CONFIG,
    floor: FLOOR_VOLATILITY,
    initialVolatility: FLOOR_VOLATILITY,
  });
  const depthOracle = await ethers.deployContract("DepthOracle", [uniswap.factory, authority]);
  await depthOracle.setPair(collateral, loan, {
    window: DEPTH_WINDOW,
    windows: 4n,
    maxTicks: 64n,
    pools: [pool.address],
  });
  return { volatilityOracle, depthOracle };
}

/** The volatility, the feed against the pool, the vaults themselves, and another lender's claim on another of them. */
async function deploySources(
  base: Awaited<ReturnType<typeof deployDirectSales>>,
  volatilityOracle: Awaited<ReturnType<typeof deployOracles>>["volatilityOracle"],
) {
  const { authority, factory, collateral, loan, pool, primary, vault, config, creationCode, others } = base;
  const calm = await ethers.deployContract("VolatilitySource", [
    volatilityOracle,
    primary,
    CALM_VOLATILITY,
    WILD_VOLATILITY,
  ]);

  const quote = await ethers.deployContract("MockAggregator", [8n]);
  await quote.pushAnswer(ONE_ANSWER);
  const leg = async (aggregator: { getAddress(): Promise<string> }, heartbeat: bigint) => ({
    aggregator: await aggregator.getAddress(),
    heartbeat,
    minAnswer: 1n,
    maxAnswer: 10n ** 30n,
  });
  const feed = await ethers.deployContract("ChainlinkRatioFeed", [
    collateral,
    loan,
    await leg(primary, HOUR),
    await leg(quote, 10_000n * HOUR),
  ]);
  const market = await ethers.deployContract("UniswapV3TwapFeed", [
    pool.address,
    collateral,
    loan,
    1_800n,
    1n,
  ]);
  const deviation = await ethers.deployContract("FeedDeviationSource", [feed, market, percent(5n)]);

  const vaults = await ethers.deployContract("GavelVaultSource", [
    factory,
    percent(90n),
    percent(5n),
    authority,
  ]);
  await vaults.addVault(vault);
  const damped = await ethers.deployContract("DampedSource", [vaults, 12n * HOUR, 2n * HOUR]);

  const other = await createVault(
    connection,
    factory,
    { ...config, directLiquidator: ethers.ZeroAddress },
    creationCode,
    ethers.id("other"),
  );
  const holder = others[1]!;
  await loan.mint(holder, 1_000_000n * ONE_LOAN);
  await loan.connect(holder).approve(other, NO_LIMIT);
  await other.connect(holder).deposit(1_000_000n * ONE_LOAN, holder);
  const claim = await ethers.deployContract("ERC4626Source", [other, holder, percent(5n), 720n * HOUR]);
  return { sources: [calm, deviation, damped, claim] as const, damped, other, holder };
}

/** Everything deployed, connected and warm: oracles complete, sources live, parameters where a calm market leaves them. */
export async function deployRisk() {
  const base = await deployDirectSales(connection, {
    stressDepth: CALM_VALUES.stressDepth,
    borrowCap: CALM_VALUES.borrowCap,
    maxPositionDebt: CALM_VALUES.maxPositionDebt,
    terms: {
      ...CALM_TERMS,
      startPremiumBps: CALM.startPremium,
      halfLife: CALM.halfLife,
      horizon: 5n * CALM.halfLife,
      lot: CALM_VALUES.lot,
      urgencyBps: CALM_VALUES.urgency,
    },
  });
  const { authority, policy, vault, factory, governor, lender, loan, uniswap, pool, primary } = base;
  const guardian = base.others[0]!;
  await authority.grantRole(GOVERNOR_ROLE, governor, 0n);
  await authority.grantRole(GUARDIAN_ROLE, guardian, 0n);

  const provider = await ethers.deployContract("MockPoolLiquidity");
  await loan.mint(provider, PLENTY / 10n ** 12n);
  await wrapEther(connection, uniswap, governor, 10n ** 24n);
  await base.collateral.connect(governor).transfer(provider, 10n ** 24n);
  await deposit(provider, pool, everywhere(LEAVING, POOL_FEE));

  await loan.mint(lender, 5_000_000n * ONE_LOAN);
  await loan.connect(lender).approve(vault, NO_LIMIT);
  await vault.connect(lender).deposit(5_000_000n * ONE_LOAN, lender);
  const borrowers = base.others.slice(2, 2 + DEBTS.length);
  for (const [i, debt] of DEBTS.entries()) {
    await open(base, borrowers[i]!, 100n * ONE_COLLATERAL, debt * ONE_LOAN);
  }
  await moveMarket(base, EDGE_PRICE);

  const { volatilityOracle, depthOracle } = await deployOracles(base);
  const { sources, damped, other, holder } = await deploySources(base, volatilityOracle);
  const monitor = await ethers.deployContract("ContagionMonitor", [3n, authority]);
  for (const source of sources) await monitor.setSource(await termsOf(source, { heartbeat: 2n * HOUR }));

  const steward = await ethers.deployContract("RiskSteward", [
    volatilityOracle,
    depthOracle,
    monitor,
    policy,
    authority,
  ]);
  await giveStewardRoles({
    steward,
    policy,
    vault,
    governor,
    authority,
    saleAuthority: authority,
  });
  await policy.setInputs(vault, {
    ...POLICY_INPUTS,
    volatility: CALM_VOLATILITY,
    depth: CALM_VALUES.policyDepth,
  });
  const config = {
    ...CONFIG,
    feed: await primary.getAddress(),
    calmVolatility: CALM_VOLATILITY,
    wildVolatility: WILD_VOLATILITY,
    calmDepth: scaled(CALM_DEPTH),
  };
  await steward.configure(vault, config, boundsWith(CHANGES));

  const deleverager = await ethers.deployContract("Deleverager", [factory, volatilityOracle, authority]);
  await deleverager.setFeed(vault, primary, 2n * HOUR);
  const executor = base.others[2 + DEBTS.length]!;
  await loan.mint(executor, 10n ** 7n * ONE_LOAN);
  await loan.connect(executor).approve(deleverager, NO_LIMIT);

  const system = {
    ...base,
    guardian,
    provider,
    borrowers,
    volatilityOracle,
    depthOracle,
    sources,
    damped,
    other,
    holder,
    monitor,
    steward,
    deleverager,
    executor,
  };
  await live(system, 7n * HOUR);
  return system;
}

type Watched = Pick<
  RiskSystem,
  "primary" | "second" | "volatilityOracle" | "depthOracle" | "damped" | "collateral" | "loan" | "connection"
>;

/** Rounds at the price of the edge, in both feeds. */
export async function pushRounds({ primary, second }: Pick<Watched, "primary" | "second">): Promise<void> {
  await primary.pushAnswer(EDGE_PRICE * ONE_ANSWER);
  await second.pushAnswer(EDGE_PRICE * ONE_ANSWER);
}

/** Keepers bring the oracles up to date. */
export async function poke(system: Watched): Promise<void> {
  const { volatilityOracle, depthOracle, damped, primary, collateral, loan } = system;
  await volatilityOracle.poke(primary, 400n);
  await depthOracle.poke(collateral, loan);
  await damped.poke();
}

/** Whole hours in which the feeds speak and keepers poke; `each` is done at the end of every one. */
export async function live(system: Watched, time: bigint, each = () => Promise.resolve()): Promise<void> {
  for (let passed = 0n; passed < time; passed += HOUR) {
    await pass(HOUR);
    await pushRounds(system);
    await poke(system);
    await each();
  }
}

export const valuesOf = async ({ steward, vault }: RiskSystem): Promise<Values> =>
  (await previewOf(steward, vault)).current;

export const marketOf = async ({ steward, vault }: RiskSystem) => (await previewOf(steward, vault)).market;

/**
 * A look by anyone. No parameter goes further than its step, `liquidationLtv` does not move in the call, nothing loosens where an
 * input is missing, and nobody who was healthy can be sold.
 */
export async function look(system: RiskSystem): Promise<Values> {
  const { steward, vault, stranger } = system;
  const market = await marketOf(system);
  const before = await valuesOf(system);
  const healthy = await healthyBorrowers(system);
  await steward.connect(stranger).applyTo(vault);
  const after = await valuesOf(system);
  const hasAll = market.hasVolatility && market.hasDepth && market.hasStress && market.hasPrice;
  for (const parameter of PARAMETERS) {
    const change = after[parameter] - before[parameter];
    if (change === 0n) continue;
    const isTighter = change > 0n === isTighterAbove(parameter);
    const { tightStep, looseStep } = stepsOf(parameter);
    const most = isTighter ? tightStep : looseStep;
    expect(change < 0n ? -change : change, parameter).to.be.at.most(most);
    if (!hasAll) expect(isTighter, `${parameter} loosened on missing inputs`).to.equal(true);
  }
  expect(after.liquidationLtv).to.be.at.least(before.liquidationLtv);
  await expectHealthy(system, healthy);
  return after;
}

/** Those whom nobody may sell now. */
export async function healthyBorrowers(system: RiskSystem): Promise<HardhatEthersSigner[]> {
  const healthy: HardhatEthersSigner[] = [];
  for (const borrower of system.borrowers) if (await isHealthy(system, borrower)) healthy.push(borrower);
  return healthy;
}

async function isHealthy({ vault }: RiskSystem, borrower: HardhatEthersSigner): Promise<boolean> {
  const { collateral } = await vault.position(borrower);
  const value = (collateral * EDGE_PRICE * ONE_PRICE) / 10n ** 36n;
  return (await vault.debtOf(borrower)) <= (value * (await vault.liquidationLtvBps())) / 10_000n;
}

/** Nobody can start their sale, nor anybody's while there is no price. */
export async function expectHealthy(
  { vault, oracle, keeper, borrowers: all }: RiskSystem,
  borrowers: readonly HardhatEthersSigner[] = all,
): Promise<void> {
  const errors = await ethers.getContractAt("Vault", await vault.getAddress());
  const isStale = (await oracle.price()).state === ORACLE.stale;
  for (const borrower of borrowers) {
    await expect(
      vault.connect(keeper).startSale.staticCall(borrower, ethers.ZeroAddress),
    ).to.be.revertedWithCustomError(errors, isStale ? "OracleStale" : "PositionHealthy");
  }
}

/** Trades the pool to a price, in whole loan tokens per whole collateral token, and leaves the feeds alone. */
export async function pushPool(system: RiskSystem, price: bigint): Promise<void> {
  const { uniswap, pool, governor } = system;
  await movePrice(connection, uniswap, pool, {
    trader: governor,
    price: price * ONE_PRICE,
    spendable: 10n ** 24n,
  });
}

/** The feed makes a round in every block for so many of them, its deviation up and down, and ends where it began. */
export async function storm(system: RiskSystem, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; ++i) {
    await pass(12n);
    const answer = (EDGE_PRICE * ONE_ANSWER * (i % 2 === 0 ? 1_005n : 1_000n)) / 1_000n;
    await setPrices(system, answer, answer);
  }
  await poke(system);
}

/** A borrower's order that is always due: to 60%, for 1% at most. */
export async function orderFor({ vault }: RiskSystem, borrower: HardhatEthersSigner) {
  return {
    borrower: borrower.address,
    vault: await vault.getAddress(),
    targetLtvBps: 6_000n,
    triggerDistance: 1_000n * WAD,
    horizon: 86_400n,
    maxCostBps: 100n,
    minInterval: 1n,
    expiry: FOREVER,
    nonce: 0n,
  };
}

/** Placed, and let in by the vault. */
export async function placeOrder(system: RiskSystem, borrower: HardhatEthersSigner) {
  const { deleverager, vault } = system;
  const order = await orderFor(system, borrower);
  await deleverager.connect(borrower).placeOrder(order);
  await vault.connect(borrower).setDeleverager(deleverager, true);
  return order;
}

/** The executor buys at the oracle's price. */
export async function rescue(
  { deleverager, executor }: RiskSystem,
  order: Awaited<ReturnType<typeof orderFor>>,
) {
  return deleverager.connect(executor).execute({
    order,
    signature: "0x",
    approvalSignature: "0x",
    approvalDeadline: 0n,
    parts: [],
    price: EDGE_PRICE * ONE_PRICE,
    receiver: executor.address,
    deadline: await now(),
  });
}
