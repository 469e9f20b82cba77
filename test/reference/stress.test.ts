import { inspect } from "node:util";

import { expect } from "chai";
import fc from "fast-check";

import { WAD } from "../../sdk/math.ts";
import * as monitorModel from "../../sdk/contagionMonitor.ts";
import { type Damped, dampedLevel, pokeDamped } from "../../sdk/dampedSource.ts";
import { between, share } from "../../sdk/stressMath.ts";
import { weightedMedian } from "../../sdk/weightedMedian.ts";
import { ethers, loadFixture, now, pass } from "../helpers/chain.ts";
import {
  addSources,
  encodeAnswer,
  governedMonitor,
  HEARTBEAT,
  Mode,
  say,
  termsOf,
} from "../helpers/contagion.ts";
import { batches, bits, sample } from "./inputs.ts";

/** Few levels, so that some are equal, or any. */
const anyLevel = fc.oneof(fc.constantFrom(0n, WAD / 2n, WAD), fc.bigInt(0n, WAD));

/** Weights in any relation, none among them. */
const anyEntries = fc.array(
  fc.record({ value: fc.oneof(anyLevel, bits(64)), weight: fc.oneof(fc.bigInt(0n, 4n), bits(16)) }),
  { minLength: 0, maxLength: 16 },
);

describe("Reference: stress against its bigint form", () => {
  const deploy = () => ethers.deployContract("StressHarness");

  it("gives the same weighted median", async () => {
    const harness = await deploy();
    for (const lists of batches(sample(anyEntries, 3_000))) {
      const medians = await harness.medians(lists);
      for (const [i, list] of lists.entries()) {
        expect(medians[i], inspect(list)).to.equal(weightedMedian(list));
      }
    }
  });

  it("gives the same share", async () => {
    const harness = await deploy();
    for (const queries of batches(sample(fc.tuple(bits(256), bits(256)), 3_000))) {
      const shares = await harness.shares(queries);
      for (const [i, [part, whole]] of queries.entries()) {
        expect(shares[i], `${part} / ${whole}`).to.equal(share(part, whole));
      }
    }
  });

  it("gives the same level between calm and full", async () => {
    const harness = await deploy();
    const near = fc.tuple(fc.bigInt(0n, WAD), fc.bigInt(0n, WAD), fc.bigInt(0n, WAD));
    const queries = [...sample(fc.tuple(bits(256), bits(256), bits(256)), 1_500), ...sample(near, 1_500)];
    for (const batch of batches(queries)) {
      const levels = await harness.levels(batch);
      for (const [i, [value, calm, full]] of batch.entries()) {
        expect(levels[i], `${value}: ${calm} to ${full}`).to.equal(between(value, calm, full));
      }
    }
  });

  it("gives the same damped level over any sequence of readings and waits", async () => {
    const anyMove = fc.record({
      level: anyLevel,
      wait: fc.oneof(fc.constantFrom(0n, 1n, 599n, 600n), fc.bigInt(0n, 2_000n)),
      isPoked: fc.nat(3).map((die) => die !== 0),
    });
    for (const [secondsToFull, maxStep] of [
      [3_600n, 600n],
      [7_000n, 37n],
    ] as const) {
      const damping = { secondsToFull, maxStep };
      const inner = await ethers.deployContract("MockRawAnswer");
      const source = await ethers.deployContract("DampedSource", [inner, secondsToFull, maxStep]);
      let damped: Damped = { level: 0n, lowest: 0n, pokedAt: await now() };
      let known = false;
      for (const { level, wait, isPoked } of sample(anyMove, 300)) {
        await pass(wait);
        if (isPoked) {
          await say(inner, level);
          damped = pokeDamped(damped, damping, level, await now());
          expect(await source.poke.staticCall()).to.equal(damped.level);
          await source.poke();
          known = true;
        }
        if (known) expect((await source.stress()).level).to.equal(dampedLevel(damped, damping, await now()));
      }
    }
  });

  describe("the monitor", () => {
    async function eightSources() {
      const system = await governedMonitor();
      const sources = await addSources(system.monitor, new Array<bigint>(8).fill(0n));
      return { ...system, sources };
    }

    const anySource = fc.record({
      weight: fc.bigInt(50n, 99n),
      level: fc.oneof(
        { weight: 8, arbitrary: anyLevel },
        { weight: 1, arbitrary: fc.constantFrom(WAD + 1n, 2n ** 64n, 2n ** 256n - 1n) },
      ),
      age: fc.oneof(
        { weight: 6, arbitrary: fc.bigInt(0n, HEARTBEAT) },
        { weight: 1, arbitrary: fc.constantFrom(HEARTBEAT + 1n, -1n, -HEARTBEAT) },
      ),
      isSilent: fc.nat(7).map((die) => die === 0),
    });
    const anyCase = fc.record({
      minLive: fc.integer({ min: 3, max: 7 }),
      sources: fc.array(anySource, { minLength: 8, maxLength: 8 }),
    });
    type Case = ReturnType<typeof sample<typeof anyCase extends fc.Arbitrary<infer T> ? T : never>>[number];

    async function play(
      { monitor, sources }: Awaited<ReturnType<typeof eightSources>>,
      { minLive, sources: drawn }: Case,
    ): Promise<monitorModel.Stress> {
      await monitor.setMinLive(minLive);
      const time = await now();
      const expiresAt = time + 1_000n;
      const modelled: monitorModel.Source[] = [];
      for (const [i, { weight, level, age, isSilent }] of drawn.entries()) {
        const source = sources[i];
        if (!source) throw new Error("too few sources");
        const updatedAt = time - age;
        await monitor.setSource(await termsOf(source, { weight, expiresAt }));
        await source.setAnswer(isSilent ? Mode.REVERT : Mode.ANSWER, encodeAnswer(level, updatedAt));
        const answer = isSilent ? {} : { answer: { level, updatedAt } };
        modelled.push({ weight, heartbeat: HEARTBEAT, expiresAt, ...answer });
      }
      return monitorModel.stressOf(modelled, time, minLive);
    }

    it("says the same of any sources", async () => {
      let isKnown = 0;
      const cases = sample(anyCase, 60);
      for (const drawn of cases) {
        const system = await loadFixture(eightSources);
        // Weights of 100 from the start must go first.
        for (const source of system.sources) await system.monitor.removeSource(source);
        const expected = await play(system, drawn);
        const { level, live, isKnown: known } = await system.monitor.stress();
        const actual = { level, live: Number(live), isKnown: known };
        expect(actual, inspect(drawn, { depth: 3 })).to.deep.equal(expected);
        if (known) isKnown++;
      }
      expect(isKnown).to.be.above(20).and.below(cases.length);
    });
  });
});

