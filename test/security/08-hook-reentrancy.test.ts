import { expect } from "chai";

import { ethers, loadFixture } from "../helpers/chain.ts";
import { type Call, call, deployCallee, LOCKED } from "../helpers/callee.ts";
import { ENTRY_POINTS, GOVERNOR_POWERS, LOCKED_VIEWS } from "../helpers/entryPoints.ts";
import {
  COLL,
  deployVault,
  GOVERNOR_ROLE,
  GUARDIAN_ROLE,
  LOAN,
  NO_DATA,
  openStory,
  PAUSE,
  prepare,
  STORY,
} from "../helpers/vault.ts";

/** Both tokens call their senders and receivers; the attacker has a role of every kind, shares, collateral and a debt. */
async function hookedVault() {
  const system = await openStory(
    await prepare(await deployVault({ loan: "MockHookERC20", collateral: "MockHookERC20" })),
  );
  const attacker = await deployCallee(system, STORY.lent, 2n * STORY.collateral);
  const { self, act } = attacker;
  await act(system.vault, "deposit", [1_000n * LOAN, self]);
  await act(system.vault, "supplyCollateral", [10n * COLL, self]);
  await act(system.vault, "borrow", [1_000n * LOAN, self, self]);
  await system.authority.grantRole(GOVERNOR_ROLE, self, 0n);
  await system.authority.grantRole(GUARDIAN_ROLE, self, 0n);
  await system.sink();
  await system.start();
  const hook = async (asset: "loan" | "collateral") =>
    (await ethers.getContractAt("MockHookERC20", await system[asset].getAddress())).setHook(self, true);
  return { ...system, ...attacker, hook };
}

type HookedVault = Awaited<ReturnType<typeof hookedVault>>;

/** Every movement of a token in or out, by an attacker whom the token calls. */
const movements: [string, "loan" | "collateral", (system: HookedVault) => Promise<unknown>][] = [
  ["deposit", "loan", ({ vault, act, self }) => act(vault, "deposit", [LOAN, self])],
  ["mint", "loan", ({ vault, act, self }) => act(vault, "mint", [10n ** 12n, self])],
  ["withdraw", "loan", ({ vault, act, self }) => act(vault, "withdraw", [LOAN, self, self])],
  ["redeem", "loan", ({ vault, act, self }) => act(vault, "redeem", [10n ** 12n, self, self])],
  ["borrow", "loan", ({ vault, act, self }) => act(vault, "borrow", [LOAN, self, self])],
  ["repay", "loan", ({ vault, act, self }) => act(vault, "repay", [LOAN, self])],
  ["supplyCollateral", "collateral", ({ vault, act, self }) => act(vault, "supplyCollateral", [1n, self])],
  [
    "withdrawCollateral",
    "collateral",
    ({ vault, act, self }) => act(vault, "withdrawCollateral", [1n, self, self]),
  ],
  [
    "supplyCollateralAndBorrow",
    "loan",
    ({ vault, act, self }) => act(vault, "supplyCollateralAndBorrow", [1n, LOAN, self, self, NO_DATA]),
  ],
  [
    "supplyCollateralAndBorrow",
    "collateral",
    ({ vault, act, self }) => act(vault, "supplyCollateralAndBorrow", [1n, LOAN, self, self, NO_DATA]),
  ],
  [
    "repayAndWithdrawCollateral",
    "loan",
    ({ vault, act, self }) => act(vault, "repayAndWithdrawCollateral", [LOAN, 1n, self, self, NO_DATA]),
  ],
  [
    "repayAndWithdrawCollateral",
    "collateral",
    ({ vault, act, self }) => act(vault, "repayAndWithdrawCollateral", [LOAN, 1n, self, self, NO_DATA]),
  ],
  [
    "take",
    "loan",
    async ({ vault, act, self, takeParams }) => act(vault, "take", [await takeParams({ receiver: self })]),
  ],
  [
    "take",
    "collateral",
    async ({ vault, act, self, takeParams }) => act(vault, "take", [await takeParams({ receiver: self })]),
  ],
];

describe("Security 08: reentry from a token's hooks", () => {
  for (const [name, asset, move] of movements) {
    it(`nothing can be called from the ${asset} asset's hook in ${name}`, async () => {
      const system = await loadFixture(hookedVault);
      const { vault, callee, self } = system;
      const plan: [string, Call][] = [];
      for (const group of [ENTRY_POINTS, LOCKED_VIEWS, GOVERNOR_POWERS]) {
        for (const [entry, args] of Object.entries(group)) {
          plan.push([entry, await call(vault, entry, await args(system, self))]);
        }
      }
      await callee.setPlan(plan.map(([, planned]) => planned));
      await system.hook(asset);
      await move(system);
      const results = await callee.results();
      expect(results.length).to.equal(plan.length);
      for (const [i, [entry]] of plan.entries()) {
        expect([entry, results[i]?.success, results[i]?.data]).to.deep.equal([entry, false, LOCKED]);
      }
    });
  }

  it("LIVE-2: only a pause goes through, by a guardian with code, and does not undo what is under way", async () => {
    const system = await loadFixture(hookedVault);
    const { vault, callee, self, act } = system;
    await callee.setPlan([await call(vault, "pause", [PAUSE.all])]);
    await system.hook("loan");
    const before = await vault.debtOf(self);
    await act(vault, "borrow", [LOAN, self, self]);
    expect(await vault.debtOf(self)).to.equal(before + LOAN);
    expect((await vault.params()).pausedActions).to.equal(PAUSE.all);
  });

  it("shares cannot be used before they are paid for: a deposit that is not paid leaves none", async () => {
    const system = await loadFixture(hookedVault);
    const { vault, loan, callee, self, act, stranger } = system;
    const shares = await vault.previewDeposit(LOAN);
    await callee.setPlan([
      await call(vault, "transfer", [stranger, shares]),
      await call(loan, "approve", [vault, 0n]),
      await call(loan, "transfer", [stranger, await loan.balanceOf(self)]),
    ]);
    await system.hook("loan");
    const held = await vault.balanceOf(self);
    await expect(act(vault, "deposit", [LOAN, self])).to.revert(ethers);
    expect([await vault.balanceOf(stranger), await vault.balanceOf(self)]).to.deep.equal([0n, held]);
  });

  it("collateral given away in the hook of its own transfer does not count", async () => {
    const system = await loadFixture(hookedVault);
    const { vault, collateral, callee, self, act, stranger } = system;
    const held = await collateral.balanceOf(self);
    await callee.setPlan([await call(collateral, "transfer", [stranger, held])]);
    await system.hook("collateral");
    const before = await vault.position(self);
    await expect(act(vault, "supplyCollateral", [held, self])).to.revert(ethers);
    expect([...(await vault.position(self))]).to.deep.equal([...before]);
  });
});
