import { expect } from "chai";

import { ethers, loadFixture, now, pass } from "../../helpers/chain.ts";
import { percent } from "../../helpers/contagion.ts";
import { DAY, LOAN, loanVault, STORY } from "../../helpers/vault.ts";

const FULL_LOSS = percent(10n);
const MEMORY = 7n * DAY;

describe("ERC4626Source", () => {
  /** On a vault of ours: a million of one lender, 150,000 of it lent out. */
  async function deploy() {
    const system = await loanVault();
    const { vault, lender } = system;
    const source = await ethers.deployContract("ERC4626Source", [vault, lender, FULL_LOSS, MEMORY]);
    const levelOf = async () => (await source.stress()).level;
    /** The position is marked down by 30,000 or so, of the lenders' million. */
    const mark = async () => {
      await system.sink(STORY.underWater);
      await system.start();
      return system.vault.markdown();
    };
    return { ...system, source, levelOf, mark };
  }
  const load = () => loadFixture(deploy);

  it("shows what it looks at", async () => {
    const { vault, lender, source } = await load();
    expect(await source.vault()).to.equal(await vault.getAddress());
    expect(await source.holder()).to.equal(lender.address);
    expect((await source.highest()).price).to.equal(10n ** 30n);
  });

  it("is calm while the holder can withdraw everything", async () => {
    const { source, otherLender, lend, levelOf } = await load();
    await lend(STORY.debt - 1n, otherLender);
    expect(await levelOf()).to.equal(percent(100n) / STORY.lent);
    await lend(1n, otherLender);
    expect(await source.stress()).to.deep.equal([0n, await now()]);
  });

  it("is the share of the holder's claim that can't be withdrawn", async () => {
    const { vault, borrower, levelOf } = await load();
    expect(await levelOf()).to.equal(percent(15n));
    await vault.connect(borrower).repay(50_000n * LOAN, borrower);
    expect(await levelOf()).to.equal(percent(10n));
  });

  it("shows a markdown before it is final, over the full loss", async () => {
    const { levelOf, mark } = await load();
    const marked = await mark();
    const loss = (marked * percent(100n)) / STORY.lent;
    expect(loss).to.be.above(percent(2n)).and.below(percent(4n));
    expect(await levelOf()).to.be.closeTo((loss * percent(100n)) / FULL_LOSS, 10n ** 13n);
  });

  it("keeps showing it after it was realised, until the memory has run", async () => {
    const { vault, borrower, source, levelOf, mark, take, otherLender, lend } = await load();
    await mark();
    await take();
    await vault.realizeLoss(borrower);
    // Nothing is lent out any more: the holder could leave.
    await lend(STORY.debt, otherLender);
    const level = await levelOf();
    expect(level).to.be.above(percent(19n));
    await pass(MEMORY - 1n);
    await source.poke();
    expect(await levelOf()).to.equal(level);
    await pass(1n);
    await source.poke();
    expect(await levelOf()).to.equal(0n);
  });

  it("a write-back takes a mark's loss away again", async () => {
    const { vault, borrower, sink, levelOf, mark } = await load();
    await mark();
    await sink(STORY.sunk);
    await vault.markDown(borrower);
    expect(await levelOf()).to.equal(percent(15n));
  });

  it("a donation moves nothing", async () => {
    const { vault, loan, levelOf, source } = await load();
    await loan.mint(vault, STORY.lent);
    await source.poke();
    expect(await levelOf()).to.equal(percent(15n));
    expect((await source.highest()).price).to.equal(10n ** 30n);
  });

  it("RevertWhen the holder has no claim", async () => {
    const { vault, stranger, source } = await load();
    const empty = await ethers.deployContract("ERC4626Source", [vault, stranger, FULL_LOSS, MEMORY]);
    await expect(empty.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(stranger);
  });
});
