import { expect } from "chai";
import { network } from "hardhat";

import { BPS, PRICE_SCALE, WAD } from "../../../sdk/math.ts";
import { movePrice, poolPrice, wrapEther } from "../../../scripts/kit/uniswap.ts";
import {
  COLLATERAL,
  DAY,
  DEBT,
  deployApproved,
  deployDeleverager,
  deployNear,
  type DeleverSystem,
  equityOf,
  type Execution,
  fundExecutor,
  GAS,
  leastPrice,
  MAX_AGE,
  NEAR_PRICE,
  orderOf,
  purchaseOf,
  RESCUE_GAS,
  saleOf,
  setVolatility,
  signApproval,
  signOrder,
  UNSIGNED,
  VOLATILITY,
} from "../../helpers/deleverager.ts";
import {
  CALM_TERMS,
  FOREVER,
  moveMarket,
  NO_LIMIT,
  ONE_ANSWER,
  ONE_COLLATERAL,
  ONE_LOAN,
  ONE_PRICE,
  open,
  setPrice,
  setPrices,
} from "../../helpers/system.ts";
import { ENDED } from "../../helpers/vault.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

const ORACLE = NEAR_PRICE * ONE_PRICE;
const GWEI = 10n ** 9n;
/** More than a debt grows by in a block or two. */
const INTEREST = 1_000n;

/** What a rescue did, by its event. */
async function rescue(
  system: DeleverSystem,
  execution: Execution,
  overrides: { maxFeePerGas?: bigint } = {},
) {
  const { deleverager, keeper } = system;
  const sent = deleverager.connect(keeper).execute(execution, { ...GAS, ...overrides });
  const receipt = await (await sent).wait();
  const event = receipt?.logs
    .map((log) => deleverager.interface.parseLog(log))
    .find((log) => log?.name === "Rescue");
  if (!event) throw new Error("no rescue");
  const [, , , orderHash, distance, cost, { collateral, repaid, fee, credit, refund }] =
    event.args as unknown as [
      string,
      string,
      string,
      string,
      bigint,
      bigint,
      Record<"collateral" | "repaid" | "fee" | "credit" | "refund", bigint>,
    ];
  return { sent, orderHash, distance, cost, collateral, repaid, fee, credit, refund };
}

const valueOf = (collateral: bigint): bigint => (collateral * ORACLE + PRICE_SCALE - 1n) / PRICE_SCALE;

