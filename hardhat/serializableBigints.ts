/**
 * Integers of any size as JSON: test files that run side by side send their failures, with what was expected and found, to
 * the process that reports them, and JSON knows no `bigint`. Without this a failure loses its title.
 */
Object.defineProperty(BigInt.prototype, "toJSON", {
  configurable: true,
  value(this: bigint): string {
    return this.toString();
  },
});
