import type { DebtAtRisk } from "../../world/exposure.ts";
import type { PricePoint } from "../../world/pricePath.ts";
import { thin } from "./series.ts";
import { loanToNumber } from "../../../sdk/units.ts";
import type { Outcome } from "../run/engine.ts";
import { rewardBorne } from "./costs.ts";
import { costOf } from "./rescues.ts";
import type { TakeRecord } from "./sales.ts";

export interface Take extends TakeRecord {
  readonly account: string;
}

type RiskSample = DebtAtRisk & { readonly time: number };

/** What borrowers' cost has come to by a moment, whole loan assets: at the market's price of each take, and at due. */
export interface CostSample {
  readonly time: number;
  readonly atTake: number;
  readonly atDue: number;
}

/** What the charts show of a run: as much of it as they can. */
export interface Trace {
  readonly rounds: readonly PricePoint[];
  readonly takes: readonly Take[];
  readonly costs: readonly CostSample[];
  /** Two series of the same samples: the spikes of one are not those of the other. */
  readonly unhealthy: readonly RiskSample[];
  readonly underWater: readonly RiskSample[];
  readonly deviations: readonly { readonly time: number; readonly deviation: number }[];
}

const BUCKETS = 500;

export function traceOf(outcome: Outcome): Trace {
  const { rounds, recorder, risk, deviations } = outcome;
  return {
    rounds: thin(rounds, BUCKETS, ({ price }) => price),
    takes: recorder.sales.flatMap(({ account, takes }) => takes.map((take) => ({ ...take, account }))),
    costs: costsOf(outcome),
    unhealthy: thin(risk, BUCKETS, ({ unhealthy }) => loanToNumber(unhealthy)),
    underWater: thin(risk, BUCKETS, ({ underWater }) => loanToNumber(underWater)),
    deviations: thin(deviations, BUCKETS, ({ deviation }) => deviation),
  };
}

/** Cost by cost, added up in the order of their time. */
function costsOf({ recorder: { sales }, rescues }: Outcome): readonly CostSample[] {
  const costs = [
    ...sales.flatMap(({ takes }) =>
      takes.map(({ time, atTake, atDue }) => ({
        time,
        atTake: atTake.loss + atTake.penalty,
        atDue: atDue.loss + atDue.penalty,
      })),
    ),
    ...sales.map((sale) => ({
      time: sale.startedAt,
      atTake: rewardBorne(sale, sale.startPrice),
      atDue: rewardBorne(sale, sale.duePrice),
    })),
    ...(rescues?.all ?? []).map((rescue) => {
      const cost = costOf([rescue]);
      return { time: rescue.time, atTake: cost, atDue: cost };
    }),
  ].sort((a, b) => a.time - b.time);
  let [atTake, atDue] = [0n, 0n];
  return costs.map((cost) => {
    atTake += cost.atTake;
    atDue += cost.atDue;
    return { time: cost.time, atTake: loanToNumber(atTake), atDue: loanToNumber(atDue) };
  });
}
