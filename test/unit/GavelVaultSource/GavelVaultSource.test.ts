import { expect } from "chai";
import { network } from "hardhat";

import { percent } from "../../helpers/contagion.ts";
import {
  createVault,
  lend,
  ONE_COLLATERAL,
  ONE_LOAN,
  open,
  setPrice,
  startSale,
} from "../../helpers/system.ts";
import { deployWithoutInterest } from "../VaultLens/fixtures.ts";

const connection = await network.create({ network: "sim", chainType: "l1", override: { gas: 30_000_000n } });
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const KINK = percent(90n);
const FULL_MARK = percent(20n);
const LENT = 1_000_000n * ONE_LOAN;
/** Debt of 160,000 against collateral of 200,000, which then is worth 130,000. */
const DEBT = 160_000n * ONE_LOAN;
const SUNK = 1_300n;

describe("GavelVaultSource", () => {
  /** One listed vault with a million lent to it, and one that anybody made with the same authority. */
  async function deploy() {
    const system = await deployWithoutInterest(connection);
    const { factory, vault, authority, config, creationCode } = system;
    const source = await ethers.deployContract("GavelVaultSource", [factory, KINK, FULL_MARK, authority]);
    await source.addVault(vault);
    const salt = ethers.zeroPadValue("0x02", 32);
    const other = await createVault(connection, factory, config, creationCode, salt);
    const levelOf = async () => (await source.stress()).level;
    return { ...system, source, other, levelOf };
  }
  const load = () => networkHelpers.loadFixture(deploy);

  it("shows what it looks at", async () => {
    const { source, factory, vault } = await load();
    expect(await source.factory()).to.equal(await factory.getAddress());
    expect([await source.kink(), await source.fullMark()]).to.deep.equal([KINK, FULL_MARK]);
    expect(await source.vaults()).to.deep.equal([await vault.getAddress()]);
  });

  it("is calm under the kink, and rises to full utilisation", async () => {
    const system = await load();
    const { borrower, source, levelOf } = system;
    await open(system, borrower, 1_000n * ONE_COLLATERAL, (LENT * 9n) / 10n);
    expect(await source.stress()).to.deep.equal([0n, await time.latest()]);
    await open(system, borrower, 0n, (LENT * 5n) / 100n);
    expect(await levelOf()).to.equal(percent(50n));
    await open(system, borrower, 0n, (LENT * 5n) / 100n);
    expect(await levelOf()).to.equal(percent(100n));
    await lend(system, LENT);
    expect(await levelOf()).to.equal(0n);
  });

  it("is calm of an empty vault", async () => {
    const { source, vault, other, levelOf } = await load();
    await source.addVault(other);
    await source.removeVault(vault);
    expect(await levelOf()).to.equal(0n);
  });

  it("is the marked debt over all debt, full at fullMark", async () => {
    const system = await load();
    const { borrower, stranger, vault, levelOf } = system;
    await open(system, borrower, 100n * ONE_COLLATERAL, DEBT);
    await open(system, stranger, 1_000n * ONE_COLLATERAL, DEBT * 2n);
    await setPrice(system, SUNK);
    expect(await levelOf()).to.equal(0n);
    await startSale(system, borrower);
    const marked = await vault.markdown();
    expect(marked).to.be.above(DEBT / 6n);
    const share = (marked * percent(100n)) / (3n * DEBT);
    expect(await levelOf()).to.be.closeTo((share * percent(100n)) / FULL_MARK, 10n);
    // A deeper mark is full stress.
    await setPrice(system, 500n);
    await vault.markDown(borrower);
    expect(await levelOf()).to.equal(percent(100n));
    await setPrice(system, 2_000n);
    await vault.markDown(borrower);
    expect(await levelOf()).to.equal(0n);
  });

  it("is the highest of all listed vaults", async () => {
    const system = await load();
    const { borrower, other, source, levelOf } = system;
    await open(system, borrower, 1_000n * ONE_COLLATERAL, (LENT * 95n) / 100n);
    await source.addVault(other);
    expect(await levelOf()).to.equal(percent(50n));
    const { loan, lender, collateral } = system;
    await loan.mint(lender, LENT);
    await loan.connect(lender).approve(other, LENT);
    await other.connect(lender).deposit(LENT, lender);
    await open({ ...system, vault: other }, borrower, 1_000n * ONE_COLLATERAL, (LENT * 98n) / 100n);
    expect(await levelOf()).to.equal(percent(80n));
    expect(await collateral.balanceOf(other)).to.equal(1_000n * ONE_COLLATERAL);
  });

  it("a vault that somebody else made says nothing, though factory and authority are ours", async () => {
    const system = await load();
    const { other, loan, borrower, levelOf, factory } = system;
    expect(await factory.isVault(other)).to.equal(true);
    await loan.mint(borrower, LENT);
    await loan.connect(borrower).approve(other, LENT);
    await other.connect(borrower).deposit(LENT, borrower);
    await open({ ...system, vault: other }, borrower, 1_000n * ONE_COLLATERAL, LENT);
    expect(await levelOf()).to.equal(0n);
  });

  describe("the list", () => {
    it("is added to and struck off", async () => {
      const { source, vault, other } = await load();
      await expect(source.addVault(other)).to.emit(source, "VaultListed").withArgs(other, true);
      await expect(source.removeVault(vault)).to.emit(source, "VaultListed").withArgs(vault, false);
      expect(await source.vaults()).to.deep.equal([await other.getAddress()]);
    });

    it("RevertWhen a vault is listed twice, or not from our factory", async () => {
      const { source, vault, stranger } = await load();
      for (const address of [vault, stranger, source]) {
        await expect(source.addVault(address))
          .to.be.revertedWithCustomError(source, "VaultNotListable")
          .withArgs(address);
      }
    });

    it("RevertWhen all 8 places are taken", async () => {
      const { authority } = await load();
      const factory = await ethers.deployContract("MockVaultFactory");
      const source = await ethers.deployContract("GavelVaultSource", [factory, KINK, FULL_MARK, authority]);
      const addresses = Array.from({ length: 9 }, (_, i) => ethers.zeroPadValue(ethers.toBeHex(i + 1), 20));
      for (const address of addresses) await factory.setVault(address, true);
      for (const address of addresses.slice(0, 8)) await source.addVault(address);
      await expect(source.addVault(addresses[8] ?? "")).to.be.revertedWithCustomError(
        source,
        "VaultNotListable",
      );
    });

    it("RevertWhen a vault that is struck off is not listed", async () => {
      const { source, other } = await load();
      await expect(source.removeVault(other))
        .to.be.revertedWithCustomError(source, "VaultNotWatched")
        .withArgs(other);
    });

    it("RevertWhen anyone but the governor touches it", async () => {
      const { source, vault, stranger } = await load();
      for (const act of [
        () => source.connect(stranger).addVault(vault),
        () => source.connect(stranger).removeVault(vault),
      ]) {
        await expect(act()).to.be.revertedWithCustomError(source, "AccessManagedUnauthorized");
      }
    });
  });

  it("RevertWhen no vault is listed", async () => {
    const { source, vault } = await load();
    await source.removeVault(vault);
    await expect(source.stress()).to.be.revertedWithCustomError(source, "NoReading").withArgs(source);
  });

  it("RevertWhen a parameter is out of range", async () => {
    const { source, factory, authority } = await load();
    for (const [kink, fullMark] of [
      [0n, FULL_MARK],
      [percent(100n), FULL_MARK],
      [KINK, 0n],
      [KINK, percent(100n) + 1n],
    ] as const) {
      await expect(
        ethers.deployContract("GavelVaultSource", [factory, kink, fullMark, authority]),
      ).to.be.revertedWithCustomError(source, "InvalidParameter");
    }
  });
});
