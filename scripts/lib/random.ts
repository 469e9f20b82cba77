/** Random numbers from a seed: the same seed gives the same numbers, whatever else draws from other streams. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";

export class Random {
  private readonly generator: JumpableRandomGenerator;

  /** Streams of one seed are independent of each other (2^64 numbers apart). */
  constructor(seed: number, stream = 0) {
    this.generator = xoroshiro128plus(seed);
    for (let i = 0; i < stream; ++i) this.generator.jump();
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
