import { globSync, readFileSync } from "node:fs";

import { expect } from "chai";

import { staleLine } from "../../scripts/ops/spec/freshness.ts";
import { renderSpecification } from "../../scripts/ops/spec/specification.ts";
import { readSuites, suitesOf } from "../../scripts/ops/spec/suites.ts";
import { titlesIn } from "../../scripts/ops/spec/tree.ts";

const OUTPUT = `Running Mocha tests

  Vault: takes
    \u001b[32m✔\u001b[0m pays the vault (41ms)
    of a lot
      ✔ leaves <none> of it (2s)
      1) fails
  a line that something printed
    and one more
  Security 7: 3 times
    ✔ is refused

  3 passing (2s)
  1 failing

  Vault: takes
    ✔ is listed again
`;
const test = (text: string) => ({ text, isTest: true, below: [] });

describe("The specification", () => {
  it("is read from what the runner prints: tests that passed, in their suites, without their times", () => {
    expect(titlesIn(OUTPUT)).to.deep.equal([
      {
        text: "Vault: takes",
        isTest: false,
        below: [
          test("pays the vault"),
          { text: "of a lot", isTest: false, below: [test("leaves <none> of it")] },
        ],
      },
      { text: "Security 7: 3 times", isTest: false, below: [test("is refused")] },
    ]);
  });

  it("has a chapter for each contract and one for attacks, whatever the order in which they ran", () => {
    const suites = [
      suitesOf("test/security/07-times.test.ts", "describe(`Security 7: ${n} times`, () => {"),
      suitesOf(
        "test/unit/Vault/take.test.ts",
        'describe("Vault: takes", () => {\n  describe("inner", () => {',
      ),
      suitesOf("test/unit/Lens/none.test.ts", 'describe("Lens", () => {'),
    ];
    const [vault, security] = titlesIn(OUTPUT);
    if (vault === undefined || security === undefined) throw new Error("nothing was read");
    const text = renderSpecification([vault, security], suites);
    expect(text).to.match(
      /## Vault\n\n- \*\*Vault: takes\*\*\n {2}- pays the vault\n {2}- \*\*of a lot\*\*\n {4}- leaves \\<none\\> of it\n\n## Attacks\n\n- \*\*Security 7: 3 times\*\*\n {2}- is refused\n$/,
    );
    expect(renderSpecification([security, vault], suites)).to.equal(text);
  });

  it("is stale from the first line that differs", () => {
    expect(staleLine("a\nb\n", "a\nb\n")).to.equal(undefined);
    expect(staleLine("a\nb\n", "a\nc\n")).to.match(/^docs\/spec\.md, line 2: "b", but the tests say "c"/);
    expect(staleLine("a", "a\nc")).to.match(/line 2: "", but the tests say "c"/);
    expect(staleLine("a\nc", "a")).to.match(/line 2: "c", but the tests say ""/);
  });

  it("knows each suite by its title alone: no two of all tests have the same", () => {
    const files = globSync("test/**/*.test.ts").map((file) => suitesOf(file, readFileSync(file, "utf8")));
    const titles = files.flatMap(({ titles: own }) => own.map(String));
    expect(titles.length).to.be.at.least(files.length);
    expect(titles).to.have.lengthOf(new Set(titles).size);
  });

  it("leaves out no file of a contract or of an attack", () => {
    const written = readFileSync("docs/spec.md", "utf8").split("\n");
    const outermost = written.filter((line) => line.startsWith("- **")).map((line) => line.slice(4, -2));
    const plain = outermost.map((title) => title.replaceAll("\\", ""));
    for (const { file, titles } of readSuites()) {
      expect(titles, file).not.to.be.empty;
      for (const title of titles)
        expect(
          plain.some((text) => title.test(text)),
          `${file} ${title}`,
        ).to.equal(true);
    }
  });
});
