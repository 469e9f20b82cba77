import { expect } from "chai";

import { numberToLoan, priceToScaled, priceToWad, scaledToPrice, toDecimal } from "../../sdk/units.ts";
import { thin } from "../../scripts/world/series.ts";

describe("units", () => {
  it("turns prices into the integers of feed and protocol, large and small ones", () => {
    expect(priceToWad(3_282.25)).to.equal(3_282_250_000_000_000_000_000n);
    expect(priceToWad(0.000_000_25)).to.equal(250_000_000_000n);
    expect(priceToScaled(2_000)).to.equal(2_000n * 10n ** 24n);
    expect(scaledToPrice(priceToScaled(0.3121))).to.equal(0.3121);
  });

  it("writes amounts as plain decimals", () => {
    expect(toDecimal(1_234_567_890n, 6)).to.equal("1234.56789");
    expect(toDecimal(-500_000n, 6)).to.equal("-0.5");
    expect(toDecimal(10n ** 24n, 6)).to.equal(`1${"0".repeat(18)}`);
    expect(toDecimal(0n, 6)).to.equal("0");
    expect(toDecimal(1n, 18)).to.equal("0.000000000000000001");
  });

  it("rounds loan amounts down", () => {
    expect(numberToLoan(1.999_999_9)).to.equal(1_999_999n);
  });
});

describe("thin", () => {
  it("keeps short series as they are", () => {
    expect(thin([1, 2, 3], 10, (value) => value)).to.deep.equal([1, 2, 3]);
  });

  it("keeps the ends and every spike of long ones, in order", () => {
    const series = Array.from({ length: 1_000 }, (_, i) =>
      i === 503 ? 999 : i === 777 ? -999 : Math.sin(i),
    );
    const thinned = thin(series, 20, (value) => value);
    expect(thinned.length).to.be.at.most(80);
    expect(thinned[0]).to.equal(series[0]);
    expect(thinned.at(-1)).to.equal(series.at(-1));
    expect(thinned).to.include(999).and.to.include(-999);
  });
});
