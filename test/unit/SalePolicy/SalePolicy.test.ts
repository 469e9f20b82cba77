import { inspect } from "node:util";

import { expect } from "chai";
import fc from "fast-check";
import { network } from "hardhat";

import type { RiskInputsStruct } from "../../../typechain-types/contracts/interfaces/ISalePolicy.ts";

import { ORACLE } from "../../../scripts/kit/oracleDefaults.ts";
import { BPS, PRICE_SCALE, WAD } from "../../../sdk/math.ts";
import * as model from "../../../sdk/salePolicy.ts";
import { termsFrom } from "../../../sdk/terms.ts";
import { sample } from "../../reference/inputs.ts";
import {
  deployDirectSales,
  deployUnhealthy,
  type DirectSystem,
  MARKET,
  SUNK_PRICE,
} from "../../helpers/directSale.ts";
import {
  moveMarket,
  NO_LIMIT,
  ONE_ANSWER,
  ONE_LOAN,
  ONE_PRICE,
  setPrice,
  setPrices,
  START_PRICE,
} from "../../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const GAS = { gasLimit: 5_000_000n };
const [DIRECT, DUTCH, BATCH, BACKSTOP] = [0n, 1n, 2n, 3n];
/** The vault of this test can sell in all four ways. */
const ALL = {
  batchLiquidator: "0x00000000000000000000000000000000000000b1",
  backstop: "0x00000000000000000000000000000000000000b2",
};

const marketOf = (market: RiskInputsStruct): model.RiskInputs => market as unknown as model.RiskInputs;

const isDirectOpen = async ({ direct, vault, oracle }: DirectSystem): Promise<boolean> =>
  (await direct.referenceVenue(vault)) !== ethers.ZeroAddress && (await oracle.firstPrice(0n)).latest !== 0n;

/** The lot as the policy must read it. */
async function lotOf(system: DirectSystem, market: RiskInputsStruct): Promise<model.Lot> {
  const { vault, borrower } = system;
  const position = await vault.position(borrower);
  const deciding = (await system.oracle.price()).deciding;
  const isStarted = position.saleStartedAt !== 0n;
  const raw = await vault.terms(isStarted ? position.termsId : (await vault.params()).termsId);
  const terms = termsFrom(raw);
  const block = await ethers.provider.getBlock("latest");
  const size = await vault.quoteSell(borrower, deciding, NO_LIMIT);
  const take = isStarted ? await vault.quoteTake(borrower) : undefined;
  const timestamp = BigInt(block?.timestamp ?? 0);
  return {
    inputs: marketOf(market),
    terms,
    value: (size.collateral * deciding) / PRICE_SCALE,
    collateralValue: (position.collateral * deciding) / PRICE_SCALE,
    debt: await vault.debtOf(borrower),
    sellsAll: size.collateral === position.collateral,
    isDirectOpen: await isDirectOpen(system),
    liquidationLtvBps: await vault.liquidationLtvBps(),
    ownSeconds: take?.ownSeconds ?? 0n,
    liveSeconds: take?.liveSeconds ?? 0n,
    vaultSeconds: take?.vaultSeconds ?? 0n,
    discount: take ? WAD - (take.price * WAD) / deciding : -terms.startPremiumBps * (WAD / BPS),
    gasPrice: (block?.baseFeePerGas ?? 0n) * (await vault.rewardConfig()).nativePrice,
    timestamp,
    hasBatches: (await vault.batchLiquidator()) !== ethers.ZeroAddress,
    hasBackstop: (await vault.backstop()) !== ethers.ZeroAddress,
  };
}

interface Shown {
  readonly feasible: boolean;
  readonly mechanismLoss: bigint;
  readonly waiting: bigint;
  readonly gas: bigint;
  readonly cascade: bigint;
  readonly total: bigint;
  readonly time: bigint;
}

const plain = ({ feasible, mechanismLoss, waiting, gas, cascade, total, time: seconds }: Shown): Shown => ({
  feasible,
  mechanismLoss,
  waiting,
  gas,
  cascade,
  total,
  time: seconds,
});

