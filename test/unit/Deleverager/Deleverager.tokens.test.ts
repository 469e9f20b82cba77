import { expect } from "chai";
import { network } from "hardhat";

import { calmTerms, CALM_LTVS } from "../../../scripts/kit/defaults.ts";
import { createVault, deployProtocol, deployV3Venue } from "../../../scripts/kit/protocol.ts";
import { addLiquidity, createPool, deployUniswap } from "../../../scripts/kit/uniswap.ts";
import { BPS, PRICE_SCALE, WAD } from "../../../sdk/math.ts";
import { DAY, GAS, UNSIGNED, VOLATILITY } from "../../helpers/deleverager.ts";
import { actorsOf, FOREVER } from "../../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;

interface Pair {
  readonly loanDecimals: bigint;
  readonly collateralDecimals: bigint;
  readonly collateralIsToken0: boolean;
}

/** Whole loan tokens a whole collateral token. */
const PRICE = 2_000n;

/** A vault and a deep real pool of two tokens of these decimals, in this order; LTV 77%. */
async function deployPair({ loanDecimals, collateralDecimals, collateralIsToken0 }: Pair) {
  const { governor, lender, borrower, keeper, receiver } = await actorsOf(connection);
  const [oneLoan, oneCollateral] = [10n ** loanDecimals, 10n ** collateralDecimals];
  const price = (PRICE * oneLoan * PRICE_SCALE) / oneCollateral;
  const authority = await ethers.deployContract("AccessManager", [governor]);
  const loan = await ethers.deployContract("MockERC20", ["Loan", "LOAN", loanDecimals]);
  let collateral;
  do {
    collateral = await ethers.deployContract("MockERC20", ["Collateral", "COLL", collateralDecimals]);
  } while (BigInt(await collateral.getAddress()) < BigInt(await loan.getAddress()) !== collateralIsToken0);
  const oracle = await ethers.deployContract("MockOracle", [collateral, loan]);
  await oracle.setPrice(price);
  const { rateModel, curve, extension, factory, creationCode } = await deployProtocol(connection);
  const vault = await createVault(
    connection,
    factory,
    {
      asset: await loan.getAddress(),
      collateralAsset: await collateral.getAddress(),
      oracle: await oracle.getAddress(),
      rateModel: await rateModel.getAddress(),
      curve: await curve.getAddress(),
      extension: await extension.getAddress(),
      directLiquidator: ethers.ZeroAddress,
      batchLiquidator: ethers.ZeroAddress,
      backstop: ethers.ZeroAddress,
      authority: await authority.getAddress(),
      name: "Gavel",
      symbol: "g",
      minDebt: 100n * oneLoan,
      ...CALM_LTVS,
      reserveFactorBps: 1_000n,
      supplyCap: 10n ** 8n * oneLoan,
      borrowCap: 10n ** 8n * oneLoan,
      maxPositionDebt: 10n ** 7n * oneLoan,
      stressDepth: 4n * 10n ** 8n * oneLoan,
      reward: { cap: 100n * oneLoan, nativePrice: 2_000n * oneLoan },
      terms: calmTerms(250_000n * oneLoan),
    },
    creationCode,
  );

  const uniswap = await deployUniswap(connection);
  const pool = await createPool(connection, uniswap, {
    base: await collateral.getAddress(),
    quote: await loan.getAddress(),
    fee: 500n,
    price,
    cardinality: 20n,
  });
  const [baseAmount, quoteAmount] = [10_000n * oneCollateral, 20_000_000n * oneLoan];
  await loan.mint(governor, quoteAmount);
  await collateral.mint(governor, baseAmount);
  await addLiquidity(connection, uniswap, pool, { owner: governor, baseAmount, quoteAmount });
  const venue = await deployV3Venue(connection, { poolFactory: uniswap.factory, pool: pool.address });

  const volatilityOracle = await ethers.deployContract("MockVolatilityOracle");
  const deleverager = await ethers.deployContract("Deleverager", [factory, volatilityOracle, authority]);
  await deleverager.setVenueListed(venue, true);
  await deleverager.setFeed(vault, oracle, DAY);
  const updatedAt = await networkHelpers.time.latest();
  await volatilityOracle.set(oracle, { perRootSecond: VOLATILITY, updatedAt, isComplete: true });

  await loan.mint(lender, 10n ** 6n * oneLoan);
  await loan.connect(lender).approve(vault, 10n ** 6n * oneLoan);
  await vault.connect(lender).deposit(10n ** 6n * oneLoan, lender);
  const held = 50n * oneCollateral;
  await collateral.mint(borrower, held);
  await collateral.connect(borrower).approve(vault, held);
  await vault.connect(borrower).supplyCollateral(held, borrower);
  await vault.connect(borrower).borrow(77_000n * oneLoan, borrower, borrower);
  await vault.connect(borrower).setDeleverager(deleverager, true);
  const order = {
    borrower: borrower.address,
    vault: await vault.getAddress(),
    targetLtvBps: 6_000n,
    triggerDistance: 2n * WAD,
    horizon: DAY,
    maxCostBps: 100n,
    minInterval: 1n,
    expiry: FOREVER,
    nonce: 0n,
  };
  await deleverager.connect(borrower).placeOrder(order);
  await networkHelpers.time.increase(60);
  const execution = {
    order,
    signature: UNSIGNED,
    approvalSignature: UNSIGNED,
    approvalDeadline: 0n,
    parts: [] as { venue: string; share: bigint }[],
    price: 0n,
    receiver: receiver.address,
    deadline: FOREVER,
  };
  const ltv = async () => {
    const { collateral: left } = await vault.position(borrower);
    return ((await vault.debtOf(borrower)) * PRICE_SCALE * WAD) / (left * price);
  };
  return { loan, collateral, vault, venue, deleverager, keeper, price, oneLoan, execution, ltv };
}

