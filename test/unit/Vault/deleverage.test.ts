import { expect } from "chai";

import type { DeleverageParamsStruct } from "../../../typechain-types/contracts/interfaces/IVault.ts";
import { BPS, ceilDiv, PRICE_SCALE } from "../../../sdk/math.ts";
import { call, deployCallee } from "../../helpers/callee.ts";
import { ethers, loadFixture, now, pass } from "../../helpers/chain.ts";
import { signApproval } from "../../helpers/deleverager.ts";
import {
  COLL,
  deployVault,
  ENDED,
  LOAN,
  loanVault,
  NO_DATA,
  openStory,
  ORACLE,
  PAUSE,
  prepare,
  price,
  saleVault,
  SOME_DATA,
  STORY,
  type VaultSystem,
  YEAR,
} from "../../helpers/vault.ts";

const SOLD = 10n * COLL;
/** At the story's price of 2,000. */
const PAID = 20_000n * LOAN;

/** The operator of these tests is let in as deleverager. */
async function approvedVault() {
  return approve(await loanVault());
}

async function approve<T extends VaultSystem>(system: T) {
  const { vault, borrower, operator, receiver } = system;
  await vault.connect(borrower).setDeleverager(operator, true);
  const params = (change: Partial<DeleverageParamsStruct> = {}): DeleverageParamsStruct => ({
    borrower: borrower.address,
    collateral: SOLD,
    repay: PAID,
    receiver: receiver.address,
    data: NO_DATA,
    ...change,
  });
  const deleverage = (change: Partial<DeleverageParamsStruct> = {}, by = operator) =>
    vault.connect(by).deleverage(params(change));
  return { ...system, params, deleverage };
}

/** Least payment for collateral at a floor of 92% of a price. */
const atFloor = (collateral: bigint, low: bigint): bigint =>
  ceilDiv(collateral * ceilDiv(low * 9_200n, BPS), PRICE_SCALE);

