import { definePlugin } from "hardhat/plugins";

/** Our own compiler warnings are errors; those of dependencies, which we can't mend, are left out. */
export const warningsAreErrors = definePlugin({
  id: "gavel-warnings-are-errors",
  hookHandlers: { solidity: () => import("./warningsHandler.ts") },
});
