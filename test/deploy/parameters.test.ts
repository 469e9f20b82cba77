import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { parseParameters, withLocalMarket } from "../../deploy/parameters.ts";
import { InvalidParameters } from "../../sdk/errors.ts";
import { systemOf } from "../../deploy/system.ts";
import { LOCAL_PARTS, type LocalPart } from "../../deploy/vocabulary.ts";
import { SECONDS_PER_YEAR, WAD } from "../../sdk/math.ts";
import { LOCAL_PARAMETERS, localParameters, readParametersFile } from "./fixtures.ts";

const SEPOLIA_EXAMPLE = "deploy/params/sepolia.example.json5";
const ONE = "0x00000000000000000000000000000000000000A1";
const TWO = "0x00000000000000000000000000000000000000b2";

/** Sets one value in a copy of what the local file says. */
function localWith(path: string, value: unknown): Record<string, unknown> {
  const contents = structuredClone(readParametersFile(LOCAL_PARAMETERS));
  const keys = path.split(".");
  const last = keys.pop()!;
  const holder = keys.reduce((object, key) => object[key] as Record<string, unknown>, contents);
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else holder[last] = value;
  return contents;
}

function fill(contents: unknown, placeholders: readonly string[]): unknown {
  const left = [...placeholders];
  const text = JSON.stringify(contents).replaceAll("FILL IN", () => left.shift() ?? ONE);
  return JSON.parse(text) as unknown;
}

