import { expect } from "chai";
import { network } from "hardhat";

import type { TypedDataDomain } from "ethers";

import {
  type Approval,
  DAY,
  deployNear,
  fundExecutor,
  GAS,
  type Order,
  orderOf,
  purchaseOf,
  signApproval,
  signOrder,
  UNSIGNED,
} from "../helpers/deleverager.ts";
import { createVault, FOREVER } from "../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

/** The keeper executes; the vault's permission is given or not, as each test says. */
async function signedOrders() {
  const system = await deployNear(connection);
  await fundExecutor(system, system.keeper);
  const { deleverager, borrower, keeper, vault } = system;
  const self = await deleverager.getAddress();
  const permit = () => vault.connect(borrower).setDeleverager(deleverager, true);
  const execute = async (signature: string, change: Partial<Order> = {}) =>
    deleverager.connect(keeper).execute({ ...(await purchaseOf(system, change)), signature, price: 0n }, GAS);
  const sign = async (change: Partial<Order> = {}, domain: TypedDataDomain = {}, by = borrower) =>
    signOrder(deleverager, by, await orderOf(system, change), domain);
  const approve = (change: Partial<Approval> = {}, domain: TypedDataDomain = {}, by = borrower) =>
    signApproval(vault, by, { deleverager: self, ...change }, domain);
  const submit = (signature: string, deadline = FOREVER, approved = true, to = self) =>
    vault.connect(keeper).setDeleveragerWithSig(borrower, to, approved, deadline, signature);
  return { ...system, self, permit, execute, sign, approve, submit };
}

