import { expect } from "chai";

import { ethers, loadFixture, now, pass } from "../../helpers/chain.ts";
import { percent } from "../../helpers/contagion.ts";
import { DAY } from "../../helpers/vault.ts";

const ID = ethers.id("market");
const KINK = percent(92n);
const FULL_LOSS = percent(2n);
const MEMORY = 7n * DAY;
const SUPPLIED = 10n ** 12n;

describe("MorphoMarketSource", () => {
  /** A market at a utilisation of 90%. */
  async function deploy() {
    const morpho = await ethers.deployContract("MockMorpho");
    await morpho.createMarket(ID);
    await morpho.supply(ID, SUPPLIED);
    await morpho.borrow(ID, (SUPPLIED * 9n) / 10n);
    const source = await ethers.deployContract("MorphoMarketSource", [morpho, ID, KINK, FULL_LOSS, MEMORY]);
    const levelOf = async () => (await source.stress()).level;
    return { morpho, source, levelOf };
  }
  const load = () => loadFixture(deploy);

  it("shows what it looks at", async () => {
    const { morpho, source } = await load();
    expect(await source.morpho()).to.equal(await morpho.getAddress());
    expect(await source.marketId()).to.equal(ID);
    expect([await source.kink(), await source.fullLoss(), await source.memorySeconds()]).to.deep.equal([
      KINK,
      FULL_LOSS,
      MEMORY,
    ]);
  });

  it("begins with the share price of its construction", async () => {
    const { source } = await load();
    // A million virtual shares an asset, to the rounding of the virtual amounts.
    const { price, seenAt } = await source.highest();
    expect(price).to.be.closeTo(10n ** 30n, 10n ** 19n);
    expect(seenAt).to.equal(await now());
  });

  it("is calm under the kink, and rises to full utilisation", async () => {
    const { morpho, source, levelOf } = await load();
    expect(await source.stress()).to.deep.equal([0n, await now()]);
    await morpho.borrow(ID, (SUPPLIED * 6n) / 100n);
    expect(await levelOf()).to.equal(percent(50n));
    await morpho.borrow(ID, (SUPPLIED * 4n) / 100n);
    expect(await levelOf()).to.equal(percent(100n));
    await morpho.repay(ID, (SUPPLIED * 8n) / 100n);
    expect(await levelOf()).to.equal(0n);
  });

  it("shows bad debt at once: half a percent of 2% is a quarter", async () => {
    const { morpho, levelOf } = await load();
    await morpho.writeOff(ID, SUPPLIED / 200n);
    expect(await levelOf()).to.be.closeTo(percent(25n), 10n ** 10n);
    await morpho.writeOff(ID, SUPPLIED / 200n);
    expect(await levelOf()).to.be.closeTo(percent(50n), 10n ** 10n);
    await morpho.writeOff(ID, SUPPLIED / 50n);
    expect(await levelOf()).to.equal(percent(100n));
  });

  it("measures a loss from the highest that was seen", async () => {
    const { morpho, source, levelOf } = await load();
    await morpho.accrue(ID, SUPPLIED / 100n);
    // A gain that nobody saw hides a loss of as much.
    await morpho.writeOff(ID, SUPPLIED / 100n);
    expect(await levelOf()).to.equal(0n);
    await morpho.accrue(ID, SUPPLIED / 100n);
    await expect(source.poke()).to.emit(source, "HighestSet");
    await morpho.writeOff(ID, SUPPLIED / 100n);
    expect(await levelOf()).to.be.closeTo((percent(50n) * 100n) / 101n, 10n ** 10n);
  });

  it("is not lowered by pokes until the memory has run from when it was last at its highest", async () => {
    const { morpho, source, levelOf } = await load();
    await pass(DAY);
    await expect(source.poke()).not.to.emit(source, "HighestSet");
    await morpho.writeOff(ID, SUPPLIED / 100n);
    await pass(MEMORY - 1n);
    await source.poke();
    expect(await levelOf()).to.be.closeTo(percent(50n), 10n ** 10n);
    await pass(1n);
    expect(await levelOf()).to.be.closeTo(percent(50n), 10n ** 10n);
    await expect(source.poke()).to.emit(source, "HighestSet");
    expect(await levelOf()).to.equal(0n);
  });

  it("supplying and withdrawing move no share price", async () => {
    const { morpho, source, levelOf } = await load();
    const { price } = await source.highest();
    await morpho.supply(ID, 100n * SUPPLIED + 7n);
    await source.poke();
    expect((await source.highest()).price).to.be.closeTo(price, 10n ** 19n);
    expect(await levelOf()).to.be.below(10n ** 9n);
  });

  it("RevertWhen the market does not exist", async () => {
    const { morpho, source } = await load();
    const args = [morpho, ethers.id("none"), KINK, FULL_LOSS, MEMORY] as const;
    await expect(ethers.deployContract("MorphoMarketSource", [...args])).to.be.revertedWithCustomError(
      source,
      "NoReading",
    );
  });

  it("RevertWhen a parameter is out of range", async () => {
    const { morpho, source } = await load();
    for (const [name, kink, fullLoss, memory] of [
      ["kink", 0n, FULL_LOSS, MEMORY],
      ["kink", percent(100n), FULL_LOSS, MEMORY],
      ["fullLoss", KINK, 0n, MEMORY],
      ["fullLoss", KINK, percent(100n) + 1n, MEMORY],
      ["memorySeconds", KINK, FULL_LOSS, 0n],
      ["memorySeconds", KINK, FULL_LOSS, 90n * DAY + 1n],
    ] as const) {
      await expect(ethers.deployContract("MorphoMarketSource", [morpho, ID, kink, fullLoss, memory]))
        .to.be.revertedWithCustomError(source, "InvalidParameter")
        .withArgs(
          ethers.encodeBytes32String(name),
          name === "kink" ? kink : name === "fullLoss" ? fullLoss : memory,
        );
    }
  });
});
