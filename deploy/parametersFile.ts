import { readFileSync } from "node:fs";

import JSON5 from "json5";

import { InvalidParameters, type Parameters, parseParameters } from "./parameters.ts";
import { systemOf } from "./system.ts";

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InvalidParameters(`${file}: can't be read: ${firstLine(error)}`);
  }
};

/** Parameters of a file; `InvalidParameters` names it and says in one line what is wrong with it. */
export const readParameters = (file: string): Parameters => {
  const text = textOf(file);
  try {
    const parameters = parseParameters(JSON5.parse(text));
    // Says so now if an amount has too many decimals.
    systemOf(parameters);
    return parameters;
  } catch (error) {
    if (error instanceof InvalidParameters || error instanceof SyntaxError) {
      throw new InvalidParameters(`${file}: ${firstLine(error)}`);
    }
    throw error;
  }
};