describe("Deleverager", () => {
  const approved = () => deployApproved(connection);
  const near = () => deployNear(connection);
  const calm = () => deployDeleverager(connection);
  const funded = async () => {
    const system = await deployApproved(connection);
    await fundExecutor(system, system.keeper);
    return system;
  };

  describe("execute, into pools", () => {
    it("sells just enough to reach the target, for no more than was signed", async () => {
      const system = await loadFixture(approved);
      const { vault, deleverager, borrower, keeper, venue } = system;
      const before = await equityOf(system);
      const execution = await saleOf(system);
      const { sent, orderHash, distance, cost, ...result } = await rescue(system, execution);
      // The collateral goes straight to the one venue.
      await expect(sent)
        .to.emit(vault, "Deleverage")
        .withArgs(borrower, deleverager, venue, result.repaid, result.collateral);
      await expect(sent)
        .to.emit(deleverager, "Rescue")
        .withArgs(vault, borrower, keeper, orderHash, distance, cost, () => true);
      expect(orderHash).to.equal(await deleverager.hashOrder(execution.order));
      // ln(0.83 / 0.769) / 5%.
      expect(distance).to.be.within((15n * WAD) / 10n, (153n * WAD) / 100n);
      const after = await equityOf(system);
      expect(after.ltv).to.be.within((599n * WAD) / 1_000n, (6n * WAD) / 10n);
      expect(before.collateral - after.collateral).to.equal(result.collateral);
      expect(before.equity - after.equity).to.be.within(cost - 2n, cost + INTEREST);
      expect(cost * BPS).to.be.below(valueOf(result.collateral) * 100n);
      // 0.05% of fee and the impact of 43 of 10,000 at least.
      expect(cost * BPS).to.be.above(valueOf(result.collateral) * 20n);
    });

    it("shares out the proceeds to the unit: vault, fee, debt", async () => {
      const system = await loadFixture(approved);
      const { vault, deleverager, loan, collateral, receiver, borrower, venue, keeper } = system;
      const execution = await saleOf(system);
      const priced = { ...execution, price: (execution.price * 999n) / 1_000n };
      const { sent, ...result } = await rescue(system, priced);
      expect(result.fee).to.be.above(0n);
      expect(result.credit).to.be.above(50n * ONE_LOAN);
      expect(result.refund).to.equal(0n);
      await expect(sent).to.changeTokenBalances(
        ethers,
        loan,
        [vault, receiver, borrower, deleverager, venue, keeper],
        [result.repaid + result.credit, result.fee, 0n, 0n, 0n, 0n],
      );
      await expect(sent).to.changeTokenBalances(
        ethers,
        collateral,
        [vault, receiver, borrower, deleverager, venue, keeper],
        [-result.collateral, 0n, 0n, 0n, 0n, 0n],
      );
      expect(await loan.allowance(deleverager, vault)).to.equal(NO_LIMIT);
      expect(result.cost).to.equal(valueOf(result.collateral) - result.repaid - result.credit);
    });

    it("leaves what was sent to it by mistake where it is", async () => {
      const system = await loadFixture(approved);
      const { deleverager, loan, collateral, stranger } = system;
      await loan.mint(deleverager, 7n);
      await wrapEther(connection, system.uniswap, stranger, 9n);
      await collateral.connect(stranger).transfer(deleverager, 9n);
      await rescue(system, await saleOf(system));
      expect(await loan.balanceOf(deleverager)).to.equal(7n);
      expect(await collateral.balanceOf(deleverager)).to.equal(9n);
    });

    it("pays the executor what gas costs, at most the cap of a start", async () => {
      const system = await loadFixture(approved);
      const execution = await saleOf(system);
      const priced = { ...execution, price: (execution.price * 998n) / 1_000n };
      const feeAt = async (gwei: bigint): Promise<bigint> => {
        await networkHelpers.setNextBlockBaseFeePerGas(gwei * GWEI);
        return (await rescue(system, priced, { maxFeePerGas: 10n ** 13n })).fee;
      };
      const snapshot = await networkHelpers.takeSnapshot();
      expect(await feeAt(10n)).to.equal((RESCUE_GAS * 10n * 2_000n * ONE_LOAN) / GWEI);
      await snapshot.restore();
      expect(await feeAt(2_000n)).to.equal(100n * ONE_LOAN);
    });

    it("pays the executor no more than is left above what the vault is paid", async () => {
      const system = await loadFixture(approved);
      const execution = await saleOf(system);
      await networkHelpers.setNextBlockBaseFeePerGas(500n * GWEI);
      const { fee, credit } = await rescue(system, execution, { maxFeePerGas: 10n ** 13n });
      expect(fee).to.be.within(1n, 5n * ONE_LOAN);
      expect(credit).to.equal(0n);
    });

    it("repays everything where less than the smallest debt would be left, and sends the borrower the rest", async () => {
      const system = await loadFixture(approved);
      const { vault, loan, borrower } = system;
      const execution = await saleOf(system, { targetLtvBps: 10n });
      const { sent, credit, refund } = await rescue(system, {
        ...execution,
        price: (execution.price * 999n) / 1_000n,
      });
      expect(credit).to.equal(0n);
      expect(refund).to.be.above(0n);
      await expect(sent).to.changeTokenBalance(ethers, loan, borrower, refund);
      expect(await vault.debtOf(borrower)).to.equal(0n);
    });

    it("sells over several parts", async () => {
      const system = await loadFixture(approved);
      const { deleverager } = system;
      const { parts, ...execution } = await saleOf(system);
      const [part] = parts as unknown as [{ venue: string; share: bigint }];
      const second = await ethers.deployContract("UniswapV3Venue", [
        system.uniswap.factory,
        system.pool.address,
        24n,
      ]);
      await deleverager.setVenueListed(second, true);
      // The same pool twice: what the first part has moved is a trifle.
      const small = WAD / 100n;
      await rescue(system, {
        ...execution,
        parts: [
          { venue: part.venue, share: small },
          { venue: await second.getAddress(), share: WAD - small },
        ],
      });
      expect((await equityOf(system)).ltv).to.be.within((599n * WAD) / 1_000n, (6n * WAD) / 10n);
    });

    it("reverts where the price named is far under what pools pay: that sells more than the target needs", async () => {
      const system = await loadFixture(approved);
      const { deleverager } = system;
      const execution = await saleOf(system, { maxCostBps: 300n });
      await expect(deleverager.execute({ ...execution, price: leastPrice(execution.order) }, GAS))
        .to.be.revertedWithCustomError(deleverager, "SoldTooMuch")
        .withArgs(
          () => true,
          () => true,
        );
    });

    it("reverts where pools pay less than the price named", async () => {
      const system = await loadFixture(approved);
      const { deleverager } = system;
      const execution = await saleOf(system);
      await expect(
        deleverager.execute({ ...execution, price: (execution.price * 1_001n) / 1_000n }, GAS),
      ).to.be.revertedWithCustomError(deleverager, "ProceedsTooLow");
    });

    it("reverts where a venue is not listed (any more), or shares do not add up", async () => {
      const system = await loadFixture(approved);
      const { deleverager, venue, stranger } = system;
      const execution = await saleOf(system);
      const [part] = execution.parts as unknown as [{ venue: string; share: bigint }];
      await expect(deleverager.execute({ ...execution, parts: [{ ...part, share: WAD - 1n }] }, GAS))
        .to.be.revertedWithCustomError(deleverager, "InvalidShares")
        .withArgs(WAD - 1n);
      await expect(deleverager.execute({ ...execution, parts: [{ ...part, venue: stranger.address }] }, GAS))
        .to.be.revertedWithCustomError(deleverager, "VenueNotListed")
        .withArgs(stranger);
      await deleverager.setVenueListed(venue, false);
      await expect(deleverager.execute(execution, GAS)).to.be.revertedWithCustomError(
        deleverager,
        "VenueNotListed",
      );
    });

    for (const [side, bps] of [
      ["under", -36n],
      ["over", 36n],
    ] as const) {
      it(`reverts where the pool stands more than 0.3% and its fee ${side} the oracle`, async () => {
        const system = await loadFixture(approved);
        const { deleverager, uniswap, pool, loan, stranger } = system;
        const execution = await saleOf(system);
        const spendable = 10n ** 24n;
        await loan.mint(stranger, spendable);
        await wrapEther(connection, uniswap, stranger, spendable);
        await movePrice(connection, uniswap, pool, {
          trader: stranger,
          price: (ORACLE * (BPS + bps)) / BPS,
          spendable,
        });
        await time.increase(60);
        await expect(deleverager.execute({ ...execution, price: leastPrice(execution.order) }, GAS))
          .to.be.revertedWithCustomError(deleverager, "PoolOffPrice")
          .withArgs(system.venue, () => true, ORACLE);
      });
    }

    it("reverts where it would move a pool below the oracle by more than it may cost", async () => {
      const system = await loadFixture(approved);
      const { deleverager, uniswap, governor, pool } = system;
      // Most of the liquidity gone: the price falls by twice what is lost on average.
      const manager = uniswap.positionManager.connect(governor);
      for (const tokenId of [1n, 2n]) {
        const { liquidity } = (await uniswap.positionManager.getFunction("positions")(tokenId)) as {
          liquidity: bigint;
        };
        await manager.getFunction("decreaseLiquidity")({
          tokenId,
          liquidity: (liquidity * 75n) / 100n,
          amount0Min: 0n,
          amount1Min: 0n,
          deadline: 2n ** 40n,
        });
      }
      const execution = await saleOf(system, { maxCostBps: 100n });
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(deleverager, "ImpactTooHigh")
        .withArgs(system.venue, () => true, leastPrice(execution.order));
      expect(await poolPrice(pool)).to.be.above(leastPrice(execution.order));
      await rescue(system, await saleOf(system, { maxCostBps: 150n }));
    });

    it("never moves a pool further than 2%, whatever was signed", async () => {
      const system = await loadFixture(approved);
      const { deleverager, uniswap, governor } = system;
      const manager = uniswap.positionManager.connect(governor);
      for (const tokenId of [1n, 2n]) {
        const { liquidity } = (await uniswap.positionManager.getFunction("positions")(tokenId)) as {
          liquidity: bigint;
        };
        await manager.getFunction("decreaseLiquidity")({
          tokenId,
          liquidity: (liquidity * 85n) / 100n,
          amount0Min: 0n,
          amount1Min: 0n,
          deadline: 2n ** 40n,
        });
      }
      const execution = await saleOf(system, { maxCostBps: 500n });
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(deleverager, "ImpactTooHigh")
        .withArgs(system.venue, () => true, (ORACLE * 98n) / 100n);
    });
  });

  describe("execute, to the executor", () => {
    it("sells just enough to reach the target at the least price signed", async () => {
      const system = await loadFixture(funded);
      const { vault, deleverager, loan, collateral, keeper, receiver, borrower } = system;
      const before = await equityOf(system);
      const execution = await purchaseOf(system);
      const { sent, cost, ...result } = await rescue(system, execution);
      await expect(sent).to.changeTokenBalances(
        ethers,
        loan,
        [vault, keeper, deleverager, borrower, receiver],
        [result.repaid, -result.repaid, 0n, 0n, 0n],
      );
      await expect(sent).to.changeTokenBalances(
        ethers,
        collateral,
        [vault, receiver, deleverager],
        [-result.collateral, result.collateral, 0n],
      );
      expect(result).to.include({ fee: 0n, credit: 0n, refund: 0n });
      expect(await loan.allowance(deleverager, vault)).to.equal(NO_LIMIT);
      const after = await equityOf(system);
      // To a few units of 85,000 million.
      expect(after.ltv).to.be.within((6n * WAD) / 10n - WAD / 10n ** 9n, (6n * WAD) / 10n + WAD / 10n ** 9n);
      expect(before.equity - after.equity).to.be.within(cost - 2n, cost + INTEREST);
      expect(cost).to.be.at.most((valueOf(result.collateral) * 100n) / BPS + 1n);
      expect(cost).to.be.at.least((valueOf(result.collateral) * 100n) / BPS - 2n);
    });

    it("sells less at a better price, above the oracle's too", async () => {
      const system = await loadFixture(funded);
      const execution = await purchaseOf(system);
      const snapshot = await networkHelpers.takeSnapshot();
      const least = await rescue(system, execution);
      await snapshot.restore();
      const better = await rescue(system, { ...execution, price: ORACLE });
      await snapshot.restore();
      const best = await rescue(system, { ...execution, price: (ORACLE * 101n) / 100n });
      expect(better.collateral).to.be.below(least.collateral);
      expect(best.collateral).to.be.below(better.collateral);
      expect(best.cost).to.equal(0n);
    });

    it("takes price 0 for the least", async () => {
      const system = await loadFixture(funded);
      const { cost, collateral } = await rescue(system, { ...(await purchaseOf(system)), price: 0n });
      expect(cost).to.be.at.most((valueOf(collateral) * 100n) / BPS + 1n);
    });

    it("reverts under the least price signed, rounded up", async () => {
      const system = await loadFixture(funded);
      const { deleverager, keeper } = system;
      const execution = await purchaseOf(system, { maxCostBps: 77n });
      await expect(deleverager.connect(keeper).execute({ ...execution, price: execution.price - 1n }, GAS))
        .to.be.revertedWithCustomError(deleverager, "PriceTooLow")
        .withArgs(execution.price - 1n, execution.price);
      await rescue(system, execution);
    });

    it("makes nobody pay but the sender", async () => {
      const system = await loadFixture(funded);
      const { deleverager, stranger } = system;
      // The keeper has allowed the contract everything, the borrower's own funds are out of reach too.
      await expect(deleverager.connect(stranger).execute(await purchaseOf(system), GAS)).to.revert(ethers);
    });
  });

  describe("execute", () => {
    it("takes order and permission by signature: the borrower sends nothing", async () => {
      const system = await loadFixture(near);
      const { vault, deleverager, borrower } = system;
      const approvalSignature = await signApproval(vault, borrower, {
        deleverager: await deleverager.getAddress(),
      });
      const execution = await saleOf(system, {}, { approvalSignature, approvalDeadline: FOREVER });
      await rescue(system, execution);
      expect(await vault.isDeleverager(borrower, deleverager)).to.equal(true);
      expect((await equityOf(system)).ltv).to.be.at.most((6n * WAD) / 10n);
    });

    it("passes over a permission that somebody has used already", async () => {
      const system = await loadFixture(near);
      const { vault, deleverager, borrower, stranger } = system;
      const approvalSignature = await signApproval(vault, borrower, {
        deleverager: await deleverager.getAddress(),
      });
      const execution = await saleOf(system, {}, { approvalSignature, approvalDeadline: FOREVER });
      await vault
        .connect(stranger)
        .setDeleveragerWithSig(borrower, deleverager, true, FOREVER, approvalSignature);
      await rescue(system, execution);
    });

    it("reverts without the vault's permission", async () => {
      const system = await loadFixture(near);
      const { vault, deleverager, borrower } = system;
      const execution = await saleOf(system, {}, { approvalSignature: "0x01", approvalDeadline: FOREVER });
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(vault, "NotDeleverager")
        .withArgs(deleverager, borrower);
    });

    it("needs no signature for an order that was placed", async () => {
      const system = await loadFixture(approved);
      const { deleverager, borrower } = system;
      const execution = await saleOf(system, {}, { signature: UNSIGNED });
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(deleverager, "InvalidOrderSignature")
        .withArgs(borrower, await deleverager.hashOrder(execution.order));
      await deleverager.connect(borrower).placeOrder(execution.order);
      await rescue(system, execution);
    });

    it("rescues a contract wallet by its word (ERC-1271)", async () => {
      const system = await loadFixture(near);
      const { vault, deleverager, borrower, receiver: operator, stranger } = system;
      const wallet = await ethers.deployContract("MockWallet", [borrower]);
      const owner = await wallet.getAddress();
      await setPrice(system, 2_000n);
      await wrapEther(connection, system.uniswap, operator, COLLATERAL);
      await system.collateral.connect(operator).approve(vault, COLLATERAL);
      await vault.connect(operator).supplyCollateral(COLLATERAL, owner);
      const { chainId } = await ethers.provider.getNetwork();
      const operatorSignature = await borrower.signTypedData(
        { name: await vault.name(), version: "1", chainId, verifyingContract: await vault.getAddress() },
        {
          SetOperator: ["owner", "operator", "approved", "nonce", "deadline"].map((name, i) => ({
            name,
            type: ["address", "address", "bool", "uint256", "uint256"][i] ?? "",
          })),
        },
        { owner, operator: operator.address, approved: true, nonce: 0n, deadline: FOREVER },
      );
      await vault.setOperatorWithSig(owner, operator, true, FOREVER, operatorSignature);
      await vault.connect(operator).borrow(DEBT, owner, operator);
      await setPrice(system, NEAR_PRICE);

      const approvalSignature = await signApproval(vault, borrower, {
        owner,
        deleverager: await deleverager.getAddress(),
      });
      // The borrower's own position is the same.
      const sale = await saleOf(system, {}, { approvalSignature, approvalDeadline: FOREVER });
      const execution = { ...sale, order: await orderOf(system, { borrower: owner }) };
      const wrong = await signOrder(deleverager, stranger, execution.order);
      await expect(
        deleverager.execute({ ...execution, signature: wrong }, GAS),
      ).to.be.revertedWithCustomError(deleverager, "InvalidOrderSignature");
      const signature = await signOrder(deleverager, borrower, execution.order);
      await rescue(system, { ...execution, signature });
      const { collateral } = await vault.position(owner);
      expect(((await vault.debtOf(owner)) * PRICE_SCALE * BPS) / (collateral * ORACLE)).to.be.within(
        5_990n,
        6_000n,
      );
    });

    it("serves when only debt, price and terms have changed since it was signed", async () => {
      const system = await loadFixture(approved);
      const { vault, borrower, authority } = system;
      const signed = await saleOf(system);
      await open(system, borrower, 50n * ONE_COLLATERAL, 74_000n * ONE_LOAN);
      await authority.setTargetFunctionRole(vault, [vault.getFunction("setTerms").fragment.selector], 0n);
      await vault.setTerms({ ...CALM_TERMS, halfLife: 500n });
      const { order, signature } = signed;
      const { price, parts } = await saleOf(system);
      await rescue(system, { ...signed, order, signature, parts, price });
      expect((await equityOf(system)).ltv).to.be.within((599n * WAD) / 1_000n, (6n * WAD) / 10n);
    });

    it("executes an order again only after its spacing, while it lasts: a standing order", async () => {
      const system = await loadFixture(approved);
      const { deleverager } = system;
      const execution = await saleOf(system, { maxCostBps: 200n });
      await rescue(system, execution);
      const executedAt = BigInt(await time.latest());
      expect((await deleverager.stateOf(await deleverager.hashOrder(execution.order))).executedAt).to.equal(
        executedAt,
      );
      // The market falls on: 60% become 80%.
      await moveMarket(system, 1_470n);
      await time.increaseTo(executedAt + DAY - 30n);
      await setPrice(system, 1_470n);
      await setVolatility(system);
      await expect(deleverager.execute({ ...execution, price: 0n }, GAS))
        .to.be.revertedWithCustomError(deleverager, "TooSoon")
        .withArgs(executedAt + DAY);
      await time.setNextBlockTimestamp(executedAt + DAY);
      const price = (1_470n * ONE_PRICE * 993n) / 1_000n;
      await rescue(system, { ...execution, price });
      const { ltv } = await equityOf(system, 1_470n * ONE_PRICE);
      expect(ltv).to.be.within((599n * WAD) / 1_000n, (6n * WAD) / 10n);
    });

    it("executes an order once where its spacing is as long as its life", async () => {
      const system = await loadFixture(approved);
      const { deleverager } = system;
      const execution = await saleOf(system, { minInterval: 2n ** 256n - 1n });
      await rescue(system, execution);
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(deleverager, "TooSoon")
        .withArgs(2n ** 256n - 1n);
    });

    it("without a spacing, still does nothing for a position that is where it should be", async () => {
      const system = await loadFixture(funded);
      const { deleverager, keeper } = system;
      const execution = await purchaseOf(system, { minInterval: 0n, triggerDistance: 100n * WAD });
      await rescue(system, execution);
      // A unit of rounding may be left above the target.
      await expect(deleverager.connect(keeper).execute(execution, GAS)).to.be.revertedWithCustomError(
        deleverager,
        "RescueTooSmall",
      );
      const { debt } = await equityOf(system);
      await system.loan.connect(keeper).approve(system.vault, debt);
      await system.vault.connect(keeper).repay(ONE_LOAN, execution.order.borrower);
      await expect(deleverager.connect(keeper).execute(execution, GAS)).to.be.revertedWithCustomError(
        deleverager,
        "AtTarget",
      );
    });

    it("reverts for a rescue that repays less than a hundredth of the debt: it would only start the spacing", async () => {
      const system = await loadFixture(funded);
      const { deleverager, keeper } = system;
      // LTV 76.92% to 76.8%: 0.7% of the debt.
      const small = await purchaseOf(system, { targetLtvBps: 7_680n });
      await expect(deleverager.connect(keeper).execute(small, GAS))
        .to.be.revertedWithCustomError(deleverager, "RescueTooSmall")
        .withArgs(
          (repay: bigint) => repay > 900n * ONE_LOAN,
          (least: bigint) => least > 1_500n * ONE_LOAN,
        );
      await rescue(system, await purchaseOf(system, { targetLtvBps: 7_660n }));
    });

    it("reverts while liquidation is not near enough", async () => {
      const system = await loadFixture(approved);
      const { deleverager, vault, borrower } = system;
      const distance = await deleverager.distance(vault, borrower, DAY);
      // Interest of the blocks between brings it a hair nearer.
      const execution = await saleOf(system, { triggerDistance: distance + WAD / 10n ** 6n });
      const far = await saleOf(system, { triggerDistance: distance + WAD });
      const tooFar = { ...(await orderOf(system)), triggerDistance: distance - WAD / 10n ** 6n };
      await expect(
        deleverager.execute(
          { ...far, order: tooFar, signature: await signOrder(deleverager, borrower, tooFar) },
          GAS,
        ),
      )
        .to.be.revertedWithCustomError(deleverager, "NotTriggered")
        .withArgs((now: bigint) => now <= distance, distance - WAD / 10n ** 6n);
      await rescue(system, execution);
    });

    it("reverts for an order that is over, not in its last second", async () => {
      const system = await loadFixture(approved);
      const { deleverager } = system;
      const expiry = BigInt(await time.latest()) + 10n;
      const execution = await saleOf(system, { expiry });
      const snapshot = await networkHelpers.takeSnapshot();
      await time.setNextBlockTimestamp(expiry + 1n);
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(deleverager, "OrderExpired")
        .withArgs(expiry);
      await snapshot.restore();
      await time.setNextBlockTimestamp(expiry);
      await rescue(system, execution);
    });

    it("reverts after the executor's deadline, for an unknown vault, and for nobody as receiver", async () => {
      const system = await loadFixture(approved);
      const { deleverager, stranger } = system;
      const execution = await saleOf(system);
      await expect(deleverager.execute({ ...execution, deadline: 1n }, GAS))
        .to.be.revertedWithCustomError(deleverager, "DeadlinePassed")
        .withArgs(1n);
      await expect(
        deleverager.execute({ ...execution, order: { ...execution.order, vault: stranger.address } }, GAS),
      )
        .to.be.revertedWithCustomError(deleverager, "UnknownVault")
        .withArgs(stranger);
      for (const receiver of [ethers.ZeroAddress, await deleverager.getAddress()]) {
        await expect(deleverager.execute({ ...execution, receiver }, GAS))
          .to.be.revertedWithCustomError(deleverager, "InvalidReceiver")
          .withArgs(receiver);
      }
    });

    it("reverts for a target of 100%, a cost of everything, a horizon beyond 1e9 seconds", async () => {
      const system = await loadFixture(approved);
      const { deleverager, borrower } = system;
      const sound = await orderOf(system, {
        horizon: 10n ** 9n,
        targetLtvBps: BPS - 1n,
        maxCostBps: BPS - 1n,
      });
      for (const change of [{ targetLtvBps: BPS }, { maxCostBps: BPS }, { horizon: 10n ** 9n + 1n }]) {
        await expect(
          deleverager.connect(borrower).placeOrder({ ...sound, ...change }),
        ).to.be.revertedWithCustomError(deleverager, "InvalidOrder");
      }
      await deleverager.connect(borrower).placeOrder(sound);
    });

    it("reverts while the oracle is not FRESH", async () => {
      const system = await loadFixture(approved);
      const { deleverager, vault, borrower } = system;
      const execution = await saleOf(system);
      await setPrices(system, NEAR_PRICE * ONE_ANSWER, (NEAR_PRICE * ONE_ANSWER * 106n) / 100n);
      await expect(deleverager.execute(execution, GAS)).to.be.revertedWithCustomError(
        deleverager,
        "OracleNotFresh",
      );
      await expect(deleverager.distance(vault, borrower, DAY)).to.be.revertedWithCustomError(
        deleverager,
        "OracleNotFresh",
      );
    });

    it("reverts for an unhealthy position, and for one whose sale is live: they are for sale", async () => {
      const system = await loadFixture(approved);
      const { deleverager, vault, borrower, keeper } = system;
      const { parts } = await saleOf(system);
      await moveMarket(system, 1_790n);
      await time.increase(60);
      const order = await orderOf(system);
      const price = (1_790n * ONE_PRICE * 995n) / 1_000n;
      const execution = { ...(await purchaseOf(system)), order, parts, price };
      await expect(deleverager.execute(execution, GAS)).to.be.revertedWithCustomError(
        vault,
        "PositionUnhealthy",
      );
      await vault.connect(keeper).startSale(borrower, ethers.ZeroAddress, GAS);
      await expect(deleverager.execute(execution, GAS)).to.be.revertedWithCustomError(vault, "SaleIsLive");
    });

    it("ends a sale past its time to hold that the price has overtaken, and helps then", async () => {
      const system = await loadFixture(approved);
      const { deleverager, vault, borrower, keeper } = system;
      await moveMarket(system, 1_790n);
      await vault.connect(keeper).startSale(borrower, ethers.ZeroAddress, GAS);
      await moveMarket(system, 1_820n);
      await time.increase(60);
      await expect(deleverager.execute(await saleOf(system), GAS))
        .to.emit(vault, "SaleEnded")
        .withArgs(borrower, ENDED.recovered);
    });

    it("sells nothing on a volatility that is unknown: no feed, incomplete, or old", async () => {
      const system = await loadFixture(approved);
      const { deleverager, vault, primary } = system;
      const execution = await saleOf(system);
      const updatedAt = BigInt(await time.latest());
      await setVolatility(system, { updatedAt, isComplete: false });
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(deleverager, "VolatilityUnknown")
        .withArgs(primary, updatedAt, false);
      await setVolatility(system, { updatedAt });
      // The pair's own feeds are younger.
      await setPrice(system, NEAR_PRICE);
      const snapshot = await networkHelpers.takeSnapshot();
      await time.setNextBlockTimestamp(updatedAt + MAX_AGE + 1n);
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(deleverager, "VolatilityUnknown")
        .withArgs(primary, updatedAt, true);
      await snapshot.restore();
      await deleverager.setFeed(vault, ethers.ZeroAddress, 0n);
      await expect(deleverager.execute(execution, GAS))
        .to.be.revertedWithCustomError(deleverager, "NoFeed")
        .withArgs(vault);
    });

    it("sells on a volatility of just the oldest age", async () => {
      const system = await loadFixture(approved);
      const updatedAt = BigInt(await time.latest());
      await setVolatility(system, { updatedAt });
      const execution = await saleOf(system);
      // The feeds of the pair may be a day old too, and were updated a minute before.
      await setPrice(system, NEAR_PRICE);
      await time.setNextBlockTimestamp(updatedAt + MAX_AGE);
      await rescue(system, execution);
    });
  });

  describe("orders", () => {
    it("are placed and cancelled by their borrower alone", async () => {
      const system = await loadFixture(approved);
      const { deleverager, borrower, stranger } = system;
      const order = await orderOf(system);
      const orderHash = await deleverager.hashOrder(order);
      for (const act of ["placeOrder", "cancelOrder"] as const) {
        await expect(deleverager.connect(stranger)[act](order))
          .to.be.revertedWithCustomError(deleverager, "NotBorrower")
          .withArgs(stranger, borrower);
      }
      await expect(deleverager.connect(borrower).placeOrder(order))
        .to.emit(deleverager, "OrderPlaced")
        .withArgs(borrower, orderHash, Object.values(order));
      expect((await deleverager.stateOf(orderHash)).isPlaced).to.equal(true);
      await expect(deleverager.connect(borrower).cancelOrder(order))
        .to.emit(deleverager, "OrderCancelled")
        .withArgs(borrower, orderHash);
      expect((await deleverager.stateOf(orderHash)).isCancelled).to.equal(true);
    });

    it("cannot be placed when over, cancelled or of another nonce", async () => {
      const system = await loadFixture(approved);
      const { deleverager, borrower } = system;
      const by = deleverager.connect(borrower);
      await expect(by.placeOrder(await orderOf(system, { expiry: 1n }))).to.be.revertedWithCustomError(
        deleverager,
        "OrderExpired",
      );
      await expect(by.placeOrder(await orderOf(system, { nonce: 1n })))
        .to.be.revertedWithCustomError(deleverager, "WrongNonce")
        .withArgs(1n, 0n);
      const order = await orderOf(system);
      await by.cancelOrder(order);
      await expect(by.placeOrder(order)).to.be.revertedWithCustomError(deleverager, "OrderIsCancelled");
    });
  });

  describe("distance", () => {
    it("is what it is made of", async () => {
      const system = await loadFixture(calm);
      const { deleverager, vault, borrower } = system;
      // ln(0.83 / 0.75) / 5% = 2.027.
      const distance = await deleverager.distance(vault, borrower, DAY);
      expect(distance).to.be.within((2_026n * WAD) / 1_000n, (2_028n * WAD) / 1_000n);
      // Four times the time, half the distance; twice the volatility too.
      expect(await deleverager.distance(vault, borrower, 4n * DAY)).to.be.within(
        distance / 2n - 100n,
        distance / 2n + 100n,
      );
      await setVolatility(system, { perRootSecond: 2n * VOLATILITY });
      expect(await deleverager.distance(vault, borrower, DAY)).to.be.within(
        distance / 2n - 10n ** 12n,
        distance / 2n + 10n ** 12n,
      );
    });

    it("is 0 for the unhealthy, and without end without debt, without volatility or without time", async () => {
      const system = await loadFixture(calm);
      const { deleverager, vault, borrower, stranger } = system;
      const endless = 2n ** 256n - 1n;
      expect(await deleverager.distance(vault, stranger, DAY)).to.equal(endless);
      expect(await deleverager.distance(vault, borrower, 0n)).to.equal(endless);
      await setVolatility(system, { perRootSecond: 0n });
      expect(await deleverager.distance(vault, borrower, DAY)).to.equal(endless);
      await setPrice(system, 1_790n);
      expect(await deleverager.distance(vault, borrower, DAY)).to.equal(0n);
      await expect(deleverager.distance(vault, borrower, 10n ** 9n + 1n)).to.be.revertedWithCustomError(
        deleverager,
        "InvalidOrder",
      );
    });
  });

  describe("preview", () => {
    it("says what execute then does", async () => {
      const system = await loadFixture(funded);
      const { deleverager, keeper } = system;
      const execution = await purchaseOf(system);
      const preview = await deleverager.preview(execution.order, 0n);
      expect(preview.leastPrice).to.equal(execution.price);
      expect(preview.deciding).to.equal(ORACLE);
      const result = await deleverager.connect(keeper).execute.staticCall(execution);
      // Interest of a block.
      expect(result.repaid).to.be.within(preview.repay, preview.repay + ONE_LOAN);
      expect(result.collateral).to.be.within(
        preview.collateral,
        preview.collateral + ONE_COLLATERAL / 1_000n,
      );
      const { repay } = await deleverager.preview(execution.order, ORACLE);
      expect(repay).to.be.below(preview.repay);
    });

    it("reverts where the order does", async () => {
      const system = await loadFixture(approved);
      const { deleverager } = system;
      await expect(
        deleverager.preview(await orderOf(system, { expiry: 1n }), 0n),
      ).to.be.revertedWithCustomError(deleverager, "OrderExpired");
      await expect(
        deleverager.preview(await orderOf(system, { triggerDistance: WAD }), 0n),
      ).to.be.revertedWithCustomError(deleverager, "NotTriggered");
      await expect(deleverager.preview(await orderOf(system), 1n)).to.be.revertedWithCustomError(
        deleverager,
        "PriceTooLow",
      );
    });
  });

  describe("powers", () => {
    it("names feeds and lists venues for the governor only", async () => {
      const { deleverager, vault, venue, primary, stranger } = await loadFixture(calm);
      await expect(deleverager.connect(stranger).setFeed(vault, primary, 1n)).to.be.revertedWithCustomError(
        deleverager,
        "AccessManagedUnauthorized",
      );
      await expect(deleverager.connect(stranger).setVenueListed(venue, true)).to.be.revertedWithCustomError(
        deleverager,
        "AccessManagedUnauthorized",
      );
      await expect(deleverager.setFeed(vault, primary, 7n))
        .to.emit(deleverager, "FeedSet")
        .withArgs(vault, primary, 7n);
      expect([...(await deleverager.feedOf(vault))]).to.deep.equal([await primary.getAddress(), 7n]);
    });

    it("has nobody call back but the vault that is being served", async () => {
      const { deleverager, vault, stranger } = await loadFixture(calm);
      await expect(deleverager.connect(stranger).onTake(1n, 1n, "0x"))
        .to.be.revertedWithCustomError(deleverager, "UnexpectedCallback")
        .withArgs(stranger);
      expect(await vault.isDeleverager(stranger, deleverager)).to.equal(false);
    });
  });
});
