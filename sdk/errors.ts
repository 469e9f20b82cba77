/**
 * Every mistake of a user of the commands, in one place: a line that says where it is, what is wrong and, where that does not
 * follow, what to do. Commands print the line and end with the error's exit code; any other error is one of the project's own.
 */

/** Exit code for arguments, files and numbers that are wrong. */
const EXIT_USAGE = 2;
/** Exit code for what was right to ask for, and failed. */
const EXIT_FAILED = 1;

/** An error that a user can cause, and mend. */
export class UserError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_USAGE) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A mistake in what the user gave: an argument, a file, a number. */
export class InputError extends UserError {
  override readonly name = "InputError";
}

/** A parameters file that can't be used. */
export class InvalidParameters extends UserError {
  override readonly name = "InvalidParameters";
}

/** A deployment that did not come out as it should. */
export class DeploymentFailed extends UserError {
  override readonly name = "DeploymentFailed";

  constructor(message: string) {
    super(message, EXIT_FAILED);
  }
}

const input =
  <Args extends readonly unknown[]>(messageOf: (...args: Args) => string) =>
  (...args: Args): InputError =>
    new InputError(messageOf(...args));
const parameters =
  <Args extends readonly unknown[]>(messageOf: (...args: Args) => string) =>
  (...args: Args): InvalidParameters =>
    new InvalidParameters(messageOf(...args));
const deployment =
  <Args extends readonly unknown[]>(messageOf: (...args: Args) => string) =>
  (...args: Args): DeploymentFailed =>
    new DeploymentFailed(messageOf(...args));

const percent = (bps: bigint): string => `${Number(bps) / 100}%`;
const quoted = (names: readonly string[]): string => `"${names.join('", "')}"`;

/** The registry: what there is to get wrong, by what it is about. */
export const mistakes = {
  /** As another thread told it. */
  told: input((message: string) => message),

  // ------------------------------------------------------------------------------------------------------------ arguments
  badArguments: input((what: string) => `${what}; see --help`),
  badValue: input(
    (flag: string, value: string, expected: string) => `--${flag}: "${value}" is not ${expected}`,
  ),
  onlyWithout: input((flag: string, other: string) => `${flag}: goes only without ${other}`),
  onlyWith: input((flag: string, other: string) => `${flag}: goes only with ${other}`),
  quickIsGenerated: input(() => "--quick: runs the generated crashes, and goes only without --prices"),
  notAFile: input((flag: string, file: string) => `${flag}: ${file} is not a file; name a file to write`),
  unwritable: input(
    (flag: string, file: string, reason: string) =>
      `${flag}: ${file} can't be written (${reason}); name one in a folder that can be`,
  ),
  noPricesIn: input((folder: string) => `--prices: no CSV file in ${folder}`),
  noNode: input((url: string) => `--fork: no Ethereum node answers at ${url}`),
  blockToCome: input(
    (block: number, url: string, latest: number) =>
      `--block: ${block} is above the latest block of ${url}, ${latest}`,
  ),
  lendsTooMuch: input(
    (mechanism: string, ltvBps: bigint, what: string, mostBps: bigint) =>
      `--mechanism ${mechanism}: the parameters lend up to an LTV of ${percent(ltvBps)}, and ${what} ${percent(mostBps)}`,
  ),
  badParameters: input((what: string) => `--parameters: ${what}`),

  // ---------------------------------------------------------------------------------------------------------------- files
  unreadable: input((file: string, reason: string) => `${file}: can't be read (${reason})`),
  notCsv: input((file: string, reason: string) => `${file}: not a CSV file (${reason})`),
  noRows: input((file: string) => `${file}: no rows; a header and at least one row are needed`),
  columnTwice: input(
    (file: string, column: string) =>
      `${file}: its header names "${column}" twice; leave one of the two columns out`,
  ),
  columnsMissing: input(
    (file: string, missing: readonly string[], found: readonly string[], expected: string) => {
      const plural = missing.length === 1 ? `column ${quoted(missing)} is` : `columns ${quoted(missing)} are`;
      return `${file}: ${plural} missing; its header is "${found.join(",")}", expected ${expected}`;
    },
  ),
  badCell: input(
    (file: string, line: number, column: string, cell: string, expected: string) =>
      `${file}:${line}: ${column} is "${cell}", expected ${expected}`,
  ),
  noPath: input((file: string) => `${file}: one row makes no path, at least two are needed`),
  outOfOrder: input(
    (file: string, line: number, time: number, before: number) =>
      `${file}:${line}: ts ${time} does not come after ${before}; rows must be in order`,
  ),
  nobodyOwes: input((file: string) => `${file}: nobody owes anything (column debt)`),

  // ------------------------------------------------------------------------------------------------ parameters of a deployment
  unreadableParameters: parameters((file: string, reason: string) => `${file}: can't be read: ${reason}`),
  parametersOf: parameters((file: string, what: string) => `${file}: ${what}`),
  invalidParameter: parameters((where: string, what: string) => (where === "" ? what : `${where}: ${what}`)),
  memoryTooLong: parameters(
    (pool: string, past: bigint, needed: bigint, blockTime: bigint, most: bigint) =>
      `pool ${pool}: ${past} s of its past need ${needed} observations at blocks of ${blockTime} ms; it keeps ${most} at most`,
  ),
  tooManyDecimals: parameters((value: string, most: number) => `"${value}" has more than ${most} decimals`),

  // ----------------------------------------------------------------------------------------------------------- deployment
  noNetwork: input(
    (network: string) =>
      `--network ${network}: no network with an endpoint has this name in hardhat.config.ts`,
  ),
  badNetwork: input((network: string, reason: string) => `--network ${network}: ${reason}`),
  noChain: input((network: string, reason: string) => `--network ${network}: no chain answers: ${reason}`),
  otherChain: input(
    (network: string, found: number, expected: number) =>
      `--network ${network}: is chain ${found}, the parameters are for ${expected}`,
  ),
  notLocal: input((chainId: number) => `chain ${chainId} is not a local one: add --yes to deploy there`),
  noAccount: input((network: string) => `--network ${network}: has no account to deploy from`),
  deployerGoverns: input(
    () => "authority.governor: must not be the deployer, which gives all powers up at the end",
  ),
  foreignJournal: deployment(
    (folder: string) => `${folder}: its transactions are not on this chain; wrong endpoint, or a reorg?`,
  ),
  unverified: deployment(
    (failed: number, checks: number) =>
      `verification: ${failed} of ${checks} checks failed: do not use this deployment`,
  ),

  // --------------------------------------------------------------------------------------------------------------- checks
  noContract: input((name: string) => `${name}: no contracts/**/${name}.sol; give a contract's name.`),
  contractTwice: input(
    (name: string, first: string, second: string) => `${name}: both ${first} and ${second} have this name.`,
  ),
  noTest: input((file: string) => `--tests ${file}: no such test; give files ending in .ts or .t.sol.`),
  untested: input((name: string) => `${name}: no test names it; say with --tests which ones to run.`),
  alreadyBroken: input(
    (tests: string, outcome: string) => `${tests}: ${outcome} without any mutant; mend that first.`,
  ),
  notBuilt: input(() => "no contract was built: npm run build"),
  notInstalled: input((name: string) => `${name}: not found; npm ci installs it`),
} as const;
