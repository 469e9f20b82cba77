import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { replay } from "../../scripts/replay/run/engine.ts";
import { MECHANISMS } from "../../scripts/replay/mechanisms/mechanisms.ts";
import { parseOptions } from "../../scripts/replay/input/options.ts";
import { type Result, toRun, withCascade } from "../../scripts/replay/records/result.ts";
import { loadScenario } from "../../scripts/replay/input/scenario.ts";
import { temporaryFiles } from "./files.ts";

const CLI = fileURLToPath(new URL("../../scripts/replay/cli.ts", import.meta.url));

const LOCAL = "deploy/params/local.json5";
const EXAMPLE = "deploy/params/sepolia.example.json5";

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: "utf8" });
}

/** A mistake: exit code 2, nothing on the way, and one line that holds all of `parts`. */
function expectRefusal(args: readonly string[], ...parts: readonly string[]): void {
  const { status, stdout, stderr } = run(...args);
  expect(status, stderr).to.equal(2);
  expect(stdout).to.equal("");
  expect(stderr).to.match(/^[^\n]+\n$/);
  for (const part of parts) expect(stderr).to.contain(part);
}

describe("Replay command line", () => {
  const write = temporaryFiles();

  it("shows every flag under --help, exit code 0", () => {
    const { status, stdout, stderr } = run("--help");
    expect(status).to.equal(0);
    expect(stderr).to.equal("");
    for (const flag of [
      "--mechanism <name>",
      "--prices <file>",
      "--positions <file>",
      "--debt <amount>",
      "--depth <amount>",
      "--no-rebound",
      "--json <file>",
      "--seed <n>",
      "--step <seconds>",
      "--gas-price <gwei>",
      "--native-price <amount>",
      "--parameters <file>",
      "--fork <url>",
      "--block <n>",
    ]) {
      expect(stdout).to.contain(flag);
    }
  });

  it("refuses an unknown flag", () => {
    expectRefusal(["--sead", "1"], "--sead", "--help");
  });

  it("refuses a number that is none", () => {
    expectRefusal(["--step", "soon"], "--step", '"soon"', "from 1 to 3600");
  });

  it("refuses a way of selling that is none, and names those that are", () => {
    expectRefusal(
      ["--mechanism", "auction"],
      "--mechanism",
      '"auction"',
      "dutch, direct, batch, auto",
      "all",
    );
  });

  it("refuses a file that is not there", () => {
    expectRefusal(["--positions", "/no/such/positions.csv"], "/no/such/positions.csv", "ENOENT");
  });

  it("refuses, before it runs, to write where it can't", () => {
    expectRefusal(["--json", "/no/such/folder/out.json"], "--json", "/no/such/folder/out.json");
  });

  it("refuses, before it runs, to write to a folder or where nothing can be made", () => {
    expectRefusal(["--json", tmpdir()], "--json", tmpdir(), "not a file");
    expectRefusal(["--json", "/proc/out.json"], "--json", "/proc/out.json", "can't be written");
  });

  it("says when no node answers at the address to fork", () => {
    expectRefusal(["--fork", "http://127.0.0.1:9"], "--fork", "http://127.0.0.1:9");
  });

  it("names file, line and column of a wrong price", () => {
    const file = write("prices.csv", "ts,price\n1000000100,1\n1000000160,cheap\n");
    expectRefusal(["--prices", file], `${file}:3`, "price", '"cheap"');
  });

  it("names the column that a position file lacks", () => {
    const file = write("positions.csv", "user,collateral\na,5\n");
    expectRefusal(["--positions", file], file, '"debt"');
  });

  it("names the parameters file that is not there, is none, or is wrong, and where", () => {
    expectRefusal(["--parameters", "/no/such.json5"], "--parameters", "/no/such.json5", "ENOENT");
    expectRefusal(["--parameters", tmpdir()], "--parameters", tmpdir(), "EISDIR");
    const text = write("text.json5", "{ oracle: the usual one }");
    expectRefusal(["--parameters", text], text, "JSON5", "1:");
    const local = readFileSync(LOCAL, "utf8");
    const late = write("late.json5", local.replace("primaryGrace: 3600", "primaryGrace: 3601"));
    expectRefusal(["--parameters", late], late, "oracle.primaryGrace", "3600");
    const fine = write("fine.json5", local.replace('lot: "21000"', 'lot: "0.0000001"'));
    expectRefusal(["--parameters", fine], fine, "0.0000001", "6 decimals");
    expectRefusal(["--parameters", EXAMPLE], EXAMPLE, "authority.governor", "must be an address");
  });

  it("runs a way of selling twice, and writes table, JSON and page", async () => {
    const fall = [3_000, 2_950, 2_900, 2_850, 2_800, 2_750, 2_700, 2_700, 2_700, 2_700];
    const rows = fall.map((price, i) => `${1_767_225_600 + 60 * i},${price}`);
    const prices = write("fall.csv", `ts,price\n${rows.join("\n")}\n`);
    const book = [1, 2, 3, 4].map((i) => `account${i},${100 + 2 * i},${76 + 2 * i}`);
    const positions = write("book.csv", `user,collateral,debt\n${book.join("\n")}\n`);
    const json = write("out.json", "");
    const files = ["--prices", prices, "--positions", positions, "--json", json];
    const args = ["--mechanism", "fixed5", "--cascade", ...files];
    const { status, stdout, stderr } = run(...args);
    expect(status, stderr).to.equal(0);
    expect(stdout)
      .to.match(/100% {2}2 of 2 runs done/)
      .and.to.contain("fixed5")
      .and.to.contain("textbook");
    const figures = [
      "what it reads",
      "borrowers' cost: at take / at due",
      ...["  of it loss at market", "  of it penalties", "  of it rewards of starters", "  of it rescues"],
      ...["lenders' loss", "reserve's loss", "leaves the system: at take / at due", "unsold debt at the end"],
    ];
    for (const figure of figures) expect(stdout).to.contain(`│ ${figure} `);
    const { runs, positions: opened } = JSON.parse(readFileSync(json, "utf8")) as Result;
    expect(opened).to.equal(4);
    const [only, ...others] = runs;
    expect(others).to.deep.equal([]);
    expect(only?.mechanism).to.equal("fixed5");
    expect(only?.conservation.ok).to.equal(true);
    expect(only?.takeCount).to.be.at.least(1);
    const options = parseOptions(args);
    if (options === undefined || only === undefined) throw new Error("nothing ran");
    const fixed = await replay(loadScenario(options), MECHANISMS.fixed5, { lastingShare: 0 });
    const { collateralSoldUnits } = toRun(MECHANISMS.fixed5, fixed);
    expect(only).to.deep.equal(withCascade(only, collateralSoldUnits));
    // The pool comes back slowly, so that what sales take from it lasts.
    expect(only.cascadeMultiplier).to.be.within(1.001, 1.3);
    expect(only.impactBps.max).to.be.above(only.impactBps.timeWeighted);
    const page = readFileSync(fileURLToPath(new URL("../../reports/replay.html", import.meta.url)), "utf8");
    const labels = figures.map((figure) => `<td>${figure}</td>`);
    const charts = [
      "Price deviation that sales cause",
      "Borrowers' cost so far",
      "What is lost, and by whom",
    ];
    for (const part of [...charts, ...labels, "var(--fixed5)", "</html>"]) {
      expect(page).to.contain(part);
    }
  });
});
