import { compileRival, isRival } from "./artifacts.ts";

/** `node compile.ts <protocol>`: the process that the compiler runs in. */
const [, , name] = process.argv;
if (!isRival(name)) throw new Error(`no such protocol: ${name ?? "none named"}`);
compileRival(name);
