import { expect } from "chai";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { ethers, loadFixture, networkHelpers, pass } from "../helpers/chain.ts";
import { call } from "../helpers/callee.ts";
import { ENTRY_POINTS, GOVERNOR_POWERS, GUARDIAN_POWERS, LOCKED_VIEWS } from "../helpers/entryPoints.ts";
import { DAY, GOVERNOR_ROLE, LOAN, loanVault, PAUSE, type VaultSystem } from "../helpers/vault.ts";

const ROLES = ["governor", "guardian", "stranger", "lender", "borrower", "operator", "deployer"] as const;
type Role = (typeof ROLES)[number];

const MAY: Readonly<Record<"governor" | "guardian", readonly Role[]>> = {
  governor: ["governor"],
  guardian: ["governor", "guardian"],
};

const matrix: [string, readonly Role[], (typeof GOVERNOR_POWERS)[string]][] = [
  ...Object.entries(GOVERNOR_POWERS).map(
    ([name, args]) => [name, MAY.governor, args] as [string, readonly Role[], typeof args],
  ),
  ...Object.entries(GUARDIAN_POWERS).map(
    ([name, args]) => [name, MAY.guardian, args] as [string, readonly Role[], typeof args],
  ),
];

async function send(system: VaultSystem, by: HardhatEthersSigner, name: string, args: readonly unknown[]) {
  const { target, data } = await call(system.vault, name, args);
  return by.sendTransaction({ to: target, data });
}

describe("Security 28: roles", () => {
  for (const [name, may, args] of matrix) {
    for (const role of ROLES) {
      const isAllowed = may.includes(role);
      it(`${role} ${isAllowed ? "may" : "may not"} ${name}`, async () => {
        const system = await loadFixture(loanVault);
        const user = system[role];
        const act = send(system, user, name, await args(system, user.address));
        if (isAllowed) {
          const tx = await act;
          expect((await tx.wait())?.status).to.equal(1);
        } else {
          await expect(act)
            .to.be.revertedWithCustomError(system.vault, "AccessManagedUnauthorized")
            .withArgs(user);
        }
      });
    }
  }

  it("every function that is not in the matrix is open to all, and none of them asks for a role", async () => {
    const system = await loadFixture(loanVault);
    const { stranger, vault } = system;
    const unauthorized = vault.interface.getError("AccessManagedUnauthorized")?.selector ?? "";
    for (const [name, args] of Object.entries({ ...ENTRY_POINTS, ...LOCKED_VIEWS })) {
      const { target, data } = await call(system.vault, name, await args(system, stranger.address));
      const answer: string = await stranger.call({ to: target, data }).catch((error: unknown) => {
        if (typeof error === "object" && error !== null && "data" in error) return String(error.data);
        return "";
      });
      expect([name, answer.startsWith(unauthorized)]).to.deep.equal([name, false]);
    }
  });

  it("AUTH-1: no role can take a user's tokens, shares, collateral, or touch a debt", async () => {
    const system = await loadFixture(loanVault);
    const { vault, loan, collateral, lender, borrower } = system;
    const owned = async () => [
      await loan.balanceOf(lender),
      await loan.balanceOf(borrower),
      await collateral.balanceOf(borrower),
      await vault.balanceOf(lender),
      await vault.previewRedeem(await vault.balanceOf(lender)),
      (await vault.position(borrower)).collateral,
      await vault.debtOf(borrower),
    ];
    const before = await owned();
    for (const role of ["governor", "guardian"] as const) {
      for (const [name, , args] of matrix) {
        const user = system[role];
        const snapshot = await networkHelpers.takeSnapshot();
        await send(system, user, name, await args(system, user.address)).catch(() => null);
        expect([name, await owned()]).to.deep.equal([name, before]);
        await snapshot.restore();
      }
    }
  });

  it("AUC-2: no role can change the terms of a live sale, nor stop the ways out (LIVE-1)", async () => {
    const system = await loadFixture(loanVault);
    const { vault, borrower, lender, governor } = system;
    await system.sink();
    await system.start();
    const { price } = await vault.quoteTake(borrower);
    for (const [name, , args] of matrix) {
      if (name === "pause") continue;
      const snapshot = await networkHelpers.takeSnapshot();
      await send(system, governor, name, await args(system, governor.address));
      expect([name, (await vault.quoteTake(borrower)).price]).to.deep.equal([name, price]);
      await snapshot.restore();
    }
    await vault.connect(governor).pause(PAUSE.all);
    await vault.connect(borrower).repay(LOAN, borrower);
    await system.fund(borrower, 0n, 1n);
    await vault.connect(borrower).supplyCollateral(1n, borrower);
    await vault.connect(lender).withdraw(LOAN, lender, lender);
  });

  it("a governor with a delay must announce: nothing happens before it has run, and once after", async () => {
    const system = await loadFixture(loanVault);
    const { vault, authority, stranger } = system;
    const delay = 2n * DAY;
    await authority.grantRole(GOVERNOR_ROLE, stranger, delay);
    const { target, data } = await call(vault, "setBorrowLtv", [7_000n]);
    const act = () => stranger.sendTransaction({ to: target, data });
    await expect(act()).to.be.revertedWithCustomError(authority, "AccessManagerNotScheduled");
    await authority.connect(stranger).schedule(vault, data, 0n);
    await pass(delay - 1n);
    await expect(act()).to.be.revertedWithCustomError(authority, "AccessManagerNotReady");
    await pass(1n);
    await act();
    expect((await vault.params()).borrowLtvBps).to.equal(7_000n);
    await expect(act()).to.be.revertedWithCustomError(authority, "AccessManagerNotScheduled");
  });

  it("a role taken away is gone at once", async () => {
    const { vault, authority, governor } = await loadFixture(loanVault);
    await authority.revokeRole(GOVERNOR_ROLE, governor);
    await expect(vault.connect(governor).setBorrowLtv(7_000n)).to.be.revertedWithCustomError(
      vault,
      "AccessManagedUnauthorized",
    );
  });

  it("only the authority itself hands the vault to another authority", async () => {
    const { vault, authority, governor, guardian, deployer, stranger } = await loadFixture(loanVault);
    const next = await ethers.deployContract("AccessManager", [stranger]);
    for (const user of [governor, guardian, deployer, stranger]) {
      await expect(vault.connect(user).setAuthority(next)).to.be.revertedWithCustomError(
        vault,
        "AccessManagedUnauthorized",
      );
    }
    await authority.connect(deployer).updateAuthority(vault, next);
    expect(await vault.authority()).to.equal(await next.getAddress());
  });
});
