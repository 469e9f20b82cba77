import { createRequire } from "node:module";
import { availableParallelism } from "node:os";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

import { parallelBuild } from "./hardhat/parallelBuild.ts";
import { solidityTests } from "./hardhat/solidityTests.ts";
import { warningsAreErrors } from "./hardhat/warnings.ts";

// The compiler comes from the npm package: nothing is downloaded.
const soljson = createRequire(import.meta.url).resolve("solc/soljson.js");

// Via-IR everywhere: the vault does not compile without it. Runs 200 keep it under the size limit.
const withRuns = (runs: number) => ({
  version: "0.8.37",
  path: soljson,
  settings: { evmVersion: "cancun", viaIR: true, optimizer: { enabled: true, runs } },
});
// What keepers call has room to spare, and is paid for by every sale.
const KEEPERS_WAY = [
  "contracts/liquidation/DutchAuctionLiquidator.sol",
  "contracts/liquidation/BatchAuctionLiquidator.sol",
  "contracts/liquidation/DirectSaleLiquidator.sol",
  "contracts/liquidation/venues/UniswapV3Venue.sol",
  "contracts/oracle/OracleAdapter.sol",
];
const compiler = {
  compilers: [withRuns(200)],
  overrides: Object.fromEntries(KEEPERS_WAY.map((file) => [file, withRuns(1_000_000)])),
};

// `npm run test:deep`: 128,000 calls an invariant instead of 2,048.
const isDeep = process.env.TEST_DEPTH === "deep";

const areTestsParallel = process.env.TEST_PARALLEL === "1";
// `npm run spec`: tests say their titles and do nothing.
const onlyTitles = process.env.TEST_TITLES === "1";

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers, warningsAreErrors, solidityTests, parallelBuild],
  // Deploys use the profile `production`. Both are the same on purpose: what is tested is what ships, built once.
  solidity: {
    profiles: { default: compiler, production: compiler },
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol",
    ],
    splitTestsCompilation: true,
  },
  networks: {
    sim: {
      type: "edr-simulated",
      chainType: "l1",
      hardfork: "cancun",
      blockGasLimit: 60_000_000n,
      transactionGasCap: false,
    },
    // `npm run node`.
    node: { type: "edr-simulated", chainType: "l1", hardfork: "cancun" },
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    sepolia: {
      type: "http",
      chainType: "l1",
      url: configVariable("SEPOLIA_RPC_URL"),
      accounts: [configVariable("SEPOLIA_PRIVATE_KEY")],
    },
  },
  // Forks of a local node need to know its hardforks.
  chainDescriptors: {
    31337: { name: "local", chainType: "l1", hardforkHistory: { cancun: { blockNumber: 0 } } },
  },
  // TypeChain's namespaces hold types only, but are not what `erasableSyntaxOnly` admits.
  typechain: { outDir: "./typechain-types", tsNocheck: true },
  paths: {
    sources: "./contracts",
    tests: { mocha: "./test", solidity: "./test/solidity" },
    ignition: "deploy",
  },
  test: {
    // Side by side a file runs on each core, as `npm test` asks for.
    mocha: {
      timeout: 240_000,
      parallel: areTestsParallel,
      jobs: availableParallelism(),
      dryRun: onlyTitles,
      require: [new URL("./hardhat/serializableBigints.ts", import.meta.url).href],
    },
    solidity: {
      fsPermissions: { readDirectory: ["./"] },
      fuzz: { runs: isDeep ? 10_000 : 256, seed: "0x1234" },
      invariant: { runs: isDeep ? 256 : 32, depth: isDeep ? 500 : 64, failOnRevert: false },
    },
  },
});
