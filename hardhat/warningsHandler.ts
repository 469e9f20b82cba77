import type { SolidityHooks } from "hardhat/types/hooks";
import type { CompilerOutputError } from "hardhat/types/solidity";

const OUR_SOURCES = "project/";
const OUR_TESTS = `${OUR_SOURCES}test/`;

/** solc says where, which Hardhat's type leaves out. */
type Located = CompilerOutputError & { readonly sourceLocation?: { readonly file: string } };

const isOurs = ({ severity, sourceLocation }: Located): boolean =>
  severity === "error" || sourceLocation === undefined || sourceLocation.file.startsWith(OUR_SOURCES);

const isTest = ({ sourceLocation }: Located): boolean => sourceLocation?.file.startsWith(OUR_TESTS) ?? false;

const strict = (error: Located): Located =>
  error.severity === "warning" && !isTest(error) ? { ...error, severity: "error" } : error;

/** Hardhat loads hook handlers by their default export. */
const makeHandlers = (): Promise<Partial<SolidityHooks>> =>
  Promise.resolve({
    getCompilationJobErrors: async (context, job, output, next) => {
      const errors: Located[] = output.errors ?? [];
      return next(context, job, { ...output, errors: errors.filter(isOurs).map(strict) });
    },
  });

export default makeHandlers;
