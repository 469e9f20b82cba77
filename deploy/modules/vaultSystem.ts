import {
  buildModule,
  type ContractFuture,
  type Future,
  type IgnitionModuleBuilder,
} from "@nomicfoundation/ignition-core";
import { type Interface, keccak256, ZeroHash } from "ethers";

import { memoriesOf, MOST_OBSERVATIONS, observationsFor } from "../memory.ts";
import { mistakes } from "../../sdk/errors.ts";
import { NO_SOURCE, SourceKind } from "../../sdk/oracleAdapter.ts";
import type { Target } from "../roles.ts";
import type { RateModel, Source, SourceSlot, System, Venue } from "../system.ts";
import { type Contract, legArgument } from "./parts.ts";
import { configureRisk, riskLayer } from "./riskLayer.ts";

/** What the module must know of the compiled contracts. */
export interface Compiled {
  /** Creation code of the vault, which its factory takes in calldata. */
  readonly vaultCreationCode: string;
  /** Interfaces of the contracts that obey the AccessManager. */
  readonly interfaces: Readonly<Record<Target, Interface>>;
}

/** The contract that answers for a source: a feed of its own, or the aggregator itself, which the adapter reads best. */
const sourceTarget = (
  m: IgnitionModuleBuilder,
  { loan, collateral }: System,
  slot: SourceSlot,
  source: Source,
): Contract | string => {
  const id = `${slot}Feed`;
  switch (source.kind) {
    case "chainlink":
      return source.aggregator.address;
    case "chainlinkRatio":
      return m.contract(
        "ChainlinkRatioFeed",
        [collateral.address, loan.address, legArgument(source.base), legArgument(source.quote)],
        { id },
      );
    case "uniswapTwap":
      return m.contract(
        "UniswapV3TwapFeed",
        [source.pool, collateral.address, loan.address, source.window, source.minLiquidity],
        { id },
      );
  }
};

const sourceArgument = (m: IgnitionModuleBuilder, system: System, slot: SourceSlot) => {
  const source = system.sources[slot];
  if (source === undefined) return NO_SOURCE;
  return {
    kind: source.kind === "chainlink" ? SourceKind.CHAINLINK : SourceKind.FEED,
    target: sourceTarget(m, system, slot, source),
    heartbeat: source.heartbeat,
    minPrice: source.minPrice,
    maxPrice: source.maxPrice,
  };
};

const rateModelContract = (m: IgnitionModuleBuilder, { kind, ...config }: RateModel): Contract =>
  m.contract(kind === "adaptive" ? "AdaptiveRateModel" : "KinkedRateModel", [config], { id: "RateModel" });

/** Under which name the module hands out a venue. */
export const venueId = (i: number): `venue_${number}` => `venue_${i}`;

const venueContract = (m: IgnitionModuleBuilder, venue: Venue, id: string): Contract =>
  venue.kind === "uniswapV3"
    ? m.contract("UniswapV3Venue", [venue.factory, venue.pool, venue.window], { id })
    : m.contract("UniswapV2Venue", [venue.factory, venue.pair], { id });

/** The three ways of selling, the policy that chooses among them, and the liquidator that splits. */
const liquidation = (
  m: IgnitionModuleBuilder,
  system: System,
  vaultFactory: Contract,
  authority: Contract,
) => {
  const liquidator = m.contract("DutchAuctionLiquidator", [vaultFactory, system.poolFactory, authority]);
  const policy = m.contract("SalePolicy", [authority]);
  const directLiquidator = m.contract("DirectSaleLiquidator", [vaultFactory, authority]);
  const { tickBps, interval } = system.batchAuction;
  const batchLiquidator = m.contract("BatchAuctionLiquidator", [vaultFactory, tickBps, interval]);
  const splitLiquidator = m.contract("SplitLiquidator", [policy, directLiquidator, liquidator]);
  const venues = system.directSale.venues.map((venue, i) => venueContract(m, venue, venueId(i)));
  return { liquidator, policy, directLiquidator, batchLiquidator, splitLiquidator, venues };
};

/** Lists what may be sold in, and says what the vault's market is like. */
const configureSales = (
  m: IgnitionModuleBuilder,
  system: System,
  vault: ContractFuture<string>,
  { liquidator, policy, directLiquidator, venues }: ReturnType<typeof liquidation>,
): void => {
  const { cascade, gas, ...inputs } = system.policy;
  for (const [i, pool] of system.pools.entries()) {
    m.call(liquidator, "setPoolListed", [pool, true], { id: `list_pool_${i}` });
  }
  const listings = venues.map((venue, i) =>
    m.call(directLiquidator, "setVenueListed", [venue, true], { id: `list_venue_${i}` }),
  );
  const reference = venues[system.directSale.reference];
  if (reference === undefined) throw new RangeError(`no venue ${system.directSale.reference}`);
  m.call(directLiquidator, "setReferenceVenue", [vault, reference], { after: listings });
  m.call(policy, "setInputs", [vault, { ...inputs, cascade: [...cascade], gas: [...gas] }]);
};

