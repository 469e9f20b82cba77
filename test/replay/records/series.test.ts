import { expect } from "chai";

import { thin } from "../../../scripts/replay/records/series.ts";

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
