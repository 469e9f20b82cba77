import { readFileSync } from "node:fs";

import JSON5 from "json5";

import { type Parameters, parseParameters } from "./parameters.ts";
import { type System, systemOf } from "./system.ts";
import { InvalidParameters, mistakes } from "../sdk/errors.ts";

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw mistakes.unreadableParameters(file, firstLine(error));
  }
};

/** What a file says, and the same in the units of the contracts. */
export interface ParametersFile {
  readonly parameters: Parameters;
  /** With names of parts of a local market in place of their addresses. */
  readonly system: System;
}

/** Parameters of a file; `InvalidParameters` names it and says in one line what is wrong with it, too many decimals included. */
export const readParameters = (file: string): ParametersFile => {
  const text = textOf(file);
  try {
    const parameters = parseParameters(JSON5.parse(text));
    return { parameters, system: systemOf(parameters) };
  } catch (error) {
    if (error instanceof InvalidParameters || error instanceof SyntaxError) {
      throw mistakes.parametersOf(file, firstLine(error));
    }
    throw error;
  }
};