/** Observations that one transaction may pay for: each costs some 22,000 gas. */
const OBSERVATIONS_PER_CALL = 300n;

/** Lets every pool that is read remember as much as its readers need. Where it does already, a call changes nothing. */
const growMemories = (m: IgnitionModuleBuilder, system: System): void => {
  for (const [i, [address, seconds]] of [...memoriesOf(system)].entries()) {
    const needed = observationsFor(seconds, system.policy.blockTime);
    if (needed > MOST_OBSERVATIONS) {
      throw mistakes.memoryTooLong(address, seconds, needed, system.policy.blockTime, MOST_OBSERVATIONS);
    }
    const pool = m.contractAt("IUniswapV3Pool", address, { id: `memory_${i}` });
    let growth: Future | undefined;
    for (let kept = 0n; kept < needed;) {
      kept = kept + OBSERVATIONS_PER_CALL < needed ? kept + OBSERVATIONS_PER_CALL : needed;
      growth = m.call(pool, "increaseObservationCardinalityNext", [kept], {
        id: `memory_${i}_${kept}`,
        after: growth === undefined ? [] : [growth],
      });
    }
  }
};

/**
 * A whole vault system, from its AccessManager to a vault with its seed and what moves its parameters. The deployer governs it
 * until the hand-over. Every address that it does not create is known
 * beforehand, so that one module serves every network.
 */
export const vaultSystemModule = (system: System, compiled: Compiled) =>
  buildModule("VaultSystem", (m) => {
    const { loan, collateral, vault: terms, seed } = system;
    const authority = m.contract("AccessManager", [m.getAccount(0)]);
    const oracle = m.contract("OracleAdapter", [
      {
        collateralAsset: collateral.address,
        loanAsset: loan.address,
        primary: sourceArgument(m, system, "primary"),
        second: sourceArgument(m, system, "second"),
        standby: sourceArgument(m, system, "standby"),
        sequencerFeed: system.oracle.sequencerFeed,
        sequencerGrace: system.oracle.sequencerGrace,
        maxDisagreementBps: system.oracle.maxDisagreementBps,
        primaryGrace: system.oracle.primaryGrace,
        secondIsPool: system.sources.second?.kind === "uniswapTwap",
      },
      authority,
    ]);
    const rateModel = rateModelContract(m, system.rateModel);
    const curve = m.contract("ExponentialDecayCurve");
    const vaultExtension = m.contract("VaultExtension");
    const vaultFactory = m.contract("VaultFactory", [keccak256(compiled.vaultCreationCode), vaultExtension]);
    const lens = m.contract("VaultLens");
    const { name, symbol, cooldownSeconds, windowSeconds, cover, resale } = system.backstop;
    const backstop = m.contract("Backstop", [
      loan.address,
      name,
      symbol,
      cooldownSeconds,
      windowSeconds,
      authority,
    ]);

    const sales = liquidation(m, system, vaultFactory, authority);
    const { liquidator, policy, directLiquidator, batchLiquidator, splitLiquidator, venues } = sales;

    const creation = m.call(vaultFactory, "createVault", [
      {
        asset: loan.address,
        collateralAsset: collateral.address,
        oracle,
        rateModel,
        curve,
        extension: vaultExtension,
        // Only liquidators that sell away from the clock are named.
        directLiquidator,
        batchLiquidator,
        backstop,
        authority,
        ...terms,
        reward: { ...terms.reward },
        terms: { ...terms.terms },
      },
      compiled.vaultCreationCode,
      ZeroHash,
    ]);
    const vault = m.contractAt("IVault", m.readEventArgument(creation, "VaultCreated", "vault"));

    configureSales(m, system, vault, sales);
    growMemories(m, system);
    m.call(backstop, "setCover", [vault, { cap: cover, resale: { ...resale } }]);
    const risk = riskLayer(m, system, { authority, vaultFactory, policy });
    configureRisk(m, system, { vault, authority, venues }, risk);
    if (seed !== undefined) {
      const token = m.contractAt("IERC20Metadata", loan.address, { id: "Loan" });
      const approval = m.call(token, "approve", [vault, seed.assets]);
      m.call(vault, "deposit", [seed.assets, seed.receiver], { id: "seed", after: [approval] });
    }
    return {
      authority,
      oracle,
      rateModel,
      curve,
      vaultExtension,
      vaultFactory,
      lens,
      vault,
      liquidator,
      policy,
      directLiquidator,
      batchLiquidator,
      splitLiquidator,
      backstop,
      ...risk,
      ...(Object.fromEntries(venues.map((venue, i) => [venueId(i), venue])) as Record<
        ReturnType<typeof venueId>,
        Contract
      >),
    };
  });
