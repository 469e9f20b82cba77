import { expect } from "chai";

import { ethers, loadFixture, now } from "../../helpers/chain.ts";
import { percent } from "../../helpers/contagion.ts";

const RAY = 10n ** 27n;
const RAD = 10n ** 45n;
const WAD = 10n ** 18n;
const ilkOf = (name: string): string => ethers.encodeBytes32String(name);
const [ETH_A, WBTC_A, GONE] = ["ETH-A", "WBTC-A", "SAI"].map(ilkOf) as [string, string, string];
const HOLE = ethers.encodeBytes32String("Hole");
/** Urns are named by addresses. */
const [WHALE, SHRIMP] = [
  "0x00000000000000000000000000000000000000a1",
  "0x00000000000000000000000000000000000000a2",
];

describe("MakerDogSource", () => {
  /** Holes of 100 million in all, 40 million for ETH, 20 million for WBTC; a penalty of 13%; a loan under water. */
  async function deploy() {
    const dog = await ethers.deployContract("MockDog");
    await dog["file(bytes32,uint256)"](HOLE, 100_000_000n * RAD);
    for (const [ilk, hole] of [
      [ETH_A, 40_000_000n],
      [WBTC_A, 20_000_000n],
    ] as const) {
      await dog["file(bytes32,bytes32,address)"](ilk, ethers.encodeBytes32String("clip"), WHALE);
      await dog["file(bytes32,bytes32,uint256)"](ilk, ethers.encodeBytes32String("hole"), hole * RAD);
      await dog["file(bytes32,bytes32,uint256)"](
        ilk,
        ethers.encodeBytes32String("chop"),
        (WAD * 113n) / 100n,
      );
      await dog.setVatIlk(ilk, { rate: RAY, spot: 1_000n * RAY, dust: 7_500n * RAD });
    }
    const source = await ethers.deployContract("MakerDogSource", [dog, [ETH_A, WBTC_A]]);
    /** A loan of so many Dai against collateral that covers half. */
    const sink = async (ilk: string, urn: string, dai: bigint) => {
      await dog.setUrn(ilk, urn, (dai * WAD) / 2_000n, dai * WAD);
      await dog.bark(ilk, urn);
    };
    return { dog, source, sink };
  }
  const load = () => loadFixture(deploy);

  it("shows what it looks at", async () => {
    const { dog, source } = await load();
    expect(await source.dog()).to.equal(await dog.getAddress());
    expect(await source.ilks()).to.deep.equal([ETH_A, WBTC_A]);
  });

  it("is calm while nothing is in auctions", async () => {
    const { source } = await load();
    expect(await source.stress()).to.deep.equal([0n, await now()]);
  });

  it("is the share of an ilk's hole that is full, penalty included", async () => {
    const { source, sink } = await load();
    await sink(ETH_A, WHALE, 10_000_000n);
    // 11.3 of 40 million, and of 100 million.
    expect((await source.stress()).level).to.equal((percent(113n) * 10n) / 40n);
  });

  it("is the fullest of all", async () => {
    const { source, sink } = await load();
    await sink(ETH_A, WHALE, 10_000_000n);
    await sink(WBTC_A, SHRIMP, 10_000_000n);
    expect((await source.stress()).level).to.equal((percent(113n) * 10n) / 20n);
  });

  it("is the share of the whole hole where that is fuller", async () => {
    const { dog, source, sink } = await load();
    await sink(ETH_A, WHALE, 10_000_000n);
    await dog["file(bytes32,uint256)"](HOLE, 20_000_000n * RAD);
    expect((await source.stress()).level).to.equal((percent(113n) * 10n) / 20n);
  });

  it("is 1 when a hole is full, and falls as auctions raise Dai", async () => {
    const { dog, source, sink } = await load();
    await sink(WBTC_A, WHALE, 100_000_000n);
    const { dirt } = await dog.ilks(WBTC_A);
    // Up to what division of the room by rate and penalty loses.
    expect(dirt)
      .to.be.above(20_000_000n * RAD - 2n * RAY)
      .and.at.most(20_000_000n * RAD);
    expect((await source.stress()).level).to.equal(percent(100n));
    await expect(dog.bark(WBTC_A, WHALE)).to.be.revertedWithCustomError(dog, "LiquidationLimitHit");
    await dog.digs(WBTC_A, 15_000_000n * RAD);
    expect((await source.stress()).level).to.be.closeTo(percent(25n), 10n);
    await dog.digs(WBTC_A, dirt - 15_000_000n * RAD);
    expect((await source.stress()).level).to.equal(0n);
  });

  it("rounds up", async () => {
    const { dog, source, sink } = await load();
    await sink(ETH_A, SHRIMP, 10_000n);
    await dog["file(bytes32,bytes32,uint256)"](ETH_A, ethers.encodeBytes32String("hole"), 3n * 11_300n * RAD);
    expect((await source.stress()).level).to.equal(WAD / 3n + 1n);
  });

  it("is 1 where a hole was closed on open auctions", async () => {
    const { dog, source, sink } = await load();
    await sink(ETH_A, SHRIMP, 10_000n);
    await dog["file(bytes32,bytes32,uint256)"](ETH_A, ethers.encodeBytes32String("hole"), 0n);
    expect((await source.stress()).level).to.equal(percent(100n));
  });

  it("RevertWhen Maker was shut down", async () => {
    const { dog, source } = await load();
    await dog.cage();
    await expect(source.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(dog);
  });

  it("RevertWhen it is built for an ilk without auctions, or for too many", async () => {
    const { dog, source } = await load();
    await expect(ethers.deployContract("MakerDogSource", [dog, [GONE]])).to.be.revertedWithCustomError(
      source,
      "InvalidParameter",
    );
    const nine = new Array<string>(9).fill(ETH_A);
    await expect(ethers.deployContract("MakerDogSource", [dog, nine])).to.be.revertedWithCustomError(
      source,
      "InvalidParameter",
    );
    await ethers.deployContract("MakerDogSource", [dog, nine.slice(1)]);
  });
});
