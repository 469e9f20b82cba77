import { expect } from "chai";
import { network } from "hardhat";

import { WAD } from "../../sdk/math.ts";
import { deployNear, type DeleverSystem, saleOf } from "../helpers/deleverager.ts";
import {
  deployManyVenues,
  deployUnhealthy,
  type DirectSystem,
  offBy,
  orderOf,
  quotedOrder,
  SUNK_PRICE,
} from "../helpers/directSale.ts";
import { ONE_LOAN, ONE_PRICE } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture } = networkHelpers;

const GAS = { gasLimit: 15_000_000n, maxFeePerGas: 10n ** 13n };
const GWEI = 10n ** 9n;
const ORACLE = SUNK_PRICE * ONE_PRICE;
/** Under what the pools pay: there is a surplus to be had. */
const LOW = offBy(ORACLE, -70n);

type Parts = { readonly venue: string; readonly share: bigint }[];

/**
 * Whoever sends a direct sale or a rescue is paid the gas that it costs, out of what others would get. What it costs is what was
 * sold in each pool, not what the order says.
 */
describe("Padding and slicing of paid sales", () => {
  const withUnhealthy = () => deployUnhealthy(connection);
  const withManyVenues = () => deployManyVenues(connection);

  /** The reward of one sale, and what the reserve got. */
  const sell = async (
    system: DirectSystem,
    parts: Parts,
    { gwei = 1n, maxRepay }: { readonly gwei?: bigint; readonly maxRepay?: bigint } = {},
  ) => {
    const { direct, vault, loan, receiver, keeper } = system;
    const reserveBefore = (await vault.accruedTotals()).reserve;
    const before = await loan.balanceOf(receiver);
    const order = await orderOf(system);
    await networkHelpers.setNextBlockBaseFeePerGas(gwei * GWEI);
    const sent = await direct
      .connect(keeper)
      .execute({ ...order, parts, price: LOW, maxRepay: maxRepay ?? order.maxRepay, startsToo: false }, GAS);
    const receipt = await sent.wait();
    if (!receipt) throw new Error("not mined");
    const spent = (receipt.gasUsed * gwei * GWEI * 2_000n * ONE_LOAN) / WAD;
    const reward = (await loan.balanceOf(receiver)) - before;
    return { reward, spent, reserved: (await vault.accruedTotals()).reserve - reserveBefore };
  };

  const started = async (system: DirectSystem): Promise<string> => {
    await system.vault.startSale(system.borrower, ethers.ZeroAddress);
    return system.venue.getAddress();
  };

  it("pays a sale with 400 parts of nothing what one without them is paid: 0.55 at 1 gwei", async () => {
    const system = await loadFixture(withManyVenues);
    const venue = await started(system);
    const others = [await system.wideVenue.getAddress(), await system.pairVenue.getAddress()];
    const snapshot = await networkHelpers.takeSnapshot();
    const plain = await sell(system, [{ venue, share: WAD }]);
    expect(plain.reward).to.equal((550n * ONE_LOAN) / 1_000n);
    await snapshot.restore();
    // In venues that the order names once: parts of nothing are parts of nothing there too.
    const padded = await sell(system, [
      ...others.map((other) => ({ venue: other, share: 0n })),
      { venue, share: WAD },
    ]);
    expect(padded.reward).to.equal(plain.reward);
    await snapshot.restore();
    const nothing = Array.from({ length: 400 }, () => ({ venue, share: 0n }));
    await expect(sell(system, [...nothing, { venue, share: WAD }]))
      .to.be.revertedWithCustomError(system.direct, "VenueTwice")
      .withArgs(venue);
  });

  it("refuses a venue that an order names twice, wherever it stands", async () => {
    const system = await loadFixture(withManyVenues);
    const venue = await started(system);
    const other = await system.pairVenue.getAddress();
    for (const parts of [
      [venue, venue, other],
      [venue, other, venue],
      [other, venue, venue],
    ]) {
      const shares = [WAD / 4n, WAD / 4n, WAD / 2n];
      await expect(
        sell(
          system,
          parts.map((name, i) => ({ venue: name, share: shares[i] ?? 0n })),
        ),
      )
        .to.be.revertedWithCustomError(system.direct, "VenueTwice")
        .withArgs(venue);
    }
  });

  it("pays for two venues where two are sold in", async () => {
    const system = await loadFixture(withManyVenues);
    const venue = await started(system);
    const other = await system.pairVenue.getAddress();
    const { reward } = await sell(system, [
      { venue, share: (WAD * 7n) / 10n },
      { venue: other, share: (WAD * 3n) / 10n },
    ]);
    expect(reward).to.equal((770n * ONE_LOAN) / 1_000n);
  });

  it("pays no more than half the penalty, however many venues it sells in", async () => {
    const system = await loadFixture(withManyVenues);
    const venue = await started(system);
    const others = [await system.wideVenue.getAddress(), await system.pairVenue.getAddress()];
    const parts = [venue, ...others].map((name, i) => ({
      venue: name,
      share: i === 0 ? WAD / 2n : WAD / 4n,
    }));
    // A penalty of 10. Three venues cost 1,980, of which an order of 2,000 out of a lot of 250,000 is paid a 125th: 15.
    const { reward, reserved } = await sell(system, parts, { gwei: 2_000n, maxRepay: 2_000n * ONE_LOAN });
    expect(reward).to.be.within(5n * ONE_LOAN - 1n, 5n * ONE_LOAN + 1n);
    expect(reserved).to.be.at.least(5n * ONE_LOAN - 1n);
  });

  for (const slices of [2n, 5n, 20n]) {
    it(`LIQ-6: is not paid more for ${slices} slices than they cost, nor does the reserve get less by more than a lot's share`, async () => {
      const system = await loadFixture(withUnhealthy);
      const venue = await started(system);
      const parts = [{ venue, share: WAD }];
      const snapshot = await networkHelpers.takeSnapshot();
      const one = await sell(system, parts, { gwei: 5n });
      await snapshot.restore();
      const row = { reward: 0n, spent: 0n, reserved: 0n };
      for (let i = 1n; i <= slices; ++i) {
        const last = i === slices;
        const slice = await sell(system, parts, {
          gwei: 5n,
          // Together too little to be healthy again.
          ...(last ? {} : { maxRepay: (25_000n * ONE_LOAN) / (slices - 1n) }),
        });
        row.reward += slice.reward;
        row.spent += slice.spent;
        row.reserved += slice.reserved;
      }
      // All slices but the last together are paid as a part of a lot of 250,000, and the last as a sale.
      const most = one.reward + one.reward / 10n + slices;
      expect(row.reward, "reward").to.be.at.most(most);
      expect(row.reward - row.spent < one.reward - one.spent, "net").to.equal(true);
      // What is credited between the slices need not be sold, nor penalised: 0.6% of the penalties.
      expect(row.reserved).to.be.at.least((one.reserved * 99n) / 100n);
    });
  }

  describe("of a rescue", () => {
    const withNear = async (): Promise<DeleverSystem> => {
      const system = await deployNear(connection);
      await system.vault.connect(system.borrower).setDeleverager(system.deleverager, true);
      return system;
    };

    it("pays no fee for parts of nothing, and refuses a venue named twice", async () => {
      const system = await loadFixture(withNear);
      const { deleverager, keeper, loan, receiver, venue } = system;
      const quoted = await saleOf(system);
      const execution = { ...quoted, price: offBy(quoted.price, -1n) };
      const address = await venue.getAddress();
      const before = await loan.balanceOf(receiver);
      const nothing = Array.from({ length: 300 }, () => ({ venue: address, share: 0n }));
      await networkHelpers.setNextBlockBaseFeePerGas(GWEI);
      await expect(
        deleverager
          .connect(keeper)
          .execute({ ...execution, parts: [...nothing, { venue: address, share: WAD }] }, GAS),
      )
        .to.be.revertedWithCustomError(deleverager, "VenueTwice")
        .withArgs(address);
      const other = await connection.ethers.deployContract("UniswapV3Venue", [
        system.uniswap.factory,
        system.pool.address,
        60n,
      ]);
      await deleverager.setVenueListed(other, true);
      await networkHelpers.setNextBlockBaseFeePerGas(GWEI);
      await deleverager.connect(keeper).execute(
        {
          ...execution,
          parts: [
            { venue: await other.getAddress(), share: 0n },
            { venue: address, share: WAD },
          ],
        },
        GAS,
      );
      // 405,000 gas at 1 gwei and 2,000 a coin.
      expect((await loan.balanceOf(receiver)) - before).to.equal((810n * ONE_LOAN) / 1_000n);
    });
  });

  it("quotes a price that pays for the parts of the quote's own split only", async () => {
    const system = await loadFixture(withManyVenues);
    await started(system);
    const venues = [system.venue, system.wideVenue, system.pairVenue];
    await networkHelpers.setNextBlockBaseFeePerGas(GWEI);
    const { quote } = await quotedOrder(system, venues);
    expect(quote.proceeds).to.be.at.least(quote.payment);
  });
});
