import { expect } from "chai";

import type { MockRawAnswer } from "../../../typechain-types/index.ts";

import { ethers, loadFixture, now, pass } from "../../helpers/chain.ts";
import {
  addSources,
  emptyMonitor,
  encodeAnswer,
  fiveSources,
  HEARTBEAT,
  MIN_LIVE,
  Mode,
  percent,
  say,
  termsOf,
  WEIGHT,
} from "../../helpers/contagion.ts";
import { DAY } from "../../helpers/vault.ts";

type Five = [MockRawAnswer, MockRawAnswer, MockRawAnswer, MockRawAnswer, MockRawAnswer];

describe("ContagionMonitor", () => {
  async function load() {
    const { sources, ...system } = await loadFixture(fiveSources);
    return { ...system, sources: sources as Five };
  }
  const loadEmpty = () => loadFixture(emptyMonitor);

  const known = (level: bigint, live: bigint) => [level, live, true];
  const unknown = (live: bigint) => [0n, live, false];

  describe("stress", () => {
    it("is the median of the sources", async () => {
      const { monitor } = await load();
      expect(await monitor.stress()).to.deep.equal(known(percent(40n), 5n));
    });

    it("with half of the weight on either side is the upper level", async () => {
      const { monitor } = await loadEmpty();
      await addSources(monitor, [10n, 20n, 40n, 60n].map(percent));
      expect(await monitor.stress()).to.deep.equal(known(percent(40n), 4n));
    });

    it("goes by weight: the highest level that half of it reaches", async () => {
      const { monitor } = await loadEmpty();
      // 308 of 608 from 40% on; with one more source below it is 308 of 708.
      await addSources(monitor, [10n, 15n, 20n, 40n, 60n].map(percent), [100n, 100n, 100n, 110n, 198n]);
      expect(await monitor.stress()).to.deep.equal(known(percent(40n), 5n));
      const lighter = await addSources(monitor, [percent(5n)], [100n]);
      expect(await monitor.stress()).to.deep.equal(known(percent(20n), 6n));
      await monitor.removeSource(lighter[0] ?? "");
      expect(await monitor.stress()).to.deep.equal(known(percent(40n), 5n));
    });

    it("may be 0 and 1", async () => {
      const { monitor, sources } = await load();
      for (const source of sources) await say(source, 0n);
      expect(await monitor.stress()).to.deep.equal(known(0n, 5n));
      for (const source of sources) await say(source, percent(100n));
      expect(await monitor.stress()).to.deep.equal(known(percent(100n), 5n));
    });

    it("given fewer than k live sources says nothing", async () => {
      const { monitor, sources } = await load();
      await sources[0].setAnswer(Mode.REVERT, "0x");
      await sources[4].setAnswer(Mode.REVERT, "0x");
      expect(await monitor.stress()).to.deep.equal(known(percent(40n), 3n));
      await sources[2].setAnswer(Mode.REVERT, "0x");
      expect(await monitor.stress()).to.deep.equal(unknown(2n));
    });

    it("without sources says nothing", async () => {
      const { monitor } = await loadEmpty();
      expect(await monitor.stress()).to.deep.equal(unknown(0n));
    });
  });

  describe("what does not count", () => {
    const broken: [string, (source: MockRawAnswer) => Promise<unknown>][] = [
      ["reverts", (source) => source.setAnswer(Mode.REVERT, "0x")],
      ["burns all its gas", (source) => source.setAnswer(Mode.BURN_GAS, "0x")],
      ["answers nothing", (source) => source.setAnswer(Mode.ANSWER, "0x")],
      [
        "answers a word too little",
        async (source) => source.setAnswer(Mode.ANSWER, ethers.toBeHex(await now(), 32)),
      ],
      ["is above 1", (source) => say(source, percent(100n) + 1n)],
      ["is the greatest number", (source) => say(source, ethers.MaxUint256)],
      ["is above 1 in its higher bits only", (source) => say(source, 2n ** 64n)],
      ["knows the future", async (source) => say(source, percent(40n), (await now()) + 1n)],
      ["is from the end of time", (source) => say(source, percent(40n), ethers.MaxUint256)],
      [
        "is older than its heartbeat",
        async (source) => say(source, percent(40n), (await now()) - HEARTBEAT - 1n),
      ],
      ["has no time", (source) => say(source, percent(40n), 0n)],
    ];
    for (const [name, act] of broken) {
      it(`a source that ${name}`, async () => {
        const { monitor, sources } = await load();
        await act(sources[2]);
        // Of 10%, 20%, 60% and 80% the upper median.
        expect(await monitor.stress()).to.deep.equal(known(percent(60n), 4n));
        const reading = (await monitor.readings())[2];
        expect(reading).to.deep.equal([await sources[2].getAddress(), WEIGHT, 0n, 0n, false]);
      });
    }

    it("a source whose contract is gone", async () => {
      const { monitor, sources } = await load();
      await ethers.provider.send("hardhat_setCode", [await sources[2].getAddress(), "0x"]);
      expect(await monitor.stress()).to.deep.equal(known(percent(60n), 4n));
    });

    it("a registration from its expiry on", async () => {
      const { monitor, sources } = await load();
      await monitor.setSource(
        await termsOf(sources[2], { heartbeat: 2n * HEARTBEAT, expiresAt: (await now()) + 100n }),
      );
      await pass(99n);
      expect((await monitor.stress()).live).to.equal(5n);
      await pass(1n);
      expect(await monitor.stress()).to.deep.equal(known(percent(60n), 4n));
    });

    it("but one exactly a heartbeat old does, and one that answers more than it must", async () => {
      const { monitor, sources } = await load();
      await say(sources[2], percent(40n), (await now()) - HEARTBEAT);
      expect((await monitor.stress()).live).to.equal(5n);
      await sources[2].setAnswer(Mode.ANSWER, encodeAnswer(percent(40n), await now()) + "ff".repeat(1_000));
      expect(await monitor.stress()).to.deep.equal(known(percent(40n), 5n));
    });
  });

  describe("aggregate and readings", () => {
    it("shows every source, and is as old as the oldest that counts", async () => {
      const { monitor, sources, levels } = await load();
      const time = await now();
      await say(sources[1], percent(20n), time - 700n);
      await say(sources[3], percent(60n), time - 500n);
      await say(sources[4], percent(80n), time - HEARTBEAT - 1n);
      expect(await monitor.aggregate()).to.deep.equal([known(percent(40n), 4n), time - 700n]);
      const readings = await monitor.readings();
      expect(readings.map((reading) => reading.level)).to.deep.equal([...levels.slice(0, 4), 0n]);
      expect(readings.map((reading) => reading.isLive)).to.deep.equal([true, true, true, true, false]);
      expect(readings.map((reading) => reading.updatedAt)).to.deep.equal([
        time,
        time - 700n,
        time,
        time - 500n,
        0n,
      ]);
    });

    it("is of no time while nothing is live", async () => {
      const { monitor, sources } = await load();
      for (const source of sources) await source.setAnswer(Mode.REVERT, "0x");
      expect(await monitor.aggregate()).to.deep.equal([unknown(0n), 0n]);
    });

    it("RevertWhen the caller brings less gas than a source is allowed", async () => {
      const { monitor } = await load();
      await expect(monitor.stress({ gasLimit: 500_000n })).to.be.revertedWithCustomError(
        monitor,
        "InsufficientGas",
      );
    });

    it("given any amount of gas is the truth or reverts", async () => {
      const { monitor, sources } = await load();
      // Two calm sources that are dead when starved: without them the median would be higher.
      for (const source of sources.slice(0, 2)) {
        await monitor.removeSource(source);
        await monitor.setSource(await termsOf(await ethers.deployContract("MockThirstySource")));
      }
      const truth = await monitor.stress();
      expect(truth).to.deep.equal(known(percent(40n), 5n));
      const seen = new Set<string>();
      for (let gasLimit = 100_000n; gasLimit <= 900_000n; gasLimit += 50_000n) {
        const answer = await monitor.stress({ gasLimit }).catch(() => "reverted");
        seen.add(answer.toString());
      }
      expect([...seen].sort()).to.deep.equal([truth.toString(), "reverted"].sort());
    });
  });

  describe("setSource", () => {
    it("registers a source", async () => {
      const { monitor } = await loadEmpty();
      const source = await ethers.deployContract("MockRawAnswer");
      const terms = await termsOf(source);
      await expect(monitor.setSource(terms))
        .to.emit(monitor, "SourceSet")
        .withArgs(source, WEIGHT, HEARTBEAT, terms.expiresAt);
      expect(await monitor.sources()).to.deep.equal([
        [await source.getAddress(), WEIGHT, HEARTBEAT, terms.expiresAt],
      ]);
    });

    it("gives a registered source other terms: it counts once", async () => {
      const { monitor, sources } = await load();
      await monitor.setSource(await termsOf(sources[2], { weight: 150n, heartbeat: 60n }));
      const all = await monitor.sources();
      expect(all.length).to.equal(5);
      expect(all[2]?.weight).to.equal(150n);
      expect((await monitor.stress()).live).to.equal(5n);
      await pass(61n);
      expect((await monitor.stress()).live).to.equal(4n);
    });

    const unsound: [string, object][] = [
      ["no weight", { weight: 0n }],
      ["a heartbeat under a minute", { heartbeat: 59n }],
      ["a heartbeat over thirty days", { heartbeat: 30n * DAY + 1n }],
    ];
    for (const [name, change] of unsound) {
      it(`RevertWhen there is ${name}`, async () => {
        const { monitor, sources } = await load();
        await expect(monitor.setSource(await termsOf(sources[0], change))).to.be.revertedWithCustomError(
          monitor,
          "InvalidStressSource",
        );
      });
    }

    it("RevertWhen there is no code", async () => {
      const { monitor, stranger } = await load();
      await expect(monitor.setSource(await termsOf(stranger))).to.be.revertedWithCustomError(
        monitor,
        "InvalidStressSource",
      );
    });

    it("RevertWhen it ends at once or more than a year ahead", async () => {
      const { monitor, sources } = await load();
      const time = await now();
      for (const expiresAt of [time, time + 365n * DAY + 1n]) {
        await expect(
          monitor.setSource(await termsOf(sources[0], { expiresAt })),
        ).to.be.revertedWithCustomError(monitor, "InvalidStressSource");
      }
      for (const expiresAt of [time + 1n, time + 365n * DAY]) {
        await monitor.setSource(await termsOf(sources[0], { expiresAt }));
      }
    });

    it("RevertWhen a weight reaches twice another", async () => {
      const { monitor, sources } = await load();
      await expect(monitor.setSource(await termsOf(sources[0], { weight: 200n })))
        .to.be.revertedWithCustomError(monitor, "WeightsTooFar")
        .withArgs(100n, 200n);
      await expect(monitor.setSource(await termsOf(sources[0], { weight: 50n })))
        .to.be.revertedWithCustomError(monitor, "WeightsTooFar")
        .withArgs(50n, 100n);
      await monitor.setSource(await termsOf(sources[0], { weight: 199n }));
      await monitor.setSource(await termsOf(sources[0], { weight: 51n }));
    });

    it("RevertWhen all 16 places are taken, until a registration has ended", async () => {
      const { monitor, sources } = await load();
      await addSources(monitor, new Array<bigint>(11).fill(percent(40n)));
      const one = await ethers.deployContract("MockRawAnswer");
      await expect(monitor.setSource(await termsOf(one)))
        .to.be.revertedWithCustomError(monitor, "TooManySources")
        .withArgs(16n);
      // A place of its own is no further one.
      await monitor.setSource(await termsOf(sources[0], { expiresAt: (await now()) + 10n }));
      await pass(10n);
      await expect(monitor.setSource(await termsOf(one)))
        .to.emit(monitor, "SourceRemoved")
        .withArgs(sources[0]);
      expect((await monitor.sources()).length).to.equal(16);
    });

    it("an ended registration holds no other weight back", async () => {
      const { monitor } = await loadEmpty();
      const [short, long] = await addSources(monitor, [0n, 0n]);
      if (!short || !long) throw new Error("no sources");
      await monitor.setSource(await termsOf(short, { weight: 60n, expiresAt: (await now()) + 10n }));
      await expect(monitor.setSource(await termsOf(long, { weight: 120n }))).to.be.revertedWithCustomError(
        monitor,
        "WeightsTooFar",
      );
      await pass(10n);
      await monitor.setSource(await termsOf(long, { weight: 120n }));
      expect((await monitor.sources()).length).to.equal(1);
    });

    it("an ended registration can be renewed", async () => {
      const { monitor, sources } = await load();
      await monitor.setSource(await termsOf(sources[0], { expiresAt: (await now()) + 10n }));
      await pass(10n);
      expect((await monitor.stress()).live).to.equal(4n);
      await monitor.setSource(await termsOf(sources[0]));
      expect((await monitor.stress()).live).to.equal(5n);
    });
  });

  describe("removeSource", () => {
    it("strikes a source off, whichever it is", async () => {
      for (const index of [0, 2, 4]) {
        const { monitor, sources } = await load();
        const source = sources[index] ?? "";
        await expect(monitor.removeSource(source)).to.emit(monitor, "SourceRemoved").withArgs(source);
        const rest = (await monitor.sources()).map((left) => left.source).sort();
        const wanted = await Promise.all(
          sources.filter((_, i) => i !== index).map((left) => left.getAddress()),
        );
        expect(rest).to.deep.equal(wanted.sort());
      }
    });

    it("RevertWhen it is not registered", async () => {
      const { monitor, stranger } = await load();
      await expect(monitor.removeSource(stranger))
        .to.be.revertedWithCustomError(monitor, "NotRegistered")
        .withArgs(stranger);
    });
  });

  describe("minLive", () => {
    it("is set at construction and by the governor", async () => {
      const { monitor } = await load();
      expect(await monitor.minLive()).to.equal(MIN_LIVE);
      await expect(monitor.setMinLive(6n)).to.emit(monitor, "MinLiveSet").withArgs(6n);
      expect(await monitor.stress()).to.deep.equal(unknown(5n));
      await monitor.setMinLive(5n);
      expect((await monitor.stress()).isKnown).to.equal(true);
    });

    it("RevertWhen it is under 3 or above the number of places", async () => {
      const { monitor, authority } = await load();
      for (const minLive of [0n, 2n, 17n]) {
        await expect(monitor.setMinLive(minLive))
          .to.be.revertedWithCustomError(monitor, "InvalidMinLive")
          .withArgs(minLive);
        await expect(
          ethers.deployContract("ContagionMonitor", [minLive, authority]),
        ).to.be.revertedWithCustomError(monitor, "InvalidMinLive");
      }
      await monitor.setMinLive(16n);
    });
  });

  it("RevertWhen anyone but the governor changes anything", async () => {
    const { monitor, stranger, sources } = await load();
    const other = monitor.connect(stranger);
    const terms = await termsOf(sources[0]);
    for (const act of [
      () => other.setSource(terms),
      () => other.removeSource(sources[0]),
      () => other.setMinLive(4n),
    ]) {
      await expect(act())
        .to.be.revertedWithCustomError(monitor, "AccessManagedUnauthorized")
        .withArgs(stranger);
    }
  });
});
