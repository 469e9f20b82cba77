import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { complaintAbout, MAY_IMPORT } from "../../eslint.rooms.ts";
import { ROLE_NAMES, rolesOf, TARGETS } from "../../deploy/roles.ts";

/**
 * Documents against the code: whatever comments and tests name by a number or an id has its place in `docs/`, and whatever the
 * documents name exists. Reads sources only. Each check is tried on planted dead references first.
 */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const find = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT })
    .map((path) => path.split("\\").join("/"))
    .sort();

const DOCUMENTS = [...find("docs/**/*.md"), "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
const CODE = [
  ...find("contracts/**/*.sol"),
  ...find("{sdk,scripts,deploy,hardhat}/**/*.{ts,mjs,json5}"),
  ...find("test/**/*.{ts,sol}"),
];

/** First group that took part in each match, or the whole match. */
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(
    ([whole, ...groups]: (string | undefined)[]) => groups.find(Boolean) ?? whole ?? "",
  );
const unique = (items: Iterable<string>): string[] => [...new Set(items)].sort();

// ------------------------------------------------------------------------------------- what code and documents refer to

/** Numbers of formulas, as in F and 2 written together. */
const formulasIn = (text: string): string[] => unique(matches(text, /\b(F\d{1,2})\b/g));

/** Letters, a hyphen and a number: an id of a law unless it is a standard's. */
const STANDARDS = ["EIP", "ERC", "UTF", "ISO", "SHA"];
/** Names of Solidity tests can't have hyphens. */
const lawsIn = (text: string, families: readonly string[]): string[] => {
  const written = matches(text, /\b([A-Z]{2,5}-\d+)\b/g).filter(
    (id) => !STANDARDS.includes(id.split("-")[0] ?? ""),
  );
  const inNames = [...text.matchAll(new RegExp(`_(${families.join("|")})_?(\\d+)(?=\\W|_)`, "g"))];
  return unique([...written, ...inNames.map(([, family, number]) => `${family ?? ""}-${number ?? ""}`)]);
};

/** Numbers of classes of attacks, in the titles and comments of tests and at the beginning of their names. */
const threatsIn = (path: string, text: string): string[] => {
  const named = path.startsWith("test/security/") ? matches(basename(path), /^(\d+)-/g) : [];
  const written = matches(text, /\bTHREATS,? row (\d+)\b|\b(?:Security|Attack) (\d+)\b/g);
  return unique([...named, ...written].map((number) => String(Number(number))));
};

/** Paths from the root of the repository, wherever they stand in a text. */
const ROOMS = "contracts|sdk|scripts|deploy|hardhat|test|docs";
const pathsIn = (text: string): string[] =>
  unique(
    matches(text, new RegExp(`(?<![\\w/.@-])((?:${ROOMS})/[\\w./-]+)`, "g")).map((path) =>
      path.replace(/[./]+$/, ""),
    ),
  );
const missingPaths = (text: string): string[] =>
  pathsIn(text).filter((path) => !existsSync(join(ROOT, path)));

/** Whether the code of a file, comments aside, has a name as a whole word. */
const names = (path: string, symbol: string): boolean =>
  existsSync(join(ROOT, path)) &&
  statSync(join(ROOT, path)).isFile() &&
  new RegExp(`(?<![\\w$])${symbol}(?![\\w$])`).test(read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ""));

/** Names that stand in brackets behind a file, or before it with "in" between, and that it does not have. */
const missingSymbols = (text: string): string[] => {
  const file = `\`((?:${ROOMS})/[\\w./-]+)\``;
  const behind = [...text.matchAll(new RegExp(`${file}\\s*\\(((?:\`\\w+\`(?:,\\s*)?)+)\\)`, "g"))].flatMap(
    ([, path = "", list = ""]) => matches(list, /`(\w+)`/g).map((symbol) => [path, symbol] as const),
  );
  const before = [...text.matchAll(new RegExp(`\`(\\w+)\`\\s+in\\s+${file}`, "g"))].map(
    ([, symbol = "", path = ""]) => [path, symbol] as const,
  );
  return unique(
    [...behind, ...before]
      .filter(([path, symbol]) => !names(path, symbol))
      .map(([path, symbol]) => `${path}: ${symbol}`),
  );
};

/** Files of contracts, libraries, interfaces and structs by name. */
const SOLIDITY = new Map(
  find("contracts/**/*.sol").flatMap((path) =>
    matches(read(path), /^(?:abstract )?(?:contract|library|interface|struct|enum) (\w+)/gm).map(
      (name) => [name, path] as const,
    ),
  ),
);
const FILES = new Set(
  find("{contracts,sdk,scripts,deploy,hardhat,test,docs}/**/*.*").map((path) => basename(path)),
);
const EXTENSIONS = ["sol", "ts", "md", "json5", "svg", "html", "json", "csv", "mjs"];

