import { expect } from "chai";
import { network } from "hardhat";

import type { ContagionMonitor, MockRawAnswer } from "../../typechain-types/index.ts";

import { wrapEther } from "../../scripts/kit/uniswap.ts";
import { weightedMedian } from "../../sdk/weightedMedian.ts";
import { type Call, call } from "../helpers/callee.ts";
import { ethers, loadFixture, now, pass } from "../helpers/chain.ts";
import {
  addSources,
  encodeAnswer,
  fiveSources,
  governedMonitor,
  Mode,
  percent,
  say,
  termsOf,
} from "../helpers/contagion.ts";
import { createVault, lend, ONE_COLLATERAL, ONE_LOAN, open } from "../helpers/system.ts";
import { deployWithoutInterest } from "../unit/VaultLens/fixtures.ts";

const FULL = percent(100n);
/** Seconds in which a damped source may go all the way, and those that one poke may make up for. */
const TO_FULL = 3_600n;
const MAX_STEP = 600n;

const byTime = (a: bigint, b: bigint): number => Number(a - b);

/** What a lying source may say: anything. */
const LIES: readonly [string, (source: MockRawAnswer) => Promise<unknown>][] = [
  ["calm", (source) => say(source, 0n)],
  ["all is lost", (source) => say(source, FULL)],
  ["something between", (source) => say(source, percent(33n))],
  ["more than is possible", (source) => say(source, FULL + 1n)],
  ["what it knew long ago", (source) => say(source, FULL, 1n)],
  ["what it will know", async (source) => say(source, FULL, (await now()) + 1n)],
  ["too little", (source) => source.setAnswer(Mode.ANSWER, "0xff")],
  ["nothing, and reverts", (source) => source.setAnswer(Mode.REVERT, "0x")],
  ["nothing, and burns its gas", (source) => source.setAnswer(Mode.BURN_GAS, "0x")],
];

describe("Security 25: stress that one source makes up", () => {
  const byLevel = (a: bigint, b: bigint): number => Number(a - b);

  for (const k of [3, 4, 5, 6, 7]) {
    it(`of ${k} and one more, none moves the median beyond the others' neighbours, whatever it says`, async () => {
      const levels = Array.from({ length: k + 1 }, (_, i) => percent(BigInt(5 + i * 11)));
      // The heaviest that the rule admits beside the lightest.
      const weights = levels.map((_, i) => [100n, 199n, 150n, 101n][i % 4] ?? 100n);
      const { monitor } = await governedMonitor(BigInt(k));
      const sources = await addSources(monitor, levels, weights);
      for (const [i, liar] of sources.entries()) {
        const others = levels.filter((_, j) => j !== i).sort(byLevel);
        const median = weightedMedian(
          levels.map((value, j) => ({ value, weight: j === i ? 0n : (weights[j] ?? 0n) })),
        );
        const place = others.indexOf(median);
        const [below, above] = [others[Math.max(0, place - 1)], others[Math.min(k - 1, place + 1)]];
        for (const [name, lie] of LIES) {
          await lie(liar);
          const { level, live, isKnown } = await monitor.stress();
          const label = `source ${i} says ${name}`;
          expect(isKnown, label).to.equal(true);
          expect(level, label).to.be.at.least(below).and.at.most(above);
          if (live === BigInt(k)) expect(level, label).to.equal(median);
        }
        await say(liar, levels[i] ?? 0n);
      }
    });

    it(`${k} of which one is dead are unknown, not calm`, async () => {
      const { monitor } = await governedMonitor(BigInt(k));
      const sources = await addSources(monitor, new Array<bigint>(k).fill(percent(70n)));
      expect(await monitor.stress()).to.deep.equal([percent(70n), BigInt(k), true]);
      const [first] = sources;
      if (!first) throw new Error("no sources");
      await first.setAnswer(Mode.REVERT, "0x");
      expect(await monitor.stress()).to.deep.equal([0n, BigInt(k - 1), false]);
      // The reading comes back as its source does.
      await say(first, 0n);
      expect((await monitor.stress()).isKnown).to.equal(true);
    });
  }

  it("a source that is registered again and again counts once", async () => {
    const { monitor, sources } = await loadFixture(fiveSources);
    const [liar] = sources;
    if (!liar) throw new Error("no sources");
    await say(liar, FULL);
    const before = await monitor.stress();
    for (let i = 0; i < 5; i++) await monitor.setSource(await termsOf(liar));
    expect(await monitor.stress()).to.deep.equal(before);
    expect((await monitor.sources()).length).to.equal(5);
  });

  it("no weight buys a majority: not at once, and not step by step", async () => {
    const { monitor, sources } = await loadFixture(fiveSources);
    const [liar] = sources;
    if (!liar) throw new Error("no sources");
    await say(liar, FULL);
    for (const weight of [200n, 1_000n, 65_535n]) {
      await expect(monitor.setSource(await termsOf(liar, { weight }))).to.be.revertedWithCustomError(
        monitor,
        "WeightsTooFar",
      );
    }
    await monitor.setSource(await termsOf(liar, { weight: 199n }));
    // Beside two others of 100 its 199 are still less than half, whichever end it is at.
    for (const dead of sources.slice(3)) await dead.setAnswer(Mode.REVERT, "0x");
    expect(await monitor.stress()).to.deep.equal([percent(40n), 3n, true]);
    await say(liar, 0n);
    expect(await monitor.stress()).to.deep.equal([percent(20n), 3n, true]);
  });
});

