/** The same closed forms in floating point, straight from the formulas: for the lab, and to check the fixed-point form. */

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
