import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { network } from "hardhat";

import { deployCommand } from "../../deploy/command.ts";
import { LOCAL_PARAMETERS, readParametersFile } from "./fixtures.ts";

/** The command itself, against `hardhat node` as a user starts it. */

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options that this test process was started with, instrumentation for one, are not the user's. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HARDHAT_")));

const run = (args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["deploy/main.ts", ...args], { env: environment() });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });

/** Resolves once the node answers. */
const startNode = (port: number): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const args = [
      "node_modules/hardhat/dist/src/cli.js",
      "node",
      "--hostname",
      "127.0.0.1",
      "--port",
      String(port),
    ];
    const child = spawn(process.execPath, args, { env: environment(), stdio: ["ignore", "pipe", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => {
      reject(new Error(`hardhat node ended with ${code}`));
    });
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      if (chunk.includes("Started HTTP")) resolve(child);
    });
  });

/** The local parameters with some sections replaced, in a file. */
function writeParameters(folder: string, changes: Record<string, unknown>): string {
  const path = join(folder, "changed.json5");
  writeFileSync(path, JSON.stringify({ ...readParametersFile(LOCAL_PARAMETERS), ...changes }));
  return path;
}

describe("npm run deploy", () => {
  const ids = [`test-${process.pid}`, `test-${process.pid}-refused`];
  const [id, refusedId] = ids as [string, string];
  const file = `deployments/${id}.json`;
  let folder: string;
  let node: ChildProcess;
  let url: string;

  before("starts a node", async function () {
    this.timeout(120_000);
    folder = mkdtempSync(join(tmpdir(), "gavel-"));
    const port = await freePort();
    node = await startNode(port);
    url = `http://127.0.0.1:${port}`;
  });

  after("stops the node and clears up", () => {
    node.kill();
    rmSync(folder, { recursive: true });
    for (const name of ids) {
      rmSync(`deployments/${name}.json`, { force: true });
      rmSync(`deploy/deployments/${name}`, { recursive: true, force: true });
      rmSync(`deploy/deployments/${name}-market`, { recursive: true, force: true });
    }
  });

  const deploy = (parameters: string, name = id): Promise<Outcome> =>
    run(["--network", "localhost", "--url", url, "--id", name, "--parameters", parameters]);

  it("deploys, verifies and writes down where things stand; then finds nothing new to do", async () => {
    const first = await deploy(LOCAL_PARAMETERS);
    expect(first.code, first.stderr).to.equal(0);
    expect(first.stdout).to.match(
      /Deployed with \d+ transactions\.\nVerified: \d+ checks passed\.\nWritten: /,
    );
    const written = readFileSync(file, "utf8");
    const { venues, ...places } = JSON.parse(written) as { readonly venues: readonly string[] };
    expect(venues).to.have.length(3);
    expect(places).to.include.keys(
      "vault",
      "liquidator",
      "directLiquidator",
      "batchLiquidator",
      "splitLiquidator",
      "policy",
      "volatilityOracle",
      "depthOracle",
      "deviationFeed",
      "deviationMarket",
      "deviationSource",
      "volatilitySource",
      "vaultSource",
      "dampedVaultSource",
      "contagionMonitor",
      "riskSteward",
      "deleverager",
    );

    const second = await deploy(LOCAL_PARAMETERS);
    expect(second.code, second.stderr).to.equal(0);
    expect(second.stdout).to.match(/Nothing new to deploy\.\nVerified: \d+ checks passed\./);
    expect(readFileSync(file, "utf8")).to.equal(written);
  }).timeout(240_000);

  it("leaves a vault that works on the node", async () => {
    const deployment = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
    const { ethers } = await network.create({ network: "localhost", chainType: "l1", override: { url } });
    const [user] = await ethers.getSigners();
    const vault = await ethers.getContractAt("IVault", deployment.vault!);
    const lens = await ethers.getContractAt("VaultLens", deployment.lens!);
    const loan = await ethers.getContractAt("MockERC20", deployment.loan!);
    const collateral = await ethers.getContractAt("MockERC20", deployment.collateral!);
    await (await loan.approve(vault, 10n ** 11n)).wait();
    await (await vault.connect(user).deposit(10n ** 11n, user!)).wait();
    await (await collateral.mint(user!, 10n ** 18n)).wait();
    await (await collateral.approve(vault, 10n ** 18n)).wait();
    await (await vault.connect(user).supplyCollateral(10n ** 18n, user!)).wait();
    await (await vault.connect(user).borrow(10n ** 9n, user!, user!)).wait();
    const [position] = await lens.positions(vault, [user!]);
    expect(position!.debt).to.be.at.least(10n ** 9n);
    const view = await lens.vault(vault);
    expect([view.supplyCap, view.asset.symbol]).to.deep.equal([10n ** 15n, "USDC"]);
    expect((await ethers.provider.getNetwork()).chainId).to.equal(31_337n);
  }).timeout(60_000);

  it("fails with what is wrong, and writes nothing, when verification does", async () => {
    const unexpected = writeParameters(folder, {
      oracle: {
        ...(readParametersFile(LOCAL_PARAMETERS).oracle as Record<string, unknown>),
        expectedPrice: { least: "3000", most: "4000" },
      },
    });
    const { code, stderr } = await deploy(unexpected, refusedId);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^ {2}oracle\.price: 2\d+ is outside of the expected 3\d+ to 4\d+/);
    expect(stderr).to.match(/verification: 1 of \d+ checks failed: do not use this deployment\n$/);
    expect(existsSync(`deployments/${refusedId}.json`)).to.equal(false);
  }).timeout(240_000);
});

