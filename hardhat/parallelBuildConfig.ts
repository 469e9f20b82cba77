import { globSync } from "node:fs";

import type { HardhatConfig } from "hardhat/types/config";
import type { ConfigHooks } from "hardhat/types/hooks";

type Profile = HardhatConfig["solidity"]["profiles"][string];

const withSecondCompiler = (profile: Profile, files: readonly string[]): Profile => {
  const [compiler] = profile.compilers;
  if (compiler === undefined) return profile;
  // Hardhat tells configurations apart by reference.
  const second = { ...compiler };
  return {
    ...profile,
    overrides: { ...Object.fromEntries(files.map((file) => [file, second])), ...profile.overrides },
  };
};

/** Hardhat loads hook handlers by their default export. */
const makeHandlers = (): Promise<Partial<ConfigHooks>> =>
  Promise.resolve({
    resolveUserConfig: async (userConfig, resolveConfigurationVariable, next) => {
      const config = await next(userConfig, resolveConfigurationVariable);
      const sources = globSync("contracts/**/*.sol", { cwd: config.paths.root }).toSorted();
      const files = sources.filter((_, i) => i % 2 === 1);
      const profiles = Object.fromEntries(
        Object.entries(config.solidity.profiles).map(([name, profile]) => [
          name,
          withSecondCompiler(profile, files),
        ]),
      );
      return { ...config, solidity: { ...config.solidity, profiles } };
    },
  });

export default makeHandlers;
