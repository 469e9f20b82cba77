import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import type { RunName } from "../mechanismNames.ts";
import { mistakes } from "../../../../sdk/errors.ts";

/**
 * Contracts of protocols to compare with, compiled from their npm packages when they are first wanted. Nothing of theirs is kept
 * but in `cache/rivals`.
 */

const RIVALS = ["aave", "morpho"] as const;
export type Rival = (typeof RIVALS)[number];

/** How a protocol is compiled: as it says itself, with the compiler that is at hand. */
interface Project {
  /** Package of the compiler. */
  readonly solc: string;
  /** Contract → source, by the name that its imports would use. */
  readonly contracts: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Prefixes of imports and the packages that they stand for. */
  readonly remappings: Readonly<Record<string, string>>;
}

const AAVE = "@aave-dao/aave-v3-origin/src/contracts";
const LOGIC = `${AAVE}/protocol/libraries/logic`;

const PROJECTS: Readonly<Record<Rival, Project>> = {
  // Settings of its foundry.toml; evm version and optimizer are theirs, the compiler is ours.
  aave: {
    solc: "solc",
    contracts: {
      PoolAddressesProvider: `${AAVE}/protocol/configuration/PoolAddressesProvider.sol`,
      ACLManager: `${AAVE}/protocol/configuration/ACLManager.sol`,
      AaveOracle: `${AAVE}/misc/AaveOracle.sol`,
      DefaultReserveInterestRateStrategyV2: `${AAVE}/misc/DefaultReserveInterestRateStrategyV2.sol`,
      BorrowLogic: `${LOGIC}/BorrowLogic.sol`,
      ConfiguratorLogic: `${LOGIC}/ConfiguratorLogic.sol`,
      FlashLoanLogic: `${LOGIC}/FlashLoanLogic.sol`,
      LiquidationLogic: `${LOGIC}/LiquidationLogic.sol`,
      PoolLogic: `${LOGIC}/PoolLogic.sol`,
      SupplyLogic: `${LOGIC}/SupplyLogic.sol`,
      PoolInstance: `${AAVE}/instances/PoolInstance.sol`,
      PoolConfiguratorInstance: `${AAVE}/instances/PoolConfiguratorInstance.sol`,
      ATokenInstance: `${AAVE}/instances/ATokenInstance.sol`,
      VariableDebtTokenInstance: `${AAVE}/instances/VariableDebtTokenInstance.sol`,
    },
    settings: { evmVersion: "shanghai", optimizer: { enabled: true, runs: 200 } },
    remappings: { "openzeppelin-contracts/contracts/": "@openzeppelin/contracts/" },
  },
  // As deployed: version 0.8.19 and the settings of its foundry.toml.
  morpho: {
    solc: "solc-0.8.19",
    contracts: { Morpho: "@morpho-org/morpho-blue/src/Morpho.sol" },
    settings: { evmVersion: "paris", viaIR: true, optimizer: { enabled: true, runs: 999_999 } },
    remappings: {},
  },
};

const LINKS = z.record(
  z.string(),
  z.record(z.string(), z.array(z.object({ start: z.number(), length: z.number() }))),
);
const ARTIFACT = z.object({
  abi: z.array(z.record(z.string(), z.unknown())),
  /** Hexadecimal, with blanks where a library's address belongs. */
  bytecode: z.string(),
  links: LINKS,
});
const ARTIFACTS = z.record(z.string(), ARTIFACT);
export type RivalArtifact = z.infer<typeof ARTIFACT>;
export type RivalArtifacts = z.infer<typeof ARTIFACTS>;

const OUTPUT = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).optional(),
  contracts: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.object({
          abi: z.array(z.record(z.string(), z.unknown())),
          evm: z.object({ bytecode: z.object({ object: z.string(), linkReferences: LINKS }) }),
        }),
      ),
    )
    .optional(),
});

interface Solc {
  compile(input: string): string;
}

const require = createRequire(import.meta.url);
const CACHE = fileURLToPath(new URL("../../../../cache/rivals", import.meta.url));
const IMPORT = /^\s*import\s[^;]*?["']([^"']+)["']\s*;/gm;

// ------------------------------------------------------------------------------------------------------------ what there is

