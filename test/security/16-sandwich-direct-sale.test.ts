import { expect } from "chai";
import { network } from "hardhat";

import { less } from "../../sdk/directSaleMath.ts";
import { BPS, PRICE_SCALE, WAD } from "../../sdk/math.ts";
import {
  deployUnhealthy,
  type DirectSystem,
  offBy,
  quotedOrder,
  SUNK_PRICE,
  sunkValue,
  WINDOW,
} from "../helpers/directSale.ts";
import {
  NO_LIMIT,
  ONE_COLLATERAL,
  ONE_LOAN,
  ONE_PRICE,
  open,
  setPrice,
  START_PRICE,
} from "../helpers/system.ts";
import { movePrice, poolPrice, swap, wrapEther } from "../../scripts/kit/uniswap.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers, provider } = connection;
const { loadFixture, time } = networkHelpers;

const GAS = { gasLimit: 5_000_000n };
const ORACLE = SUNK_PRICE * ONE_PRICE;
const UNBOUNDED = 10n ** 27n;

/**
 * THREATS, row 16. The attacker has all the capital there is and moves the pool before and after the sale. The keeper is the
 * attacker too: it passes the lowest price that the bounds allow. A push before the sale eats the sale's own room.
 */
describe("Sandwich of a direct sale", () => {
  const withUnhealthy = async () => prepare(await deployUnhealthy(connection));
  const withLarge = async () => {
    const system = await deployUnhealthy(connection);
    const { borrower } = system;
    await setPrice(system, START_PRICE);
    await open(system, borrower, 400n * ONE_COLLATERAL, 636_000n * ONE_LOAN);
    await setPrice(system, SUNK_PRICE);
    return prepare(system);
  };

  const prepare = async (system: DirectSystem): Promise<DirectSystem> => {
    const { loan, stranger } = system;
    await loan.mint(stranger, UNBOUNDED);
    await wrapEther(connection, system.uniswap, stranger, UNBOUNDED);
    await system.vault.startSale(system.borrower, ethers.ZeroAddress, GAS);
    return system;
  };

  const wealth = async ({ loan, collateral, stranger }: DirectSystem): Promise<bigint> =>
    (await loan.balanceOf(stranger)) + ((await collateral.balanceOf(stranger)) * ORACLE) / PRICE_SCALE;

  const tilt = async (system: DirectSystem, bps: bigint): Promise<void> => {
    const { uniswap, pool, stranger } = system;
    const price = offBy(ORACLE, bps);
    await movePrice(connection, uniswap, pool, { trader: stranger, price, spendable: UNBOUNDED / 4n });
  };

  /** What the attacker wins and the sale loses, as shares of the value sold; undefined where the sale is refused. */
  async function attack(
    system: DirectSystem,
    bps: bigint,
    before: "same block" | "block before" | "a window before",
    maxRepay = NO_LIMIT,
  ): Promise<{ gain: bigint; loss: bigint; value: bigint } | undefined> {
    const { direct, stranger, vault, borrower, uniswap, pool } = system;
    const { order } = await quotedOrder(system, undefined, maxRepay);
    const lowest = async (): Promise<bigint> => {
      const { mean, maxLoss } = await direct.bounds(vault, borrower);
      return less(mean, maxLoss) + ORACLE / 10n ** 6n;
    };
    let price = await lowest();
    const wealthBefore = await wealth(system);
    const { base } = pool;
    if (before === "same block") await provider.request({ method: "evm_setAutomine", params: [false] });
    else await tilt(system, bps);
    let execution;
    if (before === "same block") {
      const raw = await amountToTilt(system, bps);
      await swap(connection, uniswap, pool, { trader: stranger, tokenIn: base, amountIn: raw });
      execution = await direct
        .connect(stranger)
        .execute({ ...order, price, startsToo: false, receiver: stranger.address }, GAS);
      await provider.request({ method: "evm_mine", params: [] });
      await provider.request({ method: "evm_setAutomine", params: [true] });
    } else {
      if (before === "a window before") await time.increase(2n * WINDOW);
      price = await lowest();
      execution = await direct
        .connect(stranger)
        .execute({ ...order, price, startsToo: false, receiver: stranger.address }, GAS)
        .catch(() => undefined);
    }
    const receipt = execution ? await ethers.provider.getTransactionReceipt(execution.hash) : null;
    if (receipt?.status !== 1) return undefined;
    // Back to where the market stands.
    await tilt(system, 0n);
    const event = receipt.logs
      .map((log) => direct.interface.parseLog(log))
      .find((log) => log?.name === "DirectSale");
    if (!event) throw new Error("no sale");
    const value = sunkValue(event.args.getValue("collateral") as bigint);
    const proceeds = event.args.getValue("proceeds") as bigint;
    const reward = event.args.getValue("reward") as bigint;
    const gain = (await wealth(system)) - wealthBefore - reward;
    return { gain: (gain * WAD) / value, loss: ((value - proceeds) * WAD) / value, value };
  }

  /** Collateral that moves the pool so far down: measured and undone. */
  async function amountToTilt(system: DirectSystem, bps: bigint): Promise<bigint> {
    await provider.request({ method: "evm_setAutomine", params: [true] });
    const snapshot = await networkHelpers.takeSnapshot();
    const { collateral, stranger } = system;
    const held = await collateral.balanceOf(stranger);
    await tilt(system, bps);
    const amount = held - (await collateral.balanceOf(stranger));
    await snapshot.restore();
    await provider.request({ method: "evm_setAutomine", params: [false] });
    return amount;
  }

  const show = (share: bigint): string => `${(Number((share * 10_000n) / WAD) / 100).toFixed(2)}%`;

  for (const before of ["same block", "block before", "a window before"] as const) {
    it(`takes no more than L, whatever is pushed, ${before}`, async () => {
      const system = await loadFixture(withUnhealthy);
      const { maxLoss: most, impact } = await system.direct.bounds(system.vault, system.borrower);
      expect(most).to.equal(impact + 5n * 10n ** 15n);
      const snapshot = await networkHelpers.takeSnapshot();
      let worst = { gain: -WAD, loss: 0n, bps: 0n };
      let refused = 0;
      for (const bps of [-1n, -5n, -10n, -15n, -20n, -25n, -30n, -34n, -36n, -50n, -200n, -1_000n]) {
        // Of the lot as much as half a per cent of the pool bears.
        const outcome = await attack(system, bps, before, 60_000n * ONE_LOAN);
        await snapshot.restore();
        if (outcome === undefined) {
          refused++;
          continue;
        }
        expect(outcome.value).to.be.above(50_000n * ONE_LOAN);
        expect(outcome.loss <= most, `${bps} bps: lost ${show(outcome.loss)}`).to.equal(true);
        expect(outcome.gain <= outcome.loss, `${bps} bps: won ${show(outcome.gain)}`).to.equal(true);
        if (outcome.gain > worst.gain) worst = { ...outcome, bps };
      }
      // Pushes that leave the sale less room than it needs are refused whatever they cost; smaller ones are not.
      expect(refused).to.be.within(4, 11);
      console.log(
        `      worst: pool pushed ${worst.bps} bps, attacker wins ${show(worst.gain)}, the sale loses ${show(worst.loss)}; L = ${show(most)}`,
      );
    });
  }

  it("takes no more than L of the largest lot that the bounds let through", async () => {
    const system = await loadFixture(withLarge);
    const { maxLoss: most } = await system.direct.bounds(system.vault, system.borrower);
    const snapshot = await networkHelpers.takeSnapshot();
    let worst = { gain: -WAD, loss: 0n, bps: 0n, value: 0n };
    let refused = 0;
    for (const bps of [-10n, -34n]) {
      for (const thousands of [40n, 60n, 80n, 100n, 300n]) {
        const outcome = await attack(system, bps, "block before", thousands * 1_000n * ONE_LOAN);
        await snapshot.restore();
        if (outcome === undefined) {
          refused++;
          continue;
        }
        expect(outcome.loss <= most, `${bps} bps: lost ${show(outcome.loss)}`).to.equal(true);
        expect(outcome.gain <= outcome.loss, `${bps} bps: won ${show(outcome.gain)}`).to.equal(true);
        if (outcome.loss > worst.loss) worst = { ...outcome, bps };
      }
    }
    expect(refused).to.be.within(1, 9);
    console.log(
      `      worst: ${worst.value / ONE_LOAN} sold, pool pushed ${worst.bps} bps, attacker wins ${show(worst.gain)}, the sale loses ${show(worst.loss)}; L = ${show(most)}`,
    );
  });

  it("leaves an attacker who pushes further with the cost of the push", async () => {
    const system = await loadFixture(withUnhealthy);
    const before = await wealth(system);
    await tilt(system, -1_000n);
    const { order } = await quotedOrder(system);
    const price = offBy(ORACLE, -100n);
    await expect(
      system.direct.connect(system.stranger).execute({ ...order, price, startsToo: false }, GAS),
    ).to.be.revertedWithCustomError(system.direct, "ImpactTooHigh");
    await tilt(system, 0n);
    expect(await wealth(system)).to.be.below(before);
    expect(await poolPrice(system.pool)).to.be.within(offBy(ORACLE, -1n), offBy(ORACLE, 1n));
  });

  it("does not let a keeper sell more than needed by passing a low price: what is over repays the borrower", async () => {
    const system = await loadFixture(withUnhealthy);
    const { direct, vault, borrower, stranger } = system;
    const { order, quote } = await quotedOrder(system);
    const { mean, maxLoss } = await direct.bounds(vault, borrower);
    const price = less(mean, maxLoss) + ORACLE / 10n ** 6n;
    const before = await equity(system);
    await direct.connect(stranger).execute({ ...order, price, startsToo: false }, GAS);
    const after = await equity(system);
    const sold = before.collateral - after.collateral;
    // A price lower by L restores health with a tenth more.
    expect(sold).to.be.below((quote.collateral * 110n) / 100n);
    // The borrower bears the penalty, the reward and at most L of what was sold.
    const cost = before.value - after.value;
    const penalty = ((before.debt - after.debt) * 50n) / BPS;
    expect(cost).to.be.below(penalty + (sunkValue(sold) * maxLoss) / WAD + 100n * ONE_LOAN);
    expect(sold).to.be.above(10n * ONE_COLLATERAL);
  });

  async function equity({ vault, borrower }: DirectSystem) {
    const { collateral } = await vault.position(borrower);
    const debt = await vault.debtOf(borrower);
    return { collateral, debt, value: sunkValue(collateral) - debt };
  }
});
