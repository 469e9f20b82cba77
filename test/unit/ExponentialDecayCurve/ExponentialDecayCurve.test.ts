import { expect } from "chai";
import { network } from "hardhat";

import { WAD } from "../../../sdk/math.ts";
import { calmTerms } from "../../../scripts/kit/defaults.ts";
import type { SaleTerms } from "../../../sdk/terms.ts";

const { ethers } = await network.create();

const BP = WAD / 10_000n;

const calm: SaleTerms = calmTerms(1_000_000_000_000n);
const volatile: SaleTerms = { ...calm, holdBps: 250n, maxDiscountBps: 1_000n, halfLife: 180n, horizon: 900n };
const withPremium: SaleTerms = { ...calm, startPremiumBps: 100n };

describe("ExponentialDecayCurve", () => {
  async function deploy() {
    return ethers.deployContract("ExponentialDecayCurve");
  }

  /** First second at which a sale that nobody competes with is at a discount or beyond. */
  async function firstSecondAt(terms: SaleTerms, discount: bigint): Promise<bigint> {
    const curve = await deploy();
    for (let t = 0n; t <= terms.horizon; t++) {
      if ((await curve.discount(terms, t, terms.horizon)) >= discount) return t;
    }
    throw new Error("not within the horizon");
  }

  describe("figures of the published terms", () => {
    it("calm terms reach 5% in 300 s: 212 s x log2(8 / 3)", async () => {
      expect(await firstSecondAt(calm, 500n * BP)).to.equal(300n);
    });

    it("volatile terms reach 5% in 180 s, one half-life, but for the unit that rounding holds back", async () => {
      const curve = await deploy();
      const discount = await curve.discount(volatile, 180, 900);
      expect(discount).to.be.within(500n * BP - 2n, 500n * BP);
      expect(await firstSecondAt(volatile, 500n * BP)).to.equal(181n);
    });

    it("a premium of 1% on calm terms moves 5% to 336 s: 212 s x log2(9 / 3)", async () => {
      expect(await firstSecondAt(withPremium, 500n * BP)).to.equal(337n);
    });

    it("at the horizon of five half-lives the discount is within 1/32 of its maximum", async () => {
      const curve = await deploy();
      const left = 800n * BP - (await curve.discount(calm, 1_060, 1_060));
      expect(left).to.be.within((800n * BP) / 32n, (800n * BP) / 32n + 2n);
    });
  });

  describe("discount", () => {
    it("opens at the anchor without a premium, and above it with one", async () => {
      const curve = await deploy();
      expect(await curve.discount(calm, 0, 1_060)).to.equal(0n);
      expect(await curve.discount(withPremium, 0, 1_060)).to.equal(-100n * BP);
    });

    it("is held for every sale of the vault when others have just bought", async () => {
      const curve = await deploy();
      expect(await curve.discount(calm, 30, 0)).to.equal(await curve.discount(calm, 30, 1_060));
      expect(await curve.discount(calm, 500, 0)).to.equal(150n * BP);
    });

    it("climbs again with the vault's clock", async () => {
      const curve = await deploy();
      const alone = await curve.discount(calm, 300, 1_060);
      expect(await curve.discount(calm, 5_000, 300)).to.equal(alone);
    });

    it("never counts more vault seconds than the sale's own", async () => {
      const curve = await deploy();
      expect(await curve.discount(calm, 10, 1_060)).to.equal(await curve.discount(calm, 10, 10));
    });

    it("cannot be held up for longer than eight horizons", async () => {
      const curve = await deploy();
      const eight = 8n * calm.horizon;
      expect(await curve.discount(calm, eight, 0)).to.equal(150n * BP);
      expect(await curve.discount(calm, eight + 300n, 0)).to.equal(await curve.discount(calm, 300, 300));
    });

    it("ends at the maximal discount and never passes it", async () => {
      const curve = await deploy();
      expect(await curve.discount(calm, 64n * 212n, 64n * 212n)).to.equal(800n * BP);
      expect(await curve.discount(calm, 2n ** 40n, 2n ** 40n)).to.equal(800n * BP);
    });
  });

  describe("secondsToHold", () => {
    it("is where the discount comes to hold: 212 s x log2(8 / 6.5) = 63.5 s", async () => {
      const curve = await deploy();
      expect(await curve.secondsToHold(calm)).to.equal(63n);
      expect(await curve.discount(calm, 63, 0)).to.be.below(150n * BP);
      expect(await curve.discount(calm, 64, 0)).to.equal(150n * BP);
    });

    it("is 0 where hold is where the sale opens", async () => {
      const curve = await deploy();
      expect(await curve.secondsToHold({ ...calm, holdBps: 0n })).to.equal(0n);
    });

    it("is 64 half-lives where hold is never reached", async () => {
      const curve = await deploy();
      expect(await curve.secondsToHold({ ...calm, holdBps: 800n })).to.equal(64n * 212n);
      expect(await curve.secondsToHold({ ...calm, holdBps: 801n })).to.equal(64n * 212n);
    });
  });
});
