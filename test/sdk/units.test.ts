import { expect } from "chai";

import { numberToLoan, priceToScaled, priceToWad, scaledToPrice, toDecimal } from "../../sdk/units.ts";

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