describe("Deleverager over tokens of all kinds", () => {
  for (const [loanDecimals, collateralDecimals] of [
    [6n, 18n],
    [18n, 18n],
    [18n, 10n],
    [6n, 8n],
    [8n, 6n],
  ] as const) {
    for (const collateralIsToken0 of [true, false]) {
      const name = `${loanDecimals} decimals for ${collateralDecimals}, collateral is token ${collateralIsToken0 ? 0 : 1}`;

      it(`sells in a pool: ${name}`, async () => {
        const system = await deployPair({ loanDecimals, collateralDecimals, collateralIsToken0 });
        const { loan, collateral, deleverager, venue, keeper, price, execution, ltv } = system;
        // 0.05% of fee, some 0.1% of impact, a hair for the executor.
        const asked = (price * 9_970n) / BPS;
        const parts = [{ venue: await venue.getAddress(), share: WAD }];
        await expect(deleverager.connect(keeper).execute({ ...execution, parts, price: asked }, GAS)).to.emit(
          deleverager,
          "Rescue",
        );
        expect(await ltv()).to.be.within((5_975n * WAD) / BPS, (6n * WAD) / 10n);
        for (const token of [loan, collateral]) {
          expect(await token.balanceOf(deleverager)).to.equal(0n);
          expect(await token.balanceOf(venue)).to.equal(0n);
        }
      });

      it(`sells to the executor: ${name}`, async () => {
        const system = await deployPair({ loanDecimals, collateralDecimals, collateralIsToken0 });
        const { loan, collateral, deleverager, keeper, oneLoan, price, execution, ltv } = system;
        await loan.mint(keeper, 10n ** 6n * oneLoan);
        await loan.connect(keeper).approve(deleverager, 10n ** 6n * oneLoan);
        await deleverager.connect(keeper).execute(execution, GAS);
        const bought = await collateral.balanceOf(execution.receiver);
        const paid = 10n ** 6n * oneLoan - (await loan.balanceOf(keeper));
        const least = (bought * price * 99n) / 100n / PRICE_SCALE;
        // A unit of collateral of few decimals is worth many of loan of many.
        const unit = price / PRICE_SCALE + 1n;
        expect(paid).to.be.within(least, least + unit + 1n);
        expect(await ltv()).to.be.within(
          (6n * WAD) / 10n - WAD / 10n ** 6n,
          (6n * WAD) / 10n + WAD / 10n ** 6n,
        );
      });
    }
  }
});
