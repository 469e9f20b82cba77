import { expect } from "chai";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import type { FunctionFragment } from "ethers";

import { ethers, loadFixture } from "../helpers/chain.ts";
import { call, deployCallee } from "../helpers/callee.ts";
import { ENTRY_POINTS, GOVERNOR_POWERS, GUARDIAN_POWERS, PERMISSIONS } from "../helpers/entryPoints.ts";
import { COLL, LOAN, loanVault, MAX, SOME_DATA, STORY, type VaultSystem } from "../helpers/vault.ts";

/** A victim who has allowed the vault everything and owns something of every kind. */
async function victimVault() {
  const system = await loanVault();
  const { vault, otherLender: victim, fund, open } = system;
  await fund(victim, STORY.lent, 10n * STORY.collateral);
  await vault.connect(victim).deposit(STORY.lent / 2n, victim);
  await open(victim, STORY.collateral, 1_000n * LOAN);
  return { ...system, victim };
}

interface Belongings {
  readonly loan: bigint;
  readonly collateral: bigint;
  readonly shares: bigint;
  readonly pledged: bigint;
  readonly owed: bigint;
}

async function belongings(
  { vault, loan, collateral }: VaultSystem,
  owner: HardhatEthersSigner | string,
): Promise<Belongings> {
  const [held, owned, shares, { collateral: pledged }, owed] = await Promise.all([
    loan.balanceOf(owner),
    collateral.balanceOf(owner),
    vault.balanceOf(owner),
    vault.position(owner),
    vault.debtOf(owner),
  ]);
  return { loan: held, collateral: owned, shares, pledged, owed };
}

const hasLostNothing = (before: Belongings, after: Belongings): boolean =>
  after.loan >= before.loan &&
  after.collateral >= before.collateral &&
  after.shares >= before.shares &&
  after.pledged >= before.pledged &&
  after.owed <= before.owed;

/** Mulberry32: the same numbers on every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe("Security 18: others' allowances", () => {
  const everything = { ...ENTRY_POINTS, ...GOVERNOR_POWERS, ...GUARDIAN_POWERS };
  for (const [name, args] of Object.entries(everything)) {
    it(`${name} with the victim in every place takes nothing of his`, async () => {
      const system = await loadFixture(victimVault);
      const { victim, stranger, governor } = system;
      const before = await belongings(system, victim);
      const { target, data } = await call(system.vault, name, await args(system, victim.address));
      for (const attacker of [stranger, governor]) {
        await attacker.sendTransaction({ to: target, data }).catch(() => null);
        expect(hasLostNothing(before, await belongings(system, victim))).to.equal(true);
      }
    });
  }

  it("200 calls of any function with any mixture of arguments take nothing of his", async () => {
    const system = await loadFixture(victimVault);
    const { vault, loan, victim, stranger, operator } = system;
    const random = seeded(18);
    const people = [
      victim.address,
      victim.address,
      stranger.address,
      await vault.getAddress(),
      await loan.getAddress(),
    ];
    const amounts = [0n, 1n, LOAN, 1_000n * LOAN, COLL, STORY.lent, MAX];
    const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
    const value = (type: string): unknown => {
      if (type === "address") return pick(people);
      if (type === "address[]") return [pick(people), pick(people)];
      if (type === "bool") return random(2) === 0;
      if (type === "bytes") return pick(["0x", SOME_DATA]);
      if (type === "bytes32") return ethers.ZeroHash;
      if (type === "uint8") return 27n;
      return pick(amounts);
    };
    const names = new Set([...Object.keys(ENTRY_POINTS), ...PERMISSIONS]);
    const functions: FunctionFragment[] = [];
    vault.interface.forEachFunction((fragment) => {
      if (names.has(fragment.name)) functions.push(fragment);
    });
    let before = await belongings(system, victim);
    let went = 0;
    for (let i = 0; i < 200; i++) {
      const { inputs, name } = pick(functions);
      const args = inputs.map(({ type, components }) =>
        components === null ? value(type) : components.map((component) => value(component.type)),
      );
      const { data } = await call(vault, name, args);
      const attacker = pick([stranger, operator]);
      went += await attacker.sendTransaction({ to: vault, data }).then(
        () => 1,
        () => 0,
      );
      const after = await belongings(system, victim);
      expect([name, hasLostNothing(before, after)]).to.deep.equal([name, true]);
      before = after;
    }
    expect(went).to.be.above(10);
  });

  it("a contract with allowances and callbacks for all loses nothing by a flash loan that others give it", async () => {
    const system = await loadFixture(victimVault);
    const { vault, loan, collateral, stranger } = system;
    const { self } = await deployCallee(system, STORY.lent, STORY.collateral);
    const before = await belongings(system, self);
    for (const token of [loan, collateral]) {
      await vault.connect(stranger).flashLoan(self, token, await vault.maxFlashLoan(token), SOME_DATA);
    }
    expect(await belongings(system, self)).to.deep.equal(before);
  });

  it("callbacks go to the payer alone: nobody can have another contract called back in a take", async () => {
    const system = await loadFixture(victimVault);
    const { self, callee } = await deployCallee(system, STORY.lent, STORY.collateral);
    await system.sink();
    await system.start();
    // The caller has no code, and the contract that would pay is not the caller.
    await expect(system.take({ receiver: self, data: SOME_DATA })).to.revert(ethers);
    expect((await callee.results()).length).to.equal(0);
    expect(await system.loan.balanceOf(self)).to.equal(STORY.lent);
  });

  it("the vault allows nobody anything", async () => {
    const system = await loadFixture(victimVault);
    const { vault, loan, collateral, sink, start, take } = system;
    const callee = await deployCallee(system, STORY.lent, STORY.collateral);
    await vault.flashLoan(callee.callee, loan, LOAN, SOME_DATA);
    await sink();
    await start();
    await take();
    for (const token of [loan, collateral]) {
      const approvals = await token.queryFilter(token.filters.Approval(vault));
      expect(approvals.length).to.equal(0);
    }
  });
});
