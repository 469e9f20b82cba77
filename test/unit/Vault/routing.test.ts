import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { artifacts } from "hardhat";

/** The table ROUTES in the header of `Vault`, held against the ABIs of the two pieces of code that answer at a vault's address. */

const ROOM = fileURLToPath(new URL("../../../contracts/vault/", import.meta.url));

type Side = "core" | "extension";

interface Route {
  readonly side: Side;
  readonly layer: string;
  readonly name: string;
}

const routesIn = (source: string): readonly Route[] =>
  [...source.matchAll(/^\/\/\/ (core|extension) +\| (\w+) +\| (.+)$/gm)].flatMap(
    ([, side, layer = "", names = ""]) =>
      names.split(", ").map((name) => ({ side: side as Side, layer, name: name.trim() })),
  );

type Functions = Readonly<Record<Side, ReadonlySet<string>>>;

/** What is wrong with a table: functions without a row, with several, or in one of the other side. */
const faults = (routes: readonly Route[], functions: Functions): readonly string[] => {
  const rows = new Map<string, Route[]>();
  for (const route of routes) rows.set(route.name, [...(rows.get(route.name) ?? []), route]);
  const answered = (["core", "extension"] as const).flatMap((side) =>
    [...functions[side]].map((name) => ({ side, name })),
  );
  const missing = answered.filter(({ name }) => !rows.has(name)).map(({ name }) => `${name}: no row`);
  const listed = [...rows].flatMap(([name, places]) => {
    if (places.length > 1) return [`${name}: ${places.length} rows`];
    const side = places[0]?.side ?? "core";
    // What both have, the vault answers itself.
    const answeredBy = functions.core.has(name)
      ? "core"
      : functions.extension.has(name)
        ? "extension"
        : "nobody";
    return answeredBy === side ? [] : [`${name}: answered by ${answeredBy}`];
  });
  return [...missing, ...listed].sort();
};

/** Layers of the vault's own that do not declare what their row says. Inherited ones stand elsewhere. */
const undeclared = (routes: readonly Route[]): readonly string[] =>
  routes
    .filter(({ layer, name }) => {
      const path = join(ROOM, `${layer}.sol`);
      return existsSync(path) && !new RegExp(`\\bfunction ${name}\\(`).test(readFileSync(path, "utf8"));
    })
    .map(({ layer, name }) => `${layer}.${name}`);

const functionsOf = async (contract: string): Promise<ReadonlySet<string>> => {
  const { abi } = await artifacts.readArtifact(contract);
  return new Set(
    (abi as readonly { type: string; name?: string }[]).flatMap(({ type, name }) =>
      type === "function" && name !== undefined ? [name] : [],
    ),
  );
};

describe("Vault: routes", () => {
  it("finds a function without a row, in the wrong row, in two, and one that nobody answers", () => {
    const routes = routesIn(
      [
        "/// core      | A | take, sell",
        "/// extension | B | sell, pause, gone",
        "/// core      | B | markDown",
      ].join("\n"),
    );
    const functions = {
      core: new Set(["take", "sell", "pause"]),
      extension: new Set(["markDown", "endSale"]),
    };
    expect(faults(routes, functions)).to.deep.equal([
      "endSale: no row",
      "gone: answered by nobody",
      "markDown: answered by extension",
      "pause: answered by core",
      "sell: 2 rows",
    ]);
    expect(undeclared([{ side: "core", layer: "VaultSales", name: "pause" }])).to.deep.equal([
      "VaultSales.pause",
    ]);
  });

  it("has each function of vault and extension in its row", async () => {
    const routes = routesIn(readFileSync(join(ROOM, "Vault.sol"), "utf8"));
    const functions = { core: await functionsOf("Vault"), extension: await functionsOf("VaultExtension") };
    expect(functions.core.size + functions.extension.size).to.be.greaterThan(90);
    expect(faults(routes, functions)).to.deep.equal([]);
    expect(undeclared(routes)).to.deep.equal([]);
  });

  it("knows everything that IVault promises", async () => {
    const names = new Set(routesIn(readFileSync(join(ROOM, "Vault.sol"), "utf8")).map(({ name }) => name));
    expect([...(await functionsOf("IVault"))].filter((name) => !names.has(name))).to.deep.equal([]);
  });
});