describe("Deleveraging", () => {
  describe("deleverage", () => {
    it("sells collateral for what its owner owes, and nothing else", async () => {
      const { vault, loan, collateral, borrower, operator, receiver, deleverage } =
        await loadFixture(approvedVault);
      const before = await vault.accruedTotals();
      const execution = deleverage();
      await expect(execution).to.emit(vault, "Deleverage").withArgs(borrower, operator, receiver, PAID, SOLD);
      await expect(execution).to.changeTokenBalances(
        ethers,
        loan,
        [vault, operator, borrower, receiver],
        [PAID, -PAID, 0n, 0n],
      );
      await expect(execution).to.changeTokenBalances(ethers, collateral, [vault, receiver], [-SOLD, SOLD]);
      const after = await vault.position(borrower);
      expect(after.collateral).to.equal(STORY.collateral - SOLD);
      expect(after.saleStartedAt).to.equal(0n);
      expect(await vault.debtOf(borrower)).to.equal(STORY.debt - PAID);
      const totals = await vault.accruedTotals();
      expect(totals.cash).to.equal(before.cash + PAID);
      expect(totals.reserve).to.equal(before.reserve);
      expect(before.scaledDebt - totals.scaledDebt).to.equal(PAID);
    });

    it("writes the interest up to now first", async () => {
      const { vault, rateModel, borrower, deleverage } = await loadFixture(approvedVault);
      await rateModel.set(10n ** 9n, 10n ** 9n, 0n);
      await vault.accrue();
      await pass(YEAR);
      const debt = await vault.debtOf(borrower);
      expect(debt).to.be.above(STORY.debt);
      await deleverage();
      expect((await vault.totals()).accruedAt).to.equal(await now());
      expect(await vault.debtOf(borrower)).to.be.within(debt - PAID, debt - PAID + 1n);
    });

    it("sends collateral first, calls back, then takes the payment", async () => {
      const system = await loadFixture(approvedVault);
      const { vault, loan, borrower, params } = system;
      const { callee, self, act } = await deployCallee(system, 0n, 0n);
      await vault.connect(borrower).setDeleverager(self, true);
      // It has the loan assets only when it is called back.
      await callee.setPlan([await call(loan, "mint", [self, PAID])]);
      await expect(act(vault, "deleverage", [params({ receiver: self, data: SOME_DATA })]))
        .to.emit(callee, "CalledBack")
        .withArgs(callee.interface.getFunction("onTake").selector, PAID, SOLD, SOME_DATA);
      expect(await system.collateral.balanceOf(self)).to.equal(SOLD);
      expect(await loan.balanceOf(self)).to.equal(0n);
    });

    it("repays all there is", async () => {
      const { vault, borrower, deleverage } = await loadFixture(approvedVault);
      await deleverage({ repay: STORY.debt, collateral: 75n * COLL });
      expect(await vault.debtOf(borrower)).to.equal(0n);
      expect((await vault.position(borrower)).collateral).to.equal(25n * COLL);
    });

    it("does not move the sale clock: anyone could, by selling to himself", async () => {
      const { vault, deleverage } = await loadFixture(approvedVault);
      const { saleClock } = await vault.totals();
      await deleverage();
      expect((await vault.totals()).saleClock).to.equal(saleClock);
    });

    it("goes on while the vault winds down and withdrawing is paused", async () => {
      const { vault, governor, deleverage } = await loadFixture(approvedVault);
      await vault.connect(governor).windDown();
      await vault.connect(governor).pause(PAUSE.all & ~PAUSE.sales);
      await deleverage();
    });

    it("clears a mark that has outlived its sale", async () => {
      const system = await loadFixture(approvedVault);
      const { vault, borrower, sink, start, suspect, say, deleverage } = system;
      await sink(STORY.underWater);
      await start();
      expect(await vault.markOf(borrower)).to.be.above(0n);
      // The price recovers while the oracle is not FRESH: the sale ends, the mark stays.
      await suspect({ deciding: STORY.price });
      await vault.endSale(borrower);
      expect(await vault.markOf(borrower)).to.be.above(0n);
      await say({ deciding: STORY.price });
      await deleverage();
      expect(await vault.markOf(borrower)).to.equal(0n);
      expect(await vault.markdown()).to.equal(0n);
    });

    it("reverts for all but whom the borrower let in: stranger, operator, the borrower himself, one dismissed", async () => {
      const { vault, borrower, operator, stranger, deleverage } = await loadFixture(approvedVault);
      await vault.connect(borrower).setOperator(stranger, true);
      for (const by of [stranger, borrower]) {
        await expect(deleverage({}, by))
          .to.be.revertedWithCustomError(vault, "NotDeleverager")
          .withArgs(by, borrower);
      }
      await vault.connect(borrower).setDeleverager(operator, false);
      await expect(deleverage()).to.be.revertedWithCustomError(vault, "NotDeleverager");
    });

    it("reverts for another borrower's position", async () => {
      const { vault, otherBorrower, operator, open, deleverage } = await loadFixture(approvedVault);
      await open(otherBorrower);
      await expect(deleverage({ borrower: otherBorrower }))
        .to.be.revertedWithCustomError(vault, "NotDeleverager")
        .withArgs(operator, otherBorrower);
    });

    it("reverts while sales are paused", async () => {
      const { vault, guardian, deleverage } = await loadFixture(approvedVault);
      await vault.connect(guardian).pause(PAUSE.sales);
      await expect(deleverage()).to.be.revertedWithCustomError(vault, "ActionPaused").withArgs(PAUSE.sales);
    });

    for (const nothing of ["collateral", "repay"] as const) {
      it(`reverts for no ${nothing}`, async () => {
        const { vault, deleverage } = await loadFixture(approvedVault);
        await expect(deleverage({ [nothing]: 0n })).to.be.revertedWithCustomError(vault, "ZeroAmount");
      });
    }

    it("reverts while a sale is live and needed, and clears one that a recovery has overtaken", async () => {
      const system = await approve(await loadFixture(saleVault));
      const { vault, borrower, sink, deleverage } = system;
      await expect(deleverage()).to.be.revertedWithCustomError(vault, "SaleIsLive").withArgs(borrower);
      await pass(20n * 1_060n);
      await expect(deleverage()).to.be.revertedWithCustomError(vault, "SaleIsLive");
      await sink(STORY.price);
      await expect(deleverage()).to.emit(vault, "SaleEnded").withArgs(borrower, ENDED.recovered);
    });

    for (const state of ["suspect", "stale"] as const) {
      it(`reverts while the oracle is ${state}`, async () => {
        const { vault, say, deleverage } = await loadFixture(approvedVault);
        await say({ deciding: STORY.price, state: ORACLE[state] });
        await expect(deleverage()).to.be.revertedWithCustomError(vault, "OracleNotFresh");
      });
    }

    it("reverts at a price out of what sales can reckon with", async () => {
      const { vault, say, deleverage } = await loadFixture(approvedVault);
      await say({ deciding: 2n ** 188n });
      await expect(deleverage()).to.be.revertedWithCustomError(vault, "PriceTooHigh");
      await say({ deciding: STORY.price, low: 2n ** 188n });
      await expect(deleverage()).to.be.revertedWithCustomError(vault, "PriceTooHigh");
    });

    it("LIQ-1: reverts for an unhealthy position, and not for one at its limit", async () => {
      const { vault, borrower, sink, deleverage } = await loadFixture(approvedVault);
      // 150,000 / 83% / 100.
      const limit = price(STORY.debt) / LOAN / 83n;
      await sink(limit - PRICE_SCALE / COLL);
      await expect(deleverage())
        .to.be.revertedWithCustomError(vault, "PositionUnhealthy")
        .withArgs(borrower, STORY.debt, (most: bigint) => most < STORY.debt);
      await sink(limit + PRICE_SCALE / COLL);
      await deleverage();
    });

    it("is healthy on the deciding price, whatever the lower one says", async () => {
      const { say, deleverage } = await loadFixture(approvedVault);
      await say({ deciding: STORY.price, low: price(1_790n) });
      await deleverage();
    });

    it("asks for the floor of a forced sale on the lower price at least, rounded up", async () => {
      const { vault, say, deleverage } = await loadFixture(approvedVault);
      const low = price(1_999n) + 1n;
      await say({ deciding: STORY.price, low });
      const least = atFloor(SOLD, low);
      await expect(deleverage({ repay: least - 1n }))
        .to.be.revertedWithCustomError(vault, "PaymentTooLow")
        .withArgs(least - 1n, least);
      await deleverage({ repay: least });
    });

    it("asks for the floor of the terms that a sale would get now", async () => {
      const { vault, governor, terms, deleverage } = await loadFixture(approvedVault);
      const repay = (PAID * 93n) / 100n;
      await vault.connect(governor).setTerms({ ...terms, maxDiscountBps: 600n });
      await expect(deleverage({ repay }))
        .to.be.revertedWithCustomError(vault, "PaymentTooLow")
        .withArgs(repay, (PAID * 94n) / 100n);
      await vault.connect(governor).setTerms(terms);
      await deleverage({ repay });
    });

    it("reverts for more collateral than there is", async () => {
      const { vault, deleverage } = await loadFixture(approvedVault);
      const most = 70n * COLL;
      await deleverage({ collateral: most, repay: 140_000n * LOAN });
      await expect(deleverage({ collateral: 30n * COLL + 1n, repay: 10n ** 6n * LOAN }))
        .to.be.revertedWithCustomError(vault, "InsufficientPositionCollateral")
        .withArgs(30n * COLL + 1n, 30n * COLL);
    });

    it("reverts for more than is owed", async () => {
      const { vault, deleverage } = await loadFixture(approvedVault);
      await expect(deleverage({ repay: STORY.debt + 1n }))
        .to.be.revertedWithCustomError(vault, "RepaysTooMuch")
        .withArgs(STORY.debt + 1n, STORY.debt);
    });

    it("leaves no debt or at least the smallest", async () => {
      const { vault, config, deleverage } = await loadFixture(approvedVault);
      const minDebt = BigInt(config.minDebt);
      const repay = STORY.debt - minDebt + 1n;
      await expect(deleverage({ repay, collateral: 75n * COLL }))
        .to.be.revertedWithCustomError(vault, "DebtBelowMinimum")
        .withArgs(minDebt - 1n, minDebt);
      await deleverage({ repay: repay - 1n, collateral: 75n * COLL });
    });

    it("reverts where debt per collateral would not fall, whatever low price the oracle says", async () => {
      const { vault, say, deleverage } = await loadFixture(approvedVault);
      await say({ deciding: STORY.price, low: STORY.price / 2n });
      // LTV 75%: sold at 75% of the value it stays where it is.
      const even = (PAID * 75n) / 100n;
      await expect(deleverage({ repay: even }))
        .to.be.revertedWithCustomError(vault, "LtvNotLower")
        .withArgs(STORY.debt, STORY.collateral, STORY.debt - even, STORY.collateral - SOLD);
      await deleverage({ repay: even + 1n });
    });

    it("reverts where rounding swallows the payment", async () => {
      const { vault, rateModel, deleverage } = await loadFixture(approvedVault);
      await rateModel.set(10n ** 9n, 10n ** 9n, 0n);
      await vault.accrue();
      await pass(YEAR);
      await expect(deleverage({ collateral: 1n, repay: 1n })).to.be.revertedWithCustomError(
        vault,
        "LtvNotLower",
      );
    });

    it("reverts where rounding would leave the position unhealthy", async () => {
      const { vault, borrower, sink, deleverage } = await loadFixture(approvedVault);
      await vault.connect(borrower).repay(600n * LOAN, borrower);
      // 83% to the unit: 149,400 on 180,000.
      await sink(price(1_800n));
      // 1.05 units' worth, for one.
      await expect(deleverage({ collateral: 583_333_333n, repay: 1n }))
        .to.be.revertedWithCustomError(vault, "PositionUnhealthy")
        .withArgs(borrower, 149_400n * LOAN - 1n, 149_400n * LOAN - 2n);
      await deleverage({ collateral: 10n ** 9n, repay: 2n });
    });

    it("reverts where the callback does not answer", async () => {
      const system = await loadFixture(approvedVault);
      const { vault, borrower, params } = system;
      const { callee, self, act } = await deployCallee(system, PAID, 0n);
      await vault.connect(borrower).setDeleverager(self, true);
      await callee.setRefuses(true);
      await expect(act(vault, "deleverage", [params({ data: SOME_DATA })]))
        .to.be.revertedWithCustomError(vault, "CallbackRefused")
        .withArgs(self);
    });

    it("reverts where the payer has not allowed the payment", async () => {
      const { vault, loan, code, operator, deleverage } = await loadFixture(approvedVault);
      await loan.connect(operator).approve(vault, PAID - 1n);
      await expect(deleverage()).to.be.revertedWithCustomError(code, "ERC20InsufficientAllowance");
    });

    it("reverts where the loan asset delivers less than it is told", async () => {
      const fresh = await deployVault({ loan: "MockFeeERC20" });
      const { vault, loan, deleverage } = await approve(await openStory(await prepare(fresh)));
      await (await ethers.getContractAt("MockFeeERC20", await loan.getAddress())).setFeeBps(10n);
      await expect(deleverage()).to.be.revertedWithCustomError(vault, "InsufficientReceived");
    });
  });

  describe("setDeleverager", () => {
    it("lets in and shuts out, by the owner alone", async () => {
      const { vault, borrower, operator, stranger } = await loadFixture(loanVault);
      expect(await vault.isDeleverager(borrower, operator)).to.equal(false);
      await expect(vault.connect(borrower).setDeleverager(operator, true))
        .to.emit(vault, "DeleveragerSet")
        .withArgs(borrower, operator, true);
      expect(await vault.isDeleverager(borrower, operator)).to.equal(true);
      expect(await vault.isDeleverager(operator, borrower)).to.equal(false);
      expect(await vault.isDeleverager(borrower, stranger)).to.equal(false);
      expect(await vault.isOperator(borrower, operator)).to.equal(false);
      await vault.connect(borrower).setDeleverager(operator, false);
      expect(await vault.isDeleverager(borrower, operator)).to.equal(false);
    });

    it("gives no other power", async () => {
      const { vault, borrower, operator } = await loadFixture(approvedVault);
      const by = vault.connect(operator);
      for (const act of [
        by.borrow(LOAN, borrower, operator),
        by.withdrawCollateral(1n, borrower, operator),
        by.repayAndWithdrawCollateral(LOAN, 1n, borrower, operator, NO_DATA),
        by.supplyCollateralAndBorrow(1n, LOAN, borrower, operator, NO_DATA),
      ]) {
        await expect(act).to.be.revertedWithCustomError(vault, "NotOperator");
      }
    });

    it("moves nothing that the vault stores elsewhere", async () => {
      const { vault, borrower, operator, lender } = await loadFixture(loanVault);
      const look = async () => [
        await vault.totals(),
        await vault.params(),
        await vault.caps(),
        await vault.position(borrower),
        await vault.balanceOf(lender),
        await vault.totalSupply(),
        await vault.nonces(borrower),
        await vault.name(),
      ];
      const before = await look();
      await vault.connect(borrower).setDeleverager(operator, true);
      expect(await look()).to.deep.equal(before);
    });

    it("voids what was signed and not used", async () => {
      const { vault, borrower, operator } = await loadFixture(loanVault);
      const deadline = await now();
      const deleverager = operator.address;
      const signature = await signApproval(vault, borrower, { deleverager, deadline });
      await vault.connect(borrower).setDeleverager(operator, false);
      expect(await vault.deleveragerNonce(borrower)).to.equal(1n);
      await expect(vault.setDeleveragerWithSig(borrower, operator, true, deadline, signature))
        .to.be.revertedWithCustomError(vault, "InvalidDeleveragerSignature")
        .withArgs(borrower, deadline);
    });
  });

  describe("setDeleveragerWithSig", () => {
    it("lets in and shuts out, handed in by anyone", async () => {
      const { vault, borrower, operator, stranger } = await loadFixture(loanVault);
      const deadline = await now();
      for (const approved of [true, false]) {
        const signature = await signApproval(vault, borrower, {
          deleverager: operator.address,
          approved,
          deadline,
        });
        await expect(
          vault.connect(stranger).setDeleveragerWithSig(borrower, operator, approved, deadline, signature),
        )
          .to.emit(vault, "DeleveragerSet")
          .withArgs(borrower, operator, approved);
        expect(await vault.isDeleverager(borrower, operator)).to.equal(approved);
      }
      expect(await vault.deleveragerNonce(borrower)).to.equal(2n);
      // Permits and operators are another counter's.
      expect(await vault.nonces(borrower)).to.equal(0n);
    });

    it("takes a contract wallet's word (ERC-1271)", async () => {
      const { vault, borrower, operator, stranger } = await loadFixture(loanVault);
      const wallet = await ethers.deployContract("MockWallet", [borrower]);
      const owner = await wallet.getAddress();
      const deadline = await now();
      const approval = { owner, deleverager: operator.address, deadline };
      const wrong = await signApproval(vault, stranger, approval);
      await expect(
        vault.setDeleveragerWithSig(owner, operator, true, deadline, wrong),
      ).to.be.revertedWithCustomError(vault, "InvalidDeleveragerSignature");
      const signature = await signApproval(vault, borrower, approval);
      await vault.setDeleveragerWithSig(owner, operator, true, deadline, signature);
      expect(await vault.isDeleverager(owner, operator)).to.equal(true);
    });
  });

  it("the extension by itself keeps approvals of nobody's positions", async () => {
    const { extension, borrower, operator } = await loadFixture(loanVault);
    const alone = await ethers.getContractAt("IVault", await extension.getAddress());
    await alone.connect(borrower).setDeleverager(operator, true);
    await expect(
      alone
        .connect(operator)
        .deleverage({ borrower, collateral: 1n, repay: 1n, receiver: operator, data: NO_DATA }),
    ).to.revert(ethers);
  });
});
