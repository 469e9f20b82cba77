import { deployCommand } from "./deployCommand.ts";

process.exitCode = await deployCommand(process.argv.slice(2), console);
