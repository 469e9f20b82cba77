/** Closed forms of sdk/riskMath.ts in floating point, straight from the formulas: to check the fixed-point form. */

/** Standard normal distribution by the series of Marsaglia: `1/2 + phi(x) (x + x^3/3 + x^5/15 + ...)`. */
export function normalCdf(x: number): number {
  if (x < -8.5) return 0;
  if (x > 8.5) return 1;
  let term = x;
  let sum = x;
  for (let k = 3; sum + term !== sum; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + sum * normalPdf(x);
}

export function normalPdf(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** F2: the inverse of the overshoot. */
function zeta(decayRate: number, volatility: number, blockTime: number): number {
  const variance = volatility * volatility;
  return (Math.sqrt(decayRate * decayRate + (2 * variance) / blockTime) - decayRate) / variance;
}

/** F2. */
export function lossVersusFair(decayRate: number, volatility: number, blockTime: number): number {
  return 1 / (1 + zeta(decayRate, volatility, blockTime));
}

/** F2. */
export function fillSeconds(
  premium: number,
  decayRate: number,
  volatility: number,
  blockTime: number,
): number {
  return premium / decayRate + 1 / (zeta(decayRate, volatility, blockTime) * decayRate);
}

/** F4. */
export function stalePriceLoss(buffer: number, deviation: number): number {
  return deviation * normalPdf(buffer / deviation) - buffer * normalCdf(-buffer / deviation);
}

/** F6. */
export function expectedShortfall(deviation: number, coverage: number): number {
  const d1 = Math.log(coverage) / deviation + deviation / 2;
  return normalCdf(deviation - d1) - coverage * normalCdf(-d1);
}

/** F6. */
export function hazard(coverage: number, volatility: number, time: number): number {
  const deviation = volatility * Math.sqrt(time);
  const d1 = Math.log(coverage) / deviation + deviation / 2;
  return (coverage * normalPdf(d1) * volatility) / (2 * Math.sqrt(time));
}

/** The volatility's average in floating point: variance per second after each round that came in order. */
export function varianceModel(
  initial: number,
  rounds: readonly { readonly answer: number; readonly updatedAt: number }[],
  config: { readonly halfLife: number; readonly maxReturn: number },
): number[] {
  const [first, ...others] = rounds;
  if (first === undefined) return [];
  let { answer: last, updatedAt } = first;
  let variance = initial;
  const variances = [variance];
  for (const round of others) {
    const size = Math.min(Math.abs(Math.log(round.answer / last)), config.maxReturn);
    const dt = Math.max(round.updatedAt - updatedAt, 1);
    const weight = 2 ** (-dt / config.halfLife);
    variance = weight * variance + ((1 - weight) * size ** 2) / dt;
    variances.push(variance);
    ({ answer: last, updatedAt } = round);
  }
  return variances;
}