describe("Security 25: sources that attack who reads them", () => {
  it("sixteen that burn their gas cost sixteen allowances, and nothing is known", async () => {
    const { monitor } = await governedMonitor();
    const sources = await addSources(monitor, new Array<bigint>(16).fill(0n));
    for (const source of sources) await source.setAnswer(Mode.BURN_GAS, "0x");
    expect(await monitor.stress({ gasLimit: 9_000_000n })).to.deep.equal([0n, 0n, false]);
  });

  it("one that answers 180,000 bytes is paid for by its own allowance", async () => {
    const { monitor, sources } = await loadFixture(fiveSources);
    const gasOf = () => monitor.stress.estimateGas();
    const before = await gasOf();
    // return(0, 180000)
    await ethers.provider.send("hardhat_setCode", [await sources[2]?.getAddress(), "0x6202bf205ff3"]);
    expect(await monitor.stress()).to.deep.equal([percent(60n), 4n, true]);
    expect(await gasOf()).to.be.below(before + 500_000n);
  });

  it("one that would write can't", async () => {
    const { monitor, sources } = await loadFixture(fiveSources);
    // sstore(0, 1), return(0, 64)
    await ethers.provider.send("hardhat_setCode", [await sources[2]?.getAddress(), "0x60015f5560405ff3"]);
    expect((await monitor.stress()).live).to.equal(4n);
  });
});