/** Code spans like a contract with a member of it, or a file alone, that do not exist. */
const missingMembers = (text: string): string[] =>
  unique(
    [...text.matchAll(/`([A-Z]\w+)\.(\w+)(?:\([^`]*\))?`/g)].flatMap(([, owner = "", member = ""]) => {
      const whole = `${owner}.${member}`;
      if (EXTENSIONS.includes(member))
        return FILES.has(whole) || existsSync(join(ROOT, whole)) ? [] : [whole];
      const path = SOLIDITY.get(owner);
      return path !== undefined && names(path, member) ? [] : [whole];
    }),
  );

/** What a heading is called in a link. */
const slugOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
const withoutFences = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, "");
const headingsOf = (text: string): string[] => matches(withoutFences(text), /^#{1,6} (.+)$/gm);

/** Links between files, and to headings in them, that lead nowhere. */
const brokenLinks = (document: string, text: string): string[] =>
  matches(withoutFences(text), /\]\(([^)\s]+)\)/g).filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? document : posix.normalize(posix.join(dirname(document), path));
    if (path !== "" && !existsSync(join(ROOT, file))) return true;
    if (anchor === undefined) return false;
    const linked = path === "" ? text : read(file);
    return !headingsOf(linked).map(slugOf).includes(anchor);
  });

// --------------------------------------------------------------------------------------------- what documents define

/** Headings of a level with what stands under each. */
const sectionsOf = (text: string, level: number): ReadonlyMap<string, string> => {
  const parts = text.split(new RegExp(`^${"#".repeat(level)} (.+)$`, "m"));
  const end = new RegExp(`^#{1,${level}} `, "m");
  const sections = new Map<string, string>();
  for (let i = 1; i < parts.length; i += 2)
    sections.set(parts[i] ?? "", (parts[i + 1] ?? "").split(end)[0] ?? "");
  return sections;
};

const definedFormulas = (text: string): string[] => matches(text, /^## (F\d{1,2}) /gm);

const LAW = /^[A-Z]{2,5}-\d+$/;
const definedLaws = (text: string): ReadonlyMap<string, string> =>
  new Map([...sectionsOf(text, 3)].filter(([heading]) => LAW.test(heading)));

/** Files that hold a law, by its section. */
const holdersOf = (section: string): string[] => {
  const sentence = /Held by:([\s\S]*?)\.(?:\s|$)/.exec(section)?.[1] ?? "";
  return matches(sentence, /`([^`]+)`/g);
};

/** What is wrong with the laws: none holds it, or a holder does not name it. */
const unheldLaws = (laws: ReadonlyMap<string, string>): string[] =>
  [...laws].flatMap(([id, section]) => {
    const holders = holdersOf(section);
    if (holders.length === 0) return [`${id}: nobody`];
    const families = [id.split("-")[0] ?? ""];
    return holders
      .filter((path) => !existsSync(join(ROOT, path)) || !lawsIn(read(path), families).includes(id))
      .map((path) => `${id}: ${path}`);
  });

/** Rows of the tables of a document, cell by cell, heads and rules left out. */
const rowsOf = (text: string): string[][] =>
  matches(text, /^\|(.+)\|$/gm)
    .map((row) => row.split("|").map((cell) => cell.trim()))
    .filter((cells) => !/^[-: ]*$/.test(cells.join("")));

interface Threat {
  readonly number: string;
  readonly file: string | undefined;
}
const definedThreats = (text: string): Threat[] =>
  rowsOf(text)
    .filter(([number = ""]) => /^(?:\d+|-)$/.test(number))
    .map((cells) => ({
      number: cells[0] ?? "",
      file: matches(cells.at(-1) ?? "", /\]\(\.\.\/(test\/security\/[^)]+)\)/g)[0],
    }));

// ------------------------------------------------------------------------------------------------------ rooms and roles

/** Rooms and what each may import, from the tables of ARCHITECTURE. */
const definedRooms = (text: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    rowsOf(text)
      .filter(([room = ""]) => /^`[\w/]+\/`$/.test(room))
      .map((cells) => [(cells[0] ?? "").replaceAll("`", ""), matches(cells.at(-1) ?? "", /`([\w/]+\/)`/g)]),
  );

const roomOf = (path: string, rooms: readonly string[]): string | undefined =>
  rooms.find((room) => path.startsWith(room));

