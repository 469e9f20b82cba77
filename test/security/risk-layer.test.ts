import { expect } from "chai";

import { PRICE_SCALE } from "../../sdk/math.ts";
import { PARAMETERS, type Values } from "../../sdk/stewardMath.ts";
import { ethers, loadFixture, networkHelpers, now, pass } from "../helpers/chain.ts";
import { Mode, encodeAnswer, percent, termsOf } from "../helpers/contagion.ts";
import { deposit, everywhere, withdraw } from "../helpers/depth.ts";
import {
  CALM_VALUES,
  deployRisk,
  EDGE_PRICE,
  expectHealthy,
  LEAVING,
  live,
  look,
  marketOf,
  placeOrder,
  poke,
  pushPool,
  pushRounds,
  rescue,
  type RiskSystem,
  SILENCE,
  stepsOf,
  storm,
  valuesOf,
  WILD_VOLATILITY,
} from "../helpers/riskSystem.ts";
import { HOUR, LOOSE_DELAY, NOTICE } from "../helpers/steward.ts";
import { ONE_ANSWER, ONE_COLLATERAL, ONE_LOAN, open, POOL_FEE, setPrices } from "../helpers/system.ts";

const WINDOW = 600n;
const BLOCK = 12n;
const RANGE = everywhere(LEAVING, POOL_FEE);
const FLOOD = everywhere(10n * LEAVING, POOL_FEE);

const load = () => loadFixture(deployRisk);

const expectCalm = async (system: RiskSystem) => expect(await valuesOf(system)).to.deep.equal(CALM_VALUES);

const stateOf = ({ steward, vault }: RiskSystem) => steward.state(vault);

/** Up to the last second of the notice nothing has moved `liquidationLtv`, whoever looks how often. */
async function expectNotice(system: RiskSystem, announced: bigint): Promise<void> {
  const { vault } = system;
  while ((await now()) + HOUR < announced + NOTICE) {
    await live(system, HOUR);
    await look(system);
    expect(await vault.liquidationLtvBps()).to.equal(CALM_VALUES.liquidationLtv);
  }
  await pass(announced + NOTICE - 1n - (await now()));
  await look(system);
  expect(await vault.liquidationLtvBps()).to.equal(CALM_VALUES.liquidationLtv);
  await expectHealthy(system);
}

/** All tighter than in a calm market, by one step, or as they were. */
function expectOneStep(values: Values): void {
  for (const parameter of PARAMETERS) {
    const change = values[parameter] - CALM_VALUES[parameter];
    const distance = change < 0n ? -change : change;
    expect(distance, parameter).to.be.at.most(stepsOf(parameter).tightStep);
  }
}