describe("Security 25: stress that a flash loan makes", () => {
  /** A DampedSource on a source that says what a test lets it say, at 0 and poked just now. */
  async function damped(levels: readonly bigint[]) {
    const { monitor } = await governedMonitor();
    const spots: MockRawAnswer[] = [];
    const sources = [];
    for (const level of levels) {
      const spot = await ethers.deployContract("MockRawAnswer");
      const source = await ethers.deployContract("DampedSource", [spot, TO_FULL, MAX_STEP]);
      await say(spot, level);
      await source.poke();
      await monitor.setSource(await termsOf(source));
      spots.push(spot);
      sources.push(source);
    }
    return { monitor, spots, sources };
  }

  it("even where it fills every market at once, the median moves by one step", async () => {
    const { monitor, spots, sources } = await damped([0n, 0n, 0n, 0n, 0n]);
    await pass(MAX_STEP);
    expect((await monitor.stress()).level).to.equal(0n);
    for (const [i, spot] of spots.entries()) {
      await say(spot, FULL);
      await sources[i]?.poke();
      await sources[i]?.poke();
    }
    expect((await monitor.stress()).level).to.equal(0n);
    await pass(MAX_STEP);
    expect((await monitor.stress()).level).to.equal((FULL * MAX_STEP) / TO_FULL);
  });

  for (const [name, moments] of [
    ["right before every honest poke", [MAX_STEP - 1n]],
    ["right before and right after every honest poke", [MAX_STEP - 1n, 1n]],
    ["at five moments between two honest pokes", [10n, 100n, 250n, 400n, 590n]],
  ] as const) {
    it(`one that pushes two of three sources ${name} raises nothing in thirteen hours`, async () => {
      const { monitor, spots, sources } = await damped([0n, 0n, 0n]);
      const pokeAll = async (level: bigint, count: number): Promise<void> => {
        for (let i = 0; i < count; i++) {
          const [spot, source] = [spots[i], sources[i]];
          if (!spot || !source) throw new Error("no source");
          await say(spot, level);
          await source.poke();
          await say(spot, 0n);
        }
      };
      for (let i = 0n; i < 46_800n / MAX_STEP; i++) {
        let at = 0n;
        for (const moment of [...moments].sort(byTime)) {
          await pass(moment - at);
          at = moment;
          await pokeAll(FULL, 2);
        }
        await pass(MAX_STEP - at);
        await pokeAll(0n, 3);
        expect((await monitor.stress()).level).to.equal(0n);
      }
    });
  }

  it("one that comes back again and again gets as far as time does where nobody else pokes, and honest pokes take it back", async () => {
    const { spots, sources } = await damped([0n]);
    const [spot, source] = [spots[0], sources[0]];
    if (!spot || !source) throw new Error("no source");
    for (let steps = 0n; steps <= 6n; steps++) {
      await pass(MAX_STEP);
      await say(spot, FULL);
      await source.poke();
      expect((await source.stress()).level).to.equal(steps * ((FULL * MAX_STEP) / TO_FULL));
    }
    for (let steps = 5n; steps > 0n; steps--) {
      for (const level of [FULL, 0n, FULL]) {
        await say(spot, level);
        await source.poke();
      }
      await pass(MAX_STEP);
      expect((await source.stress()).level).to.equal(steps * ((FULL * MAX_STEP) / TO_FULL));
    }
  });

  describe("in our own vault", () => {
    const CASH = 1_000_000n * ONE_LOAN;
    const KINK = percent(90n);

    /** Our vault with a million at hand, a second one full of collateral that lends it out, and an account with code. */
    async function deploy(connection: Awaited<ReturnType<typeof network.create<"l1">>>) {
      const system = await deployWithoutInterest(connection);
      const { factory, vault, authority, config, creationCode, stranger, uniswap, collateral } = system;
      const salt = connection.ethers.zeroPadValue("0x02", 32);
      const lender = await createVault(connection, factory, config, creationCode, salt);
      await open({ ...system, vault: lender }, stranger, 2_000n * ONE_COLLATERAL, 0n);
      const spot = await connection.ethers.deployContract("GavelVaultSource", [
        factory,
        KINK,
        percent(5n),
        authority,
      ]);
      await spot.addVault(vault);
      const source = await connection.ethers.deployContract("DampedSource", [spot, TO_FULL, MAX_STEP]);
      await source.poke();
      const monitor = await connection.ethers.deployContract("ContagionMonitor", [3n, authority]);
      const callee = await connection.ethers.deployContract("MockCallee");
      await wrapEther(connection, uniswap, stranger, ONE_COLLATERAL);
      return { ...system, flashLender: lender, spot, source, monitor, callee, collateral };
    }
    type Attack = Awaited<ReturnType<typeof deploy>>;

    /** Three others, at 10%, 20% and 30%, that never change. */
    async function register({ connection, monitor }: Attack, own: { getAddress(): Promise<string> }) {
      const time = BigInt(await connection.networkHelpers.time.latest());
      const terms = (source: string) => ({
        source,
        weight: 100n,
        heartbeat: 86_400n,
        expiresAt: time + 86_400n,
      });
      for (const level of [10n, 20n, 30n]) {
        const other = await connection.ethers.deployContract("MockRawAnswer");
        await other.setAnswer(Mode.ANSWER, encodeAnswer(percent(level), time));
        await monitor.setSource(terms(await other.getAddress()));
      }
      await monitor.setSource(terms(await own.getAddress()));
    }

    const levelIn = (monitor: ContagionMonitor, data: string | undefined): readonly unknown[] => [
      ...monitor.interface.decodeFunctionResult("stress", data ?? "0x")[0],
    ];

    /** Borrows collateral for one transaction, with it all of the vault's cash, does as told, and gives all back. */
    async function attack(system: Attack, acts: readonly Call[]) {
      const { callee, vault, flashLender, loan, collateral } = system;
      const self = await callee.getAddress();
      const amount = 2_000n * ONE_COLLATERAL;
      const [cash, most] = [CASH, 2n ** 256n - 1n];
      const allowance = await call(collateral, "approve", [flashLender, most]);
      await callee.execute(allowance.target, allowance.data);
      await callee.setPlan([
        await call(collateral, "approve", [vault, most]),
        await call(loan, "approve", [vault, most]),
        await call(vault, "supplyCollateral", [amount, self]),
        await call(vault, "borrow", [cash, self, self]),
        ...acts,
        await call(vault, "repay", [cash, self]),
        await call(vault, "withdrawCollateral", [amount, self, self]),
      ]);
      await flashLender.flashLoan(callee, collateral, amount, "0x");
      const results = await callee.results();
      expect(results.map(({ success }) => success)).to.deep.equal(results.map(() => true));
      return results.slice(4, 4 + acts.length).map(({ data }) => data);
    }

    async function start() {
      const connection = await network.create({
        network: "sim",
        chainType: "l1",
        override: { gas: 30_000_000n },
      });
      return deploy(connection);
    }

    it("listened to without damping, it is worth one source: the median moves to its neighbour", async () => {
      const system = await start();
      const { monitor, spot } = system;
      await register(system, spot);
      expect([...(await monitor.stress())]).to.deep.equal([percent(20n), 4n, true]);
      const [level, heard] = await attack(system, [
        await call(spot, "stress", []),
        await call(monitor, "stress", []),
      ]);
      expect(BigInt((level ?? "0x").slice(0, 66))).to.equal(FULL);
      expect(levelIn(monitor, heard)).to.deep.equal([percent(30n), 4n, true]);
      expect([...(await monitor.stress())]).to.deep.equal([percent(20n), 4n, true]);
    });

    it("listened to through a damped source, it is nothing in its block, and one step of it where nobody else pokes", async () => {
      const system = await start();
      const { monitor, source, connection } = system;
      await register(system, source);
      await connection.networkHelpers.time.increase(10_000n);
      const poke = await call(source, "poke", []);
      const [, , heard] = await attack(system, [poke, poke, await call(monitor, "stress", [])]);
      expect((await source.stress()).level).to.equal(0n);
      await connection.networkHelpers.time.increase(MAX_STEP);
      expect((await source.stress()).level).to.equal((FULL * MAX_STEP) / TO_FULL);
      expect(levelIn(monitor, heard)).to.deep.equal([percent(20n), 4n, true]);
    });

    it("cash lent for one transaction can't hide stress at once either: the level falls by one step", async () => {
      const system = await start();
      const { source, connection, borrower } = system;
      const { time } = connection.networkHelpers;
      await open(system, borrower, 2_000n * ONE_COLLATERAL, CASH);
      for (let i = 0; i < 7; i++) {
        await time.increase(MAX_STEP);
        await source.poke();
      }
      expect((await source.stress()).level).to.be.closeTo(FULL, 10n);
      await lend(system, 100n * CASH);
      await source.poke();
      await source.poke();
      expect((await source.stress()).level).to.be.closeTo(FULL, 10n);
      await time.increase(MAX_STEP);
      expect((await source.stress()).level).to.be.closeTo(FULL - (FULL * MAX_STEP) / TO_FULL, percent(1n));
    });

    it("inside an operation of the vault its source is dead, not calm, and the others go on", async () => {
      const system = await start();
      const { monitor, spot, callee, loan, vault } = system;
      await register(system, spot);
      await loan.mint(callee, ONE_LOAN);
      const allowance = await call(loan, "approve", [vault, ONE_LOAN]);
      await callee.execute(allowance.target, allowance.data);
      await callee.setPlan([await call(monitor, "stress", [])]);
      await vault.flashLoan(callee, loan, ONE_LOAN, "0x");
      const [heard] = await callee.results();
      expect(levelIn(monitor, heard?.data)).to.deep.equal([percent(20n), 3n, true]);
    });
  });
});