/** Imports from one room into another that the tables do not allow, or of files that stand in no room. */
const forbiddenImports = (
  rooms: ReadonlyMap<string, readonly string[]>,
  path: string,
  source: string,
): string[] => {
  const own = roomOf(path, [...rooms.keys()]);
  if (own === undefined) return [`${path} stands in no room`];
  return matches(source, /^(?:import|export)?[^"'\n]*from\s+"(\.[^"]+)"|^import\s+"(\.[^"]+)"/gm)
    .map((target) => posix.normalize(posix.join(dirname(path), target)))
    .map((target) => roomOf(target, [...rooms.keys()]))
    .filter((room) => room !== undefined && room !== own && !(rooms.get(own) ?? []).includes(room))
    .map((room) => `${path} imports ${room ?? ""}`);
};

/** What pure code may not have: files, network, clock, chance, the process. */
const impurities = (source: string): string[] =>
  unique(
    matches(
      source,
      /(from\s+"node:\w+|\bfetch\(|\bDate\.now\b|\bnew Date\(|\bMath\.random\b|\bperformance\.now\b|\bprocess\.)/g,
    ),
  );

/** Powers as SECURITY writes them: role, contract, function. */
const definedPowers = (text: string): string[] => {
  let role = "";
  return rowsOf(text).flatMap(([head = "", target = "", functions = ""]) => {
    const named = matches(head, /^\*\*(\w+)\*\*$/g)[0];
    role = named ?? (head === "" ? role : "");
    if (role === "") return [];
    return matches(functions, /`(\w+)`/g).map((name) => `${role} ${target}.${name}`);
  });
};

// ---------------------------------------------------------------------------------------------------------------- tests

const FORMULAS = read("docs/FORMULAS.md");
const LAWS = definedLaws(read("docs/LAWS.md"));
const FAMILIES = unique([...LAWS.keys()].map((id) => id.split("-")[0] ?? ""));
const THREATS = definedThreats(read("docs/THREATS.md"));
const ARCHITECTURE = definedRooms(read("docs/ARCHITECTURE.md"));

/** Put together here, so that the checks do not find them in this file. */
const dead = (...parts: readonly (string | number)[]): string => parts.join("");

describe("References: planted dead ones are found", () => {
  it("a formula without a heading", () => {
    const used = formulasIn(
      `/// @notice ${dead("F", 99)}: nobody knows. ${dead("F", 2)} is known, 0xF3 is none.`,
    );
    expect(used).to.deep.equal([dead("F", 2), dead("F", 99)]);
    expect(definedFormulas(FORMULAS)).to.include(dead("F", 2)).and.not.include(dead("F", 99));
    expect(definedFormulas(`## ${dead("F", 99)} New\n\n### ${dead("F", 98)} deeper`)).to.deep.equal([
      dead("F", 99),
    ]);
  });

  it("a law without a section, in words and in names of Solidity tests, and no standard", () => {
    const text = `it("${dead("AUC", "-", 77)}: falls") ${dead("ERC", "-", 20)} function testFuzz_${dead("LIQ", 66)}_never() invariant_${dead("ADV_", 8)}()`;
    expect(lawsIn(text, FAMILIES)).to.deep.equal([
      dead("ADV", "-", 8),
      dead("AUC", "-", 77),
      dead("LIQ", "-", 66),
    ]);
    expect([...LAWS.keys()])
      .to.include(dead("AUC", "-", 1))
      .and.not.include(dead("AUC", "-", 77));
  });

  it("an attack without a row, in titles, comments and names of files", () => {
    const title = `describe("${dead("Security ", 98)}: new"); /** ${dead("THREATS, row ", 97)}. */`;
    expect(threatsIn("test/unit/a.test.ts", title)).to.deep.equal(["97", "98"]);
    expect(threatsIn("test/security/096-new.test.ts", "")).to.deep.equal(["96"]);
    expect(THREATS.map(({ number }) => number))
      .to.include("16")
      .and.not.include("96");
  });

  it("a path, a name in a file and a member of a contract that do not exist", () => {
    expect(
      missingPaths("see `contracts/vault/Vault.sol`, docs/Nowhere.md and `test/unit/Nothing/`."),
    ).to.deep.equal(["docs/Nowhere.md", "test/unit/Nothing"]);
    expect(
      missingSymbols(
        "`contracts/vault/Vault.sol` (`accrue`, `accrueAll`), `nothing` in `deploy/roles.ts`, `ROLES` in `deploy/roles.ts`",
      ),
    ).to.deep.equal(["contracts/vault/Vault.sol: accrueAll", "deploy/roles.ts: nothing"]);
    expect(
      missingMembers(
        "`Vault.accrue`, `Vault.accrueAll(x)`, `Nobody.accrue`, `Vault.sol`, `Nobody.sol`, `README.md`",
      ),
    ).to.deep.equal(["Nobody.accrue", "Nobody.sol", "Vault.accrueAll"]);
  });

  it("a link to a file or a heading that does not exist", () => {
    const text =
      "[a](LAWS.md) [b](LAWS.md#auc-1) [c](LAWS.md#nothing) [d](Nothing.md) [e](https://a.b/c) [f](#g-h)\n\n## `G` h";
    expect(brokenLinks("docs/A.md", text)).to.deep.equal(["LAWS.md#nothing", "Nothing.md"]);
    expect(brokenLinks("docs/A.md", "[a](#h)\n\n## G")).to.deep.equal(["#h"]);
  });

  it("a law that nobody holds, or that its holder does not name", () => {
    const [id, unknown] = [dead("ACC", "-", 2), dead("ACC", "-", 9)];
    const holder = "test/unit/Vault/interest.test.ts";
    const text = `### ${id}\n\nFalls.\n\nHeld by: \`${holder}\`. More: \`x\`.\n\n### ${unknown}\n\nHeld by: \`${holder}\`.\n\n### ${dead("ACC", "-", 8)}\n\n## Next\n`;
    expect(unheldLaws(definedLaws(text))).to.deep.equal([
      `${unknown}: ${holder}`,
      `${dead("ACC", "-", 8)}: nobody`,
    ]);
  });

  it("an import that no row allows, a clock in pure code, and a power that no table has", () => {
    const rooms = definedRooms(
      "| room | x | may |\n| --- | --- | --- |\n| `a/` | x | `b/` |\n| `b/` | x | nothing |\n| `c/` | x | nothing |",
    );
    const source =
      'import {X} from "../b/X.sol";\nimport {Y} from "../c/Y.sol";\nimport {\n  Z\n} from "../c/Z.sol";\nimport {W} from "./W.sol";';
    expect(forbiddenImports(rooms, "a/A.sol", source)).to.deep.equal([
      "a/A.sol imports c/",
      "a/A.sol imports c/",
    ]);
    expect(forbiddenImports(rooms, "d/D.sol", "")).to.deep.equal(["d/D.sol stands in no room"]);
    expect(
      impurities('import { x } from "node:fs"; const now = Date.now(); const y = new Dates();'),
    ).to.deep.equal(["Date.now", 'from "node:fs']);
    expect(
      definedPowers(
        "| role | on | f |\n| **a** | vault | `x`, `y` |\n|  | oracle | `z` |\n| other | vault | `w` |",
      ),
    ).to.deep.equal(["a vault.x", "a vault.y", "a oracle.z"]);
  });
});

describe("References: the lint rule of rooms", () => {
  it("refuses an arrow upwards, and whoever looks into the checks but their tests", () => {
    const sdk = "sdk/saleMath.ts";
    const ops = "scripts/ops/lcov.ts";
    expect(complaintAbout(sdk, "scripts/world/pool.ts")).to.match(/^sdk\/ must not import scripts\/world\//);
    expect(complaintAbout("deploy/main.ts", ops)).to.be.a("string");
    expect(complaintAbout("test/deploy/cli.test.ts", ops)).to.be.a("string");
    expect(complaintAbout("hardhat.config.ts", sdk)).to.be.a("string");
    expect(complaintAbout("test/ops/lcov.test.ts", ops)).to.equal(undefined);
    expect(complaintAbout("scripts/world/book.ts", sdk)).to.equal(undefined);
    expect(complaintAbout("scripts/world/book.ts", "scripts/world/random.ts")).to.equal(undefined);
    expect(complaintAbout("test/sdk/units.test.ts", sdk)).to.equal(undefined);
  });
});

describe("References: from the code to the documents", () => {
  it("every formula that is named has a heading in FORMULAS", () => {
    const known = definedFormulas(FORMULAS);
    const lost = CODE.flatMap((path) =>
      formulasIn(read(path))
        .filter((formula) => !known.includes(formula))
        .map((formula) => `${path}: ${formula}`),
    );
    expect(lost).to.deep.equal([]);
    expect(unique(known)).to.have.length(known.length);
  });

  it("every law that is named has a section in LAWS, and every section is named in the code", () => {
    const used = new Map(CODE.map((path) => [path, lawsIn(read(path), FAMILIES)]));
    const lost = [...used].flatMap(([path, ids]) =>
      ids.filter((id) => !LAWS.has(id)).map((id) => `${path}: ${id}`),
    );
    expect(lost).to.deep.equal([]);
    const all = new Set([...used.values()].flat());
    expect([...LAWS.keys()].filter((id) => !all.has(id))).to.deep.equal([]);
  });

  it("every attack that is named has a row in THREATS", () => {
    const known = THREATS.map(({ number }) => number);
    const lost = CODE.flatMap((path) =>
      threatsIn(path, read(path))
        .filter((number) => !known.includes(number))
        .map((number) => `${path}: ${number}`),
    );
    expect(lost).to.deep.equal([]);
  });

  it("every file of test/security has one row in THREATS, under the number that it says", () => {
    const files = find("test/security/*.test.ts");
    expect(THREATS.flatMap(({ file }) => file ?? []).sort()).to.deep.equal(files);
    for (const { number, file } of THREATS) {
      if (file === undefined) continue;
      const said = threatsIn(file, read(file));
      if (said.length !== 0) expect([file, said]).to.deep.equal([file, [number]]);
    }
  });
});

describe("References: from the documents to the code", () => {
  for (const document of DOCUMENTS) {
    it(`${document}: paths, names, links, formulas and laws exist`, () => {
      const text = read(document);
      expect(missingPaths(text), "paths").to.deep.equal([]);
      expect(missingSymbols(text), "names in files").to.deep.equal([]);
      expect(missingMembers(text), "members of contracts").to.deep.equal([]);
      expect(brokenLinks(document, text), "links").to.deep.equal([]);
      expect(
        lawsIn(text, FAMILIES).filter((id) => !LAWS.has(id)),
        "laws",
      ).to.deep.equal([]);
      const mentioned = document === "docs/FORMULAS.md" ? formulasIn(withoutUnused(text)) : formulasIn(text);
      expect(
        mentioned.filter((formula) => !definedFormulas(FORMULAS).includes(formula)),
        "formulas",
      ).to.deep.equal([]);
    });
  }

  it("every law names the files that hold it, and they name the law", () => {
    expect(unheldLaws(LAWS)).to.deep.equal([]);
  });

  it("every formula names its home, its twin and its test", () => {
    const sections = [...sectionsOf(FORMULAS, 2)].filter(([heading]) => /^F\d/.test(heading));
    for (const [heading, section] of sections) {
      const rooms = unique(pathsIn(section).map((path) => path.split("/").slice(0, 2).join("/")));
      expect([heading, rooms.some((room) => room.startsWith("contracts/"))]).to.deep.equal([heading, true]);
      expect([heading, rooms.some((room) => room.startsWith("sdk/"))]).to.deep.equal([heading, true]);
      expect([heading, rooms.some((room) => room.startsWith("test/"))]).to.deep.equal([heading, true]);
    }
  });

  it("ARCHITECTURE: every file stands in a room, and imports only what its row allows", () => {
    const sources = [...find("contracts/**/*.sol"), ...find("{sdk,scripts,deploy}/**/*.ts")];
    const broken = sources.flatMap((path) => forbiddenImports(ARCHITECTURE, path, read(path)));
    expect(broken).to.deep.equal([]);
    for (const room of [...ARCHITECTURE.keys(), ...[...ARCHITECTURE.values()].flat()]) {
      expect([room, existsSync(join(ROOT, room))]).to.deep.equal([room, true]);
    }
  });

  it("ARCHITECTURE: the table of the TypeScript is that of the lint rule", () => {
    const table = [...ARCHITECTURE].filter(([room]) => !room.startsWith("contracts/"));
    expect(Object.fromEntries(table)).to.deep.equal(MAY_IMPORT);
  });

  it("ARCHITECTURE: pure rooms have no clock, network, file or chance of their own", () => {
    const impure = find("{sdk,scripts/world,scripts/strategies}/**/*.ts").flatMap((path) =>
      impurities(read(path)).map((what) => `${path}: ${what}`),
    );
    expect(impure).to.deep.equal([]);
  });

  it("SECURITY: the powers are those of the role table, no more and no fewer", () => {
    const table = TARGETS.flatMap((target) =>
      rolesOf(target).map(([name, role]) => `${role} ${target}.${name}`),
    );
    expect(definedPowers(read("SECURITY.md")).sort()).to.deep.equal([...table].sort());
    expect(unique(table.map((power) => power.split(" ")[0] ?? ""))).to.deep.equal([...ROLE_NAMES].sort());
  });
});

/** FORMULAS without the section that names the numbers which nothing uses. */
function withoutUnused(text: string): string {
  return text.split("## Numbers that no contract uses")[0] ?? "";
}
