import { expect } from "chai";
import { network } from "hardhat";

import type { Parameters } from "../../deploy/parameters.ts";
import { deployLocally, failuresOf, localParameters } from "../deploy/fixtures.ts";

/** Markets that lent against what somebody had declared to be worth a dollar, and went on while it was not. */

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture, setCode } = networkHelpers;

const DAY = 86_400;
const BOUNDS = { heartbeat: DAY, least: "100", most: "100000" } as const;
const ONE_ANSWER = 10n ** 8n;

/** A constant aggregator, 8 decimals. */
const aggregatorAt = async (answer: bigint): Promise<string> => {
  const peg = await ethers.deployContract("MockConstantFeed", [
    ethers.ZeroAddress,
    ethers.ZeroAddress,
    8n,
    answer * ONE_ANSWER,
    0n,
  ]);
  return peg.getAddress();
};

/** The local oracle with a primary of another kind and no second source. */
const withPrimary = (primary: Parameters["oracle"]["primary"]): Parameters => {
  const { oracle } = localParameters();
  return localParameters({ oracle: { ...oracle, primary, second: undefined } });
};

describe("06 Hard-coded pegs", () => {
  it("refuses a deployment whose primary is an aggregator that always answers the same", async () => {
    const peg = await aggregatorAt(2_000n);
    const system = await deployLocally(
      connection,
      withPrimary({ kind: "chainlink", aggregator: peg, decimals: 8, ...BOUNDS }),
    );
    const adapter = await ethers.getContractAt("OracleAdapter", system.addresses.oracle);
    expect((await adapter.price()).state, "the adapter alone can't tell").to.equal(2n);
    expect(await failuresOf(system)).to.deep.equal([
      `oracle.primary: ${peg} answered ${2_000n * ONE_ANSWER} in each of its last 24 rounds: a constant-price adapter has no place here`,
    ]);
  });

  it("refuses one whose second source does so", async () => {
    const peg = await aggregatorAt(2_000n);
    const { oracle } = localParameters();
    const second = { kind: "chainlink", aggregator: peg, decimals: 8, ...BOUNDS } as const;
    const system = await deployLocally(connection, localParameters({ oracle: { ...oracle, second } }));
    const failures = await failuresOf(system);
    expect(failures).to.have.length(1);
    expect(failures[0]).to.match(/^oracle\.second: .* a constant-price adapter has no place here$/);
  });

  it("refuses one of whose legs does so", async () => {
    const peg = await aggregatorAt(1n);
    const system = await deployLocally(
      connection,
      withPrimary({
        kind: "chainlinkRatio",
        ...BOUNDS,
        base: { aggregator: "@primary", decimals: 8, ...BOUNDS },
        quote: { aggregator: peg, decimals: 8, heartbeat: DAY, least: "0.5", most: "1.5" },
      }),
    );
    const failures = await failuresOf(system);
    expect(failures.join("\n")).to.match(
      /oracle\.primary: quote: .* a constant-price adapter has no place here/,
    );
  });

  it("refuses a constant feed in the place of one of ours", async () => {
    const { localMarket } = localParameters();
    const parameters = withPrimary({
      kind: "chainlinkRatio",
      ...BOUNDS,
      base: { aggregator: "@primary", decimals: 8, ...BOUNDS },
      quote: { aggregator: "@second", decimals: 8, heartbeat: DAY, least: "0.5", most: "1.5" },
    });
    const system = await deployLocally(connection, {
      ...parameters,
      localMarket: { ...localMarket!, second: { decimals: 8, answers: ["0.999", "1"] } },
    });
    expect(await failuresOf(system)).to.deep.equal([]);

    const adapter = await ethers.getContractAt("OracleAdapter", system.addresses.oracle);
    const { target } = (await adapter.config()).primary;
    const { collateral, loan } = system.parameters;
    const peg = await ethers.deployContract("MockConstantFeed", [
      collateral.address,
      loan.address,
      0n,
      0n,
      2_000n * 10n ** 24n,
    ]);
    await setCode(target, await ethers.provider.getCode(peg));
    expect((await adapter.price()).deciding, "the adapter alone can't tell").to.equal(2_000n * 10n ** 24n);
    expect(await failuresOf(system)).to.deep.equal([
      `oracle.primary: ${target} is no ChainlinkRatioFeed: a constant-price adapter would look like this`,
    ]);
  });

  it("stops lending when the market leaves the peg that the primary clings to", async () => {
    const system = await loadFixture(deployed);
    const { addresses, parameters } = system;
    const [lender, , , borrower] = await ethers.getSigners();
    const vault = await ethers.getContractAt("IVault", addresses.vault);
    const loan = await ethers.getContractAt("MockERC20", parameters.loan.address);
    const collateral = await ethers.getContractAt("MockERC20", parameters.collateral.address);
    await loan.approve(vault, 10n ** 12n);
    await vault.connect(lender).deposit(10n ** 12n, lender!);
    await collateral.mint(borrower!, 10n ** 19n);
    await collateral.connect(borrower).approve(vault, 10n ** 19n);
    await vault.connect(borrower).supplyCollateral(10n ** 19n, borrower!);
    await vault.connect(borrower).borrow(10n ** 9n, borrower!, borrower!);

    const { second } = parameters.oracle;
    if (second?.kind !== "chainlink") throw new Error("expected an aggregator");
    const market = await ethers.getContractAt("MockAggregator", second.aggregator);
    await market.pushAnswer(1_800n * ONE_ANSWER);
    const adapter = await ethers.getContractAt("OracleAdapter", addresses.oracle);
    expect((await adapter.price()).state).to.equal(1n);
    await expect(
      vault.connect(borrower).borrow(10n ** 9n, borrower!, borrower!),
    ).to.be.revertedWithCustomError(vault, "OracleNotFresh");
    await loan.connect(borrower).approve(vault, 10n ** 9n);
    await vault.connect(borrower).repay(10n ** 8n, borrower!);
  });

  async function deployed() {
    return deployLocally(connection);
  }
});