const anyMarket: fc.Arbitrary<RiskInputsStruct> = fc.record({
  volatility: fc.bigInt(10n ** 12n, 5n * 10n ** 15n),
  fee: fc.bigInt(0n, 5n * 10n ** 16n),
  priceMargin: fc.bigInt(0n, 10n ** 16n),
  keeperMargin: fc.bigInt(0n, 10n ** 17n),
  bidSpread: fc.bigInt(10n ** 14n, 10n ** 17n),
  backstopMargin: fc.bigInt(0n, 5n * 10n ** 16n),
  forcedLoss: fc.bigInt(0n, 2n * 10n ** 17n),
  cascade: fc.tuple(fc.bigInt(0n, WAD), fc.bigInt(0n, WAD), fc.bigInt(0n, WAD), fc.bigInt(0n, WAD)),
  gas: fc.tuple(
    fc.bigInt(0n, 10n ** 6n),
    fc.bigInt(0n, 10n ** 6n),
    fc.bigInt(0n, 10n ** 6n),
    fc.bigInt(0n, 10n ** 6n),
  ),
  depth: fc.bigInt(10n ** 5n * ONE_LOAN, 10n ** 9n * ONE_LOAN),
  backstopCapacity: fc.bigInt(0n, 10n ** 6n * ONE_LOAN),
  bidArrival: fc.bigInt(0n, 10n ** 17n),
  blockTime: fc.bigInt(50n, 60_000n),
  batchInterval: fc.bigInt(1n, 3_600n),
  feedDelay: fc.bigInt(0n, 600n),
});

const anyShares = fc
  .tuple(fc.bigInt(0n, 4n), fc.bigInt(0n, 4n), fc.bigInt(0n, 4n), fc.bigInt(0n, 4n))
  .filter((parts) => parts.some((part) => part !== 0n))
  .map((parts): [bigint, bigint, bigint, bigint] => {
    const sum = parts.reduce((a, b) => a + b, 0n);
    const shares = parts.map((part) => (part * WAD) / sum);
    const last = shares.findLastIndex((share) => share !== 0n);
    const missing = WAD - shares.reduce((a, b) => a + b, 0n);
    return shares.map((share, i) => (i === last ? share + missing : share)) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
  });