describe("Security: the risk layer on real oracles", () => {
  it("at rest all inputs are there, and nothing moves", async () => {
    const system = await load();
    const market = await marketOf(system);
    expect([market.hasVolatility, market.hasDepth, market.hasStress, market.hasPrice]).to.deep.equal([
      true,
      true,
      true,
      true,
    ]);
    expect((await system.monitor.stress()).live).to.equal(4n);
    await look(system);
    await live(system, 30n * HOUR, async () => void (await look(system)));
    await expectCalm(system);
    await expectHealthy(system);
  });

  describe("a pool manipulated for one block", () => {
    for (const price of [EDGE_PRICE / 2n, 2n * EDGE_PRICE]) {
      it(`its price pushed to ${price} around a poke and a look: nothing is seen`, async () => {
        const system = await load();
        await pushPool(system, price);
        await poke(system);
        await look(system);
        await pushPool(system, EDGE_PRICE);
        await expectCalm(system);
        await live(system, 2n * HOUR, async () => void (await look(system)));
        expect((await stateOf(system)).startsAt).to.equal(0n);
        await expectCalm(system);
      });
    }

    it("flooded with liquidity around a poke and a look: nothing loosens, then or after", async () => {
      const system = await load();
      await withdraw(system.provider, system.pool, RANGE);
      await live(system, HOUR);
      const tight = await look(system);
      expect(tight.policyDepth).to.be.below(CALM_VALUES.policyDepth);
      // At every look for longer than the delay: to the steward a calm that held, had the block counted.
      for (let i = 0; i < 14; ++i) {
        await deposit(system.provider, system.pool, FLOOD);
        await poke(system);
        const seen = await look(system);
        await withdraw(system.provider, system.pool, FLOOD);
        for (const parameter of ["stressDepth", "borrowCap", "policyDepth", "lot"] as const) {
          expect(seen[parameter], parameter).to.be.at.most(tight[parameter]);
        }
        await live(system, 6n * HOUR);
      }
    });

    it("emptied of half of its liquidity for a block: no window shows it, and nothing moves", async () => {
      const system = await load();
      await withdraw(system.provider, system.pool, RANGE);
      await poke(system);
      await look(system);
      await deposit(system.provider, system.pool, RANGE);
      await live(system, HOUR);
      await look(system);
      await expectCalm(system);
    });
  });

  describe("a pool manipulated for a part of a window", () => {
    it("half of the liquidity gone for a block, seen: a step at most, and no LTV before the notice", async () => {
      const system = await load();
      await withdraw(system.provider, system.pool, RANGE);
      await pass(BLOCK);
      await deposit(system.provider, system.pool, RANGE);
      await pass(WINDOW);
      await pushRounds(system);
      await poke(system);
      const { depth } = await marketOf(system);
      // Twelve seconds of 600 weigh as much more as they were emptier.
      expect(depth).to.be.above((CALM_VALUES.policyDepth * 97n) / 100n);
      expectOneStep(await look(system));
      expect(await system.vault.liquidationLtvBps()).to.equal(CALM_VALUES.liquidationLtv);
    });

    it("half gone for half a window: one step, announced for a day, and withdrawn when the pool is back", async () => {
      const system = await load();
      await withdraw(system.provider, system.pool, RANGE);
      await pass(WINDOW / 2n);
      await deposit(system.provider, system.pool, RANGE);
      await pass(WINDOW / 2n);
      await pushRounds(system);
      await poke(system);
      const values = await look(system);
      expect(values.stressDepth).to.be.below(CALM_VALUES.stressDepth);
      expectOneStep(values);
      expect((await stateOf(system)).startsAt).to.equal((await now()) + NOTICE);
      await expectNotice(system, await now());
      await live(system, 2n * HOUR);
      await look(system);
      expect((await stateOf(system)).startsAt).to.equal(0n);
      const { liquidationLtvFromBps, liquidationLtvToBps } = await system.vault.params();
      expect([liquidationLtvFromBps, liquidationLtvToBps]).to.deep.equal([8_300n, 8_300n]);
      await expectHealthy(system);
    });

    it("its price pushed out of most of its liquidity for half a window: the same", async () => {
      const system = await load();
      await pushPool(system, EDGE_PRICE / 2n);
      await pass(WINDOW / 2n);
      await pushPool(system, EDGE_PRICE);
      await pass(WINDOW / 2n);
      await pushRounds(system);
      await poke(system);
      // The pool's mean price is a source of stress too, but one of four.
      expect((await marketOf(system)).stress).to.equal(0n);
      const values = await look(system);
      expect(values.policyDepth).to.be.below(CALM_VALUES.policyDepth);
      expectOneStep(values);
      await expectNotice(system, await now());
    });

    it("emptied for good: nobody is sold before the notice has run, and the ramp that begins then goes one step", async () => {
      const system = await load();
      await withdraw(system.provider, system.pool, RANGE);
      await live(system, HOUR);
      await look(system);
      const announced = await now();
      expect((await stateOf(system)).startsAt).to.equal(announced + NOTICE);
      await expectNotice(system, announced);
      await live(system, HOUR);
      const { rampStart: before } = await system.vault.params();
      await look(system);
      const params = await system.vault.params();
      expect(params.rampStart).to.be.above(before);
      expect(params.liquidationLtvToBps).to.be.at.least(
        CALM_VALUES.liquidationLtv - stepsOf("liquidationLtv").tightStep,
      );
      // At the second in which the ramp begins all are as healthy as before.
      expect(await system.vault.liquidationLtvBps()).to.equal(CALM_VALUES.liquidationLtv);
      await expectHealthy(system);
    });

    it("a rescue meanwhile is paid at the oracle's price, and ends at its order's target", async () => {
      const system = await load();
      const [borrower] = system.borrowers;
      const order = await placeOrder(system, borrower!);
      await pushPool(system, EDGE_PRICE / 2n);
      await pass(BLOCK);
      const debt = await system.vault.debtOf(borrower!);
      await rescue(system, order);
      const left = await system.vault.debtOf(borrower!);
      const { collateral } = await system.vault.position(borrower!);
      const sold = 100n * ONE_COLLATERAL - collateral;
      expect((debt - left + 1n) * ONE_COLLATERAL).to.be.at.least(sold * EDGE_PRICE * ONE_LOAN);
      expect((left * 10n ** 12n * 10_000n) / (collateral * EDGE_PRICE)).to.be.at.most(6_000n);
      await expectHealthy(system);
    });
  });

  describe("stress fed from one source", () => {
    async function withLiar() {
      const system = await load();
      const liar = await ethers.deployContract("MockRawAnswer");
      const speak = async () => liar.setAnswer(Mode.ANSWER, encodeAnswer(percent(100n), await now()));
      await speak();
      await system.monitor.setSource(await termsOf(liar, { heartbeat: 2n * HOUR }));
      return { ...system, liar, speak };
    }

    it("that lies at 1, then is dead: nothing is moved, on neither side", async () => {
      const system = await withLiar();
      expect((await system.monitor.stress()).live).to.equal(5n);
      await look(system);
      await live(system, 30n * HOUR, async () => {
        await system.speak();
        await look(system);
      });
      await expectCalm(system);
      await system.liar.setAnswer(Mode.REVERT, "0x");
      await look(system);
      expect((await system.monitor.stress()).live).to.equal(4n);
      await system.liar.setAnswer(Mode.BURN_GAS, "0x");
      await live(system, 5n * HOUR, async () => void (await look(system)));
      await expectCalm(system);
    });

    it("with two real ones dead it is one of three: still no more than one voice", async () => {
      const system = await withLiar();
      const { other, holder, monitor } = system;
      await other.connect(holder).redeem(await other.balanceOf(holder), holder, holder);
      await monitor.removeSource(system.sources[2]);
      const { live: count, isKnown } = await monitor.stress();
      expect([count, isKnown]).to.deep.equal([3n, true]);
      await look(system);
      await expectCalm(system);
    });

    it("dead as the third of three: stress is not known, and nothing loosens while it is not", async () => {
      const system = await withLiar();
      const { other, holder, monitor, provider, pool, vault } = system;
      await withdraw(provider, pool, RANGE);
      await live(system, HOUR);
      const tight = await look(system);
      await deposit(provider, pool, RANGE);
      await other.connect(holder).redeem(await other.balanceOf(holder), holder, holder);
      await monitor.removeSource(system.sources[2]);
      await system.liar.setAnswer(Mode.REVERT, "0x");
      expect((await marketOf(system)).hasStress).to.equal(false);
      await live(system, LOOSE_DELAY + 12n * HOUR, async () => void (await look(system)));
      const after = await valuesOf(system);
      expect({ ...after, liquidationLtv: 0n }).to.deep.equal({ ...tight, liquidationLtv: 0n });
      // What was announced on a known market takes its one step; nothing new follows.
      expect(await vault.liquidationLtvBps()).to.be.at.least(
        CALM_VALUES.liquidationLtv - stepsOf("liquidationLtv").tightStep,
      );
    });

    it("the same with the source back: it all loosens again, after the delay", async () => {
      const system = await withLiar();
      const { provider, pool } = system;
      await withdraw(provider, pool, RANGE);
      await live(system, HOUR);
      const tight = await look(system);
      await deposit(provider, pool, RANGE);
      await live(system, LOOSE_DELAY + 2n * HOUR, async () => void (await look(system)));
      expect((await valuesOf(system)).policyDepth).to.be.above(tight.policyDepth);
    });
  });

  describe("a stuck feed", () => {
    it("silent beyond its heartbeat: nothing moves, nobody is rescued or sold", async () => {
      const system = await load();
      const { deleverager, borrowers, volatilityOracle } = system;
      const order = await placeOrder(system, borrowers[0]!);
      await pass(SILENCE - 1n);
      expect((await marketOf(system)).hasVolatility).to.equal(true);
      await pass(1n);
      await look(system);
      await pass(HOUR);
      await look(system);
      await expect(rescue(system, order)).to.be.revertedWithCustomError(deleverager, "VolatilityUnknown");
      for (let i = 0; i < 12; ++i) {
        await pass(6n * HOUR);
        await volatilityOracle.poke(system.primary, 10n);
        await look(system);
      }
      const values = await valuesOf(system);
      expect(values).to.deep.equal(CALM_VALUES);
      await expect(rescue(system, order)).to.be.revert(ethers);
    });

    it("stuck in a wild market: what was tightened stays, and no further step follows", async () => {
      const system = await load();
      await storm(system, 300);
      const tight = await look(system);
      expect(tight.hold).to.be.above(CALM_VALUES.hold);
      await pass(SILENCE);
      await look(system);
      await pass(HOUR);
      await look(system);
      const stuck = await valuesOf(system);
      for (let i = 0; i < 16; ++i) {
        await pass(6n * HOUR);
        await look(system);
      }
      const after = await valuesOf(system);
      expect({ ...after, liquidationLtv: 0n }).to.deep.equal({ ...stuck, liquidationLtv: 0n });
      expect({ ...after, liquidationLtv: 0n }).to.deep.equal({ ...tight, liquidationLtv: 0n });
    });

    it("a round missing: the volatility is unknown until a half-life of whole rounds has passed, and rescues wait for it", async () => {
      const system = await load();
      const { deleverager, borrowers, primary } = system;
      const order = await placeOrder(system, borrowers[0]!);
      await primary.skipRounds(1n);
      await live(system, HOUR);
      expect((await marketOf(system)).hasVolatility).to.equal(false);
      await look(system);
      await live(system, HOUR);
      await look(system);
      await expect(rescue(system, order)).to.be.revertedWithCustomError(deleverager, "VolatilityUnknown");
      await live(system, 4n * HOUR, async () => void (await look(system)));
      expect((await marketOf(system)).hasVolatility).to.equal(false);
      await live(system, HOUR);
      expect((await marketOf(system)).hasVolatility).to.equal(true);
      await look(system);
      await rescue(system, order);
    });

    it("rounds that nobody poked count as missing: the steward asks for them, and any poke brings them", async () => {
      const system = await load();
      await pass(HOUR);
      await pushRounds(system);
      expect((await marketOf(system)).hasVolatility).to.equal(false);
      await poke(system);
      expect((await marketOf(system)).hasVolatility).to.equal(true);
      await look(system);
      await expectCalm(system);
    });
  });

  describe("volatility pumped", () => {
    it("by an attacker's own trades: they reach no round, and nothing that follows from volatility moves", async () => {
      const system = await load();
      const { volatilityOracle, primary } = system;
      const before = await volatilityOracle.stateOf(primary);
      for (let i = 0; i < 40; ++i) {
        await pushPool(system, i % 2 === 0 ? (EDGE_PRICE * 3n) / 2n : (EDGE_PRICE * 2n) / 3n);
        await pass(BLOCK);
      }
      await pushPool(system, EDGE_PRICE);
      await volatilityOracle.poke(primary, 10n);
      expect(await volatilityOracle.stateOf(primary)).to.deep.equal(before);
      await live(system, HOUR);
      expect((await volatilityOracle.stateOf(primary)).variance).to.be.below(before.variance);
      const values = await look(system);
      for (const parameter of ["hold", "maxDiscount", "targetLtv", "halfLife", "policyVolatility"] as const) {
        expect(values[parameter], parameter).to.equal(CALM_VALUES[parameter]);
      }
      expectOneStep(values);
      await expectNotice(system, await now());
    });

    it("by the worst rounds that a feed can honestly make, one a block: a step a delay, and a day's notice", async () => {
      const system = await load();
      await storm(system, 300);
      const market = await marketOf(system);
      expect(market.volatility).to.be.above(WILD_VOLATILITY);
      expectOneStep(await look(system));
      const announced = await now();
      expect((await stateOf(system)).startsAt).to.equal(announced + NOTICE);
      for (let i = 0; i < 3; ++i) {
        await live(system, 6n * HOUR);
        await storm(system, 100);
        await look(system);
        expect(await system.vault.liquidationLtvBps()).to.equal(CALM_VALUES.liquidationLtv);
        await expectHealthy(system);
      }
      await expectNotice(system, announced);
    });

    it("to its clamp, by one round of any size: a step at most, in the hour and after", async () => {
      const system = await load();
      const { vault } = system;
      await pass(BLOCK);
      await setPrices(system, EDGE_PRICE * ONE_ANSWER * 100n, EDGE_PRICE * ONE_ANSWER * 100n);
      await pass(BLOCK);
      await pushRounds(system);
      await poke(system);
      expectOneStep(await look(system));
      for (let i = 0; i < 4; ++i) await look(system);
      expectOneStep(await valuesOf(system));
      expect(await vault.liquidationLtvBps()).to.equal(CALM_VALUES.liquidationLtv);
      await expectHealthy(system);
    });

    it("does not stop a borrower from leaving, nor lenders, while it lasts", async () => {
      const system = await load();
      const { vault, lender, loan } = system;
      const [borrower] = system.borrowers;
      await storm(system, 300);
      await look(system);
      await loan.mint(borrower!, 200_000n * ONE_LOAN);
      await loan.connect(borrower).approve(vault, 200_000n * ONE_LOAN);
      await vault.connect(borrower).repay(100_000n * ONE_LOAN, borrower!);
      await open(system, borrower!, ONE_COLLATERAL, 0n);
      await vault.connect(lender).withdraw(1_000_000n * ONE_LOAN, lender, lender);
      await expectHealthy(system);
    });
  });

  describe("a rescue, or whoever a borrower let in", () => {
    /** At the edge's price, an LTV of 77.7%; the executor himself is let in, and asks the vault for what he likes. */
    async function letIn() {
      const system = await load();
      const { vault, loan, executor, borrowers } = system;
      const borrower = borrowers[2]!;
      await vault.connect(borrower).setDeleverager(executor, true);
      await loan.connect(executor).approve(vault, 10n ** 6n * ONE_LOAN);
      const errors = await ethers.getContractAt("IVaultDeleveraging", vault);
      const buy = (collateral: bigint, repay: bigint) =>
        vault.connect(executor).deleverage({ borrower, collateral, repay, receiver: executor, data: "0x" });
      return { ...system, errors, buy };
    }

    it("comes too late for an unhealthy position: that is sold by its clock", async () => {
      const system = await load();
      const order = await placeOrder(system, system.borrowers[0]!);
      await setPrices(system, 1_900n * ONE_ANSWER, 1_900n * ONE_ANSWER);
      await poke(system);
      const errors = await ethers.getContractAt("IVaultDeleveraging", system.vault);
      await expect(rescue(system, order)).to.be.revertedWithCustomError(errors, "PositionUnhealthy");
    });

    it("pays no less than the floor that a sale would have now", async () => {
      const { buy, errors } = await letIn();
      const floor = (EDGE_PRICE * ONE_LOAN * 92n) / 100n;
      await expect(buy(ONE_COLLATERAL, floor - 1n)).to.be.revertedWithCustomError(errors, "PaymentTooLow");
      await buy(ONE_COLLATERAL, floor);
    });

    it("never leaves a higher LTV: not by a unit of debt that rounding spares", async () => {
      const { buy, errors } = await letIn();
      await expect(buy(10n ** 8n * 5n, 1n)).to.be.revertedWithCustomError(errors, "LtvNotLower");
    });

    it("never leaves an unhealthy position: not by a unit that the limit is rounded by", async () => {
      const system = await letIn();
      const { vault, borrowers, buy } = system;
      // 100 collateral tokens: an answer of 8 decimals is their value in loan units.
      const debt = await vault.debtOf(borrowers[2]!);
      const answer = (debt * 10_000n + 8_299n) / 8_300n;
      await setPrices(system, answer, answer);
      const held = 100n * ONE_COLLATERAL;
      const price = answer * 10n ** 16n;
      const limit = (collateral: bigint) => ((collateral * price) / PRICE_SCALE) * 8_300n;
      expect(debt).to.equal(limit(held) / 10_000n);
      let tried = 0;
      for (let repay = 2n; repay < 40n; ++repay) {
        const sold = (repay * PRICE_SCALE * 100n) / (price * 92n);
        const left = debt - repay + 1n;
        if (left * held >= debt * (held - sold) || left <= limit(held - sold) / 10_000n) continue;
        ++tried;
        const snapshot = await networkHelpers.takeSnapshot();
        await buy(sold, repay).catch(() => undefined);
        const { collateral } = await vault.position(borrowers[2]!);
        expect(await vault.debtOf(borrowers[2]!)).to.be.at.most(limit(collateral) / 10_000n);
        await snapshot.restore();
      }
      expect(tried).to.be.at.least(1);
    });
  });
});
