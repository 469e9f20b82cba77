import { expect } from "chai";
import { network } from "hardhat";

import { PRICE_SCALE, WAD } from "../../../sdk/math.ts";
import { createPair, deployManyVenues, SUNK_PRICE, WINDOW } from "../../helpers/directSale.ts";
import { ONE_COLLATERAL, ONE_LOAN, ONE_PRICE } from "../../helpers/system.ts";
import {
  addLiquidity,
  createPool,
  deployUniswap,
  poolPrice,
  swap,
  wrapEther,
} from "../../../scripts/kit/uniswap.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const AMOUNT = 100n * ONE_COLLATERAL;

describe("Venues over real pools", () => {
  async function deploy() {
    const system = await deployManyVenues(connection);
    await wrapEther(connection, system.uniswap, system.stranger, 10n * AMOUNT);
    const pairPrice = async (): Promise<bigint> => {
      const [reserve0, reserve1] = (await system.pair.getFunction("getReserves")()) as [bigint, bigint];
      const isToken0 = (await system.pair.getFunction("token0")()) === (await system.collateral.getAddress());
      return isToken0 ? (reserve1 * PRICE_SCALE) / reserve0 : (reserve0 * PRICE_SCALE) / reserve1;
    };
    return { ...system, pairPrice };
  }

  type Deployed = Awaited<ReturnType<typeof deploy>>;
  const CASES = [
    {
      name: "UniswapV3Venue",
      of: ({ wideVenue, wide }: Deployed) => ({ venue: wideVenue, price: () => poolPrice(wide) }),
      fee: 3n * 10n ** 15n,
      hasTwap: true,
    },
    {
      name: "UniswapV3Venue over a pool of another fee",
      of: ({ venue, pool }: Deployed) => ({ venue, price: () => poolPrice(pool) }),
      fee: 5n * 10n ** 14n,
      hasTwap: true,
    },
    {
      name: "UniswapV2Venue",
      of: ({ pairVenue, pairPrice }: Deployed) => ({ venue: pairVenue, price: pairPrice }),
      fee: 3n * 10n ** 15n,
      hasTwap: false,
    },
  ] as const;

  for (const { name, of, fee, hasTwap } of CASES) {
    describe(name, () => {
      it("swaps what it was sent, and says what the pool did", async () => {
        const system = await loadFixture(deploy);
        const { collateral, loan, stranger, receiver } = system;
        const { venue, price } = of(system);
        const before = await price();
        const mean = await venue.meanPrice(collateral);
        if (hasTwap) expect(mean).to.be.within((before * 9_998n) / 10_000n, (before * 10_002n) / 10_000n);
        else expect(mean).to.equal(0n);
        await collateral.connect(stranger).transfer(venue, AMOUNT);
        const result = await venue.connect(stranger).swap.staticCall(collateral, AMOUNT, receiver);
        const execution = venue.connect(stranger).swap(collateral, AMOUNT, receiver);
        await expect(execution).to.changeTokenBalances(
          ethers,
          loan,
          [venue, receiver],
          [0n, result.amountOut],
        );
        expect(await collateral.balanceOf(venue)).to.equal(0n);
        expect(result.priceBefore).to.equal(before);
        expect(result.priceAfter).to.equal(await price());
        expect(result.priceAfter).to.be.below(before);
        expect(result.amountOut).to.be.within(
          (AMOUNT * (WAD - fee) * result.priceAfter) / (WAD * PRICE_SCALE),
          (AMOUNT * (WAD - fee) * result.priceBefore) / (WAD * PRICE_SCALE),
        );
        expect(result.fee).to.equal(fee);
      });

      it("swaps the other way too, and says what the pool did, priced the other way round", async () => {
        const system = await loadFixture(deploy);
        const { collateral, loan, stranger, receiver } = system;
        const { venue, price } = of(system);
        const inverse = async (): Promise<bigint> => PRICE_SCALE ** 2n / (await price());
        const before = await inverse();
        const amount = 100_000n * ONE_LOAN;
        const quoted = await venue.quote.staticCall(loan, amount);
        await loan.mint(venue, amount);
        const result = await venue.connect(stranger).swap.staticCall(loan, amount, receiver);
        await venue.connect(stranger).swap(loan, amount, receiver);
        expect(await collateral.balanceOf(receiver)).to.equal(result.amountOut);
        const near = (found: bigint, expected: bigint): void => {
          expect(found).to.be.within((expected * 999_999n) / 10n ** 6n, (expected * 1_000_001n) / 10n ** 6n);
        };
        near(result.priceBefore, before);
        near(result.priceAfter, await inverse());
        expect(result.priceAfter).to.be.below((result.priceBefore * 9_999n) / 10_000n);
        expect(result.fee).to.equal(fee);
        expect([...quoted]).to.deep.equal([...result]);
      });

      it("quotes what it would do, to the unit, and moves nothing", async () => {
        const system = await loadFixture(deploy);
        const { collateral, stranger, receiver } = system;
        const { venue, price } = of(system);
        const before = await price();
        const quoted = await venue.quote.staticCall(collateral, AMOUNT);
        await venue.quote(collateral, AMOUNT);
        expect(await price()).to.equal(before);
        await collateral.connect(stranger).transfer(venue, AMOUNT);
        const result = await venue.connect(stranger).swap.staticCall(collateral, AMOUNT, receiver);
        for (const key of ["amountOut", "priceBefore", "priceAfter", "fee"] as const) {
          expect(quoted[key], key).to.equal(result[key]);
        }
      });

      it("reverts for a token that is not the pool's", async () => {
        const system = await loadFixture(deploy);
        const { venue } = of(system);
        const call = venue.swap(system.vault, 1n, system.stranger);
        await expect(call).to.be.revertedWithCustomError(venue, "InvalidToken").withArgs(system.vault);
        await expect(venue.quote.staticCall(system.vault, 1n)).to.be.revertedWithCustomError(
          venue,
          "InvalidToken",
        );
      });

      it("reverts when nothing was sent, even to one who has approved it", async () => {
        const system = await loadFixture(deploy);
        const { collateral, stranger } = system;
        const { venue } = of(system);
        await collateral.connect(stranger).approve(venue, AMOUNT);
        await expect(venue.connect(stranger).swap(collateral, AMOUNT, stranger)).to.revert(ethers);
      });
    });
  }

  describe("UniswapV3Venue", () => {
    it("pays nobody but its pool, and that only while it swaps", async () => {
      const { venue, collateral, stranger, pool, wide } = await loadFixture(deploy);
      await collateral.connect(stranger).transfer(venue, AMOUNT);
      for (const caller of [stranger.address, wide.address, pool.address]) {
        await networkHelpers.impersonateAccount(caller);
        await networkHelpers.setBalance(caller, 10n ** 18n);
        const signer = await ethers.getSigner(caller);
        await expect(venue.connect(signer).uniswapV3SwapCallback(AMOUNT, -1n, "0x"))
          .to.be.revertedWithCustomError(venue, "UnexpectedCallback")
          .withArgs(caller);
      }
    });

    it("pays nobody else during a swap either: a token that calls back in the pool's stead is refused", async () => {
      const { uniswap, collateral, governor, stranger, receiver } = await loadFixture(deploy);
      const hostile = await ethers.deployContract("MockHostileERC20");
      const pool = await createPool(connection, uniswap, {
        base: await collateral.getAddress(),
        quote: await hostile.getAddress(),
        fee: 3_000n,
        price: PRICE_SCALE,
      });
      const amount = 1_000n * ONE_COLLATERAL;
      await hostile.mint(governor, amount);
      await wrapEther(connection, uniswap, governor, amount);
      await addLiquidity(connection, uniswap, pool, {
        owner: governor,
        baseAmount: amount,
        quoteAmount: amount,
      });
      await time.increase(2n * WINDOW);
      const venue = await ethers.deployContract("UniswapV3Venue", [uniswap.factory, pool.address, WINDOW]);
      const deltas = pool.baseIsToken0 ? [ONE_COLLATERAL, -1n] : [-1n, ONE_COLLATERAL];
      const call = venue.interface.encodeFunctionData("uniswapV3SwapCallback", [...deltas, "0x"] as never);
      await hostile.setHook(venue, call, true);
      await collateral.connect(stranger).transfer(venue, ONE_COLLATERAL);
      await venue.connect(stranger).swap(collateral, ONE_COLLATERAL, receiver, { gasLimit: 3_000_000n });
      expect(await hostile.failed()).to.equal(1n);
      expect(await hostile.lastResult()).to.equal(
        venue.interface.encodeErrorResult("UnexpectedCallback", [await hostile.getAddress()]),
      );
    });

    it("keeps the mean price while the spot price is pushed away within a block", async () => {
      const system = await loadFixture(deploy);
      const { wideVenue, wide, uniswap, stranger, collateral } = system;
      const before = await wideVenue.meanPrice(collateral);
      const { base } = wide;
      await swap(connection, uniswap, wide, { trader: stranger, tokenIn: base, amountIn: 9n * AMOUNT });
      const pushed = await wideVenue.quote.staticCall(collateral, 1n);
      expect(pushed.priceBefore).to.be.below((before * 9n) / 10n);
      expect(await wideVenue.meanPrice(collateral)).to.be.above((before * 99n) / 100n);
      await time.increase(2n * WINDOW);
      expect(await wideVenue.meanPrice(collateral)).to.be.below((before * 9n) / 10n);
      expect(await wideVenue.earlierMeanPrice(collateral, 2n * WINDOW)).to.be.above((before * 99n) / 100n);
    });

    it("knows no earlier mean than the pool remembers, and refuses a token that is none of its", async () => {
      const { wideVenue, pairVenue, collateral, stranger } = await loadFixture(deploy);
      expect(await wideVenue.meanPrice(collateral)).to.be.above(0n);
      expect(await wideVenue.earlierMeanPrice(collateral, 10_000_000n)).to.equal(0n);
      expect(await pairVenue.earlierMeanPrice(collateral, WINDOW)).to.equal(0n);
      for (const venue of [wideVenue, pairVenue]) {
        for (const asked of [venue.meanPrice(stranger), venue.earlierMeanPrice(stranger, WINDOW)]) {
          await expect(asked).to.be.revertedWithCustomError(venue, "InvalidToken").withArgs(stranger);
        }
      }
    });

    it("reverts where the pool runs out of liquidity, in swap and in quote", async () => {
      const system = await loadFixture(deploy);
      const { uniswap, collateral, loan, stranger } = system;
      const empty = await createPool(connection, uniswap, {
        base: await collateral.getAddress(),
        quote: await loan.getAddress(),
        fee: 10_000n,
        price: SUNK_PRICE * ONE_PRICE,
      });
      await time.increase(2n * WINDOW);
      const venue = await ethers.deployContract("UniswapV3Venue", [uniswap.factory, empty.address, WINDOW]);
      await collateral.connect(stranger).transfer(venue, 5n);
      await expect(venue.quote.staticCall(collateral, 5n)).to.be.revertedWithCustomError(
        venue,
        "PartlySwapped",
      );
      await expect(venue.swap(collateral, 5n, stranger)).to.be.revertedWithCustomError(
        venue,
        "PartlySwapped",
      );
    });

    it("is not built on a pool that is not the factory's, nor over a window out of range", async () => {
      const { uniswap, pool, venue } = await loadFixture(deploy);
      for (const window of [11n, 86_401n]) {
        await expect(ethers.deployContract("UniswapV3Venue", [uniswap.factory, pool.address, window]))
          .to.be.revertedWithCustomError(venue, "InvalidMeanWindow")
          .withArgs(window);
      }
      const other = await deployUniswap(connection);
      await expect(ethers.deployContract("UniswapV3Venue", [other.factory, pool.address, WINDOW]))
        .to.be.revertedWithCustomError(venue, "NotGenuine")
        .withArgs(pool.address);
    });
  });

  describe("UniswapV2Venue", () => {
    it("is not built on a pair that is not the factory's", async () => {
      const system = await loadFixture(deploy);
      const { pair, pairVenue } = system;
      const other = await createPair(system, 1_000n, 1_000_000n);
      await expect(ethers.deployContract("UniswapV2Venue", [other.factory, pair]))
        .to.be.revertedWithCustomError(pairVenue, "NotGenuine")
        .withArgs(pair);
    });
  });
});
