import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { network } from "hardhat";

import { deployMarket } from "../../deploy/deployment.ts";
import type { Parameters } from "../../deploy/parameters.ts";
import { ADMIN_ROLE, ROLES } from "../../deploy/roles.ts";
import { InvalidParameters } from "../../sdk/errors.ts";
import { WAD } from "../../sdk/math.ts";
import { type Deployed, deployLocally, failuresOf, localParameters, verifyDeployed } from "./fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

/** Knows the error that every managed contract has. */
const managed = await ethers.getContractFactory("OracleAdapter");

type Signer = HardhatEthersSigner;

const DAY = 86_400;
const FOREVER = 2n ** 40n;
/** Seconds in which a clock comes down to the oracle, where bids are taken. */
const PREMIUM_ENDS = 660;
const DEAD = "0x000000000000000000000000000000000000dEaD";

async function deployWithDelay() {
  const { authority } = localParameters();
  return deployLocally(connection, localParameters({ authority: { ...authority, governorDelay: 2 * DAY } }));
}

const SUNK = 1_890n;

/** The pools stand where the oracle will fall to: nobody has to trade them there. */
async function deployAtSunkPrice() {
  const market = localParameters().localMarket!;
  const price = String(SUNK);
  const localMarket = {
    ...market,
    pool: { ...market.pool, price },
    widePool: { ...market.widePool, price },
    pair: { loan: String(SUNK * 5_000n), collateral: "5000" },
  };
  return deployLocally(connection, localParameters({ localMarket }));
}

/** A lender, and a borrower who is at the limit when the oracle falls. */
async function sinkPosition({ addresses, parameters }: Deployed) {
  const [lender, , , borrower, keeper] = (await ethers.getSigners()) as [
    Signer,
    Signer,
    Signer,
    Signer,
    Signer,
  ];
  const vault = await ethers.getContractAt("IVault", addresses.vault);
  const loan = await ethers.getContractAt("MockERC20", parameters.loan.address);
  const collateral = await ethers.getContractAt("MockERC20", parameters.collateral.address);
  await loan.approve(vault, 10n ** 12n);
  await vault.connect(lender).deposit(10n ** 12n, lender);
  await collateral.mint(borrower, 10n ** 19n);
  await collateral.connect(borrower).approve(vault, 10n ** 19n);
  await vault.connect(borrower).supplyCollateral(10n ** 19n, borrower);
  await vault.connect(borrower).borrow(15_990n * 10n ** 6n, borrower, borrower);
  for (const slot of ["primary", "second"] as const) {
    const source = parameters.oracle[slot];
    if (source?.kind !== "chainlink") throw new Error("expected an aggregator");
    const aggregator = await ethers.getContractAt("MockAggregator", source.aggregator);
    await aggregator.pushAnswer(SUNK * 10n ** 8n);
  }
  const lens = await ethers.getContractAt("VaultLens", addresses.lens);
  const health = async (): Promise<bigint> => (await lens.positions(vault, [borrower]))[0]!.health;
  return { vault, loan, collateral, borrower, keeper, health };
}

/** An order that sells what may be closed into all venues, and the keeper's own quote of it. */
async function directOrder({ addresses }: Deployed, borrower: Signer, receiver: Signer) {
  const direct = await ethers.getContractAt("DirectSaleLiquidator", addresses.directLiquidator);
  const order = {
    vault: addresses.vault,
    borrower,
    parts: addresses.venues.map((venue, i) => ({ venue, share: i === 0 ? WAD : 0n })),
    price: 0n,
    maxRepay: ethers.MaxUint256,
    startsToo: true,
    receiver,
    deadline: FOREVER,
  };
  const quote = await direct.quote.staticCall(order);
  const parts = quote.parts.map(({ venue, share }) => ({ venue, share }));
  return { direct, order: { ...order, parts, price: quote.price } };
}

