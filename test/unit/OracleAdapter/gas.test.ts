import { expect } from "chai";

import { OracleState } from "../../../sdk/oracleAdapter.ts";
import { deployOracle, feedsSay, Mode } from "../../helpers/oracleSystem.ts";
import { connection, ethers, networkHelpers } from "./chain.ts";

const { SUSPECT, FRESH } = OracleState;
/** What an aggregator is allowed, and what must be left for it to get that. */
const CALL_GAS = 100_000n;
const NEEDED = 105_125n;

describe("OracleAdapter: gas", () => {
  const { provider } = connection;

  async function slow() {
    const system = await deployOracle(connection, { hasSequencer: true });
    const sequencer = { isUp: true, age: 5_000n };
    await feedsSay(system, { primary: { mode: Mode.SLOW }, second: { mode: Mode.SLOW }, sequencer });
    await system.sequencer.setMode(Mode.SLOW);
    return system;
  }
  const load = () => networkHelpers.loadFixture(slow);

  /** The state, or the name of the error ("" when the call ran out of gas), of a call with so much gas after its base cost. */
  async function stateWith(system: Awaited<ReturnType<typeof slow>>, gas: bigint): Promise<bigint | string> {
    const data = system.oracle.interface.encodeFunctionData("price");
    try {
      const result = (await provider.request({
        method: "eth_call",
        params: [
          { to: await system.oracle.getAddress(), data, gas: ethers.toQuantity(gas + 21_064n) },
          "latest",
        ],
      })) as string;
      return system.oracle.interface.decodeFunctionResult("price", result)[0].state as bigint;
    } catch (error) {
      const { data: raw } = error as { data?: unknown };
      if (typeof raw !== "string" || raw === "0x") return "";
      return system.oracle.interface.parseError(raw)?.name ?? "unknown";
    }
  }

  it("no choice of gas gives another state, where each feed needs nearly its whole allowance @gas", async () => {
    const system = await load();
    const seen = new Map<bigint | string, number>();
    for (let gas = 1_000n; gas < 450_000n; gas += 1_500n) {
      const state = await stateWith(system, gas);
      seen.set(state, (seen.get(state) ?? 0) + 1);
    }
    expect([...seen.keys()]).to.have.members(["InsufficientGas", FRESH]);
    expect(seen.get("InsufficientGas")).to.be.greaterThan(50);
    expect(seen.get(FRESH)).to.be.greaterThan(50);
  });

  it("nor at any single unit around the least that a feed is promised", async () => {
    const system = await deployOracle(connection, { hasSecond: false });
    await feedsSay(system, { primary: { mode: Mode.SLOW } });
    for (let gas = NEEDED - 200n; gas < NEEDED + 1_500n; gas += 1n) {
      const state = await stateWith(system, gas);
      expect(state).to.be.oneOf(["InsufficientGas", FRESH]);
    }
  });

  it("says how much was left and how much is needed", async () => {
    const { oracle } = await load();
    await expect(oracle.price({ gasLimit: 21_064n + 60_000n }))
      .to.be.revertedWithCustomError(oracle, "InsufficientGas")
      .withArgs((left: bigint) => left > 50_000n && left < 60_000n, NEEDED);
  });

  /** Gas of reading the price, base cost included. */
  async function gasOf(system: Awaited<ReturnType<typeof deployOracle>>): Promise<bigint> {
    const to = await system.oracle.getAddress();
    const data = system.oracle.interface.encodeFunctionData("price");
    const trace = (await provider.request({
      method: "debug_traceCall",
      params: [
        { to, data, gas: ethers.toQuantity(1_000_000n) },
        "latest",
        { disableStorage: true, disableStack: true },
      ],
    })) as { gas: number | string };
    return BigInt(trace.gas);
  }

  it("a feed that burns all that it gets costs the reader its allowance, and a huge answer less", async () => {
    const system = await deployOracle(connection);
    await feedsSay(system, { primary: {}, second: {} });
    const before = await gasOf(system);
    await system.second.setMode(Mode.BURN_GAS);
    expect((await system.oracle.price()).state).to.equal(SUSPECT);
    expect((await gasOf(system)) - before).to.be.within(CALL_GAS - 5_000n, CALL_GAS);
    await system.second.setMode(Mode.HUGE_ANSWER);
    expect((await system.oracle.price()).state).to.equal(SUSPECT);
    // The feed pays for its memory; the reader copies 160 bytes of it.
    expect((await gasOf(system)) - before).to.be.within(50_000n, CALL_GAS - 5_000n);
  });

  it("reads two aggregators for less than 3,200 gas beside the calls themselves @gas", async () => {
    const system = await deployOracle(connection);
    await feedsSay(system, { primary: {}, second: {} });
    const base = 21_000n;
    const callData = 4n * 16n;
    const coldAccounts = 2n * 2_600n;
    const feeds = 2n * ((await system.primary.latestRoundData.estimateGas()) - base - callData);
    expect((await gasOf(system)) - base - callData - coldAccounts - feeds).to.be.lessThan(3_200n);
  });

  it("a feed contract is promised its allowance too", async () => {
    const base = await deployOracle(connection, { hasSecond: false });
    const feed = await ethers.deployContract("MockPriceFeed", [base.collateral, base.loan]);
    await feed.set(2_000n * base.onePrice, 0n);
    const primary = { ...base.config.primary, kind: 2n, target: await feed.getAddress() };
    const oracle = await ethers.deployContract("OracleAdapter", [
      { ...base.config, primary },
      base.authority,
    ]);
    await expect(oracle.price({ gasLimit: 400_000n })).to.be.revertedWithCustomError(
      oracle,
      "InsufficientGas",
    );
    expect((await oracle.price({ gasLimit: 600_000n })).state).to.equal(FRESH);
    const now = BigInt(await networkHelpers.time.latest());
    await expect(oracle.priceSince(now - 10n, { gasLimit: 1_000_000n })).to.be.revertedWithCustomError(
      oracle,
      "InsufficientGas",
    );
    expect((await oracle.priceSince(now - 10n, { gasLimit: 3_000_000n })).state).to.equal(FRESH);
  });
});
