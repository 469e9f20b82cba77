import { globSync } from "node:fs";

import type { HardhatConfig, SolidityCompilerConfig } from "hardhat/types/config";
import type { ConfigHooks } from "hardhat/types/hooks";

type Profile = HardhatConfig["solidity"]["profiles"][string];

/** One object for all files: Hardhat compiles those together that share it. */
const withoutViaIr = (compiler: SolidityCompilerConfig): SolidityCompilerConfig => ({
  ...compiler,
  settings: { ...compiler.settings, viaIR: false },
});

const withTests = (profile: Profile, tests: readonly string[]): Profile => {
  const [compiler] = profile.compilers;
  if (compiler === undefined) return profile;
  const ofTests = withoutViaIr(compiler);
  return {
    ...profile,
    overrides: { ...profile.overrides, ...Object.fromEntries(tests.map((file) => [file, ofTests])) },
  };
};

/** Hardhat loads hook handlers by their default export. */
const makeHandlers = (): Promise<Partial<ConfigHooks>> =>
  Promise.resolve({
    resolveUserConfig: async (userConfig, resolveConfigurationVariable, next) => {
      const config = await next(userConfig, resolveConfigurationVariable);
      const tests = globSync("test/solidity/**/*.sol", { cwd: config.paths.root });
      const profiles = Object.fromEntries(
        Object.entries(config.solidity.profiles).map(([name, profile]) => [name, withTests(profile, tests)]),
      );
      return { ...config, solidity: { ...config.solidity, profiles } };
    },
  });

export default makeHandlers;
