import { expect } from "chai";
import { network } from "hardhat";

import { createVault, deploySystem, NO_LIMIT } from "../../helpers/system.ts";

const connection = await network.create({ network: "sim", chainType: "l1" });
const { ethers, networkHelpers } = connection;
const { loadFixture } = networkHelpers;

const saltOf = (n: number): string => ethers.zeroPadValue(ethers.toBeHex(n), 32);
/** The salt that the system's own vault did not use. */
const SALT = saltOf(1);

describe("VaultFactory", () => {
  const deploy = () => deploySystem(connection);

  it("shows the creation code's hash and the extension code that it was built with", async () => {
    const { factory, creationCode, extension } = await loadFixture(deploy);
    expect(await factory.creationCodeHash()).to.equal(ethers.keccak256(creationCode));
    expect(await factory.vaultExtension()).to.equal(extension);
  });

  describe("createVault", () => {
    it("is open to all, and tells keepers and pages what they need to discover the vault", async () => {
      const { factory, config, creationCode, stranger } = await loadFixture(deploy);
      const address = await factory.vaultAddress(config, creationCode, SALT, stranger);
      await expect(factory.connect(stranger).createVault(config, creationCode, SALT))
        .to.emit(factory, "VaultCreated")
        .withArgs(
          address,
          config.asset,
          config.collateralAsset,
          config.oracle,
          config.rateModel,
          config.curve,
          config.authority,
          stranger,
        );
    });

    it("returns the address that was foretold, where a vault of that configuration then stands", async () => {
      const { factory, config, creationCode, stranger, extension } = await loadFixture(deploy);
      const address = await factory.vaultAddress(config, creationCode, SALT, stranger);
      const creation = factory.connect(stranger).createVault;
      expect(await creation.staticCall(config, creationCode, SALT)).to.equal(address);
      await creation(config, creationCode, SALT);
      const vault = await ethers.getContractAt("IVault", address);
      expect(await vault.asset()).to.equal(config.asset);
      expect(await vault.collateralAsset()).to.equal(config.collateralAsset);
      expect(await vault.extension()).to.equal(extension);
      expect(await vault.name()).to.equal(config.name);
      expect(await vault.minDebt()).to.equal(config.minDebt);
    });

    it("gives two callers two addresses for the same salt: nobody can take another's", async () => {
      const { factory, config, creationCode, stranger, keeper } = await loadFixture(deploy);
      const strangers = await factory.vaultAddress(config, creationCode, SALT, stranger);
      const keepers = await factory.vaultAddress(config, creationCode, SALT, keeper);
      expect(strangers).to.not.equal(keepers);
      await factory.connect(stranger).createVault(config, creationCode, SALT);
      expect(await factory.isVault(keepers)).to.equal(false);
      await factory.connect(keeper).createVault(config, creationCode, SALT);
      expect(await factory.isVault(keepers)).to.equal(true);
    });

    it("gives one caller another address for another salt, and for another configuration", async () => {
      const { factory, config, creationCode, stranger } = await loadFixture(deploy);
      const addresses = new Set([
        await factory.vaultAddress(config, creationCode, SALT, stranger),
        await factory.vaultAddress(config, creationCode, saltOf(2), stranger),
        await factory.vaultAddress({ ...config, minDebt: 1n }, creationCode, SALT, stranger),
      ]);
      expect(addresses.size).to.equal(3);
    });

    it("reverts when the same caller asks for the same vault again", async () => {
      const { factory, config, creationCode } = await loadFixture(deploy);
      await factory.createVault(config, creationCode, SALT);
      await expect(factory.createVault(config, creationCode, SALT)).to.be.revertedWithCustomError(
        factory,
        "FailedDeployment",
      );
    });

    const otherCodes: [string, (code: string) => string][] = [
      ["none", () => "0x"],
      ["code with a changed byte", (code) => code.replace(/..$/, (last) => (last === "00" ? "01" : "00"))],
      ["code with a byte more", (code) => `${code}00`],
      ["code without its last byte", (code) => code.slice(0, -2)],
    ];
    for (const [what, change] of otherCodes) {
      it(`reverts when given other creation code: ${what}`, async () => {
        const { factory, config, creationCode, stranger } = await loadFixture(deploy);
        const code = change(creationCode);
        const hashes = [ethers.keccak256(code), ethers.keccak256(creationCode)];
        await expect(factory.createVault(config, code, SALT))
          .to.be.revertedWithCustomError(factory, "WrongCreationCode")
          .withArgs(...hashes);
        await expect(factory.vaultAddress(config, code, SALT, stranger))
          .to.be.revertedWithCustomError(factory, "WrongCreationCode")
          .withArgs(...hashes);
      });
    }

    it("reverts when the configuration names other extension code", async () => {
      const { factory, config, creationCode, stranger, extension } = await loadFixture(deploy);
      const other = { ...config, extension: stranger.address };
      await expect(factory.createVault(other, creationCode, SALT))
        .to.be.revertedWithCustomError(factory, "WrongExtension")
        .withArgs(stranger, extension);
      await expect(factory.vaultAddress(other, creationCode, SALT, stranger))
        .to.be.revertedWithCustomError(factory, "WrongExtension")
        .withArgs(stranger, extension);
    });

    describe("gives back what the vault's constructor refuses, as its own error", () => {
      it("of the vault: the same asset on both sides", async () => {
        const { factory, config, creationCode, vault } = await loadFixture(deploy);
        await expect(
          factory.createVault({ ...config, collateralAsset: config.asset }, creationCode, SALT),
        ).to.be.revertedWithCustomError(vault, "SameAsset");
      });

      it("of the vault: an oracle of another pair", async () => {
        const { factory, config, creationCode, vault } = await loadFixture(deploy);
        const { asset, collateralAsset } = config;
        await expect(
          factory.createVault(
            { ...config, asset: collateralAsset, collateralAsset: asset },
            creationCode,
            SALT,
          ),
        )
          .to.be.revertedWithCustomError(vault, "WrongOraclePair")
          .withArgs(collateralAsset, asset);
      });

      it("of its extension code: parameters that are unsound", async () => {
        const { factory, config, creationCode, vault } = await loadFixture(deploy);
        await expect(factory.createVault({ ...config, borrowLtvBps: 8_200n }, creationCode, SALT))
          .to.be.revertedWithCustomError(vault, "LtvGapTooSmall")
          .withArgs(8_200n, 8_300n, 300n);
      });
    });
  });

  describe("isVault", () => {
    it("knows the vaults created here, and no other contract with the same code", async () => {
      const { factory, config, vault, stranger } = await loadFixture(deploy);
      const twin = await ethers.deployContract("Vault", [config]);
      expect(await factory.isVault(vault)).to.equal(true);
      expect(await factory.isVault(twin)).to.equal(false);
      expect(await factory.isVault(stranger)).to.equal(false);
    });
  });

  describe("vaults", () => {
    async function withThree() {
      const system = await deploy();
      const { factory, config, creationCode, vault } = system;
      const created = [await vault.getAddress()];
      for (const n of [1, 2]) {
        created.push(
          await (await createVault(connection, factory, config, creationCode, saltOf(n))).getAddress(),
        );
      }
      return { factory, created };
    }

    it("lists them in the order of their creation", async () => {
      const { factory, created } = await loadFixture(withThree);
      expect(await factory.vaultCount()).to.equal(3n);
      expect(await factory.vaults(0n, 3n)).to.deep.equal(created);
    });

    const pages: [string, bigint, bigint, number, number][] = [
      ["from the start", 0n, 2n, 0, 2],
      ["to the end, shorter than asked for", 2n, 2n, 2, 3],
      ["of all that is left, whatever the limit", 1n, NO_LIMIT, 1, 3],
      ["that is empty at the end", 3n, 1n, 3, 3],
      ["that is empty beyond the end", NO_LIMIT, NO_LIMIT, 3, 3],
      ["that is empty for a limit of 0", 0n, 0n, 0, 0],
    ];
    for (const [what, offset, limit, from, to] of pages) {
      it(`gives a page ${what}`, async () => {
        const { factory, created } = await loadFixture(withThree);
        expect(await factory.vaults(offset, limit)).to.deep.equal(created.slice(from, to));
      });
    }

    it("does not list what could not be created", async () => {
      const { factory, config, creationCode } = await loadFixture(deploy);
      await expect(
        factory.createVault({ ...config, minDebt: 0n, reserveFactorBps: 5_001n }, creationCode, SALT),
      ).to.be.revert(ethers);
      expect(await factory.vaultCount()).to.equal(1n);
    });
  });
});
