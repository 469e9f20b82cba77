import { expect } from "chai";

import { BACKSTOP, stakedSystem } from "../../helpers/backstop.ts";
import { loadFixture, pass } from "../../helpers/chain.ts";

describe("Backstop: shares in a cooldown", () => {
  it("are locked, and can be redeemed, up to the last second of the window", async () => {
    const { backstop, holder, stranger } = await loadFixture(stakedSystem);
    const shares = await backstop.balanceOf(holder);
    await backstop.connect(holder).startCooldown(shares);
    await pass(BACKSTOP.cooldown - 1n);
    expect(await backstop.maxRedeem(holder)).to.equal(0n);
    await pass(BACKSTOP.window + 1n);
    expect(await backstop.lockedOf(holder)).to.equal(shares);
    expect(await backstop.maxRedeem(holder)).to.equal(shares);
    await expect(backstop.connect(holder).transfer(stranger, 1n))
      .to.be.revertedWithCustomError(backstop, "SharesLocked")
      .withArgs(holder, shares);
    await pass(1n);
    expect(await backstop.lockedOf(holder)).to.equal(0n);
    expect(await backstop.maxRedeem(holder)).to.equal(0n);
    await backstop.connect(holder).transfer(stranger, shares);
    expect(await backstop.balanceOf(stranger)).to.equal(shares);
  });
});