describe("The weighted median", () => {
  const of = (...values: [bigint, bigint][]): bigint =>
    weightedMedian(values.map(([value, weight]) => ({ value, weight })));

  it("is the middle of an odd number of equals, and the upper middle of an even one", () => {
    expect(of([3n, 1n], [1n, 1n], [2n, 1n])).to.equal(2n);
    expect(of([4n, 1n], [3n, 1n], [1n, 1n], [2n, 1n])).to.equal(3n);
  });

  it("is a source's own level from half of the weight on", () => {
    expect(of([9n, 2n], [1n, 1n], [2n, 1n])).to.equal(9n);
    expect(of([9n, 199n], [1n, 100n], [2n, 100n])).to.equal(2n);
  });

  it("of five equals is moved over a neighbour by a source of thrice their weight, not by one under twice", () => {
    const five: [bigint, bigint][] = [1n, 2n, 3n, 4n, 5n].map((level) => [level, 100n]);
    expect(of(...five)).to.equal(3n);
    expect(of(...five, [9n, 300n])).to.equal(5n);
    expect(of(...five, [0n, 300n])).to.equal(2n);
    expect(of(...five, [0n, 301n])).to.equal(1n);
    expect(of(...five, [9n, 199n])).to.equal(4n);
    expect(of(...five, [0n, 199n])).to.equal(2n);
  });

  it("of nothing is 0", () => {
    expect(of()).to.equal(0n);
    expect(of([5n, 0n])).to.equal(0n);
  });
});
