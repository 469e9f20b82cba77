import { expect } from "chai";

import { ethers, loadFixture, now } from "../../helpers/chain.ts";
import {
  addSources,
  fiveSources,
  governedMonitor,
  Mode,
  percent,
  say,
  termsOf,
} from "../../helpers/contagion.ts";

describe("MonitorSource", () => {
  async function deploy() {
    const system = await fiveSources();
    const source = await ethers.deployContract("MonitorSource", [system.monitor]);
    return { ...system, source };
  }
  const load = () => loadFixture(deploy);

  it("says what the monitor hears, as of its oldest reading", async () => {
    const { monitor, source, sources } = await load();
    expect(await source.monitor()).to.equal(await monitor.getAddress());
    const time = await now();
    const [oldest] = sources;
    if (!oldest) throw new Error("no sources");
    expect(await source.stress()).to.deep.equal([percent(40n), time]);
    await say(oldest, percent(10n), time - 300n);
    expect(await source.stress()).to.deep.equal([percent(40n), time - 300n]);
  });

  it("RevertWhen too few sources are live", async () => {
    const { monitor, source, sources } = await load();
    for (const dead of sources.slice(0, 3)) await dead.setAnswer(Mode.REVERT, "0x");
    await expect(source.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(monitor);
  });

  it("its own monitor can't hear it, nor another one but through a damped source", async () => {
    const { monitor, source } = await load();
    await monitor.setSource(await termsOf(source));
    expect(await monitor.stress()).to.deep.equal([percent(40n), 5n, true]);

    const { monitor: other } = await governedMonitor();
    await addSources(other, [0n, percent(90n)]);
    await monitor.removeSource(source);
    await other.setSource(await termsOf(source));
    expect((await other.stress()).live).to.equal(2n);
    const damped = await ethers.deployContract("DampedSource", [source, 3_600n, 900n]);
    await damped.poke();
    await other.setSource(await termsOf(damped));
    expect((await other.stress()).live).to.equal(3n);
  });

  it("RevertWhen it is built on nothing", async () => {
    const { source } = await load();
    await expect(ethers.deployContract("MonitorSource", [ethers.ZeroAddress])).to.be.revertedWithCustomError(
      source,
      "NoReading",
    );
  });
});
