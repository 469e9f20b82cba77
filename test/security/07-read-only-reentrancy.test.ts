import { expect } from "chai";

import { loadFixture } from "../helpers/chain.ts";
import { type Call, call, deployCallee, LOCKED } from "../helpers/callee.ts";
import {
  AUTHORITYS_OWN,
  CONSTRUCTION,
  ENTRY_POINTS,
  GOVERNOR_POWERS,
  GUARDIAN_POWERS,
  LOCKED_VIEWS,
  OPEN_VIEWS,
  PERMISSIONS,
} from "../helpers/entryPoints.ts";
import { COLL, LOAN, MAX, saleVault, SOME_DATA, STORY, type VaultSystem } from "../helpers/vault.ts";

async function calleeVault() {
  const system = await saleVault();
  const callee = await deployCallee(system, STORY.lent, STORY.collateral);
  await callee.act(system.vault, "supplyCollateral", [10n * COLL, callee.self]);
  return { ...system, ...callee };
}

type CalleeVault = Awaited<ReturnType<typeof calleeVault>>;

/** Operations that call back, while something of the books has already moved. */
const operations: [string, (system: CalleeVault) => Promise<unknown>][] = [
  ["a flash loan", ({ vault, loan, callee }) => vault.flashLoan(callee, loan, LOAN, SOME_DATA)],
  [
    "a take",
    async ({ vault, act, self, takeParams }) =>
      act(vault, "take", [await takeParams({ receiver: self, data: SOME_DATA })]),
  ],
  [
    "a take of many",
    async ({ vault, act, self, borrower, takeParams }) => {
      const { borrower: _, ...limits } = await takeParams({ receiver: self, data: SOME_DATA });
      return act(vault, "takeMany", [{ borrowers: [borrower.address], ...limits }]);
    },
  ],
  [
    "leverage",
    ({ vault, act, self }) =>
      act(vault, "supplyCollateralAndBorrow", [COLL, 1_000n * LOAN, self, self, SOME_DATA]),
  ],
  [
    "unwinding",
    async ({ vault, act, self }) => {
      await act(vault, "borrow", [1_000n * LOAN, self, self]);
      return act(vault, "repayAndWithdrawCollateral", [MAX, COLL, self, self, SOME_DATA]);
    },
  ],
];

async function planOf(system: VaultSystem, self: string): Promise<[string, Call][]> {
  return Promise.all(
    Object.entries(LOCKED_VIEWS).map(
      async ([name, args]) =>
        [name, await call(system.vault, name, await args(system, self))] as [string, Call],
    ),
  );
}

describe("Security 07: read-only reentrancy", () => {
  it("every function of the vault is in exactly one group of these tests", async () => {
    const { vault } = await loadFixture(calleeVault);
    const known = [
      ...Object.keys(ENTRY_POINTS),
      ...PERMISSIONS,
      ...Object.keys(GOVERNOR_POWERS),
      ...Object.keys(GUARDIAN_POWERS),
      ...Object.keys(LOCKED_VIEWS),
      ...OPEN_VIEWS,
      ...CONSTRUCTION,
      ...AUTHORITYS_OWN,
    ].sort();
    const names: string[] = [];
    vault.interface.forEachFunction(({ name }) => names.push(name));
    expect(known).to.deep.equal(names.sort());
  });

  for (const [what, operate] of operations) {
    it(`no view of books, positions and prices answers in the callback of ${what}`, async () => {
      const system = await loadFixture(calleeVault);
      const plan = await planOf(system, system.self);
      await system.callee.setPlan(plan.map(([, planned]) => planned));
      await operate(system);
      const results = await system.callee.results();
      expect(results.length).to.equal(plan.length);
      for (const [i, [name]] of plan.entries()) {
        expect([name, results[i]?.success, results[i]?.data]).to.deep.equal([name, false, LOCKED]);
      }
    });
  }

  it("all of them answer again afterwards", async () => {
    const system = await loadFixture(calleeVault);
    const plan = await planOf(system, system.self);
    await system.vault.flashLoan(system.callee, system.loan, LOAN, SOME_DATA);
    for (const [name, planned] of plan) {
      expect([
        name,
        await system.stranger.call({ to: planned.target, data: planned.data }),
      ]).to.not.deep.equal([name, "0x"]);
    }
  });
});
