import { definePlugin } from "hardhat/plugins";

/**
 * Contracts are compiled by two compilers side by side, every second source file each: one compiler uses one core. Hardhat compiles
 * those files together that share a compiler configuration; both configurations hold the same settings, and so give the same code.
 */
export const parallelBuild = definePlugin({
  id: "gavel-parallel-build",
  hookHandlers: {
    config: () => import("./parallelBuildConfig.ts"),
    solidity: () => import("./parallelBuildJobs.ts"),
  },
});
