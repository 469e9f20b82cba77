import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { ARBITRAGES, boutsOf, LAGS } from "../../../scripts/replay/arena/bouts.ts";
import { parseArenaOptions } from "../../../scripts/replay/arena/options.ts";
import { InputError } from "../../../sdk/errors.ts";
import { ALL_NAMES } from "../../../scripts/replay/mechanisms/mechanismNames.ts";
import { temporaryFiles } from "../files.ts";

const CLI = fileURLToPath(new URL("../../../scripts/replay/arena/cli.ts", import.meta.url));
const HOUR = 3_600;
const START = 1_700_000_000;

/** Six hours of candles with a fall in the last but one. */
const CANDLES = [
  "ts,open,high,low,close,volume",
  ...Array.from({ length: 360 }, (_, i) => {
    const price = i < 280 ? 100 : 80;
    return `${START + 60 * i},${price},${price},${price},${price},1`;
  }),
].join("\n");

describe("Options of the arena", () => {
  const write = temporaryFiles();

  const parse = (...args: readonly string[]) => {
    const options = parseArenaOptions(args);
    if (options === undefined) throw new Error("no options");
    return options;
  };

  it("run the two hours around the largest fall of every file, or all of it", () => {
    const file = write("crash.csv", CANDLES);
    const [crash] = parse("--prices", file).crashes;
    const fallsAt = START + 60 * 280;
    expect(crash?.source).to.deep.equal({ prices: file });
    expect((crash?.span?.to ?? 0) - (crash?.span?.from ?? 0)).to.equal(2 * HOUR);
    expect(crash?.span?.from).to.be.within(fallsAt - 2 * HOUR, fallsAt);
    expect(parse("--prices", file, "--full").crashes[0]?.span).to.equal(undefined);
  });

  it("take all CSV files of a folder", () => {
    const file = write("crash.csv", CANDLES);
    write("notes.txt", "nothing");
    expect(parse("--prices", dirname(file)).crashes.map(({ source }) => source)).to.deep.equal([
      { prices: file },
    ]);
  });

  it("generate a slow and a fast crash where no file is named", () => {
    const { crashes, base } = parse();
    expect(crashes.map(({ source }) => source)).to.deep.equal([{ crash: "slow" }, { crash: "fast" }]);
    expect(base.borrowers).to.equal(200);
    expect(parse("--quick").base.borrowers).to.be.below(base.borrowers);
  });

  it("cross every crash with both rebounds, lags and arbitrages, and every mechanism and rival", () => {
    const { crashes, base } = parse("--quick");
    const bouts = boutsOf(crashes, base.mechanisms, base);
    expect(bouts.length).to.equal(crashes.length * 2 * LAGS.length * ARBITRAGES.length * ALL_NAMES.length);
    const [bout] = bouts.slice(-1);
    expect(bout?.options.market).to.include({ lag: bout?.lagSeconds, arbitrage: bout?.arbitrage });
    expect(bout?.options.noRebound).to.equal(true);
    expect(new Set(bouts.map(({ mechanism }) => mechanism))).to.deep.equal(new Set(ALL_NAMES));
  });

  it("refuse what can't be run, in one line that says what and where", () => {
    const refuse = (args: readonly string[], ...parts: readonly string[]): void => {
      expect(() => parseArenaOptions(args))
        .to.throw(InputError)
        .with.property("message")
        .that.matches(/^[^\n]+$/)
        .and.satisfies((text: string) => parts.every((part) => text.includes(part)));
    };
    const file = write("crash.csv", CANDLES);
    refuse(["--quick", "--prices", file], "--quick", "--prices");
    refuse(["--prices", "/no/such.csv"], "/no/such.csv");
    refuse(["--prices", "/proc/sys"], "/proc/sys", "CSV");
    refuse(["--mechanism", "auction"], "--mechanism", '"auction"');
    refuse(["--sead", "1"], "--sead", "--help");
  });

  it("end the command with exit code 2 before anything runs", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "--prices", "/no/such.csv"], {
      encoding: "utf8",
    });
    expect(status, stderr).to.equal(2);
    expect(stdout).to.equal("");
    expect(stderr).to.match(/^[^\n]*\/no\/such\.csv[^\n]*\n$/);
  });
});