describe("Security: replayed and forged rescues", () => {
  describe("orders", () => {
    const wrong: [string, TypedDataDomain][] = [
      ["another chain", { chainId: 1n }],
      ["another contract", { verifyingContract: "0x0000000000000000000000000000000000000001" }],
      ["another version", { version: "2" }],
      ["another name", { name: "Gavel" }],
    ];
    for (const [what, domain] of wrong) {
      it(`signed for ${what} are refused`, async () => {
        const { deleverager, permit, execute, sign } = await loadFixture(signedOrders);
        await permit();
        await expect(execute(await sign({}, domain))).to.be.revertedWithCustomError(
          deleverager,
          "InvalidOrderSignature",
        );
        await execute(await sign());
      });
    }

    const altered: [keyof Order, bigint][] = [
      ["targetLtvBps", 5_000n],
      ["triggerDistance", 10n ** 20n],
      ["horizon", 2n * DAY],
      ["maxCostBps", 700n],
      ["minInterval", 0n],
      ["expiry", FOREVER + 1n],
    ];
    for (const [field, value] of altered) {
      it(`with another ${field} than signed are refused`, async () => {
        const { deleverager, permit, execute, sign } = await loadFixture(signedOrders);
        await permit();
        await expect(execute(await sign(), { [field]: value })).to.be.revertedWithCustomError(
          deleverager,
          "InvalidOrderSignature",
        );
      });
    }

    it("for another vault of the factory are refused there", async () => {
      const system = await loadFixture(signedOrders);
      const { deleverager, borrower, primary, permit, execute, sign } = system;
      await permit();
      const other = await createVault(
        connection,
        system.factory,
        system.config,
        system.creationCode,
        ethers.id("another"),
      );
      await deleverager.setFeed(other, primary, DAY);
      await other.connect(borrower).setDeleverager(deleverager, true);
      await expect(execute(await sign(), { vault: await other.getAddress() })).to.be.revertedWithCustomError(
        deleverager,
        "InvalidOrderSignature",
      );
    });

    it("of another borrower, forged, empty or cut short are refused", async () => {
      const { deleverager, stranger, permit, execute, sign } = await loadFixture(signedOrders);
      await permit();
      const good = await sign();
      for (const bad of [await sign({}, {}, stranger), UNSIGNED, good.slice(0, -2), "0x" + "00".repeat(65)]) {
        await expect(execute(bad)).to.be.revertedWithCustomError(deleverager, "InvalidOrderSignature");
      }
      await expect(
        execute(await sign({ borrower: stranger.address }), { borrower: stranger.address }),
      ).to.be.revertedWithCustomError(deleverager, "InvalidOrderSignature");
    });

    it("cannot be replayed within their spacing", async () => {
      const { deleverager, permit, execute, sign } = await loadFixture(signedOrders);
      await permit();
      const signature = await sign();
      await execute(signature);
      await expect(execute(signature)).to.be.revertedWithCustomError(deleverager, "TooSoon");
      // Nor with the borrower's own second signature over the same order.
      await expect(execute(await sign())).to.be.revertedWithCustomError(deleverager, "TooSoon");
    });

    it("that were cancelled are dead at once: this one, by whatever signature, or placed", async () => {
      const system = await loadFixture(signedOrders);
      const { deleverager, borrower, permit, execute, sign } = system;
      await permit();
      const signature = await sign();
      const order = await orderOf(system);
      await deleverager.connect(borrower).placeOrder(order);
      await deleverager.connect(borrower).cancelOrder(order);
      for (const given of [signature, UNSIGNED]) {
        await expect(execute(given))
          .to.be.revertedWithCustomError(deleverager, "OrderIsCancelled")
          .withArgs(await deleverager.hashOrder(order));
      }
      // Another order of the same borrower lives.
      await execute(await sign({ targetLtvBps: 6_500n }), { targetLtvBps: 6_500n });
    });

    it("die all together when their nonce is used up, those that were placed too", async () => {
      const system = await loadFixture(signedOrders);
      const { deleverager, borrower, permit, execute, sign } = system;
      await permit();
      await deleverager.connect(borrower).placeOrder(await orderOf(system));
      await expect(deleverager.connect(borrower).cancelAllOrders())
        .to.emit(deleverager, "AllOrdersCancelled")
        .withArgs(borrower, 1n);
      for (const given of [await sign(), UNSIGNED]) {
        await expect(execute(given))
          .to.be.revertedWithCustomError(deleverager, "WrongNonce")
          .withArgs(0n, 1n);
      }
      await execute(await sign({ nonce: 1n }), { nonce: 1n });
    });

    it("of a later nonce are not good yet", async () => {
      const { deleverager, permit, execute, sign } = await loadFixture(signedOrders);
      await permit();
      await expect(execute(await sign({ nonce: 1n }), { nonce: 1n })).to.be.revertedWithCustomError(
        deleverager,
        "WrongNonce",
      );
    });

    it("that are over stay over", async () => {
      const { deleverager, permit, execute, sign } = await loadFixture(signedOrders);
      await permit();
      const expiry = BigInt(await time.latest()) - 1n;
      await expect(execute(await sign({ expiry }), { expiry })).to.be.revertedWithCustomError(
        deleverager,
        "OrderExpired",
      );
    });

    it("do nothing without the vault's permission, nor after it was taken back", async () => {
      const { deleverager, vault, borrower, permit, execute, sign } = await loadFixture(signedOrders);
      await expect(execute(await sign())).to.be.revertedWithCustomError(vault, "NotDeleverager");
      await permit();
      await vault.connect(borrower).setDeleverager(deleverager, false);
      await expect(execute(await sign())).to.be.revertedWithCustomError(vault, "NotDeleverager");
    });

    it("refused leave no trace: the spacing does not begin", async () => {
      const { deleverager, vault, permit, execute, sign } = await loadFixture(signedOrders);
      await expect(execute(await sign())).to.be.revertedWithCustomError(vault, "NotDeleverager");
      await permit();
      await expect(execute(await sign())).to.emit(deleverager, "Rescue");
    });
  });

  describe("permissions", () => {
    const wrong: [string, Partial<Approval>, TypedDataDomain][] = [
      ["another chain", {}, { chainId: 1n }],
      ["another vault", {}, { verifyingContract: "0x0000000000000000000000000000000000000001" }],
      ["another version", {}, { version: "2" }],
      ["a later nonce", { nonce: 1n }, {}],
      ["dismissing", { approved: false }, {}],
      ["another contract", { deleverager: "0x0000000000000000000000000000000000000001" }, {}],
      ["another deadline", { deadline: FOREVER - 1n }, {}],
    ];
    for (const [what, change, domain] of wrong) {
      it(`signed for ${what} are refused, and use up no nonce`, async () => {
        const { vault, borrower, approve, submit } = await loadFixture(signedOrders);
        await expect(submit(await approve(change, domain)))
          .to.be.revertedWithCustomError(vault, "InvalidDeleveragerSignature")
          .withArgs(borrower, FOREVER);
        expect(await vault.deleveragerNonce(borrower)).to.equal(0n);
      });
    }

    it("work once, in the second of their deadline, and not after", async () => {
      const { vault, borrower, deleverager, approve, submit } = await loadFixture(signedOrders);
      const deadline = BigInt(await time.latest()) + 20n;
      const [first, second] = [await approve({ deadline }), await approve({ deadline, nonce: 1n })];
      await time.setNextBlockTimestamp(deadline);
      await submit(first, deadline);
      await expect(submit(first, deadline)).to.be.revertedWithCustomError(
        vault,
        "InvalidDeleveragerSignature",
      );
      await time.setNextBlockTimestamp(deadline + 1n);
      await expect(submit(second, deadline)).to.be.revertedWithCustomError(
        vault,
        "InvalidDeleveragerSignature",
      );
      expect(await vault.isDeleverager(borrower, deleverager)).to.equal(true);
    });

    it("cannot be brought back by a replay after they were taken back", async () => {
      const { vault, borrower, deleverager, approve, submit } = await loadFixture(signedOrders);
      const [used, unused] = [await approve(), await approve({ nonce: 1n })];
      await submit(used);
      await vault.connect(borrower).setDeleverager(deleverager, false);
      for (const signature of [used, unused]) {
        await expect(submit(signature)).to.be.revertedWithCustomError(vault, "InvalidDeleveragerSignature");
      }
      expect(await vault.isDeleverager(borrower, deleverager)).to.equal(false);
    });

    it("are not an operator's, nor the other way round", async () => {
      const { vault, borrower, keeper, self, approve } = await loadFixture(signedOrders);
      const signature = await approve();
      await expect(
        vault.connect(keeper).setOperatorWithSig(borrower, self, true, FOREVER, signature),
      ).to.be.revertedWithCustomError(vault, "InvalidOperatorSignature");
    });

    it("forged, empty or for the zero address are refused", async () => {
      const { vault, stranger, self, approve, submit, borrower } = await loadFixture(signedOrders);
      const forged = await approve({ owner: borrower.address }, {}, stranger);
      for (const bad of [forged, UNSIGNED, "0x" + "00".repeat(65)]) {
        await expect(submit(bad)).to.be.revertedWithCustomError(vault, "InvalidDeleveragerSignature");
        await expect(
          vault.setDeleveragerWithSig(ethers.ZeroAddress, self, true, FOREVER, bad),
        ).to.be.revertedWithCustomError(vault, "InvalidDeleveragerSignature");
        await expect(
          vault.setDeleveragerWithSig(vault, self, true, FOREVER, bad),
        ).to.be.revertedWithCustomError(vault, "InvalidDeleveragerSignature");
      }
    });
  });
});
