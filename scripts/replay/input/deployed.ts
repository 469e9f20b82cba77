/** What a deployment's parameters file says of all that a replay can measure. */
import { readParameters } from "../../../deploy/parametersFile.ts";
import type { Source, System } from "../../../deploy/system.ts";
import type { RiskInputsStruct } from "../../../typechain-types/contracts/interfaces/ISalePolicy.ts";
import { ORACLE, type OracleSettings } from "../../kit/oracleDefaults.ts";
import type { SaleTerms } from "../../../sdk/terms.ts";
import { ONE_LOAN } from "../../../sdk/units.ts";
import { InvalidParameters, mistakes } from "../../../sdk/errors.ts";

export interface Ltvs {
  readonly borrowLtvBps: bigint;
  readonly liquidationLtvBps: bigint;
  readonly maxOracleStepBps: bigint;
}

/** In the units of the replay's tokens. */
export interface Deployed {
  /** Where it stands. */
  readonly file: string;
  readonly oracle: OracleSettings;
  readonly ltvs: Ltvs;
  readonly terms: SaleTerms;
  /** Volatility and depth are the replayed market's. */
  readonly policy: RiskInputsStruct;
}

export function readDeployed(file: string): Deployed {
  const system = parse(file);
  const { borrowLtvBps, liquidationLtvBps, maxOracleStepBps, terms } = system.vault;
  const toLoan = (amount: bigint): bigint => (amount * ONE_LOAN) / 10n ** system.loan.decimals;
  return {
    file,
    oracle: oracleOf(system),
    ltvs: { borrowLtvBps, liquidationLtvBps, maxOracleStepBps },
    terms: { ...terms, lot: toLoan(terms.lot) },
    policy: {
      ...system.policy,
      cascade: byWay(system.policy.cascade),
      gas: byWay(system.policy.gas),
      depth: toLoan(system.policy.depth),
      backstopCapacity: toLoan(system.policy.backstopCapacity),
    },
  };
}

function parse(file: string): System {
  try {
    return readParameters(file).system;
  } catch (error) {
    if (error instanceof InvalidParameters) throw mistakes.badParameters(error.message);
    throw error;
  }
}

/**
 * The replay's feed stands for the one that moves, and its pool for the file's: which liquidity is little there the file cannot
 * know. Where the file has no pool as the second source the replay's is as by default.
 */
function oracleOf({ sources: { primary, second }, oracle }: System): OracleSettings {
  return {
    heartbeat: heartbeatOf(primary),
    twapWindow: second?.kind === "uniswapTwap" ? second.window : ORACLE.twapWindow,
    liquidityDivisor: ORACLE.liquidityDivisor,
    maxDisagreementBps: oracle.maxDisagreementBps,
    primaryGrace: oracle.primaryGrace,
  };
}

function heartbeatOf(source: Source): bigint {
  return source.kind === "chainlinkRatio" ? source.base.heartbeat : source.heartbeat;
}

function byWay([direct = 0n, dutch = 0n, batch = 0n, backstop = 0n]: readonly bigint[]): [
  bigint,
  bigint,
  bigint,
  bigint,
] {
  return [direct, dutch, batch, backstop];
}
