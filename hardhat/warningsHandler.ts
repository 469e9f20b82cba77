import type { SolidityHooks } from "hardhat/types/hooks";

const OUR_SOURCES = "project/";

/** Hardhat loads hook handlers by their default export. */
const makeHandlers = async (): Promise<Partial<SolidityHooks>> => ({
  getCompilationJobErrors: async (context, job, output, next) => {
    const errors = output.errors ?? [];
    const ours = errors.filter(
      (error) =>
        error.severity === "error" ||
        error.sourceLocation === undefined ||
        error.sourceLocation.file.startsWith(OUR_SOURCES),
    );
    const isTest = (file: string | undefined): boolean => file?.startsWith(`${OUR_SOURCES}test/`) ?? false;
    const strict = ours.map((error) =>
      error.severity === "warning" && !isTest(error.sourceLocation?.file)
        ? { ...error, severity: "error" as const }
        : error,
    );
    return next(context, job, { ...output, errors: strict });
  },
});

export default makeHandlers;