/** Source of every file that the contracts need, by its name. */
function sourcesOf({ contracts, remappings }: Project): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  const visit = (name: string): void => {
    if (sources.has(name)) return;
    const text = readFileSync(pathOf(name), "utf8");
    sources.set(name, text);
    for (const [, target = ""] of text.matchAll(IMPORT)) visit(resolveImport(name, target, remappings));
  };
  for (const source of Object.values(contracts)) visit(source);
  return sources;
}

function resolveImport(from: string, target: string, remappings: Project["remappings"]): string {
  if (target.startsWith(".")) return posix.normalize(posix.join(posix.dirname(from), target));
  const prefix = Object.keys(remappings).find((own) => target.startsWith(own));
  return prefix === undefined ? target : `${remappings[prefix] ?? ""}${target.slice(prefix.length)}`;
}

/** Path of a file of a package, as its imports name it. */
function pathOf(name: string): string {
  const [first = "", second = ""] = name.split("/");
  const folder = first.startsWith("@") ? `${first}/${second}` : first;
  for (const root of require.resolve.paths(folder) ?? []) {
    const path = join(root, name);
    if (existsSync(path)) return path;
  }
  throw mistakes.notInstalled(name);
}

/** Compiler's version: its package says which. */
function versionOf({ solc }: Project): string {
  return z.object({ version: z.string() }).parse(require(`${solc}/package.json`)).version;
}

function inputOf(project: Project, sources: ReadonlyMap<string, string>): string {
  const outputSelection: Record<string, Record<string, readonly string[]>> = {};
  const wanted = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"];
  for (const [contract, source] of Object.entries(project.contracts)) {
    outputSelection[source] = { ...outputSelection[source], [contract]: wanted };
  }
  return JSON.stringify({
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([name, content]) => [name, { content }])),
    settings: {
      ...project.settings,
      metadata: { bytecodeHash: "none" },
      remappings: Object.entries(project.remappings).map(([prefix, target]) => `${prefix}=${target}`),
      outputSelection,
    },
  });
}

/** Where the artifacts lie: another file for other sources, compiler or settings. */
function cacheOf(rival: Rival): { readonly file: string; readonly input: string } {
  const project = PROJECTS[rival];
  const input = inputOf(project, sourcesOf(project));
  const hash = createHash("sha256").update(versionOf(project)).update(input).digest("hex");
  return { file: join(CACHE, `${rival}-${hash.slice(0, 16)}.json`), input };
}

// ------------------------------------------------------------------------------------------------------------------ compile

/** Compiles in this process, and writes the cache. What several do at once is done several times, but never half. */
export function compileRival(rival: Rival): void {
  const { file, input } = cacheOf(rival);
  const solc = require(PROJECTS[rival].solc) as Solc;
  const { errors = [], contracts = {} } = OUTPUT.parse(JSON.parse(solc.compile(input)));
  const broken = errors.filter(({ severity }) => severity === "error");
  if (broken.length !== 0) throw new Error(broken.map((error) => error.formattedMessage).join("\n"));
  const artifacts: Record<string, RivalArtifact> = {};
  for (const [contract, source] of Object.entries(PROJECTS[rival].contracts)) {
    const found = contracts[source]?.[contract];
    if (found === undefined) throw new Error(`${source}: no contract ${contract}`);
    const { object, linkReferences } = found.evm.bytecode;
    artifacts[contract] = { abi: found.abi, bytecode: `0x${object}`, links: linkReferences };
  }
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(artifacts));
  renameSync(draft, file);
}

/** A protocol's artifacts, compiled in a process of their own where they are not there yet: the compiler takes much memory. */
export function rivalArtifacts(rival: Rival, tell: (line: string) => void = () => undefined): RivalArtifacts {
  const { file } = cacheOf(rival);
  if (!existsSync(file)) {
    tell(`Compiling ${rival} from its npm package, once …\n`);
    const script = fileURLToPath(new URL("./compile.ts", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, rival], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${rival} does not compile:\n${stderr}`);
  }
  return ARTIFACTS.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** Compiles what runs will want, before they start side by side. */
export function prepareRivals(names: readonly RunName[], tell: (line: string) => void): void {
  for (const rival of RIVALS) if (names.includes(rival)) rivalArtifacts(rival, tell);
}

export function isRival(name: string | undefined): name is Rival {
  return RIVALS.some((rival) => rival === name);
}
