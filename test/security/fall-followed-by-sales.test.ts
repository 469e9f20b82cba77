import { expect } from "chai";
import type { Addressable } from "ethers";
import { network } from "hardhat";

import { less } from "../../sdk/directSaleMath.ts";
import { WAD } from "../../sdk/math.ts";
import { movePrice, wrapEther } from "../../scripts/kit/uniswap.ts";
import {
  deployManyVenues,
  deployUnhealthy,
  type DirectSystem,
  offBy,
  orderOf,
  poolPrice,
  SUNK_PRICE,
} from "../helpers/directSale.ts";
import { ONE_ANSWER, ONE_LOAN, ONE_PRICE, setPrices } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const GAS = { gasLimit: 8_000_000n };
const UNBOUNDED = 10n ** 27n;
const BLOCK = 12n;
const FIVE_PER_MILLE = 5n * 10n ** 15n;
const FALLEN = (SUNK_PRICE * 97n) / 100n;

/**
 * Where a pool ends under what is allowed without it, a sale looks at the last fall of feed and pool: after its swaps, which count in
 * no mean of the block. It is held to what `bounds` said before.
 */
describe("The fall that a direct sale may follow", () => {
  /** The feed fell by 3%, a round before it and one after it within the window; the pool stands where it is told. */
  const withFall = async () => letFall(await deployUnhealthy(connection));
  const letFall = async <S extends DirectSystem>(system: S): Promise<S> => {
    const { loan, stranger, uniswap, vault, borrower } = system;
    await loan.mint(stranger, UNBOUNDED);
    await wrapEther(connection, uniswap, stranger, UNBOUNDED);
    await time.increase(10n * 60n);
    await vault.startSale(borrower, ethers.ZeroAddress, GAS);
    await setPrices(system, SUNK_PRICE * ONE_ANSWER, FALLEN * ONE_ANSWER);
    await time.increase(BLOCK);
    await setPrices(system, FALLEN * ONE_ANSWER, FALLEN * ONE_ANSWER);
    return system;
  };

  const withFallOfTwo = async () => letFall(await deployManyVenues(connection));

  /** How often a transaction calls a contract. */
  const callsOf = async (sent: { readonly hash: string }, target: Addressable): Promise<number> => {
    const { structLogs } = (await ethers.provider.send("debug_traceTransaction", [sent.hash])) as {
      readonly structLogs: readonly { readonly op: string; readonly stack: readonly string[] }[];
    };
    const address = BigInt(await target.getAddress());
    const calls = structLogs.filter(({ op }) => op === "CALL" || op === "STATICCALL");
    return calls.filter(
      ({ stack }) => BigInt(ethers.toBeHex(`0x${(stack.at(-2) ?? "0").replace("0x", "")}`)) === address,
    ).length;
  };

  /** Pool so far under the fallen oracle for two windows, and an order at the lowest price. */
  const orderAt = async (system: DirectSystem, bps: bigint) => {
    const { connection: _, uniswap, pool, stranger, direct, vault, borrower } = system;
    const price = offBy(FALLEN * ONE_PRICE, bps);
    await movePrice(connection, uniswap, pool, { trader: stranger, price, spendable: UNBOUNDED / 4n });
    await time.increase(2n * BLOCK);
    const bounds = await direct.bounds(vault, borrower);
    const least = less(bounds.mean, bounds.maxLoss) + (FALLEN * ONE_PRICE) / 10n ** 6n;
    const order = { ...(await orderOf(system)), price: least, maxRepay: 5_000n * ONE_LOAN, startsToo: false };
    return { bounds, order };
  };

  it("lets a pool end under what is allowed without it", async () => {
    const system = await loadFixture(withFall);
    const { direct, stranger, pool } = system;
    const { bounds, order } = await orderAt(system, -200n);
    expect(bounds.leastPrice).to.be.below(less(bounds.deciding, 3n * FIVE_PER_MILLE));
    await expect(direct.connect(stranger).execute(order, GAS)).to.emit(direct, "DirectSale");
    const after = await poolPrice(pool);
    expect(after).to.be.below(less(FALLEN * ONE_PRICE, FIVE_PER_MILLE));
    expect(after).to.be.at.least(bounds.leastPrice);
  });

  it("goes no further than `bounds` says, whether the sale looks before or after its swaps", async () => {
    const system = await loadFixture(withFall);
    const { direct, stranger } = system;
    const { bounds, order } = await orderAt(system, -360n);
    const isBound = (least: bigint): boolean => least === bounds.leastPrice;
    await expect(direct.connect(stranger).execute.staticCall(order, GAS))
      .to.be.revertedWithCustomError(direct, "ImpactTooHigh")
      .withArgs(system.venue, (price: bigint) => price < bounds.leastPrice, isBound);
  });

  it("is looked at once for all parts of a sale, each of which may follow it", async () => {
    const system = await loadFixture(withFallOfTwo);
    const { direct, uniswap, wide, wideVenue, pool, venue, stranger } = system;
    const price = offBy(FALLEN * ONE_PRICE, -200n);
    await movePrice(connection, uniswap, wide, { trader: stranger, price, spendable: UNBOUNDED / 4n });
    const { bounds, order } = await orderAt(system, -200n);
    const parts = await Promise.all(
      [venue, wideVenue].map(async (each) => ({ venue: await each.getAddress(), share: WAD / 2n })),
    );
    const execute = (split: typeof parts) =>
      direct.connect(stranger).execute({ ...order, parts: split }, GAS);
    const snapshot = await networkHelpers.takeSnapshot();
    const single = await callsOf(await execute(order.parts), system.oracle);
    await snapshot.restore();
    const sale = await execute(parts);
    await expect(sale).to.emit(direct, "DirectSale");
    for (const each of [pool, wide]) {
      const after = await poolPrice(each);
      expect(after).to.be.below(less(FALLEN * ONE_PRICE, FIVE_PER_MILLE));
      expect(after).to.be.at.least(bounds.leastPrice);
    }
    expect(single).to.be.above(0);
    expect(await callsOf(sale, system.oracle)).to.equal(single);
  });

  it("is over with the window", async () => {
    const system = await loadFixture(withFall);
    const { direct, vault, borrower, stranger } = system;
    const { fallWindow } = await vault.terms((await vault.position(borrower)).termsId);
    await time.increase(fallWindow);
    const { bounds, order } = await orderAt(system, -200n);
    expect(bounds.fall).to.equal(0n);
    const isBound = (least: bigint): boolean => least === less(bounds.deciding, FIVE_PER_MILLE);
    await expect(direct.connect(stranger).execute(order, GAS))
      .to.be.revertedWithCustomError(direct, "ImpactTooHigh")
      .withArgs(system.venue, () => true, isBound);
  });

  it("is not followed under water while the sale is young", async () => {
    const system = await loadFixture(withFall);
    const { direct, stranger } = system;
    const sunk = (FALLEN * 92n) / 100n;
    await setPrices(system, sunk * ONE_ANSWER, sunk * ONE_ANSWER);
    const { uniswap, pool } = system;
    const price = offBy(sunk * ONE_PRICE, 5n);
    await movePrice(connection, uniswap, pool, { trader: stranger, price, spendable: UNBOUNDED / 4n });
    await time.increase(2n * BLOCK);
    const bounds = await direct.bounds(system.vault, system.borrower);
    expect(bounds.leastBefore).to.equal(bounds.deciding);
    expect(bounds.fall).to.be.above(FIVE_PER_MILLE);
    expect(bounds.leastPrice).to.equal(less(bounds.deciding, FIVE_PER_MILLE));
    const order = {
      ...(await orderOf(system)),
      price: less(bounds.mean, 2n * FIVE_PER_MILLE),
      startsToo: false,
    };
    // All of it moves the pool by more than 0.5%.
    await expect(direct.connect(stranger).execute(order, GAS))
      .to.be.revertedWithCustomError(direct, "ImpactTooHigh")
      .withArgs(system.venue, () => true, bounds.leastPrice);
  });
});
