import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { boutsOf } from "../../../scripts/replay/arena/bouts.ts";
import { keyOf, Archive } from "../../../scripts/replay/arena/archive.ts";
import { parseOptions } from "../../../scripts/replay/input/options.ts";
import { row } from "./rows.ts";

const ROW = row({ borrowersCost: "10.5", lendersLoss: "-0.25" });

describe("the arena's archive", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "arena-"));
    file = join(folder, "deeper", "arena.jsonl");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("knows what an earlier arena has run", () => {
    new Archive(file).add("key", ROW);
    expect(new Archive(file).get("key")).to.deep.equal(ROW);
    expect(new Archive(file).get("other")).to.equal(undefined);
  });

  it("leaves out a line that was cut short, and no other", () => {
    const archive = new Archive(file);
    archive.add("first", ROW);
    appendFileSync(file, '\n{"key":"cut","row":{"crash":"on');
    archive.add("second", ROW);
    const again = new Archive(file);
    expect(again.get("first")).to.deep.equal(ROW);
    expect(again.get("cut")).to.equal(undefined);
    expect(again.get("second")).to.deep.equal(ROW);
  });

  it("does not take a row of other options, another mechanism or other code", () => {
    const base = parseOptions([]);
    if (base === undefined) throw new Error("no options");
    const crash = { name: "one", source: { crash: "fast" }, span: undefined } as const;
    const bouts = boutsOf([crash], ["auto", "dutch"], base);
    const keys = bouts.map((bout) => keyOf(bout, "code"));
    expect(bouts.length).to.equal(16);
    expect(new Set(keys).size).to.equal(16);
    const [first] = bouts;
    if (first === undefined) throw new Error("no bouts");
    expect(keyOf(first, "code")).to.equal(keys[0]);
    expect(keyOf(first, "other code")).not.to.equal(keys[0]);
    expect(keyOf({ ...first, options: { ...first.options, seed: 2 } }, "code")).not.to.equal(keys[0]);
    expect(keyOf({ ...first, options: { ...first.options, json: "elsewhere" } }, "code")).to.equal(keys[0]);
  });
});
