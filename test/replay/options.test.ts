import { expect } from "chai";

import { InputError } from "../../scripts/replay/inputError.ts";
import { parseOptions } from "../../scripts/replay/options.ts";

describe("Replay options", () => {
  it("have defaults for all but the files", () => {
    expect(parseOptions([])).to.deep.equal({
      mechanisms: ["dutch", "direct", "batch", "auto", "fixed5", "fixed2"],
      prices: undefined,
      positions: undefined,
      debt: 100_000_000n * 10n ** 6n,
      depth: 10_000_000n * 10n ** 6n,
      noRebound: false,
      json: undefined,
      seed: 1,
      step: 12,
      gasPrice: 30n * 10n ** 9n,
      nativePrice: undefined,
      parameters: undefined,
      fork: undefined,
    });
  });

  it("take every flag", () => {
    const args =
      "--mechanism batch --prices p.csv --positions b.csv --debt 5_000.5 --depth 70 --no-rebound --json o.json --seed 0 --step 60";
    const more =
      "--gas-price 0.5 --native-price 2500.25 --parameters d.json5 --fork http://127.0.0.1:8545 --block 7";
    expect(parseOptions([...args.split(" "), ...more.split(" ")])).to.deep.equal({
      mechanisms: ["batch"],
      prices: "p.csv",
      positions: "b.csv",
      debt: 5_000_500_000n,
      depth: 70_000_000n,
      noRebound: true,
      json: "o.json",
      seed: 0,
      step: 60,
      gasPrice: 500_000_000n,
      nativePrice: 2_500.25,
      parameters: "d.json5",
      fork: { url: "http://127.0.0.1:8545", block: 7 },
    });
  });

  it("take generations instead of mechanisms", () => {
    const all = ["generation1", "generation2", "generation3"];
    expect(parseOptions(["--generation", "all"])?.mechanisms).to.deep.equal(all);
    expect(parseOptions(["--generation", "2"])?.mechanisms).to.deep.equal(["generation2"]);
  });

  const wrong: readonly (readonly [args: string, ...parts: readonly string[]])[] = [
    ["--sead 1", "--sead"],
    ["--seed", "--seed", "missing"],
    ["surplus", "too many arguments"],
    ["--mechanism clock", "--mechanism", '"clock"', "dutch", "all"],
    ["--generation 4", "--generation", '"4"', "1, 2, 3, all"],
    ["--generation 3 --mechanism dutch", "--generation", "without --mechanism"],
    ["--seed -1", "--seed", '"-1"', "whole number"],
    ["--seed 1.5", "--seed", '"1.5"'],
    ["--seed 2147483648", "--seed", "2147483647"],
    ["--step 0", "--step", "from 1 to 3600"],
    ["--debt 0", "--debt", "at least 1"],
    ["--debt 1_", "--debt", '"1_"'],
    ["--debt 1__0", "--debt", '"1__0"'],
    ["--debt 1e6", "--debt", '"1e6"'],
    ["--debt -5", "--debt", '"-5"'],
    ["--debt 10000000000000000", "--debt"],
    ["--depth 1.0000001", "--depth", "at most 6 decimals"],
    ["--gas-price many", "--gas-price", "gwei"],
    ["--parameters", "--parameters", "missing"],
    ["--native-price 0", "--native-price", "above 0"],
    ["--fork localhost:8545", "--fork", '"localhost:8545"'],
    ["--fork ftp://127.0.0.1", "--fork"],
    ["--block 5", "--block", "--fork"],
    ["--fork http://127.0.0.1:8545 --block last", "--block", '"last"'],
  ];
  for (const [args, ...parts] of wrong) {
    it(`refuse ${args} in one line that names the flag`, () => {
      let message = "";
      try {
        parseOptions(args.split(" "));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        message = error.message;
      }
      expect(message).to.match(/^[^\n]+$/);
      for (const part of parts) expect(message).to.contain(part);
    });
  }
});
