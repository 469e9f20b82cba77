import { expect } from "chai";
import { network } from "hardhat";

import { type System, systemOf } from "../../deploy/system.ts";
import { behindDirectSales, CALM_LTVS, calmTerms } from "../../scripts/kit/defaults.ts";
import { ETH_FEED } from "../../scripts/kit/oracleDefaults.ts";
import {
  boundsByName,
  type CalmVault,
  deleveragerMaxAge,
  depthConfig,
  stewardBounds,
  stewardConfig,
  STRESS,
  volatilityConfig,
} from "../../scripts/kit/riskDefaults.ts";
import { isTighterAbove, type Market, PARAMETERS, targets } from "../../sdk/stewardMath.ts";
import { localParameters } from "../deploy/fixtures.ts";

const { ethers, networkHelpers } = await network.create({ network: "sim", chainType: "l1" });

const MILLION = 10n ** 12n;
const DEPTH = 28n * MILLION;
const LOCAL_FEED = { ...ETH_FEED, heartbeat: 86_400n };
/** Any address will do. */
const FEED = "0x00000000000000000000000000000000000000A1";
const VAULT = "0x00000000000000000000000000000000000000b2";

const CALM: CalmVault = {
  terms: behindDirectSales(calmTerms(21_000n * 10n ** 6n)),
  ltvs: CALM_LTVS,
  maxPositionDebt: 280_000n * 10n ** 6n,
  stressDepth: 7n * MILLION,
  borrowCap: (35n * MILLION) / 2n,
  calmDepth: DEPTH,
};

/** The vault of a parameters file, as the bounds see it. */
const vaultOf = ({ vault, policy }: System): CalmVault => ({
  terms: vault.terms,
  ltvs: vault,
  maxPositionDebt: vault.maxPositionDebt,
  stressDepth: vault.stressDepth,
  borrowCap: vault.borrowCap,
  calmDepth: policy.depth,
});

