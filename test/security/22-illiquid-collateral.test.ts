import { expect } from "chai";
import { network } from "hardhat";

import { WAD } from "../../sdk/math.ts";
import {
  deployUnhealthy,
  type DirectSystem,
  MARKET,
  offBy,
  quotedOrder,
  SUNK_PRICE,
  WINDOW,
} from "../helpers/directSale.ts";
import { moveMarket, NO_LIMIT, ONE_LOAN, ONE_PRICE } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const GAS = { gasLimit: 5_000_000n };
const DUTCH = 1n;

/** THREATS, row 22: the market for the collateral is gone when it must be sold. */
describe("Illiquid collateral", () => {
  /** All but a five-hundredth of the pool's liquidity leaves before the sale. */
  async function withThinPool() {
    const system = await deployUnhealthy(connection);
    const { uniswap, governor } = system;
    const manager = uniswap.positionManager.connect(governor);
    for (const tokenId of [1n, 2n]) {
      const { liquidity } = (await manager.getFunction("positions")(tokenId)) as unknown as {
        liquidity: bigint;
      };
      await manager.getFunction("decreaseLiquidity")({
        tokenId,
        liquidity: (liquidity * 499n) / 500n,
        amount0Min: 0n,
        amount1Min: 0n,
        deadline: 2n ** 40n,
      });
    }
    await system.policy.setInputs(system.vault, { ...MARKET, depth: 95_000n * ONE_LOAN });
    await time.increase(2n * WINDOW);
    return system;
  }

  const takeAll = async (system: DirectSystem): Promise<void> => {
    const { vault, loan, keeper, borrower } = system;
    await loan.mint(keeper, 1_000_000n * ONE_LOAN);
    await loan.connect(keeper).approve(vault, NO_LIMIT);
    const params = {
      borrower,
      receiver: keeper,
      maxRepay: NO_LIMIT,
      maxPayment: NO_LIMIT,
      minCollateral: 0n,
    };
    await vault.connect(keeper).take({ ...params, deadline: 2n ** 40n, data: "0x" }, GAS);
  };

  it("is not dumped: the direct sale of the whole lot is refused, and the policy says the clock", async () => {
    const system = await loadFixture(withThinPool);
    const { direct, policy, vault, borrower } = system;
    const { best, assessments } = await policy.recommend(vault, borrower);
    expect(assessments[0].feasible).to.equal(false);
    expect(best).to.equal(DUTCH);
    const { order, quote } = await quotedOrder(system);
    expect(quote.loss).to.be.above(WAD / 4n);
    const price = offBy(SUNK_PRICE * ONE_PRICE, -100n);
    await expect(direct.execute({ ...order, price }, GAS)).to.be.revertedWithCustomError(
      direct,
      "ImpactTooHigh",
    );
  });

  it("is sold directly as far as the pool bears it, and the rest by the clock to who has capital", async () => {
    const system = await loadFixture(withThinPool);
    const { direct, vault, borrower } = system;
    const { order, quote } = await quotedOrder(system, undefined, 200n * ONE_LOAN);
    expect(quote.loss <= quote.maxLoss).to.equal(true);
    await expect(direct.execute(order, GAS)).to.emit(direct, "DirectSale");
    expect((await vault.position(borrower)).saleStartedAt).to.be.above(0n);
    await time.increase(300);
    await takeAll(system);
    expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
  });

  it("after a fall of 60% costs reserve and lenders what is missing, to the unit, and is never given away", async () => {
    const system = await loadFixture(withThinPool);
    const { direct, vault, borrower, lender } = system;
    const fallen = (SUNK_PRICE * 2n) / 5n;
    await moveMarket(system, fallen);
    await time.increase(2n * WINDOW);
    await vault.startSale(borrower, ethers.ZeroAddress, GAS);
    const { order } = await quotedOrder(system);
    const lowest = { ...order, price: offBy(fallen * ONE_PRICE, -100n), startsToo: false };
    await expect(direct.execute(lowest, GAS)).to.be.revertedWithCustomError(direct, "ImpactTooHigh");

    await time.increase(1_060);
    const quote = await vault.quoteTake(borrower);
    expect(quote.price).to.be.above(offBy(fallen * ONE_PRICE, -800n));
    await takeAll(system);
    expect((await vault.position(borrower)).collateral).to.equal(0n);

    const debt = await vault.debtOf(borrower);
    expect(debt).to.be.above(80_000n * ONE_LOAN);
    const receipt = await (await vault.realizeLoss(borrower, GAS)).wait();
    const event = receipt?.logs
      .map((log) => vault.interface.parseLog(log))
      .find((log) => log?.name === "LossRealized");
    const [, fromReserve, fromBackstop, fromLenders] = event?.args as unknown as [
      string,
      bigint,
      bigint,
      bigint,
    ];
    expect(fromReserve).to.be.above(0n);
    expect(fromBackstop).to.equal(0n);
    expect(fromReserve + fromLenders).to.be.within(debt, debt + ONE_LOAN);
    expect(await vault.debtOf(borrower)).to.equal(0n);
    expect((await vault.totals()).reserve).to.equal(0n);

    // What is left is the lenders', and leaves with them.
    const shares = await vault.balanceOf(lender);
    const assets = await vault.previewRedeem(shares);
    expect(assets).to.be.within(5_000_000n * ONE_LOAN - fromLenders, 5_000_100n * ONE_LOAN - fromLenders);
    await vault.connect(lender).redeem(shares, lender, lender, GAS);
  });
});
