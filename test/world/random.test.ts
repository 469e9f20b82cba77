import { expect } from "chai";

import { Random } from "../../scripts/world/random.ts";
import { expectNear } from "../helpers/near.ts";

describe("Random", () => {
  const draw = (random: Random, count: number): number[] =>
    Array.from({ length: count }, () => random.uniform());

  it("gives the same numbers for the same seed, and others for another", () => {
    expect(draw(new Random(7), 5)).to.deep.equal(draw(new Random(7), 5));
    expect(draw(new Random(7), 5)).not.to.deep.equal(draw(new Random(8), 5));
  });

  it("gives each stream of a seed its own numbers", () => {
    expect(draw(new Random(7, 1), 5)).not.to.deep.equal(draw(new Random(7, 0), 5));
  });

  describe("over neighbouring seeds", () => {
    const SEEDS = 4_096;
    const firsts = (stream: number): readonly number[] =>
      Array.from({ length: SEEDS }, (_, seed) => new Random(seed, stream).uniform());

    for (const stream of [0, 1, 2, 7]) {
      it(`begins stream ${stream} evenly in [0, 1)`, () => {
        // Kolmogorov and Smirnov: 1.95 / sqrt(n) is passed by chance once in a thousand times.
        const worst = [...firsts(stream)]
          .sort((a, b) => a - b)
          .reduce((most, value, i) => Math.max(most, Math.abs(value - (i + 0.5) / SEEDS)), 0);
        expect(worst).to.be.below(1.95 / Math.sqrt(SEEDS));
      });
    }

    it("begins one seed independently of the next, and one stream of the other", () => {
      const correlation = (a: readonly number[], b: readonly number[]): number =>
        a.reduce((sum, value, i) => sum + (value - 0.5) * ((b[i] ?? 0.5) - 0.5), 0) / (a.length / 12);
      const bound = 4 / Math.sqrt(SEEDS);
      const first = firsts(0);
      expect(Math.abs(correlation(first.slice(1), first.slice(0, -1)))).to.be.below(bound);
      expect(Math.abs(correlation(first, firsts(1)))).to.be.below(bound);
    });
  });

  it("draws normals with mean 0 and deviation 1", () => {
    const random = new Random(1);
    const samples = Array.from({ length: 20_000 }, () => random.normal());
    const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
    const variance = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / samples.length;
    expectNear(mean, 0, 0.03);
    expectNear(variance, 1, 0.04);
  });

  it("draws Poisson counts with the mean asked for", () => {
    const random = new Random(2);
    const samples = Array.from({ length: 20_000 }, () => random.poisson(0.3));
    expectNear(samples.reduce((sum, sample) => sum + sample, 0) / samples.length, 0.3, 0.02);
    expect(random.poisson(0)).to.equal(0);
  });

  it("keeps a bounded Pareto within its bounds, with half of it under the median", () => {
    const random = new Random(3);
    const samples = Array.from({ length: 10_000 }, () => random.boundedPareto(0.5, 500));
    expect(Math.min(...samples)).to.be.at.least(1);
    expect(Math.max(...samples)).to.be.at.most(500);
    const median = (1 - (1 - 500 ** -0.5) / 2) ** -2;
    expectNear(samples.filter((sample) => sample < median).length / samples.length, 0.5, 0.02);
  });

  it("shuffles without losing anything", () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const shuffled = new Random(4).shuffled(items);
    expect(shuffled).not.to.deep.equal(items);
    expect([...shuffled].sort()).to.deep.equal(items);
  });
});
