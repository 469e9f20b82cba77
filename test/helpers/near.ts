import { expect } from "chai";

/** `closeTo` for numbers that are no integers, which Hardhat's matchers turn down. */
export function expectNear(actual: number | undefined, expected: number, delta: number): void {
  expect(actual).to.be.within(expected - delta, expected + delta);
}
