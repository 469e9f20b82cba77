import { defineConfig } from "hardhat/config";

import config from "../hardhat.config.ts";

/** Instrumented contracts are kept apart from those that ship. */
export default defineConfig({
  ...config,
  paths: { ...config.paths, artifacts: "./cache/coverage/artifacts", cache: "./cache/coverage" },
  typechain: { ...config.typechain, dontOverrideCompile: true },
  coverage: { skipFiles: ["contracts/mocks/**"] },
});
