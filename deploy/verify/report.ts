/** What verification found, check by check. */
export class Report {
  #checks = 0;
  readonly #failures: string[] = [];

  get checks(): number {
    return this.#checks;
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  /** `what` must be as expected. Addresses compare as numbers, whatever their letters' case. */
  equal(what: string, found: bigint | boolean | string, expected: bigint | boolean | string): void {
    this.holds(
      String(found).toLowerCase() === String(expected).toLowerCase(),
      `${what}: expected ${String(expected)}, found ${String(found)}`,
    );
  }

  holds(condition: boolean, complaint: string): void {
    this.#checks += 1;
    if (!condition) this.#failures.push(complaint);
  }

  /** Runs checks that read the chain: what can't be read is a failure, and stops none of the others. */
  async section(name: string, checks: () => Promise<void>): Promise<void> {
    try {
      await checks();
    } catch (error) {
      const [firstLine = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
      this.holds(false, `${name}: can't be read: ${firstLine}`);
    }
  }
}
