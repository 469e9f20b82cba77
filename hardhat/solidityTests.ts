import { definePlugin } from "hardhat/plugins";

/**
 * Solidity tests are compiled by the older pipeline. They deploy the contracts from their artifacts, so that what is tested is
 * still what ships, and they compile in a seventh of the time.
 */
export const solidityTests = definePlugin({
  id: "gavel-solidity-tests",
  hookHandlers: { config: () => import("./solidityTestsHandler.ts") },
});
