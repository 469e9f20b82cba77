import { expect } from "chai";

import { costOf, type Rescue, Rescues } from "../../../scripts/replay/records/rescues.ts";

const PRICE = 10n ** 36n;
/** One unit of debt on 1.25 of collateral: unhealthy under a price of 0.964 at 83%. */
const BEFORE = { debt: 800n, collateral: 1_000n };
const rescue = (borrower: string, change: Partial<Rescue> = {}): Rescue => ({
  borrower,
  time: 0,
  marketPrice: 1,
  collateral: 100n,
  fairValue: 100n,
  repaid: 95n,
  returned: 3n,
  fee: 1n,
  ...change,
});

describe("Rescues", () => {
  it("cost what was sold was worth, less what came off the debt or back", () => {
    expect(costOf([rescue("a"), rescue("b", { returned: 10n })])).to.equal(2n - 5n);
    expect(costOf([])).to.equal(0n);
  });

  it("are false alarms while the position, had it been left alone, has never been unhealthy", () => {
    const rescues = new Rescues();
    rescues.add(rescue("a"), BEFORE);
    rescues.add(rescue("b"), { ...BEFORE, debt: 700n });
    rescues.observe(PRICE, 8_300n);
    expect(rescues.falseAlarms.map(({ borrower }) => borrower)).to.deep.equal(["a", "b"]);
    // 1,000 x 0.96 x 83% is 796: a's 800 would be too much, b's 700 not.
    rescues.observe((PRICE * 96n) / 100n, 8_300n);
    expect(rescues.falseAlarms.map(({ borrower }) => borrower)).to.deep.equal(["b"]);
    // That the price comes back changes nothing.
    rescues.observe(PRICE, 8_300n);
    expect(rescues.falseAlarms.map(({ borrower }) => borrower)).to.deep.equal(["b"]);
  });

  it("are judged by the position before its first one, and all of them alike", () => {
    const rescues = new Rescues();
    rescues.add(rescue("a"), BEFORE);
    rescues.add(rescue("a"), { debt: 500n, collateral: 800n });
    rescues.observe((PRICE * 96n) / 100n, 8_300n);
    expect(rescues.falseAlarms).to.deep.equal([]);
    expect(rescues.all.length).to.equal(2);
  });

  it("are judged by the LTV of the moment", () => {
    const rescues = new Rescues();
    rescues.add(rescue("a"), BEFORE);
    rescues.observe(PRICE, 7_900n);
    expect(rescues.falseAlarms).to.deep.equal([]);
  });
});
