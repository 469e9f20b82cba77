import type { SolidityHooks } from "hardhat/types/hooks";

const COMPILERS = 2;

/** Hardhat loads hook handlers by their default export. */
const makeHandlers = (): Promise<Partial<SolidityHooks>> =>
  Promise.resolve({
    build: async (context, rootFilePaths, options, next) =>
      next(context, rootFilePaths, { ...options, concurrency: COMPILERS }),
  });

export default makeHandlers;
