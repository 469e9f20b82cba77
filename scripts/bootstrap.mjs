// Makes `npm start` and `npm test` all that a newcomer types: installs what is missing, under the Node version that
// Hardhat needs. Plain JavaScript without dependencies, since it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const scope = `${root}node_modules/@nomicfoundation`;

// Under Node 20 npm leaves Hardhat's native package out, so its presence is what tells a whole install from half of one.
const isInstalled =
  existsSync(`${root}node_modules/.bin/hardhat`) &&
  existsSync(`${root}node_modules/.bin/node`) &&
  readdirSync(scope).some((name) => name.startsWith("edr-"));

if (!isInstalled) {
  console.log("First run: installing dependencies under Node 24 (about a minute) ...");
  const install = spawnSync("npx", ["-y", "-p", "node@24", "npm", "ci", "--loglevel", "error"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (install.status !== 0) {
    console.error("Installing dependencies failed: is the npm registry within reach? Then try again.");
    process.exit(install.status ?? 1);
  }
}
