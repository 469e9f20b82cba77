import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

import { EXIT_BUILD } from "../quick/exitCodes.ts";

/** A copy of the tree in which sources may be broken: the tree itself never holds a mutant, whatever ends the run. */

export type Outcome = "passed" | "failed" | "not compiled" | "out of time";

/** Where Hardhat's configuration turns warnings into errors: a mutant may leave a variable unused. */
const STRICT = "warningsAreErrors, ";

const copyTree = (from: string, to: string): void => {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: from,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  const files = listed.split("\0").filter((file) => file !== "" && existsSync(join(from, file)));
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(from, file), join(to, file));
  }
  symlinkSync(realpathSync(join(from, "node_modules")), join(to, "node_modules"), "dir");
  if (existsSync(join(from, "artifacts")))
    cpSync(join(from, "artifacts"), join(to, "artifacts"), { recursive: true });
  if (existsSync(join(from, "typechain-types"))) {
    cpSync(join(from, "typechain-types"), join(to, "typechain-types"), { recursive: true });
  }
  const cache = join(from, "cache/compile-cache.json");
  if (!existsSync(cache)) return;
  // The compile cache holds absolute paths.
  mkdirSync(join(to, "cache"), { recursive: true });
  writeFileSync(
    join(to, "cache/compile-cache.json"),
    readFileSync(cache, "utf8").replaceAll(`${from}/`, `${to}/`),
  );
};

export class Workspace {
  readonly root: string;
  private child: ChildProcess | undefined;

  constructor(from = resolve(".")) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), "gavel-mutate-")));
    try {
      copyTree(from, this.root);
      const config = join(this.root, "hardhat.config.ts");
      const text = readFileSync(config, "utf8");
      if (!text.includes(STRICT))
        throw new Error(`hardhat.config.ts: no plugin "${STRICT.trim()}" to take out`);
      writeFileSync(config, text.replace(STRICT, "").replace(/^import \{ warningsAreErrors \}.*\n/m, ""));
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.root, file), text);
  }

  /** Builds what the tests need and runs them there, until the first that fails. */
  async run(tests: readonly string[], seconds: number): Promise<Outcome> {
    const bail = tests.some((file) => file.endsWith(".t.sol")) ? [] : ["--", "--bail"];
    const child = spawn(process.execPath, ["scripts/ops/quick/main.ts", ...tests, ...bail], {
      cwd: this.root,
      // A group of its own: what it starts ends with it.
      detached: true,
      stdio: "ignore",
      env: {
        ...process.env,
        PATH: `${join(this.root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`,
      },
    });
    this.child = child;
    const deadline = AbortSignal.timeout(Math.ceil(seconds * 1_000));
    const stop = (): void => {
      this.stop();
    };
    deadline.addEventListener("abort", stop);
    const code = await new Promise<number>((done, fail) => {
      child.once("error", fail);
      child.once("exit", (status) => {
        done(status ?? 1);
      });
    });
    deadline.removeEventListener("abort", stop);
    this.child = undefined;
    if (deadline.aborted) return "out of time";
    if (code === EXIT_BUILD) return "not compiled";
    return code === 0 ? "passed" : "failed";
  }

  /** Ends the running tests, if any, and removes the copy. */
  remove(): void {
    this.stop();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  private stop(): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