describe("parseParameters", () => {
  it("accepts the local file", () => {
    expect(localParameters().chainId).to.equal(31_337);
  });

  it("refuses the example until it is filled in, and accepts it then", () => {
    const example = readParametersFile(SEPOLIA_EXAMPLE);
    expect(() => parseParameters(example)).to.throw(
      InvalidParameters,
      "authority.governor: must be an address",
    );
    const filled = parseParameters(fill(example, [ONE, TWO]));
    expect(filled.chainId).to.equal(11_155_111);
    expect(filled.authority.governorDelay).to.equal(2 * 86_400);
    expect(filled.seed).not.to.equal(undefined);
    expect(systemOf(filled).sources.second?.kind).to.equal("uniswapTwap");
  });

  it("refuses a governor without a delay on any chain but a local one", () => {
    const filled = fill(readParametersFile(SEPOLIA_EXAMPLE), [ONE, TWO]) as { authority: object };
    for (const governorDelay of [0, 172_799]) {
      const hasty = { ...filled, authority: { ...filled.authority, governorDelay } };
      expect(() => parseParameters(hasty)).to.throw(
        InvalidParameters,
        "authority.governorDelay: must be at least 172800 seconds",
      );
    }
  });

  const refused: readonly (readonly [what: string, path: string, value: unknown, complaint: string])[] = [
    ["a missing section", "vault", undefined, "vault: is missing"],
    ["a missing amount", "vault.supplyCap", undefined, "vault.supplyCap: is missing"],
    ["a key that nobody reads", "vault.supplycap", "1", 'vault: Unrecognized key: "supplycap"'],
    ["an amount as a number", "vault.borrowCap", 5, "vault.borrowCap: Invalid input: expected string"],
    ["an amount in words", "vault.borrowCap", "1e6", "vault.borrowCap: must be a decimal number in quotes"],
    ["a cap of nothing", "vault.borrowCap", "0.0", "vault.borrowCap: must be more than 0"],
    ["bps above 1", "vault.borrowLtvBps", 10_001, "vault.borrowLtvBps: Too big"],
    ["half a bps", "vault.borrowLtvBps", 80.5, "vault.borrowLtvBps: Invalid input: expected int"],
    ["a negative delay", "authority.governorDelay", -1, "authority.governorDelay: Too small"],
    [
      "an address that is none",
      "authority.governor",
      "0x12",
      'authority.governor: must be an address, not "0x12"',
    ],
    [
      "an address with a wrong checksum",
      "authority.governor",
      "0x70997970c51812dc3A010C7d01b50e0d17dc79C8",
      "authority.governor: must be an address",
    ],
    ["no guardian", "authority.guardians", [], "authority.guardians: Too small"],
    [
      "a governor among the guardians",
      "authority.guardians",
      ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"],
      "authority: names 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 twice",
    ],
    [
      "a reward of four digits",
      "vault.reward.cap",
      "1234",
      "vault.reward.cap: must have at most three significant",
    ],
    [
      "a source of unknown kind",
      "oracle.primary.kind",
      "constant",
      "oracle.primary.kind: Invalid discriminator value. Expected 'chainlink'",
    ],
    [
      "an aggregator with one answer",
      "localMarket.primary.answers",
      ["1"],
      "localMarket.primary.answers: Too small",
    ],
    [
      "pools of a local market that are one",
      "localMarket.widePool.fee",
      500,
      "localMarket.widePool.fee: must differ",
    ],
    ["a venue of unknown kind", "directSale.venues.0.kind", "curve", "directSale.venues.0.kind: Invalid"],
    ["direct sales into nothing", "directSale.venues", [], "directSale.venues: Too small"],
    ["a reference that is no venue", "directSale.reference", 3, "directSale.reference: must be the place"],
    ["a reference without a mean", "directSale.reference", 2, "directSale.reference: must be the place"],
    [
      "blocks faster than the policy knows",
      "policy.blockTimeMilliseconds",
      49,
      "policy.blockTimeMilliseconds: Too small",
    ],
    [
      "a mean over less than twelve seconds, however fast the blocks",
      "directSale.venues.0.window",
      11,
      "directSale.venues.0.window: Too small",
    ],
    [
      "a look back over more than ten minutes",
      "vault.terms.fallWindow",
      601,
      "vault.terms.fallWindow: Too big",
    ],
    [
      "ticks that do not reach the deepest discount",
      "batchAuction.tickBps",
      12,
      "batchAuction.tickBps: 63 ticks do not reach",
    ],
    ["ticks beyond a discount of 1", "batchAuction.tickBps", 159, "batchAuction.tickBps: Too big"],
    ["no boundaries", "batchAuction.interval", 0, "batchAuction.interval: Too small"],
    ["an input of the policy out of its range", "policy.fee", "0.06", "policy.fee: must be from 0 to 0.05"],
    ["a missing input of the policy", "policy.gas.batch", undefined, "policy.gas.batch: is missing"],
    [
      "a source that outweighs the others",
      "risk.stress.vaults.weight",
      200,
      "risk.stress.volatility.weight: the largest",
    ],
    [
      "more live sources than there are",
      "risk.stress.minLive",
      4,
      "risk.stress.minLive: there are 3 sources only",
    ],
    ["two live sources", "risk.stress.minLive", 2, "risk.stress.minLive: Too small"],
    [
      "steps of a damped source that are too long",
      "risk.stress.vaults.maxStep",
      901,
      "risk.stress.vaults.maxStep: must be at most a quarter",
    ],
    [
      "a wild market that is calm",
      "risk.stress.volatility.wild",
      "0.00035",
      "risk.stress.volatility.wild: must be",
    ],
    ["a registration of more than a year", "risk.stress.termDays", 361, "risk.stress.termDays: Too big"],
    ["depth of no pool", "risk.depth.pools", [], "risk.depth.pools: Too small"],
    ["a memory of a minute", "risk.volatility.halfLife", 60, "risk.volatility.halfLife: Too small"],
    ["a lowering of half a day's notice", "risk.steward.notice", 43_200, "risk.steward.notice: Too small"],
    ["bounds that are missing", "risk.steward.bounds.lot", undefined, "risk.steward.bounds.lot: is missing"],
    [
      "bounds of nothing that moves",
      "risk.steward.bounds.penalty",
      { range: [1, 2], tight: [1, 1], loose: [1, 1] },
      'risk.steward.bounds: Unrecognized key: "penalty"',
    ],
    [
      "a step in bps as an amount",
      "risk.steward.bounds.hold.tight",
      ["50", 3_600],
      "risk.steward.bounds.hold.tight.0: Invalid input: expected number",
    ],
    ["a local market elsewhere", "chainId", 1, "localMarket: is for chain 31337 only"],
    ["parts without a market", "localMarket", undefined, "loan.address: @loan needs a localMarket"],
  ];
  for (const [what, path, value, complaint] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => parseParameters(localWith(path, value))).to.throw(InvalidParameters, complaint);
    });
  }

  it("refuses what is no object", () => {
    expect(() => parseParameters("local")).to.throw(InvalidParameters, "Invalid input: expected object");
  });
});

describe("withLocalMarket", () => {
  it("puts addresses in the place of names, everywhere and only there", () => {
    const addressOf = (i: number): string => `0x${i.toString().padStart(40, "0")}`;
    const addresses = Object.fromEntries(LOCAL_PARTS.map((part, i) => [part, addressOf(i + 1)])) as Record<
      LocalPart,
      string
    >;
    const before = localParameters();
    const after = withLocalMarket(before, addresses);
    expect(JSON.stringify(after)).not.to.match(/@/);
    expect(after.loan).to.deep.equal({ address: addressOf(1), decimals: 6 });
    expect(after.oracle.primary).to.deep.equal({ ...before.oracle.primary, aggregator: addressOf(3) });
    expect(after.liquidator).to.deep.equal({ poolFactory: addressOf(5), pools: [addressOf(6)] });
    expect(after.directSale.venues[2]).to.deep.equal({
      kind: "uniswapV2",
      factory: addressOf(8),
      pair: addressOf(9),
    });
    expect(after.authority).to.deep.equal(before.authority);
  });
});

