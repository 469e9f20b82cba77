import { expect } from "chai";

import { MECHANISMS } from "../../../scripts/replay/mechanisms/mechanisms.ts";
import { READS } from "../../../scripts/replay/mechanisms/reads.ts";

describe("What a mechanism reads", () => {
  it("is said of each that a crash can be replayed with, and of no other", () => {
    const names = Object.values(MECHANISMS).map(({ name }) => name);
    expect(Object.keys(READS)).to.have.members([...new Set(names)]);
    for (const [name, text] of Object.entries(READS)) expect(text, name).to.match(/^\S.+\S$/);
  });
});
