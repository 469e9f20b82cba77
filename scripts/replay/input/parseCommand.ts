import { type Command, CommanderError } from "commander";

import { mistakes } from "../../../sdk/errors.ts";

/**
 * Parses arguments into a command's options.
 * @returns Whether there is something to do: help that was asked for is on the screen, and all.
 * @throws InputError For arguments that the command does not know, in one line.
 */
export function parseCommand(program: Command, args: readonly string[]): boolean {
  program.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    program.parse(args, { from: "user" });
    return true;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return false;
    throw mistakes.badArguments(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
}