describe("deployCommand", () => {
  const local = ["--network", "localhost", "--parameters"];
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "gavel-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (changes: Record<string, unknown>): string => writeParameters(folder, changes);

  /** What the command says on its error output, and its exit code; runs in this process. */
  async function refusal(args: readonly string[]): Promise<{ code: number; errors: readonly string[] }> {
    const errors: string[] = [];
    const code = await deployCommand(args, {
      log: (line) => {
        throw new Error(`unexpected output: ${line}`);
      },
      error: (line) => errors.push(...line.split("\n")),
    });
    return { code, errors };
  }

  const refused: readonly (readonly [what: string, args: () => readonly string[], complaint: RegExp])[] = [
    [
      "no parameters",
      () => ["--network", "localhost"],
      /^error: required option '--parameters <file>' not specified$/,
    ],
    [
      "an option that is none",
      () => [...local, LOCAL_PARAMETERS, "--reset"],
      /^error: unknown option '--reset'$/,
    ],
    ["a file that is not there", () => [...local, "none.json5"], /^none\.json5: can't be read: ENOENT/],
    ["a file of another kind", () => [...local, "LICENSE"], /^LICENSE: JSON5: invalid character 'M' at 1:1$/],
    [
      "a wrong value",
      () => [...local, write({ chainId: "one" })],
      /changed\.json5: chainId: Invalid input: expected number, received string$/,
    ],
    [
      "an amount with too many decimals",
      () => [...local, write({ seed: { assets: "0.0000001", receiver: "@pool" } })],
      /changed\.json5: "0\.0000001" has more than 6 decimals$/,
    ],
    [
      "a network that is none",
      () => ["--network", "moon", "--parameters", LOCAL_PARAMETERS],
      /^--network moon: no network with an endpoint has this name in hardhat\.config\.ts$/,
    ],
    [
      "a network whose secrets are not set",
      () => ["--network", "sepolia", "--parameters", LOCAL_PARAMETERS],
      /^--network sepolia: .*"SEPOLIA_RPC_URL"/,
    ],
    [
      "a node that is not there",
      () => [...local, LOCAL_PARAMETERS, "--url", "http://127.0.0.1:1"],
      /^--network localhost: no chain answers: /,
    ],
  ];
  for (const [what, args, complaint] of refused) {
    it(`refuses ${what} in one line, with exit code 2`, async () => {
      const { code, errors } = await refusal(args());
      expect(errors).to.have.length(1);
      expect(errors[0]).to.match(complaint);
      expect(code).to.equal(2);
    });
  }

  describe("given a chain that is not local", () => {
    const CHAIN = 11_155_111;
    const SOMEBODY = "0x00000000000000000000000000000000000000A1";
    let server: Awaited<ReturnType<typeof network.createServer>>;
    let url: string;

    before(async () => {
      server = await network.createServer(
        { network: "node", chainType: "l1", override: { chainId: CHAIN } },
        "127.0.0.1",
        0,
      );
      const { address, port } = await server.listen();
      url = `http://${address}:${port}`;
    });
    after(() => server.close());

    /** The example, filled in: one governor, everything else somebody. */
    const filled = (governor: string): string => {
      const example = JSON.stringify(readParametersFile("deploy/params/sepolia.example.json5"));
      const path = join(folder, "filled.json5");
      writeFileSync(path, example.replace("FILL IN", governor).replaceAll("FILL IN", SOMEBODY));
      return path;
    };
    const governor = "0x00000000000000000000000000000000000000b2";

    it("refuses parameters for another one", async () => {
      const { code, errors } = await refusal([...local, LOCAL_PARAMETERS, "--url", url]);
      expect([code, ...errors]).to.deep.equal([
        2,
        `--network localhost: is chain ${CHAIN}, the parameters are for 31337`,
      ]);
    });

    it("refuses to spend real coins without being told so", async () => {
      const { code, errors } = await refusal([...local, filled(governor), "--url", url]);
      expect([code, ...errors]).to.deep.equal([
        2,
        `chain ${CHAIN} is not a local one: add --yes to deploy there`,
      ]);
    });

    it("refuses a deployer who would govern", async () => {
      const deployer = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
      const { code, errors } = await refusal([...local, filled(deployer), "--url", url, "--yes"]);
      expect([code, ...errors]).to.deep.equal([
        2,
        "authority.governor: must not be the deployer, which gives all powers up at the end",
      ]);
    });
  });
});
