import { expect } from "chai";
import { network } from "hardhat";

import { ADAPTIVE_RATES } from "../../../scripts/kit/defaults.ts";
import { accruedIndex, growth } from "../../../sdk/interestMath.ts";
import { BPS, SECONDS_PER_YEAR, WAD } from "../../../sdk/math.ts";
import {
  CALM_TERMS,
  createVault,
  deploySystem,
  lend,
  ONE_ANSWER,
  ONE_COLLATERAL,
  ONE_LOAN,
  ONE_PRICE,
  open,
  setPrice,
  setPrices,
  startSale,
  type System,
  take,
} from "../../helpers/system.ts";
import { breakContract, HEARTBEAT, Mode, SALES_BIT, State } from "./fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, time } = networkHelpers;

/** 1,000% a year. */
const MAX_RATE = (10n * WAD) / SECONDS_PER_YEAR;

describe("VaultLens: vault", () => {
  /** Lent to a half, an hour old. */
  async function deploy() {
    const system = await deploySystem(connection);
    await lend(system, 20_000n * ONE_LOAN);
    await open(system, system.borrower, 10n * ONE_COLLATERAL, 10_000n * ONE_LOAN);
    await time.increase(3_600);
    return system;
  }

  const show = ({ lens, vault }: System) => lens.vault(vault);

  it("shows who the vault is and what it is built from", async () => {
    const system = await loadFixture(deploy);
    const shown = await show(system);
    const { config } = system;
    expect(shown.vault).to.equal(await system.vault.getAddress());
    expect([...shown.shares]).to.deep.equal([shown.vault, "Gavel USDC/WETH", "gUSDC", 12n]);
    expect([...shown.asset]).to.deep.equal([config.asset, "USD Coin", "USDC", 6n]);
    expect([...shown.collateral]).to.deep.equal([config.collateralAsset, "Wrapped Ether", "WETH", 18n]);
    const { oracle, rateModel, curve, extension, authority, minDebt } = shown;
    const { directLiquidator, batchLiquidator, backstop } = shown;
    expect([directLiquidator, batchLiquidator, backstop]).to.deep.equal([
      config.directLiquidator,
      config.batchLiquidator,
      config.backstop,
    ]);
    expect({ oracle, rateModel, curve, extension, authority, minDebt }).to.deep.equal({
      oracle: config.oracle,
      rateModel: config.rateModel,
      curve: config.curve,
      extension: config.extension,
      authority: config.authority,
      minDebt: config.minDebt,
    });
  });

  it("shows what governs the vault: parameters, current terms, reward, caps, depth", async () => {
    const system = await loadFixture(deploy);
    const { vault, governor, config } = system;
    const newTerms = { ...CALM_TERMS, startPremiumBps: 100n, horizon: 1_500n };
    await vault.connect(governor).setTerms(newTerms);
    const shown = await show(system);
    expect([...shown.params]).to.deep.equal([...(await vault.params())]);
    expect(shown.params.termsId).to.equal(2n);
    expect([...shown.terms]).to.deep.equal([...(await vault.terms(2n))]);
    expect(shown.terms.horizon).to.equal(newTerms.horizon);
    expect([...shown.reward]).to.deep.equal([100n * ONE_LOAN, 2_000n * ONE_LOAN]);
    const { supplyCap, borrowCap, maxPositionDebt, stressDepth } = shown;
    expect([supplyCap, borrowCap, maxPositionDebt, stressDepth]).to.deep.equal([
      config.supplyCap,
      config.borrowCap,
      config.maxPositionDebt,
      config.stressDepth,
    ]);
  });

  it("shows the liquidation LTV on its ramp", async () => {
    const system = await loadFixture(deploy);
    const { vault, governor } = system;
    await vault.connect(governor).rampLiquidationLtv(8_500n, 2_000n);
    await time.increase(1_000);
    const { liquidationLtvBps } = await show(system);
    expect(liquidationLtvBps).to.equal(8_400n);
    expect(liquidationLtvBps).to.equal(await vault.liquidationLtvBps());
  });

  it("shows the books with interest up to now", async () => {
    const system = await loadFixture(deploy);
    const { vault } = system;
    const shown = await show(system);
    expect([...shown.totals]).to.deep.equal([...(await vault.accruedTotals())]);
    expect(shown.totals.index).to.be.above(WAD);
    expect(shown.totalDebt).to.equal(await vault.totalDebt());
    expect(shown.totalAssets).to.equal(await vault.totalAssets());
    expect(shown.totalSupply).to.equal(await vault.totalSupply());
    expect(shown.utilisation).to.equal((shown.totalDebt * WAD) / (shown.totalDebt + shown.totals.cash));
    expect(shown.markdown).to.equal(0n);
  });

  it("shows the loss that lenders bear already", async () => {
    const system = await loadFixture(deploy);
    const { vault, borrower } = system;
    await setPrice(system, 500n);
    await startSale(system, borrower);
    await take(system, borrower);
    const { markdown, totalAssets } = await show(system);
    expect(markdown).to.be.above(0n);
    expect(markdown).to.equal(await vault.markdown());
    expect(totalAssets).to.equal(await vault.totalAssets());
  });

  it("shows a vault that nobody has touched", async () => {
    const system = await deploySystem(connection);
    const { utilisation, supplyRate, totalAssets, totalDebt, totalSupply } = await show(system);
    expect([utilisation, supplyRate, totalAssets, totalDebt, totalSupply]).to.deep.equal([
      0n,
      0n,
      0n,
      0n,
      0n,
    ]);
  });

  it("shows nothing where a token does not say what it is", async () => {
    const system = await loadFixture(deploy);
    const { factory, config, creationCode, curve, loan } = system;
    const oracle = await ethers.deployContract("MockOracle", [curve, loan]);
    const vault = await createVault(
      connection,
      factory,
      { ...config, collateralAsset: await curve.getAddress(), oracle: await oracle.getAddress() },
      creationCode,
    );
    const shown = await system.lens.vault(vault);
    expect([...shown.collateral]).to.deep.equal([await curve.getAddress(), "", "", 0n]);
  });

  describe("price", () => {
    it("is the oracle's", async () => {
      const system = await loadFixture(deploy);
      await setPrices(system, 1_900n * ONE_ANSWER, 1_910n * ONE_ANSWER);
      const { price } = await show(system);
      expect([price.deciding, price.low, price.high, price.startBound, price.state]).to.deep.equal([
        1_900n * ONE_PRICE,
        1_900n * ONE_PRICE,
        1_910n * ONE_PRICE,
        1_900n * ONE_PRICE,
        State.FRESH,
      ]);
    });

    it("knows of interruptions since the last sale, as a sale would", async () => {
      const system = await loadFixture(deploy);
      const { vault, oracle, borrower } = system;
      await setPrice(system, 1_100n);
      // A day at most is looked back to, and a feed is dead a heartbeat and five minutes after its last round.
      await time.increase(1_000n);
      await startSale(system, borrower);
      await time.increase(HEARTBEAT);
      await setPrice(system, 1_100n);
      const { price, totals } = await show(system);
      expect([...price]).to.deep.equal([...(await oracle.priceSince(totals.oracleAliveUntil))]);
      expect(price.liveSince).to.be.above((await vault.position(borrower)).saleStartedAt);
      expect((await oracle.price()).liveSince).to.equal(0n);
    });

    for (const [what, seconds, looksBack] of [
      ["looks back over a day", 86_400n, true],
      ["does not look back further: no sale can be concerned", 86_401n, false],
    ] as const) {
      it(what, async () => {
        const system = await loadFixture(deploy);
        await setPrice(system, 1_100n);
        await startSale(system, system.borrower);
        const { oracleAliveUntil } = await system.vault.totals();
        await time.setNextBlockTimestamp(oracleAliveUntil + seconds);
        await system.primary.pushAnswer(1_100n * ONE_ANSWER);
        const { liveSince } = (await show(system)).price;
        expect(liveSince).to.equal(looksBack ? oracleAliveUntil + seconds : 0n);
      });
    }

    it("is nothing, and STALE, while no source is alive", async () => {
      const system = await loadFixture(deploy);
      await time.increase(2n * HEARTBEAT);
      expect([...(await show(system)).price]).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n, State.STALE]);
    });
  });

  describe("seconds of the sale clock", () => {
    /** A sale of half the lot moves the clock to half a horizon. */
    async function withSale() {
      const system = await deploy();
      await setPrice(system, 1_100n);
      await startSale(system, system.borrower);
      await time.increase(CALM_TERMS.horizon);
      return system;
    }

    it("are a horizon at most", async () => {
      const system = await loadFixture(deploy);
      expect((await show(system)).vaultSeconds).to.equal(CALM_TERMS.horizon);
    });

    it("go back with each sale, and on with time", async () => {
      const system = await loadFixture(deploy);
      const { vault, governor, borrower } = system;
      const [supplyCap, borrowCap] = await vault.caps();
      await vault.connect(governor).setCaps(supplyCap, borrowCap, 1_000_000n * ONE_LOAN);
      await vault.connect(governor).setTerms({ ...CALM_TERMS, lot: 20_000n * ONE_LOAN });
      await setPrice(system, 1_100n);
      await startSale(system, borrower);
      await time.increase(CALM_TERMS.horizon);
      // The sale's own terms decide how far a sale rewinds; the current ones how far the clock counts.
      await vault.connect(governor).setTerms({ ...CALM_TERMS, horizon: 1_050n });
      // A sixteenth of a lot may use up what the clock shows beyond the horizon.
      await take(system, borrower, 5_000n * ONE_LOAN);
      const { vaultSeconds, totals } = await show(system);
      const now = BigInt(await time.latest());
      expect(vaultSeconds).to.equal((now * 256n - totals.saleClock) / 256n);
      expect(vaultSeconds).to.be.below(1_050n);
      await time.increase(10);
      expect((await show(system)).vaultSeconds).to.equal(vaultSeconds + 10n);
      await time.increase(5_000);
      expect((await show(system)).vaultSeconds).to.equal(1_050n);
    });

    it("are 0 while sales are paused, and start afresh after", async () => {
      const system = await loadFixture(deploy);
      const { vault, governor } = system;
      await vault.connect(governor).pause(SALES_BIT);
      expect((await show(system)).vaultSeconds).to.equal(0n);
      await vault.connect(governor).unpause(SALES_BIT);
      await time.increase(7);
      expect((await show(system)).vaultSeconds).to.equal(7n);
    });

    it("are 0 while the oracle is STALE, and start afresh after", async () => {
      const system = await loadFixture(withSale);
      await system.vault.touch(system.borrower);
      await time.increase(HEARTBEAT);
      expect((await show(system)).vaultSeconds).to.equal(0n);
      await system.primary.pushAnswer(1_100n * ONE_ANSWER);
      await time.increase(7);
      expect((await show(system)).vaultSeconds).to.equal(7n);
    });
  });

  describe("rates", () => {
    /** What the vault charges over the next seconds. */
    const charged = async (system: System, seconds: bigint) => {
      const before = await system.vault.accruedTotals();
      await system.vault.accrue();
      const start = await system.vault.totals();
      await time.increase(seconds);
      const after = await system.vault.accruedTotals();
      return { before, start, after, elapsed: after.accruedAt - start.accruedAt };
    };

    it("borrowers pay what the adaptive model answers now", async () => {
      const system = await loadFixture(deploy);
      const { borrowRate, utilisation, totals } = await show(system);
      const [rate] = await system.rateModel.rate(totals.rateState, utilisation, 0n);
      expect(borrowRate).to.equal(rate);
      expect(borrowRate).to.be.within(ADAPTIVE_RATES.minRateAtTarget, ADAPTIVE_RATES.initialRateAtTarget);
    });

    const models: [string, bigint, string, bigint | undefined][] = [
      ["a model that answers a rate", Mode.ANSWER, ethers.toBeHex(10n ** 9n, 32) + "0".repeat(64), 10n ** 9n],
      ["a model that answers 0", Mode.ANSWER, `0x${"0".repeat(128)}`, 0n],
      ["a model that answers the most", Mode.ANSWER, ethers.toBeHex(MAX_RATE, 32) + "0".repeat(64), MAX_RATE],
      [
        "a model that answers more",
        Mode.ANSWER,
        ethers.toBeHex(MAX_RATE + 1n, 32) + "0".repeat(64),
        MAX_RATE,
      ],
      ["a model that reverts: its last state", Mode.REVERT, "0x", undefined],
      ["a model that burns its gas: its last state", Mode.BURN_GAS, "0x", undefined],
      ["a model that answers too little: its last state", Mode.ANSWER, `0x${"0".repeat(126)}`, undefined],
    ];
    for (const [what, mode, answer, expected] of models) {
      it(`borrowers pay, to the wei, what the vault charges by ${what}`, async () => {
        const system = await loadFixture(deploy);
        await breakContract(connection, system.rateModel, mode, answer);
        await system.vault.accrue();
        const { borrowRate, totals } = await show(system);
        expect(borrowRate).to.equal(expected ?? totals.rateState);
        const { start, after, elapsed } = await charged(system, 1_000n);
        expect(after.index).to.equal(accruedIndex(start.index, growth(borrowRate, elapsed)));
      });
    }

    it("lenders earn the borrowers' rate on what is lent, less the reserve's share, rounded down", async () => {
      const system = await loadFixture(deploy);
      const { borrowRate, supplyRate, utilisation } = await show(system);
      expect(supplyRate).to.equal((borrowRate * utilisation * 9_000n) / (WAD * BPS));
      expect((borrowRate * utilisation * 9_000n) % (WAD * BPS)).to.be.above(0n);
    });

    it("lenders earn so much indeed", async () => {
      const system = await loadFixture(deploy);
      await breakContract(
        connection,
        system.rateModel,
        Mode.ANSWER,
        ethers.toBeHex(10n ** 10n, 32) + "0".repeat(64),
      );
      await system.vault.accrue();
      const { supplyRate, totalAssets } = await show(system);
      const elapsed = 100_000n;
      await time.increase(elapsed);
      const earned = (await system.vault.totalAssets()) - totalAssets;
      const foretold = (totalAssets * supplyRate * elapsed) / WAD;
      // The rest is interest on interest, some 0.05% of it.
      expect(earned).to.be.within(foretold, (foretold * 1_001n) / 1_000n);
    });
  });
});
