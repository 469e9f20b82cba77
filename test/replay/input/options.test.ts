import { expect } from "chai";

import { InputError } from "../../../sdk/errors.ts";
import { MARKET_NAMES, MARKETS, marketsTable, marketText } from "../../../scripts/replay/input/markets.ts";
import { ALL_NAMES } from "../../../scripts/replay/mechanisms/mechanismNames.ts";
import { parseOptions } from "../../../scripts/replay/input/options.ts";

describe("Replay options", () => {
  it("have defaults for all but the files", () => {
    expect(parseOptions([])).to.deep.equal({
      mechanisms: ["dutch", "direct", "batch", "auto", "fixed2", "aave"],
      prices: undefined,
      crash: "slow",
      crashes: ["slow", "fast"],
      span: undefined,
      positions: undefined,
      borrowers: 200,
      debt: 100_000_000n * 10n ** 6n,
      depth: 10_000_000n * 10n ** 6n,
      noRebound: false,
      cascade: false,
      json: undefined,
      seed: 1,
      step: 12,
      gasPrice: 30n * 10n ** 9n,
      nativePrice: 3_000,
      market: MARKETS.stressed,
      parameters: undefined,
      fork: undefined,
    });
  });

  it("take every flag", () => {
    const args =
      "--mechanism batch --prices p.csv --positions b.csv --debt 5_000.5 --depth 70 --no-rebound --json o.json --seed 0 --step 60 --cascade --borrowers 7";
    const more =
      "--gas-price 0.5 --native-price 2500.25 --parameters d.json5 --fork http://127.0.0.1:8545 --block 7";
    const market =
      "--market harsh --lag 36 --arbitrage 12.5 --depth-left 50 --sandwich 60 --hold-off 20:3:600 --gas-rise 2.5 --bidders-leave 0 --bridge off";
    expect(parseOptions([...args.split(" "), ...more.split(" "), ...market.split(" ")])).to.deep.equal({
      mechanisms: ["batch"],
      prices: "p.csv",
      crash: "slow",
      crashes: ["slow", "fast"],
      span: undefined,
      positions: "b.csv",
      borrowers: 7,
      debt: 5_000_500_000n,
      depth: 70_000_000n,
      noRebound: true,
      cascade: true,
      json: "o.json",
      seed: 0,
      step: 60,
      gasPrice: 500_000_000n,
      nativePrice: 2_500.25,
      market: {
        name: "harsh",
        lag: 36,
        lagRise: MARKETS.harsh.lagRise,
        arbitrage: 0.125,
        depthLeft: 0.5,
        sandwich: 0.6,
        holdOff: { bps: 20, blocks: 3, everySeconds: 600 },
        gasRise: 2.5,
        bidders: MARKETS.harsh.bidders,
        biddersLeave: 0,
        bridge: false,
      },
      parameters: "d.json5",
      fork: { url: "http://127.0.0.1:8545", block: 7 },
    });
  });

  it("take one generated crash, or both; all mechanisms and rivals, or one", () => {
    expect(parseOptions(["--crash", "fast"])).to.deep.include({ crash: "fast", crashes: ["fast"] });
    expect(parseOptions(["--crash", "all"])?.crashes).to.deep.equal(["slow", "fast"]);
    expect(parseOptions(["--mechanism", "all"])?.mechanisms).to.have.members(ALL_NAMES);
    expect(parseOptions(["--mechanism", "morpho"])?.mechanisms).to.deep.equal(["morpho"]);
  });

  it("take generations instead of mechanisms", () => {
    const all = ["generation1", "generation2", "generation3"];
    expect(parseOptions(["--generation", "all"])?.mechanisms).to.deep.equal(all);
    expect(parseOptions(["--generation", "2"])?.mechanisms).to.deep.equal(["generation2"]);
  });

  it("take a market by its name alone, and switch a setting of it off", () => {
    for (const name of MARKET_NAMES)
      expect(parseOptions(["--market", name])?.market).to.deep.equal(MARKETS[name]);
    const off = parseOptions(["--hold-off", "off"])?.market;
    expect(off).to.deep.equal({ ...MARKETS.stressed, holdOff: undefined });
  });

  it("show every market's settings in one table", () => {
    const table = marketsTable();
    expect(table).to.match(/--market +calm +stressed +harsh/);
    expect(table).to.match(/--depth-left.* 100% +33% +10%/);
    expect(marketText(MARKETS.harsh)).to.equal("harsh");
    const own = { ...MARKETS.harsh, sandwich: 0, holdOff: undefined };
    expect(marketText(own)).to.equal(
      "harsh; --sandwich, of a sale's room 0%; --hold-off, bps:blocks:every off",
    );
    expect(table).to.match(/--hold-off.* off +50:5:3600 +150:10:1800/);
  });

  const wrong: readonly (readonly [args: string, ...parts: readonly string[]])[] = [
    ["--sead 1", "--sead"],
    ["--seed", "--seed", "missing"],
    ["surplus", "too many arguments"],
    ["--crash sudden", "--crash", "slow, fast, all"],
    ["--crash fast --prices p.csv", "--crash", "--prices"],
    ["--borrowers 0", "--borrowers", "from 1 to"],
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
    ["--market mild", "--market", '"mild"', "calm, stressed, harsh"],
    ["--lag 0", "--lag", "from 1 to 3600"],
    ["--lag 1.5", "--lag", '"1.5"'],
    ["--arbitrage 0", "--arbitrage", "above 0"],
    ["--arbitrage 101", "--arbitrage", "from 0 to 100"],
    ["--depth-left 0.5", "--depth-left", "from 1 to 100"],
    ["--sandwich 50", "--sandwich", "0, 60, 95"],
    ["--hold-off 50", "--hold-off", '"50"', "bps:blocks:every"],
    ["--hold-off 50:0:60", "--hold-off", "bps:blocks:every"],
    ["--hold-off 50:6:60", "--hold-off", "which the blocks must fit in"],
    ["--hold-off 3000:1:60", "--hold-off", "2000 bps"],
    ["--gas-rise 0", "--gas-rise", "from 1 to 1000"],
    ["--bidders-leave all", "--bidders-leave", "from 0 to 100"],
    ["--bridge yes", "--bridge", "on or off"],
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