describe("SalePolicy", () => {
  const withUnhealthy = () => deployUnhealthy(connection, ALL);
  const withDirectOnly = () => deployUnhealthy(connection);
  const withHealthy = () => deployDirectSales(connection, ALL);
  async function withSale() {
    const system = await withUnhealthy();
    await system.vault.connect(system.keeper).startSale(system.borrower, system.keeper, GAS);
    return system;
  }

  describe("against its form in TypeScript", () => {
    const check = async (
      system: DirectSystem,
      market: RiskInputsStruct,
      shares: [bigint, bigint, bigint, bigint],
    ) => {
      const { policy, vault, borrower } = system;
      const reader = await ethers.deployContract("MockPolicyReader");
      await policy.setInputs(vault, market);
      const receipt = await (await reader.read(policy, vault, borrower, shares, GAS)).wait();
      const heard = receipt?.logs.map((log) => reader.interface.parseLog(log)).find((log) => log !== null);
      const [shown, split, isAcceptable, costOfWaiting] = (heard?.args ?? []) as unknown as [
        { value: bigint; best: bigint; assessments: readonly Shown[] },
        Shown,
        boolean,
        bigint,
      ];
      const lot = await lotOf(system, market);
      const expected = model.recommend(lot);
      const label = inspect({ market, own: lot.ownSeconds });
      expect(shown.value).to.equal(lot.value);
      expect(lot.gasPrice).to.be.above(0n);
      expect(shown.assessments.map(plain), label).to.deep.equal(expected.assessments);
      expect(model.MECHANISMS[Number(shown.best)], label).to.equal(expected.best);
      expect(plain(split), label).to.deep.equal(model.evaluate(lot, shares));
      expect(isAcceptable, label).to.equal(model.isAcceptable(lot, shares));
      expect(costOfWaiting, label).to.equal(expected.assessments[1]?.total);
    };

    const worlds = sample(fc.tuple(anyMarket, anyShares, fc.integer({ min: 0, max: 1_500 })), 60);

    it("is the same before a sale has started", async () => {
      const system = await loadFixture(withUnhealthy);
      for (const [market, shares] of worlds.slice(0, 25)) await check(system, market, shares);
    });

    for (const [what, bps] of [
      ["within a band", 10_150n],
      ["while the sources disagree (SUSPECT)", 10_600n],
    ] as const) {
      it(`is the same ${what}, the second source higher`, async () => {
        const system = await loadFixture(withSale);
        await setPrices(system, SUNK_PRICE * ONE_ANSWER, (SUNK_PRICE * ONE_ANSWER * bps) / BPS);
        const { deciding, high, state } = await system.oracle.price();
        expect(high).to.be.above(deciding);
        expect(state).to.equal(bps > BPS + ORACLE.maxDisagreementBps ? 1n : 2n);
        for (const [market, shares, age] of worlds.slice(0, 12)) {
          await time.increase(1 + Math.floor(age / 4));
          await check(system, market, shares);
        }
      });
    }

    it("is the same at any age of a sale, its vault's clock rewound or not", async () => {
      const system = await loadFixture(withSale);
      const { vault, loan, keeper, borrower } = system;
      const snapshot = await networkHelpers.takeSnapshot();
      for (const [i, [market, shares, age]] of worlds.entries()) {
        await time.increase(1 + age);
        if (i % 3 === 0) {
          await loan.mint(keeper, 10_000n * ONE_LOAN);
          await loan.connect(keeper).approve(vault, 10_000n * ONE_LOAN);
          const params = {
            borrower,
            receiver: keeper,
            maxRepay: 5_000n * ONE_LOAN,
            maxPayment: NO_LIMIT,
            minCollateral: 0n,
            deadline: 2n ** 40n,
            data: "0x",
          };
          await vault.connect(keeper).take(params, GAS);
        }
        await check(system, market, shares);
        await snapshot.restore();
      }
    });

    it("is the same under water, where everything is sold", async () => {
      const system = await loadFixture(withSale);
      await moveMarket(system, 1_500n);
      await time.increase(300);
      for (const [market, shares] of worlds.slice(0, 15)) await check(system, market, shares);
    });
  });

  describe("recommend", () => {
    it("picks the direct sale for a lot that pools bear, and says why term by term", async () => {
      const system = await loadFixture(withUnhealthy);
      const { policy, vault, borrower } = system;
      const { best, assessments } = await policy.recommend(vault, borrower);
      expect(best).to.equal(DIRECT);
      for (const { mechanismLoss, waiting, gas, cascade, total } of assessments) {
        expect(total).to.equal(mechanismLoss + waiting + gas + cascade);
      }
      expect(assessments[0].time).to.be.below(assessments[1].time);
    });

    it("picks the clock where pools are too thin for a direct sale", async () => {
      const system = await loadFixture(withDirectOnly);
      const { policy, vault, borrower } = system;
      await policy.setInputs(vault, { ...MARKET, depth: 4_000_000n * ONE_LOAN });
      const { best, assessments } = await policy.recommend(vault, borrower);
      expect(best).to.equal(DUTCH);
      expect(assessments[0].feasible).to.equal(false);
    });

    it("picks the batch where bidders are many and ask for little", async () => {
      const system = await loadFixture(withSale);
      const { policy, vault, borrower } = system;
      await time.increase(200);
      await policy.setInputs(vault, {
        ...MARKET,
        depth: 10_000_000n * ONE_LOAN,
        bidArrival: WAD,
        bidSpread: 5n * 10n ** 15n,
        batchInterval: 60n,
      });
      expect((await policy.recommend(vault, borrower)).best).to.equal(BATCH);
    });

    it("picks the backstop where nobody else comes for what the clock gives", async () => {
      const system = await loadFixture(withSale);
      const { policy, vault, borrower } = system;
      await policy.setInputs(vault, {
        ...MARKET,
        keeperMargin: 8n * 10n ** 16n,
        depth: ONE_LOAN,
        bidArrival: 0n,
      });
      expect((await policy.recommend(vault, borrower)).best).to.equal(BACKSTOP);
    });

    it("falls back to the clock where nothing is feasible", async () => {
      const system = await loadFixture(withDirectOnly);
      const { policy, vault, borrower } = system;
      await policy.setInputs(vault, { ...MARKET, keeperMargin: 8n * 10n ** 16n, depth: ONE_LOAN });
      const { best, assessments } = await policy.recommend(vault, borrower);
      expect(best).to.equal(DUTCH);
      expect(assessments.every(({ feasible }: { feasible: boolean }) => !feasible)).to.equal(true);
    });

    it("takes the faster of two that lose the same", async () => {
      const system = await loadFixture(withDirectOnly);
      const { policy, vault, borrower } = system;
      const calm = {
        ...MARKET,
        volatility: 10n ** 12n,
        cascade: [0n, 0n, 0n, 0n] as [bigint, bigint, bigint, bigint],
      };
      await policy.setInputs(vault, calm);
      // Debt and lot grow by the second: compare at one moment.
      const moment = (await time.latest()) + 10;
      const snapshot = await networkHelpers.takeSnapshot();
      const withMargin = async (priceMargin: bigint) => {
        await snapshot.restore();
        await time.setNextBlockTimestamp(moment);
        await policy.setInputs(vault, { ...calm, priceMargin });
        return policy.recommend(vault, borrower);
      };
      const before = await withMargin(0n);
      const margin = before.assessments[1].total - before.assessments[0].total;
      expect(margin).to.be.above(0n);
      const even = await withMargin(margin);
      expect(even.assessments[0].total).to.equal(even.assessments[1].total);
      expect(even.best).to.equal(DIRECT);
      expect((await withMargin(margin + 1n)).best).to.equal(DUTCH);
    });

    it("has no direct sale where it is turned off, beyond its impact, or while the first source is dead; one while sources disagree", async () => {
      const system = await loadFixture(withUnhealthy);
      const { policy, vault, borrower, direct, venue } = system;
      const isFeasible = async (): Promise<boolean> =>
        (await policy.recommend(vault, borrower)).assessments[0].feasible;
      expect(await isFeasible()).to.equal(true);
      await direct.setReferenceVenue(vault, ethers.ZeroAddress);
      expect(await isFeasible()).to.equal(false);
      await direct.setReferenceVenue(vault, venue);
      await policy.setInputs(vault, { ...MARKET, depth: 7_000_000n * ONE_LOAN });
      expect(await isFeasible()).to.equal(false);
      await policy.setInputs(vault, MARKET);
      await setPrices(system, SUNK_PRICE * ONE_ANSWER, (SUNK_PRICE * ONE_ANSWER * 94n) / 100n);
      expect(await isFeasible()).to.equal(true);
      await system.vault.startSale(borrower, ethers.ZeroAddress, GAS);
      await system.primary.setMode(1n);
      expect(await isFeasible()).to.equal(false);
    });

    it("has no direct sale of a position under water whose sale is young", async () => {
      const system = await loadFixture(withUnhealthy);
      const { policy, vault, borrower } = system;
      await moveMarket(system, 1_640n);
      const isFeasible = async (): Promise<boolean> =>
        (await policy.recommend(vault, borrower)).assessments[0].feasible;
      expect(await isFeasible()).to.equal(false);
      await vault.startSale(borrower, ethers.ZeroAddress, GAS);
      const { halfLife } = await vault.terms((await vault.position(borrower)).termsId);
      await time.increase(halfLife);
      expect(await isFeasible()).to.equal(true);
    });

    it("has no partial direct sale that would leave the rest worse (F5)", async () => {
      const system = await loadFixture(withUnhealthy);
      const { policy, vault, borrower } = system;
      // An LTV of 98%: a loss of 2% and more cannot be paid out of what is left.
      await moveMarket(system, 1_625n);
      await vault.startSale(borrower, ethers.ZeroAddress, GAS);
      await time.increase(15n * 60n);
      const market = { ...MARKET, priceMargin: 2n * 10n ** 16n };
      await policy.setInputs(vault, market);
      const lot = await lotOf(system, market);
      const { feasible } = (await policy.recommend(vault, borrower)).assessments[0];
      expect(feasible).to.equal(lot.sellsAll);
      expect(model.assess({ ...lot, sellsAll: false }, "direct").feasible).to.equal(false);
      expect(model.assess({ ...lot, sellsAll: true }, "direct").feasible).to.equal(true);
    });

    it("reverts for a healthy position, under a stale oracle and for a vault without inputs", async () => {
      const system = await loadFixture(withUnhealthy);
      const { policy, vault, borrower, stranger } = system;
      await expect(policy.recommend(stranger, borrower))
        .to.be.revertedWithCustomError(policy, "NotConfigured")
        .withArgs(stranger);
      await setPrice(system, START_PRICE);
      await expect(policy.recommend(vault, borrower))
        .to.be.revertedWithCustomError(policy, "NothingForSale")
        .withArgs(vault, borrower);
      await time.increase(3 * 86_400);
      await expect(policy.recommend(vault, borrower)).to.be.revertedWithCustomError(vault, "OracleStale");
    });
  });

  describe("costOfWaiting", () => {
    it("grows with volatility, and falls once the discount has ripened", async () => {
      const system = await loadFixture(withSale);
      const { policy, vault, borrower } = system;
      const before = await policy.costOfWaiting(vault, borrower);
      await policy.setInputs(vault, { ...MARKET, volatility: 34n * 10n ** 14n });
      expect(await policy.costOfWaiting(vault, borrower)).to.be.above(before);
    });
  });

  describe("evaluate and isAcceptable", () => {
    it("accepts the best mechanism alone and refuses one that loses more", async () => {
      const system = await loadFixture(withUnhealthy);
      const { policy, vault, borrower } = system;
      expect(await policy.isAcceptable(vault, borrower, [WAD, 0n, 0n, 0n])).to.equal(true);
      expect(await policy.isAcceptable(vault, borrower, [0n, 0n, 0n, WAD])).to.equal(false);
    });

    it("finds a split of a large lot better than either mechanism alone", async () => {
      const system = await loadFixture(withUnhealthy);
      const { policy, vault, borrower } = system;
      await policy.setInputs(vault, { ...MARKET, depth: 12_000_000n * ONE_LOAN });
      const { assessments, best } = await policy.recommend(vault, borrower);
      const half = await policy.evaluate(vault, borrower, [WAD / 2n, WAD / 2n, 0n, 0n]);
      expect(half.total).to.be.below(assessments[Number(best)]?.total ?? 0n);
      expect(await policy.isAcceptable(vault, borrower, [WAD / 2n, WAD / 2n, 0n, 0n])).to.equal(true);
    });

    it("refuses a split of which a part can't be done", async () => {
      const system = await loadFixture(withDirectOnly);
      const { policy, vault, borrower } = system;
      const shares: [bigint, bigint, bigint, bigint] = [WAD - 1n, 0n, 1n, 0n];
      expect((await policy.evaluate(vault, borrower, shares)).feasible).to.equal(false);
      expect(await policy.isAcceptable(vault, borrower, shares)).to.equal(false);
    });

    it("reverts when the shares do not add up", async () => {
      const { policy, vault, borrower } = await loadFixture(withUnhealthy);
      for (const sum of [0n, WAD - 1n, WAD + 1n]) {
        await expect(policy.evaluate(vault, borrower, [sum, 0n, 0n, 0n]))
          .to.be.revertedWithCustomError(policy, "InvalidShares")
          .withArgs(sum);
      }
    });
  });

  describe("setInputs", () => {
    it("stores and shows them, for the governor only", async () => {
      const { policy, vault, stranger } = await loadFixture(withHealthy);
      await expect(policy.connect(stranger).setInputs(vault, MARKET)).to.be.revertedWithCustomError(
        policy,
        "AccessManagedUnauthorized",
      );
      const market = { ...MARKET, feedDelay: 77n };
      await expect(policy.setInputs(vault, market)).to.emit(policy, "InputsSet");
      const stored = await policy.inputs(vault);
      for (const [name, value] of Object.entries(market)) {
        expect(stored[name as keyof typeof stored], name).to.deep.equal(value);
      }
    });

    it("takes blocks of a quarter of a second", async () => {
      const { policy, vault } = await loadFixture(withHealthy);
      await policy.setInputs(vault, { ...MARKET, blockTime: 250n });
      expect((await policy.inputs(vault)).blockTime).to.equal(250n);
    });

    it("refuses what is out of range, by name", async () => {
      const { policy, vault } = await loadFixture(withHealthy);
      const bad: readonly [keyof RiskInputsStruct, bigint][] = [
        ["volatility", 10n ** 12n - 1n],
        ["volatility", 5n * 10n ** 16n + 1n],
        ["fee", 5n * 10n ** 16n + 1n],
        ["priceMargin", 5n * 10n ** 16n + 1n],
        ["keeperMargin", 2n * 10n ** 17n + 1n],
        ["bidSpread", 10n ** 14n - 1n],
        ["bidSpread", 5n * 10n ** 17n + 1n],
        ["backstopMargin", 5n * 10n ** 16n + 1n],
        ["forcedLoss", 2n * 10n ** 17n + 1n],
        ["depth", 0n],
        ["bidArrival", WAD + 1n],
        ["blockTime", 49n],
        ["blockTime", 60_001n],
        ["batchInterval", 0n],
        ["batchInterval", 86_401n],
        ["feedDelay", 86_401n],
      ];
      for (const [name, value] of bad) {
        await expect(policy.setInputs(vault, { ...MARKET, [name]: value }), name)
          .to.be.revertedWithCustomError(policy, "InvalidInput")
          .withArgs(ethers.encodeBytes32String(name), value);
      }
      for (const [name, value] of [
        ["cascade", WAD + 1n],
        ["gas", 10_000_001n],
      ] as const) {
        await expect(policy.setInputs(vault, { ...MARKET, [name]: [0n, 0n, value, 0n] }))
          .to.be.revertedWithCustomError(policy, "InvalidInput")
          .withArgs(ethers.encodeBytes32String(name), value);
      }
    });
  });

  it("reads prices in the vault's scale", async () => {
    const system = await loadFixture(withUnhealthy);
    const { value } = await system.policy.recommend(system.vault, system.borrower);
    const position = await system.vault.position(system.borrower);
    expect(value).to.be.below((position.collateral * SUNK_PRICE * ONE_PRICE) / PRICE_SCALE);
    expect(value).to.be.above(90_000n * ONE_LOAN);
  });
});
