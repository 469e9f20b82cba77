/** `npm run deploy`. */
import { deployCommand } from "./command.ts";

process.exitCode = await deployCommand(process.argv.slice(2), console);
