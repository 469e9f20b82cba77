import type { DebtAtRisk } from "../lib/exposure.ts";
import type { PricePoint } from "../lib/pricePath.ts";
import { thin } from "../lib/series.ts";
import { loanToNumber } from "../lib/units.ts";
import type { Outcome } from "./engine.ts";
import type { TakeRecord } from "./sales.ts";

export interface Take extends TakeRecord {
  readonly account: string;
}

type RiskSample = DebtAtRisk & { readonly time: number };

/** What the charts show of a run: as much of it as they can. */
export interface Trace {
  readonly rounds: readonly PricePoint[];
  readonly takes: readonly Take[];
  /** Two series of the same samples: the spikes of one are not those of the other. */
  readonly unhealthy: readonly RiskSample[];
  readonly underWater: readonly RiskSample[];
  readonly deviations: readonly { readonly time: number; readonly deviation: number }[];
}

const BUCKETS = 500;

export function traceOf({ rounds, recorder, risk, deviations }: Outcome): Trace {
  return {
    rounds: thin(rounds, BUCKETS, ({ price }) => price),
    takes: recorder.sales.flatMap(({ account, takes }) => takes.map((take) => ({ ...take, account }))),
    unhealthy: thin(risk, BUCKETS, ({ unhealthy }) => loanToNumber(unhealthy)),
    underWater: thin(risk, BUCKETS, ({ underWater }) => loanToNumber(underWater)),
    deviations: thin(deviations, BUCKETS, ({ deviation }) => deviation),
  };
}
