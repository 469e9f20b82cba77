import { expect } from "chai";

import { Signature } from "ethers";

import { deployVault, loanVault, MAX } from "../helpers/vault.ts";
import { ethers, loadFixture, now, pass } from "../helpers/chain.ts";
import { type OperatorChange, type PermitChange, signOperator, signPermit } from "../helpers/signatures.ts";

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The other signature that the curve would take for the same message. */
function malleated(signature: string): string {
  const { r, s, v } = Signature.from(signature);
  const other = ethers.toBeHex(CURVE_ORDER - BigInt(s), 32);
  return ethers.concat([r, other, v === 27 ? "0x1c" : "0x1b"]);
}

async function signedVault() {
  const system = await loanVault();
  const deadline = (await now()) + 100n;
  const { vault, borrower, operator, stranger } = system;
  const submit = (signature: string, change: { until?: bigint; approved?: boolean; to?: string } = {}) =>
    vault
      .connect(stranger)
      .setOperatorWithSig(
        borrower,
        change.to ?? operator,
        change.approved ?? true,
        change.until ?? deadline,
        signature,
      );
  const sign = (change: Partial<OperatorChange> = {}) =>
    signOperator(vault, borrower, { operator, deadline, ...change });
  const permit = (signature: Signature, value = MAX, until = deadline) =>
    vault.connect(stranger).permit(borrower, stranger, value, until, signature.v, signature.r, signature.s);
  const signForPermit = (change: Partial<PermitChange> = {}) =>
    signPermit(vault, borrower, { spender: stranger, value: MAX, deadline, ...change });
  return { ...system, deadline, submit, sign, permit, signForPermit };
}

describe("Security 19: replayed and forged signatures", () => {
  describe("of operators", () => {
    it("works once", async () => {
      const { vault, borrower, operator, submit, sign } = await loadFixture(signedVault);
      const [used, unused] = [await sign(), await sign({ nonce: 1n })];
      await submit(used);
      await vault.connect(borrower).setOperator(operator, false);
      for (const signature of [used, unused]) {
        await expect(submit(signature)).to.be.revertedWithCustomError(vault, "InvalidOperatorSignature");
      }
      expect(await vault.isOperator(borrower, operator)).to.equal(false);
    });

    it("works in the second of its deadline, and not after", async () => {
      const { vault, borrower, submit, sign, deadline } = await loadFixture(signedVault);
      const [first, second] = [await sign(), await sign({ nonce: 1n })];
      await pass(100n);
      expect(await now()).to.equal(deadline);
      await submit(first);
      await pass(1n);
      await expect(submit(second))
        .to.be.revertedWithCustomError(vault, "InvalidOperatorSignature")
        .withArgs(borrower, deadline);
    });

    const wrong: [string, Partial<OperatorChange>][] = [
      ["another chain", { domain: { chainId: 1n } }],
      ["another vault", { domain: { verifyingContract: ethers.ZeroAddress } }],
      ["another version", { domain: { version: "2" } }],
      ["another name", { domain: { name: "Gavel" } }],
      ["a later nonce", { nonce: 1n }],
      ["dismissing", { approved: false }],
    ];
    for (const [what, change] of wrong) {
      it(`of ${what} is refused`, async () => {
        const { vault, submit, sign } = await loadFixture(signedVault);
        await expect(submit(await sign(change))).to.be.revertedWithCustomError(
          vault,
          "InvalidOperatorSignature",
        );
      });
    }

    it("over other values is refused: operator, deadline, owner", async () => {
      const { vault, borrower, stranger, taker, operator, submit, sign, deadline } =
        await loadFixture(signedVault);
      const signature = await sign();
      await expect(submit(signature, { to: stranger.address })).to.be.revertedWithCustomError(
        vault,
        "InvalidOperatorSignature",
      );
      await expect(submit(signature, { until: deadline + 1n })).to.be.revertedWithCustomError(
        vault,
        "InvalidOperatorSignature",
      );
      await expect(
        vault.setOperatorWithSig(taker, operator, true, deadline, signature),
      ).to.be.revertedWithCustomError(vault, "InvalidOperatorSignature");
      const forged = await signOperator(vault, stranger, { owner: borrower.address, operator, deadline });
      await expect(submit(forged)).to.be.revertedWithCustomError(vault, "InvalidOperatorSignature");
    });

    it("in its malleated form, cut short or empty is refused, for the zero address too", async () => {
      const { vault, operator, submit, sign, deadline } = await loadFixture(signedVault);
      const signature = await sign();
      for (const bad of [malleated(signature), signature.slice(0, -2), "0x", "0x" + "00".repeat(65)]) {
        await expect(submit(bad)).to.be.revertedWithCustomError(vault, "InvalidOperatorSignature");
        await expect(
          vault.setOperatorWithSig(ethers.ZeroAddress, operator, true, deadline, bad),
        ).to.be.revertedWithCustomError(vault, "InvalidOperatorSignature");
      }
      await submit(signature);
    });

    it("of one vault does not work at another with the same name", async () => {
      const { borrower, operator, sign, deadline } = await loadFixture(signedVault);
      const signature = await sign();
      const { vault: other } = await deployVault();
      await expect(
        other.setOperatorWithSig(borrower, operator, true, deadline, signature),
      ).to.be.revertedWithCustomError(other, "InvalidOperatorSignature");
    });

    it("refused uses up no nonce", async () => {
      const { vault, borrower, submit, sign } = await loadFixture(signedVault);
      await expect(submit(await sign({ nonce: 1n }))).to.revert(ethers);
      expect(await vault.operatorNonce(borrower)).to.equal(0n);
    });

    it("a vault does not sign for itself: its own position has no operator", async () => {
      const { vault, operator, deadline } = await loadFixture(signedVault);
      await expect(
        vault.setOperatorWithSig(vault, operator, true, deadline, "0x"),
      ).to.be.revertedWithCustomError(vault, "InvalidOperatorSignature");
    });
  });

  describe("of permits", () => {
    it("work once, until their deadline, for what they say", async () => {
      const { vault, code, borrower, stranger, permit, signForPermit, deadline } =
        await loadFixture(signedVault);
      const signature = await signForPermit();
      await expect(permit(signature, MAX - 1n)).to.be.revertedWithCustomError(code, "ERC2612InvalidSigner");
      await permit(signature);
      await expect(permit(signature)).to.be.revertedWithCustomError(code, "ERC2612InvalidSigner");
      expect(await vault.allowance(borrower, stranger)).to.equal(MAX);
      const late = await signForPermit();
      await pass(101n);
      await expect(permit(late))
        .to.be.revertedWithCustomError(code, "ERC2612ExpiredSignature")
        .withArgs(deadline);
    });

    for (const [what, domain] of [
      ["another chain", { chainId: 1n }],
      ["another vault", { verifyingContract: ethers.ZeroAddress }],
    ] as const) {
      it(`of ${what} are refused`, async () => {
        const { code, permit, signForPermit } = await loadFixture(signedVault);
        await expect(permit(await signForPermit({ domain }))).to.be.revertedWithCustomError(
          code,
          "ERC2612InvalidSigner",
        );
      });
    }
  });
});
