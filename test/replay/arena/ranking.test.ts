import { expect } from "chai";

import { rank } from "../../../scripts/replay/arena/ranking.ts";
import { row } from "./rows.ts";

describe("rank", () => {
  it("puts whoever cost borrowers and lenders least first, in % of the debt", () => {
    const [one] = rank([
      row({ mechanism: "a", borrowersCost: "10", lendersLoss: "25" }),
      row({ mechanism: "b", borrowersCost: "20", lendersLoss: "5" }),
    ]);
    expect(
      one?.standings.map(({ mechanism, rank: place, total }) => [mechanism, place, total]),
    ).to.deep.equal([
      ["b", 1, 2.5],
      ["a", 2, 3.5],
    ]);
  });

  it("means over lags and arbitrages, and keeps crashes apart, as recorded and without rebound", () => {
    const standings = rank([
      row({ borrowersCost: "10" }),
      row({ borrowersCost: "30", lagSeconds: 36 }),
      row({ borrowersCost: "50", rebound: false }),
      row({ borrowersCost: "70", crash: "two" }),
    ]);
    expect(standings.map(({ crash, rebound }) => [crash, rebound])).to.deep.equal([
      ["one", true],
      ["one", false],
      ["two", true],
    ]);
    expect(standings.map((own) => own.standings[0]?.borrowersCost)).to.deep.equal([2, 5, 7]);
  });

  it("gives equals the same place", () => {
    const [one] = rank([
      row({ mechanism: "a" }),
      row({ mechanism: "b" }),
      row({ mechanism: "c", borrowersCost: "11" }),
    ]);
    expect(one?.standings.map((own) => own.rank)).to.deep.equal([1, 1, 3]);
  });
});
