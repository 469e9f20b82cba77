import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";

import { BPS, max } from "../../../sdk/math.ts";
import { OracleState } from "../../../sdk/oracleAdapter.ts";
import { CALM_TERMS } from "../../helpers/system.ts";
import {
  deployPullVaults,
  FEE,
  type PullSystem,
  pushSays,
  saleOf,
  signed,
  signedPrice,
  take,
  type Update,
  updateOf,
} from "../../helpers/pull.ts";
import { startSale, STORY, takeOf } from "../../helpers/oracleVault.ts";
import { connection, ethers, networkHelpers } from "../../helpers/chain.ts";

/** Within 2% of the crash, and the position unhealthy on it. */
const ABOVE = 1_770n;
const CONFIDENCE = signedPrice(3n);

describe("PullOracle: selling", () => {
  async function crashed() {
    const system = await deployPullVaults(connection);
    await pushSays(system, STORY.crash);
    return system;
  }
  const load = () => networkHelpers.loadFixture(crashed);

  async function started() {
    const system = await crashed();
    await startSale(system);
    return system;
  }
  const loadStarted = () => networkHelpers.loadFixture(started);

  const above = { price: signedPrice(ABOVE), confidence: CONFIDENCE };

  it("a take on a raised price is to the unit what it is where the push says that price", async () => {
    const system = await loadStarted();
    const { networkHelpers: helpers } = connection;
    const snapshot = await helpers.takeSnapshot();
    const pulled = await saleOf(system, await take(system, above));
    const time = await helpers.time.latest();
    await snapshot.restore();

    const answer = above.price + above.confidence;
    for (const feed of [system.primary, system.second]) await feed.pushRound(answer, BigInt(time) - 1n);
    await helpers.time.increaseTo(time);
    const pushed = await saleOf(system, await system.vault.connect(system.keeper).take(takeOf(system)));
    expect(pulled).to.deep.equal(pushed);
    await snapshot.restore();

    await helpers.time.increaseTo(time);
    const without = await saleOf(system, await system.vault.connect(system.keeper).take(takeOf(system)));
    expect(pulled.price).to.be.greaterThan(without.price);
    expect(pulled.repaid).to.be.lessThan(without.repaid);
  });

  it("the caller pays, the receiver gets, and nothing stays", async () => {
    const system = await loadStarted();
    const { pull, vault, loan, collateral, keeper, stranger } = system;
    const data = await updateOf(system, above);
    const params = { ...takeOf(system), receiver: stranger };
    const before = [await loan.balanceOf(keeper), await collateral.balanceOf(stranger)] as const;
    const tx = await pull.connect(keeper).take(vault, [data], params, { value: FEE });
    const sale = await saleOf(system, tx);
    expect(before[0] - (await loan.balanceOf(keeper))).to.equal(sale.repaid + sale.penalty);
    expect((await collateral.balanceOf(stranger)) - before[1]).to.equal(sale.collateral);
    for (const token of [loan, collateral]) expect(await token.balanceOf(pull)).to.equal(0n);
    expect(await loan.allowance(pull, vault)).to.equal(0n);
    expect(await ethers.provider.getBalance(pull)).to.equal(0n);
    await expect(tx)
      .to.emit(pull, "PriceBrought")
      .withArgs(vault, keeper, ABOVE * system.onePrice, (ABOVE + 3n) * system.onePrice);
  });

  it("keeps to the taker's limits, to the unit and the second", async () => {
    const system = await loadStarted();
    const { pull, vault, keeper } = system;
    const { networkHelpers: helpers } = connection;
    const snapshot = await helpers.takeSnapshot();
    const { repaid, penalty, collateral } = await saleOf(system, await take(system, above));
    const time = await helpers.time.latest();
    await snapshot.restore();
    const data = await signed(system, above, BigInt(time));
    const payment = repaid + penalty;
    const takeWithin = async (limits: object) => {
      await helpers.time.increaseTo(time);
      return pull.connect(keeper).take(vault, [data], { ...takeOf(system), ...limits }, { value: FEE });
    };
    for (const [limits, error] of [
      [{ maxPayment: payment - 1n }, "PaymentTooHigh"],
      [{ minCollateral: collateral + 1n }, "CollateralTooLow"],
      [{ deadline: time - 1 }, "DeadlinePassed"],
    ] as const) {
      const failed = await helpers.takeSnapshot();
      await expect(takeWithin(limits)).to.be.revertedWithCustomError(vault, error);
      await failed.restore();
    }
    await takeWithin({ maxPayment: payment, minCollateral: collateral, deadline: time });
  });

  it("a price under the push changes nothing: the higher one counts", async () => {
    const system = await loadStarted();
    const snapshot = await connection.networkHelpers.takeSnapshot();
    const pulled = await saleOf(system, await take(system, { price: signedPrice(STORY.crash - 20n) }));
    const time = await connection.networkHelpers.time.latest();
    await snapshot.restore();
    await connection.networkHelpers.time.increaseTo(time);
    expect(pulled).to.deep.equal(
      await saleOf(system, await system.vault.connect(system.keeper).take(takeOf(system))),
    );
  });

  it("a position that the raised price calls healthy can't be started or taken; others of a list still can", async () => {
    const system = await load();
    const { pull, vault, keeper, borrower, stranger } = system;
    const barely = 1_800n;
    const healthy = { price: signedPrice(1_820n) };
    await pushSays(system, barely);
    const start = async (update: Update) =>
      pull
        .connect(keeper)
        .startSale(vault, [await updateOf(system, update)], borrower, ethers.ZeroAddress, { value: FEE });
    await expect(start(healthy)).to.be.revertedWithCustomError(vault, "PositionHealthy");
    await expect(
      pull
        .connect(keeper)
        .startAndTake(vault, [await updateOf(system, healthy)], takeOf(system), { value: FEE }),
    ).to.be.revertedWithCustomError(vault, "PositionHealthy");
    await expect(start({ price: signedPrice(1_803n) })).to.emit(vault, "SaleStarted");
    await expect(take(system, healthy)).to.be.revertedWithCustomError(vault, "PositionHealthy");

    const many = async (borrowers: readonly HardhatEthersSigner[], update: Update) =>
      pull
        .connect(keeper)
        .takeMany(
          vault,
          [await updateOf(system, update)],
          { ...takeOf(system), borrowers: [...borrowers] },
          { value: FEE },
        );
    await expect(many([borrower], healthy)).to.be.revertedWithCustomError(vault, "NothingToTake");
    // A second one, deeper in debt.
    await pushSays(system, 2_000n);
    await vault.connect(stranger).supplyCollateral(10n * system.oneCollateral, stranger);
    await vault.connect(stranger).borrow(15_900n * system.oneLoan, stranger, stranger);
    await pushSays(system, barely);
    await vault.connect(keeper).startSale(stranger, ethers.ZeroAddress);
    const before = await vault.position(borrower);
    await many([borrower, stranger], healthy);
    expect(await vault.position(borrower)).to.deep.equal(before);
    expect((await vault.position(stranger)).scaledDebt).to.be.lessThan(15_900n * system.oneLoan);
  });

  it("passes over positions of a list that were not started", async () => {
    const system = await loadStarted();
    const { pull, vault, keeper, stranger, borrower } = system;
    await pushSays(system, 2_000n);
    await vault.connect(stranger).supplyCollateral(10n * system.oneCollateral, stranger);
    await vault.connect(stranger).borrow(STORY.debt * system.oneLoan, stranger, stranger);
    await pushSays(system, STORY.crash);
    const params = { ...takeOf(system), borrowers: [stranger, borrower, borrower] };
    await pull.connect(keeper).takeMany(vault, [await updateOf(system, above)], params, { value: FEE });
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
    expect((await vault.position(stranger)).scaledDebt).to.equal(STORY.debt * system.oneLoan);
  });

  it("starts and takes in one call, the reward netted as at the vault", async () => {
    const system = await load();
    const { pull, vault, keeper } = system;
    const data = await updateOf(system, above);
    const tx = await pull.connect(keeper).startAndTake(vault, [data], takeOf(system), { value: FEE });
    await expect(tx).to.emit(vault, "SaleStarted");
    const { price } = await saleOf(system, tx);
    // The clock is at its beginning: no discount.
    expect(CALM_TERMS.startPremiumBps).to.equal(0n);
    expect(price).to.equal((ABOVE + 3n) * system.onePrice);
  });

  /** The reward of a start by the keeper, in the stranger's shares. */
  async function rewardOf(system: PullSystem, update: Update): Promise<bigint> {
    const { pull, vault, guardian, keeper, stranger, borrower, oneLoan } = system;
    // It governs the vault too.
    await vault.connect(guardian).setRewardConfig({ cap: 100n * oneLoan, nativePrice: 2_000n * oneLoan });
    const data = await updateOf(system, update);
    await connection.networkHelpers.setNextBlockBaseFeePerGas(10n ** 10n);
    await pull.connect(keeper).startSale(vault, [data], borrower, stranger, { value: FEE });
    expect(await vault.balanceOf(pull)).to.equal(0n);
    return vault.balanceOf(stranger);
  }

  it("pays the reward of a start to whom the caller names", async () => {
    expect(await rewardOf(await load(), above)).to.be.greaterThan(0n);
  });

  it("and none that the collateral does not cover on the push, whatever it would cover on the raised price", async () => {
    const system = await load();
    // 10 x 1,629 x 92% are less than the debt, 10 x 1,640 x 92% are more.
    await pushSays(system, 1_629n);
    expect(await rewardOf(system, { price: signedPrice(1_640n) })).to.equal(0n);
  });

  it("while the sources disagree the anchor slides from the higher of the second source and the raised price", async () => {
    const system = await load();
    const { pull, vault, keeper, onePrice } = system;
    const { networkHelpers: helpers } = connection;
    // Clamped to 2% above the push.
    await pushSays(system, STORY.crash, { second: { price: 1_900n } });
    const high = (STORY.crash * onePrice * (BPS + 200n)) / BPS;
    for (const pulled of [1_760n, 1_785n]) {
      const snapshot = await helpers.takeSnapshot();
      const data = await updateOf(system, { price: signedPrice(pulled) });
      const tx = await pull.connect(keeper).startAndTake(vault, [data], takeOf(system), { value: FEE });
      expect((await saleOf(system, tx)).price).to.equal(max(high, pulled * onePrice));
      await snapshot.restore();
    }
  });

  it("while they agree it is the raised price itself, however much higher the second source is", async () => {
    const system = await load();
    const { pull, vault, keeper, onePrice } = system;
    await pushSays(system, STORY.crash, { second: { price: 1_780n } });
    expect((await pull.price()).state).to.equal(OracleState.FRESH);
    const data = await updateOf(system, { price: signedPrice(1_760n) });
    const tx = await pull.connect(keeper).startAndTake(vault, [data], takeOf(system), { value: FEE });
    expect((await saleOf(system, tx)).price).to.equal(1_760n * onePrice);
  });

  it("with a stale push there is nothing to raise", async () => {
    const system = await loadStarted();
    const { time } = connection.networkHelpers;
    await time.increase(2n * 3_600n);
    expect((await system.pull.price()).state).to.equal(OracleState.STALE);
    await expect(take(system, above)).to.be.revertedWithCustomError(system.vault, "OracleStale");
  });

  it("reads as the adapter does, for everybody, at every other time", async () => {
    const system = await loadStarted();
    const { pull, oracle } = system;
    const since = BigInt(await connection.networkHelpers.time.latest()) - 100n;
    expect(await pull.price()).to.deep.equal(await oracle.price());
    expect(await pull.priceSince(since)).to.deep.equal(await oracle.priceSince(since));
    await take(system, above, 1_000n * system.oneLoan);
    expect(await pull.price()).to.deep.equal(await oracle.price());
    expect(await pull.priceSince(since)).to.deep.equal(await oracle.priceSince(since));
  });
});