describe("Deployment of a vault system", () => {
  const deployed = () => deployLocally(connection);

  it("passes its own verification, of more than two hundred checks", async () => {
    const { checks, failures } = await verifyDeployed(await loadFixture(deployed));
    expect(failures).to.deep.equal([]);
    expect(checks).to.be.greaterThan(200);
  });

  it("leaves the deployer without any role", async () => {
    const { addresses } = await loadFixture(deployed);
    const [deployer] = await ethers.getSigners();
    const manager = await ethers.getContractAt("AccessManager", addresses.authority);
    for (const role of [ADMIN_ROLE, ...Object.values(ROLES)]) {
      const [isMember] = await manager.hasRole(role, deployer!);
      expect(isMember, `role ${role}`).to.equal(false);
    }
    const vault = await ethers.getContractAt("IVault", addresses.vault);
    await expect(vault.connect(deployer).setBorrowLtv(7_900n))
      .to.be.revertedWithCustomError(managed, "AccessManagedUnauthorized")
      .withArgs(deployer!.address);
  });

  it("seeds the vault with shares that nobody can redeem", async () => {
    const { addresses } = await loadFixture(deployed);
    const vault = await ethers.getContractAt("IVault", addresses.vault);
    expect(await vault.totalAssets()).to.equal(1_000_000_000n);
    expect(await vault.balanceOf(DEAD)).to.equal(await vault.totalSupply());
  });

  it("serves lenders, borrowers and keepers without capital", async () => {
    const system = await loadFixture(deployed);
    const { addresses, parameters } = system;
    const { vault, loan, borrower, keeper, health } = await sinkPosition(system);
    await vault.connect(keeper).startSale(borrower, keeper);
    await time.increase(PREMIUM_ENDS);
    const liquidator = await ethers.getContractAt("DutchAuctionLiquidator", addresses.liquidator);
    const order = {
      vault,
      borrowers: [borrower],
      start: false,
      maxRepay: ethers.MaxUint256,
      pools: parameters.liquidator.pools,
      minProfit: 1n,
      receiver: keeper,
      deadline: FOREVER,
    };
    await liquidator.connect(keeper).execute(order);
    expect(await loan.balanceOf(keeper)).to.be.greaterThan(0n);
    expect(await health()).to.be.greaterThan(WAD);
  });

  describe("given pools at the oracle's price", () => {
    it("sells directly, into two Uniswap v3 pools and a v2 pair", async () => {
      const system = await loadFixture(deployAtSunkPrice);
      const { borrower, keeper, health } = await sinkPosition(system);
      await time.increase(60);
      const { direct, order } = await directOrder(system, borrower, keeper);
      expect(order.parts).to.have.length(3);
      await expect(direct.connect(keeper).execute(order)).to.emit(direct, "DirectSale");
      expect(await health()).to.be.greaterThan(WAD);
    });

    it("carries out a split that the policy accepts", async () => {
      const system = await loadFixture(deployAtSunkPrice);
      const { borrower, keeper } = await sinkPosition(system);
      await time.increase(60);
      const { order } = await directOrder(system, borrower, keeper);
      const split = await ethers.getContractAt("SplitLiquidator", system.addresses.splitLiquidator);
      const shares: [bigint, bigint, bigint, bigint] = [WAD, 0n, 0n, 0n];
      await expect(split.connect(keeper).execute({ direct: order, shares, pools: [], minProfit: 0n }))
        .to.emit(split, "Split")
        .withArgs(system.addresses.vault, borrower, keeper, shares);
    });
  });

  it("clears standing bids at a boundary", async () => {
    const system = await loadFixture(deployed);
    const { vault, loan, collateral, borrower, keeper, health } = await sinkPosition(system);
    const batch = await ethers.getContractAt("BatchAuctionLiquidator", system.addresses.batchLiquidator);
    const [bidder] = await ethers.getSigners();
    await loan.connect(bidder).approve(batch, 10n ** 11n);
    await batch.connect(bidder).placeBid(vault, 0n, 10n ** 11n, bidder!);
    await vault.connect(keeper).startSale(borrower, keeper);
    await time.increase(PREMIUM_ENDS);
    await time.increaseTo(await batch.nextBoundary());
    await batch.connect(keeper).clear(vault, [borrower]);
    expect(await health()).to.be.greaterThan(WAD);
    await batch.claim(1n);
    expect(await collateral.balanceOf(bidder!)).to.be.greaterThan(0n);
  });

  it("has a policy that compares all four ways of selling", async () => {
    const system = await loadFixture(deployAtSunkPrice);
    const { vault, borrower, keeper } = await sinkPosition(system);
    await vault.connect(keeper).startSale(borrower, keeper);
    await time.increase(PREMIUM_ENDS);
    const policy = await ethers.getContractAt("SalePolicy", system.addresses.policy);
    const { assessments } = await policy.recommend(vault, borrower);
    // The backstop has nothing to buy with.
    expect(assessments.map(({ feasible }) => feasible)).to.deep.equal([true, true, true, false]);
  });

  describe("given two days of delay", () => {
    it("passes verification, and makes the governor wait that long for whatever it decides", async () => {
      const system = await loadFixture(deployWithDelay);
      expect(await failuresOf(system)).to.deep.equal([]);
      const [, governor] = await ethers.getSigners();
      const manager = await ethers.getContractAt("AccessManager", system.addresses.authority);
      const vault = await ethers.getContractAt("IVault", system.addresses.vault);
      const data = vault.interface.encodeFunctionData("setBorrowLtv", [7_900n]);
      await expect(vault.connect(governor).setBorrowLtv(7_900n)).to.be.revertedWithCustomError(
        manager,
        "AccessManagerNotScheduled",
      );
      await manager.connect(governor).schedule(vault, data, 0n);
      await time.increase(2 * DAY - 10);
      await expect(manager.connect(governor).execute(vault, data)).to.be.revertedWithCustomError(
        manager,
        "AccessManagerNotReady",
      );
      await time.increase(10);
      await manager.connect(governor).execute(vault, data);
      expect((await vault.params()).borrowLtvBps).to.equal(7_900n);
    });

    it("makes the governor wait for a new role as well", async () => {
      const { addresses } = await loadFixture(deployWithDelay);
      const [, governor, , , stranger] = await ethers.getSigners();
      const manager = await ethers.getContractAt("AccessManager", addresses.authority);
      await expect(
        manager.connect(governor).grantRole(ROLES.steward, stranger!, 0n),
      ).to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled");
    });

    it("lets the guardian pause at once, and do nothing that loosens", async () => {
      const { addresses } = await loadFixture(deployWithDelay);
      const [, , guardian] = await ethers.getSigners();
      const vault = await ethers.getContractAt("IVault", addresses.vault);
      await vault.connect(guardian).pause(2n);
      expect((await vault.params()).pausedActions).to.equal(2n);
      await expect(vault.connect(guardian).unpause(2n)).to.be.revertedWithCustomError(
        managed,
        "AccessManagedUnauthorized",
      );
    });
  });

  describe("given other parts", () => {
    const bounds = { heartbeat: DAY, least: "100", most: "100000" };

    it("builds a ratio of two feeds, a standby and a kinked rate model", async () => {
      const { oracle, localMarket } = localParameters();
      const usdc = { decimals: 18, answers: ["0.9998", "1"] };
      const spare = await ethers.deployContract("MockAggregator", [8n]);
      for (const answer of [1_995n, 2_000n]) await spare.pushAnswer(answer * 10n ** 8n);
      const system = await deployLocally(
        connection,
        localParameters({
          localMarket: { ...localMarket!, second: usdc },
          oracle: {
            ...oracle,
            primary: {
              kind: "chainlinkRatio",
              ...bounds,
              base: { aggregator: "@primary", decimals: 8, ...bounds },
              quote: { aggregator: "@second", decimals: 18, heartbeat: DAY, least: "0.5", most: "1.5" },
            },
            second: undefined,
            standby: { kind: "chainlink", aggregator: await spare.getAddress(), decimals: 8, ...bounds },
          },
          rateModel: { kind: "kinked", base: "0", slope1: "0.04", slope2: "0.75", kink: "0.9" },
        }),
      );
      expect(await failuresOf(system)).to.deep.equal([]);
      const adapter = await ethers.getContractAt("OracleAdapter", system.addresses.oracle);
      expect((await adapter.price()).deciding).to.equal(2_000n * 10n ** 24n);
    });

    const withBlocksOf = (blockTimeMilliseconds: number): Parameters => {
      const { policy, risk } = localParameters();
      const { depth, stress } = risk;
      const feedDeviation = { ...stress.feedDeviation, window: 600 };
      return localParameters({
        policy: { ...policy, blockTimeMilliseconds },
        risk: { ...risk, depth: { ...depth, window: 300, windows: 2 }, stress: { ...stress, feedDeviation } },
      });
    };

    it("pays for memories that bear a swap in every quarter of a second", async () => {
      const system = await deployLocally(connection, withBlocksOf(250));
      expect(await failuresOf(system)).to.deep.equal([]);
      const [venue] = system.system.directSale.venues;
      if (venue?.kind !== "uniswapV3") throw new Error("expected a venue over a v3 pool");
      const { observationCardinalityNext: kept } = await (
        await ethers.getContractAt("IUniswapV3Pool", venue.pool)
      ).slot0();
      // The depth looks back over 600 s.
      expect(kept).to.equal(2_401n);
    });

    it("refuses blocks so fast that no pool keeps a swap in each of a window", async () => {
      const { policy } = localParameters();
      const parameters = localParameters({ policy: { ...policy, blockTimeMilliseconds: 50 } });
      let refusal: unknown;
      await deployLocally(connection, parameters).catch((error: unknown) => {
        refusal = error;
      });
      expect(refusal).to.be.instanceOf(InvalidParameters);
      expect((refusal as Error).message).to.match(
        /^pool 0x\w{40}: 3600 s of its past need 72001 observations at blocks of 50 ms; it keeps 65535 at most$/,
      );
    });

    it("builds a TWAP as second source, on a rollup", async () => {
      const marketed = await deployMarket(connection, localParameters(), "test");
      const sequencer = await ethers.deployContract("MockAggregator", [0n]);
      await sequencer.pushAnswer(0n);
      // The pool has to look back over the whole window, and the sequencer's grace to run out.
      await time.increase(2 * 3_600);
      const parameters: Parameters = {
        ...marketed,
        localMarket: undefined,
        oracle: {
          ...marketed.oracle,
          second: {
            kind: "uniswapTwap",
            pool: marketed.liquidator.pools[0]!,
            window: 1_800,
            minLiquidity: "44700000000000000",
            ...bounds,
          },
          sequencer: { feed: await sequencer.getAddress(), grace: 3_600 },
        },
      };
      const system = await deployLocally(connection, parameters);
      expect(await failuresOf(system)).to.deep.equal([]);
      const adapter = await ethers.getContractAt("OracleAdapter", system.addresses.oracle);
      expect((await adapter.config()).second.kind).to.equal(2n);
      expect((await adapter.config()).secondIsPool).to.equal(true);

      // A swap in every block of a second would push the window out of the memory that was paid for.
      const { policy, sources } = system.system;
      const second = sources.second;
      if (second?.kind !== "uniswapTwap") throw new Error("expected a pool");
      const faster = { ...system.system, policy: { ...policy, blockTime: 1_000n } };
      expect(await failuresOf({ ...system, system: faster })).to.include(
        `oracle.second: pool ${second.pool} keeps 301 observations, fewer than the 1801 that 1800 s need`,
      );
      const deeper = { ...second, minLiquidity: second.minLiquidity + 1n };
      expect(
        await failuresOf({
          ...system,
          system: { ...system.system, sources: { ...sources, second: deeper } },
        }),
      ).to.deep.equal([
        "oracle.second: least liquidity: expected 44700000000000001, found 44700000000000000",
      ]);
    });
  });
});