describe("Risk defaults", () => {
  describe("given the local parameters", () => {
    const system = systemOf(localParameters());
    const { volatility, depth, stress, steward, deleverager } = system.risk;

    it("are what the file says of volatility, depth and rescues", () => {
      expect(volatility.config).to.deep.equal(volatilityConfig(LOCAL_FEED));
      const { factory, ...config } = depth;
      expect(config).to.deep.equal(depthConfig(["@pool", "@widePool"]));
      expect(factory).to.equal(system.poolFactory);
      expect(deleverager.maxAge).to.equal(deleveragerMaxAge(LOCAL_FEED));
    });

    it("are what it says of stress", () => {
      const { weight, heartbeats } = STRESS;
      const { fullScale, window, ...deviation } = stress.feedDeviation;
      expect([stress.minLive, stress.term]).to.deep.equal([STRESS.k, STRESS.termDays * 86_400n]);
      expect({ fullScale }).to.deep.equal(STRESS.feedDeviation);
      expect(window).to.equal(STRESS.twapWindow);
      expect(deviation).to.include({ weight, heartbeat: heartbeats.feedDeviation });
      expect(stress.vaults).to.deep.equal({
        weight,
        heartbeat: heartbeats.vaults,
        ...STRESS.vaults,
        ...STRESS.damping,
      });
      // As old as the feed, whose heartbeat is a day there.
      const heartbeat = LOCAL_FEED.heartbeat + heartbeats.volatility - ETH_FEED.heartbeat;
      expect(stress.volatility).to.deep.equal({ weight, heartbeat, ...STRESS.volatility });
    });

    it("are what it says of the steward, around the vault's own values", () => {
      const { feed, ...config } = stewardConfig({
        feed: FEED,
        calmDepth: system.policy.depth,
        ...LOCAL_FEED,
      });
      expect(feed).to.equal(FEED);
      expect(steward.config).to.deep.equal(config);
      expect(steward.bounds).to.deep.equal(boundsByName(vaultOf(system)));
    });
  });

  describe("given the real steward", () => {
    async function deploy() {
      const [governor] = await ethers.getSigners();
      const authority = await ethers.deployContract("AccessManager", [governor!]);
      return ethers.deployContract("RiskSteward", [FEED, FEED, FEED, FEED, authority]);
    }

    const clock = calmTerms(21_000n * 10n ** 6n);
    const OUT_OF_THE_WAY = { borrowCap: 2n ** 95n, maxPositionDebt: 64n * CALM.terms.lot };
    const vaults: readonly (readonly [what: string, changes: Partial<CalmVault>])[] = [
      ["a vault behind direct sales", {}],
      ["a clock that stands alone", { terms: clock }],
      ["direct sales that are more urgent", { terms: { ...CALM.terms, urgencyBps: 2_000n } }],
      ["a cap out of the way, and the largest positions that the lot bears", OUT_OF_THE_WAY],
      ["a vault of dust", { borrowCap: 1n, maxPositionDebt: 1n, stressDepth: 1n, calmDepth: 1n }],
    ];
    for (const [what, changes] of vaults) {
      it(`are accepted for ${what}`, async () => {
        const steward = await networkHelpers.loadFixture(deploy);
        const vault = { ...CALM, ...changes };
        const config = stewardConfig({ feed: FEED, calmDepth: vault.calmDepth });
        await expect(steward.configure(VAULT, config, stewardBounds(vault))).to.emit(steward, "Configured");
      });
    }
  });

  describe("given a market", () => {
    const config = stewardConfig({ feed: FEED, calmDepth: DEPTH });
    const dials = Object.fromEntries(
      Object.entries(boundsByName(CALM)).map(([name, bounds]) => [
        name,
        { ...bounds, changedAt: 0n, calmSince: 0n, spent: 0n },
      ]),
    ) as Parameters<typeof targets>[2];
    const rules = {
      maxOracleStepBps: CALM_LTVS.maxOracleStepBps,
      penaltyBps: CALM.terms.penaltyBps,
      leastLtvBps: CALM_LTVS.liquidationLtvBps,
      mostLtvBps: CALM_LTVS.liquidationLtvBps,
      keeperMargin: 3n * 10n ** 15n,
      blockTime: 12_000n,
    };
    const wanted = (changes: Partial<Market>) =>
      targets(
        { volatility: config.calmVolatility, depth: DEPTH, stress: 0n, hasVolatility: true, ...changes },
        config,
        dials,
        rules,
      );

    it("ask for the calm terms, premium and half-life of a clock behind direct sales included, while it is calm", () => {
      expect(wanted({})).to.include({
        liquidationLtv: CALM_LTVS.liquidationLtvBps,
        borrowLtv: CALM_LTVS.borrowLtvBps,
        startPremium: CALM.terms.startPremiumBps,
        hold: CALM.terms.holdBps,
        maxDiscount: CALM.terms.maxDiscountBps,
        targetLtv: CALM.terms.targetLtvBps,
        halfLife: CALM.terms.halfLife,
        lot: CALM.terms.lot,
        urgency: CALM.terms.urgencyBps,
        stressDepth: CALM.stressDepth,
        borrowCap: CALM.borrowCap,
        maxPositionDebt: CALM.maxPositionDebt,
        policyDepth: DEPTH,
      });
      expect(CALM.terms).to.include({ startPremiumBps: 1_500n, halfLife: 424n });
    });

    it("ask for nothing looser than that, and no looser value, the wilder it is", () => {
      let before = wanted({});
      for (const stress of [25n, 50n, 75n, 100n]) {
        const now = wanted({
          stress: stress * 10n ** 16n,
          volatility: (config.calmVolatility * stress) / 20n,
          depth: DEPTH - (DEPTH * stress) / 110n,
        });
        for (const name of PARAMETERS) {
          expect(isTighterAbove(name) ? now[name] >= before[name] : now[name] <= before[name], name).to.equal(
            true,
          );
        }
        before = now;
      }
      expect(before).to.include({ liquidationLtv: 7_470n, hold: 200n, maxDiscount: 900n, urgency: 600n });
    });

    it("keep the liquidation LTV while a tenth of the depth is left, at calm volatility", () => {
      expect(wanted({ depth: DEPTH / 10n }).liquidationLtv).to.equal(8_300n);
      expect(wanted({ depth: DEPTH / 12n }).liquidationLtv).to.be.below(8_300n);
    });
  });
});
