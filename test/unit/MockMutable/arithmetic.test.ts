import { expect } from "chai";

import { ethers } from "../../helpers/chain.ts";

describe("MockMutable", () => {
  it("adds and compares, off the edge", async () => {
    const mutable = await ethers.deployContract("MockMutable");
    expect(await mutable.sum(2, 1)).to.equal(3);
    expect(await mutable.isAtLeast(2, 1)).to.equal(true);
    expect(await mutable.isAtLeast(1, 2)).to.equal(false);
  });
});