describe("systemOf", () => {
  const scaled = (path: string, value: unknown) => systemOf(parseParameters(localWith(path, value)));

  it("scales amounts by the loan asset's decimals", () => {
    expect(systemOf(localParameters()).vault.minDebt).to.equal(100_000_000n);
    expect(scaled("vault.minDebt", "0.5").vault.minDebt).to.equal(500_000n);
  });

  it("refuses an amount with more decimals than the loan asset has", () => {
    expect(() => scaled("vault.minDebt", "0.1234567")).to.throw(
      InvalidParameters,
      '"0.1234567" has more than 6 decimals',
    );
  });

  for (const [loan, collateral, price] of [
    [6, 18, 2_000n * 10n ** 24n],
    [18, 8, 2_000n * 10n ** 46n],
    [8, 27, 2_000n * 10n ** 17n],
    [6, 6, 2_000n * 10n ** 36n],
  ] as const) {
    it(`scales prices of ${collateral} decimals in ${loan} decimals`, () => {
      const contents = localWith("oracle.expectedPrice", { least: "2000", most: "2000.5" });
      contents.loan = { address: "@loan", decimals: loan };
      contents.collateral = { address: "@collateral", decimals: collateral };
      const { expectedPrice } = systemOf(parseParameters(contents)).oracle;
      expect(expectedPrice.least).to.equal(price);
      expect(expectedPrice.most).to.equal((price * 20_005n) / 20_000n);
    });
  }

  it("tells the policy the market in its units, with the interval of the batch auction", () => {
    const { policy, batchAuction } = scaled("batchAuction.interval", 90);
    expect(policy.volatility).to.equal(17n * 10n ** 14n);
    expect(policy.depth).to.equal(28_000_000n * 10n ** 6n);
    expect(policy.cascade).to.deep.equal([2n * 10n ** 17n, 10n ** 17n, 5n * 10n ** 16n, 0n]);
    expect(policy.gas).to.deep.equal([500_000n, 350_000n, 200_000n, 200_000n]);
    expect([policy.batchInterval, batchAuction.interval]).to.deep.equal([90n, 90n]);
  });

  it("scales the bounds of the steward, each by what it is", () => {
    const { bounds, config } = systemOf(localParameters()).risk.steward;
    expect(bounds.borrowLtv).to.deep.equal({
      floor: 7_245n,
      ceiling: 8_000n,
      tightDelay: 3_600n,
      looseDelay: 86_400n,
      tightStep: 300n,
      looseStep: 100n,
    });
    expect([bounds.lot.floor, bounds.lot.looseStep]).to.deep.equal([4_375_000_000n, 1_050_000_000n]);
    expect(bounds.policyVolatility.tightStep).to.equal(17n * 10n ** 14n);
    expect([bounds.halfLife.ceiling, config.calmDepth]).to.deep.equal([424n, 2_800_000_000_000n]);
  });

  it("turns rates a year into rates a second", () => {
    const { rateModel } = systemOf(localParameters());
    expect(rateModel).to.include({ kind: "adaptive", initialRateAtTarget: WAD / 25n / SECONDS_PER_YEAR });
  });

  it("scales the bounds of a ratio's legs by each feed's own decimals", () => {
    const leg = { aggregator: ONE, heartbeat: 60, least: "0.5", most: "1.5" };
    const { primary } = scaled("oracle.primary", {
      kind: "chainlinkRatio",
      base: { ...leg, decimals: 8 },
      quote: { ...leg, decimals: 18 },
      heartbeat: 60,
      least: "1",
      most: "3",
    }).sources;
    if (primary.kind !== "chainlinkRatio") throw new Error("expected a ratio");
    expect(primary.base.minAnswer).to.equal(50_000_000n);
    expect(primary.quote.maxAnswer).to.equal((3n * WAD) / 2n);
    expect(primary.maxPrice).to.equal(3n * 10n ** 24n);
  });

  it("takes a rollup's sequencer, and none where there is none", () => {
    expect(systemOf(localParameters()).oracle.sequencerFeed).to.equal(ZeroAddress);
    const { sequencerFeed, sequencerGrace } = scaled("oracle.sequencer", { feed: ONE, grace: 3_600 }).oracle;
    expect([sequencerFeed, sequencerGrace]).to.deep.equal([ONE, 3_600n]);
  });
});
