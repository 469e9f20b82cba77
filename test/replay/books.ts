/**
 * Reckons a run's money figures again from its JSON, by code of its own: nothing here comes from what is tested but the types. Amounts
 * are read as integers: loan assets with 6 decimals, collateral assets and prices with 18.
 */
import type { RunResult } from "../../scripts/replay/records/result.ts";

function integer(decimal: string, decimals: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  const [, sign, whole = "", fraction = ""] = match ?? [];
  if (match === null || fraction.length > decimals) throw new Error(`"${decimal}" is no amount`);
  const units = BigInt(whole + fraction.padEnd(decimals, "0"));
  return sign === "-" ? -units : units;
}

export const loan = (decimal: string): bigint => integer(decimal, 6);
export const fine = (decimal: string): bigint => integer(decimal, 18);

/** Loan units that collateral is worth: 18 and 18 decimals make 36, of which 6 stay. */
const worth = (collateral: string, price: string): bigint => (fine(collateral) * fine(price)) / 10n ** 30n;
const sum = <T>(items: readonly T[], of: (item: T) => bigint): bigint =>
  items.reduce((total, item) => total + of(item), 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const positive = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

type Take = RunResult["takes"][number];
type Sale = RunResult["sales"][number];

interface Reckoned {
  readonly worth: bigint;
  readonly equity: bigint;
  readonly loss: bigint;
  readonly penalty: bigint;
  readonly leaving: bigint;
}

function reckon(take: Take, price: string): Reckoned {
  const penalty = loan(take.penalty);
  const paid = loan(take.repaid) + loan(take.returned) + penalty;
  const sold = worth(take.collateral, price);
  const equity = positive(worth(take.collateralBefore, price) - loan(take.debtBefore));
  const loss = least(sold - paid, equity);
  const kept = fine(take.collateral) - fine(take.keptCollateral);
  const got = (kept * fine(price)) / 10n ** 30n;
  return {
    worth: sold,
    equity,
    loss,
    penalty: least(penalty, equity - loss),
    leaving: got - paid,
  };
}

const atTake = (take: Take): Reckoned => reckon(take, take.marketPrice);
const atDue = (take: Take): Reckoned => reckon(take, take.duePrice);

function rewardBorne(sale: Sale, price: string): bigint {
  const reward = loan(sale.reward);
  return least(reward, positive(worth(sale.collateral, price) - (loan(sale.debt) - reward)));
}

const rescueCost = ({ collateral, marketPrice, repaid, returned }: RunResult["rescues"]["all"][number]) =>
  worth(collateral, marketPrice) - loan(repaid) - loan(returned);

function costs(run: RunResult, of: (take: Take) => Reckoned, priceOf: (sale: Sale) => string) {
  const parts = {
    loss: sum(run.takes, (take) => of(take).loss),
    penalty: sum(run.takes, (take) => of(take).penalty),
    rewards: sum(run.sales, (sale) => rewardBorne(sale, priceOf(sale))),
    rescues: sum(run.rescues.all, rescueCost),
  };
  const leaving =
    sum(run.takes, (take) => of(take).leaving) + sum(run.sales, ({ reward }) => loan(reward)) + parts.rescues;
  return { parts, leaving, whole: sum(Object.values(parts), (part) => part) };
}

/** All money figures of a run, by the names that it has for them; loan units, collateral units for what is counted in those. */
export function reckonAgain(run: RunResult) {
  const { takes, positions, keepers, gasCosts, endPrice } = run;
  const [now, due] = [
    costs(run, atTake, ({ startPrice }) => startPrice),
    costs(run, atDue, ({ duePrice }) => duePrice),
  ];
  const gas = sum(Object.values(gasCosts), loan);
  const income = sum(keepers, (keeper) => {
    return loan(keeper.loan) + worth(keeper.collateral, endPrice) + loan(keeper.shares);
  });
  const unsold = positions.filter(({ unhealthyAtEnd }) => unhealthyAtEnd);
  const alarms = run.rescues.all.filter(({ isFalseAlarm }) => isFalseAlarm);
  return {
    debtRepaid: sum(takes, ({ repaid }) => loan(repaid)),
    penaltyPaid: sum(takes, ({ penalty }) => loan(penalty)),
    collateralSold: sum(takes, (take) => atTake(take).worth),
    borrowerLoss: now.parts.loss,
    borrowerLossAtDue: due.parts.loss,
    borrowersCost: now.whole,
    borrowersCostAtDue: due.whole,
    leavesSystem: now.leaving,
    leavesSystemAtDue: due.leaving,
    rewardsPaid: sum(positions, ({ reward }) => loan(reward)),
    badDebt: sum(positions, ({ writtenOff }) => loan(writtenOff)),
    lendersLoss: sum(positions, ({ fromLenders }) => loan(fromLenders)),
    reserveLoss: sum(positions, ({ fromReserve }) => loan(fromReserve)),
    unsoldDebt: sum(unsold, ({ debtAtEnd }) => loan(debtAtEnd)),
    unsoldShortfall: sum(unsold, ({ debtAtEnd, collateralAtEnd }) =>
      positive(loan(debtAtEnd) - worth(collateralAtEnd, endPrice)),
    ),
    keeperProfit: income - gas,
    keeperGasCost: gas,
    borrowersCostParts: now.parts,
    borrowersCostPartsAtDue: due.parts,
    rescues: {
      collateralSold: sum(run.rescues.all, ({ collateral, marketPrice }) => worth(collateral, marketPrice)),
      cost: sum(run.rescues.all, rescueCost),
      falseAlarmCost: sum(alarms, rescueCost),
    },
    soldThrough: reckonSellers(takes),
    sales: run.sales.map(({ id }) => {
      const own = takes.filter(({ sale }) => sale === id);
      return {
        debtRepaid: sum(own, ({ repaid }) => loan(repaid)),
        penaltyPaid: sum(own, ({ penalty }) => loan(penalty)),
        collateralSold: sum(own, (take) => atTake(take).worth),
        borrowerLoss: sum(own, (take) => atTake(take).loss),
        borrowerLossAtDue: sum(own, (take) => atDue(take).loss),
      };
    }),
    takes: takes.map((take) => ({
      equityBefore: atTake(take).equity,
      equityBeforeAtDue: atDue(take).equity,
      borrowerLoss: atTake(take).loss,
      borrowerLossAtDue: atDue(take).loss,
    })),
  };
}

function reckonSellers(takes: readonly Take[]) {
  const sellers = [...new Set(takes.map(({ seller }) => seller))];
  return sellers.map((name) => {
    const own = takes.filter(({ seller }) => seller === name);
    return {
      collateralSold: sum(own, (take) => atTake(take).worth),
      borrowerLoss: sum(own, (take) => atTake(take).loss),
    };
  });
}

/** What a run says, read as integers, for all that is reckoned again; nothing else of it. */
export function pick(said: unknown, like: unknown): unknown {
  if (like === undefined) return said;
  if (typeof like === "bigint") return loan(String(said));
  if (Array.isArray(like)) {
    const items = said as readonly unknown[];
    return items.map((item, i) => pick(item, (like as readonly unknown[])[i]));
  }
  const fields = said as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(like as object).map(([name, value]) => [name, pick(fields[name], value)]),
  );
}

/** What each position's books must come to, loan units and collateral units. */
export function balances({ positions, takes, rescues }: RunResult) {
  return positions.map((position) => {
    const sold = takes.filter(({ account }) => account === position.account);
    const rescued = rescues.all.filter(({ account }) => account === position.account);
    const paid =
      sum(sold, ({ repaid, returned }) => loan(repaid) + loan(returned)) +
      sum(rescued, ({ repaid, returned }) => loan(repaid) + loan(returned)) +
      loan(position.writtenOff);
    return {
      account: position.account,
      /** Nothing but takes and rescues moves collateral. */
      missing:
        fine(position.collateralAtOpening) -
        sum(sold, ({ collateral }) => fine(collateral)) -
        sum(rescued, ({ collateral }) => fine(collateral)) -
        fine(position.collateralAtEnd),
      /** What a debt has grown by besides rewards: interest. */
      interest: loan(position.debtAtEnd) + paid - loan(position.debtAtOpening) - loan(position.reward),
    };
  });
}
