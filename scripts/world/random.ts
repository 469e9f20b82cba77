/** Random numbers from a seed: the same seed gives the same numbers, whatever else draws from other streams. */
import { solidityPackedKeccak256 } from "ethers";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

const STATE_WORDS = 4;
const HEX_DIGITS_A_WORD = 8;

/**
 * State of the generator, four words of 32 bits, from a hash of seed and stream: the generator does not mix what it is seeded
 * with, so that neighbouring seeds would begin alike.
 */
const mixedState = (seed: number, stream: number): readonly number[] => {
  const hash = solidityPackedKeccak256(["uint256", "uint256"], [seed, stream]).slice(2);
  return Array.from({ length: STATE_WORDS }, (_, i) =>
    Number.parseInt(hash.slice(i * HEX_DIGITS_A_WORD, (i + 1) * HEX_DIGITS_A_WORD), 16),
  ).map((word) => word | 0);
};

export class Random {
  private readonly generator: RandomGenerator;

  /** Streams of one seed begin at unrelated states. Seed and stream are whole numbers from 0. */
  constructor(seed: number, stream = 0) {
    this.generator = xoroshiro128plusFromState(mixedState(seed, stream));
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return uniformFloat64(this.generator);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    // 1 - u is in (0, 1]: its logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Number of events where `mean` are expected (Knuth; meant for small means). */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) ++count;
    return count;
  }

  /** Pareto on [1, ceiling], tail index `alpha`. */
  boundedPareto(alpha: number, ceiling: number): number {
    const tail = 1 - ceiling ** -alpha;
    return (1 - this.uniform() * tail) ** (-1 / alpha);
  }

  /** The same items in a random order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    const order: T[] = [];
    while (left.length > 0) order.push(...left.splice(Math.floor(this.uniform() * left.length), 1));
    return order;
  }
}
