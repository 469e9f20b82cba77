import { expect } from "chai";
import type { FunctionFragment, ParamType } from "ethers";
import fc from "fast-check";
import { artifacts, network } from "hardhat";

import { FOREVER, NO_LIMIT, ONE_COLLATERAL, ONE_LOAN } from "../../helpers/system.ts";
import { wrapEther } from "../../../scripts/kit/uniswap.ts";
import { sample } from "../../reference/inputs.ts";
import { withSales } from "./fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture } = networkHelpers;

const CALLS_A_FUNCTION = 60;
const HELD = 1_000n;

/** A third party has approved the liquidator for everything, against advice: nobody can use it, whatever they call. */
describe("DutchAuctionLiquidator: allowances of third parties", () => {
  /** The victim holds loan, collateral and shares, and is for sale too. */
  async function withVictim() {
    const system = await withSales(connection);
    const { liquidator, vault, loan, collateral, lender, uniswap, borrower: victim } = system;
    await loan.mint(victim, HELD * ONE_LOAN);
    await wrapEther(connection, uniswap, victim, HELD * ONE_COLLATERAL);
    await vault.connect(lender).transfer(victim, HELD);
    const tokens = [loan, collateral, vault] as const;
    for (const token of tokens) await token.connect(victim).approve(liquidator, NO_LIMIT);
    const holdings = () =>
      Promise.all(
        tokens.map(async (token) => ({
          balance: await token.balanceOf(victim),
          allowance: await token.allowance(victim, liquidator),
        })),
      );
    return { ...system, victim, holdings };
  }

  type Given = Awaited<ReturnType<typeof withVictim>>;

  /** Values that mean something here, by their type. */
  async function values(system: Given) {
    const { vault, pool, loan, collateral, liquidator, victim, stranger, borrowers } = system;
    const addresses = await Promise.all(
      [
        victim,
        vault,
        pool.address,
        loan,
        collateral,
        liquidator,
        stranger,
        ...borrowers,
        ethers.ZeroAddress,
      ].map(async (one) => ethers.resolveAddress(one)),
    );
    const theft = loan.interface.encodeFunctionData("transferFrom", [
      victim.address,
      stranger.address,
      ONE_LOAN,
    ]);
    const context = ethers.AbiCoder.defaultAbiCoder().encode(
      ["address", "uint256", "uint256", "address[]"],
      [await loan.getAddress(), 0n, 0n, [pool.address]],
    );
    const address = fc.constantFrom(...addresses);
    const uint = fc.constantFrom(0n, 1n, ONE_LOAN, 10_000n * ONE_LOAN, ONE_COLLATERAL, FOREVER, NO_LIMIT);
    const bytes = fc.constantFrom("0x", theft, context);
    const order = fc.record({
      vault: fc.oneof({ weight: 5, arbitrary: fc.constant(addresses[1]) }, { weight: 1, arbitrary: address }),
      borrowers: fc.array(address, { maxLength: 3 }),
      start: fc.boolean(),
      maxRepay: uint,
      pools: fc.oneof(
        { weight: 4, arbitrary: fc.constant([pool.address]) },
        { weight: 1, arbitrary: fc.array(address, { maxLength: 3 }) },
      ),
      minProfit: fc.constantFrom(0n, 0n, 0n, 1n, NO_LIMIT),
      receiver: address,
      deadline: fc.constant(FOREVER),
    });
    const ofType = (type: ParamType): fc.Arbitrary<unknown> => {
      if (type.baseType === "tuple") return order;
      if (type.baseType === "address") return address;
      if (type.baseType === "bool") return fc.boolean();
      if (type.baseType === "int256")
        return fc.tuple(uint, fc.boolean()).map(([x, plus]) => (plus ? x / 2n : -(x / 2n)));
      if (type.baseType === "uint256") return uint;
      if (type.baseType === "bytes") return bytes;
      throw new Error(`no values for ${type.format()}`);
    };
    return { ofType, theft };
  }

  it("can't be used by any function with any arguments that mean something", async () => {
    const system = await loadFixture(withVictim);
    const { liquidator, stranger, vault, holdings } = system;
    const before = await holdings();
    const { ofType } = await values(system);
    const abi = new ethers.Interface(liquidator.interface.fragments);
    const functions = abi.fragments.filter(
      (fragment): fragment is FunctionFragment =>
        fragment.type === "function" && !(fragment as FunctionFragment).constant,
    );
    expect(functions.map(({ name }) => name)).to.include.members([
      "serve",
      "execute",
      "quote",
      "simulate",
      "onTake",
      "uniswapV3SwapCallback",
      "setPoolListed",
    ]);

    for (const fragment of functions) {
      const inputs = fc.tuple(...fragment.inputs.map(ofType));
      for (const args of sample(inputs, CALLS_A_FUNCTION)) {
        const data = abi.encodeFunctionData(fragment, args);
        await stranger.sendTransaction({ to: liquidator, data, gasLimit: 3_000_000n }).catch(() => undefined);
      }
    }
    // Some of it went through.
    expect(await liquidator.queryFilter(liquidator.filters.Executed)).to.not.be.empty;
    expect(await vault.queryFilter(vault.filters.Take)).to.not.be.empty;
    const after = await holdings();
    for (const [i, { balance, allowance }] of after.entries()) {
      // More only where it was named as the receiver.
      expect(balance).to.be.at.least(before[i]?.balance);
      expect(allowance).to.equal(NO_LIMIT);
    }
  });

  it("can't be used by call data that belong to no function", async () => {
    const system = await loadFixture(withVictim);
    const { liquidator, stranger, holdings } = system;
    const { theft } = await values(system);
    const before = await holdings();
    const selectors = sample(fc.uint8Array({ minLength: 4, maxLength: 4 }), 100).map((bytes) =>
      ethers.hexlify(bytes),
    );
    const known = liquidator.interface.fragments.map((f) =>
      f.type === "function" ? (f as FunctionFragment).selector : "",
    );
    for (const selector of [theft.slice(0, 10), "0x", ...selectors]) {
      if (known.includes(selector)) continue;
      const data = selector + theft.slice(10);
      await expect(stranger.sendTransaction({ to: liquidator, data, gasLimit: 3_000_000n })).to.be.revert(
        ethers,
      );
    }
    expect(await holdings()).to.deep.equal(before);
  });

  it("could not be used: the code holds no call that moves others' tokens", async () => {
    const { deployedBytecode } = await artifacts.readArtifact("DutchAuctionLiquidator");
    const moves = [
      "transferFrom(address,address,uint256)",
      "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    ];
    const selectors = moves.map((signature) => ethers.id(signature).slice(2, 10));
    for (const selector of selectors) expect(deployedBytecode).to.not.contain(selector);
    // That it would be found there: transfer is.
    expect(deployedBytecode).to.contain(ethers.id("transfer(address,uint256)").slice(2, 10));
  });
});
