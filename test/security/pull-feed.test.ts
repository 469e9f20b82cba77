import { expect } from "chai";
import type { AddressLike } from "ethers";

import { PULL_WINDOW } from "../../scripts/kit/pull.ts";
import { BPS } from "../../sdk/math.ts";
import { OracleState } from "../../sdk/oracleAdapter.ts";
import type { IVault, MockPuller } from "../../typechain-types/index.ts";
import { connection, ethers, networkHelpers } from "../helpers/chain.ts";
import { EVERYTHING_FRESH, startSale, STORY, takeOf } from "../helpers/oracleVault.ts";
import {
  deployPullVaults,
  FEE,
  type PullSystem,
  pushSays,
  saleOf,
  signed,
  signedPrice,
  take,
  type Update,
  updateOf,
} from "../helpers/pull.ts";
import { NO_LIMIT } from "../helpers/system.ts";

const { time } = networkHelpers;

const NOT_FOUND = ethers.id("PriceFeedNotFoundWithinRange()").slice(0, 10);
const LOCKED = ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10);
const NOBODY = ethers.ZeroAddress;
/** Between the crash and 2% above it; the position is unhealthy on it. */
const ABOVE = 1_770n;
const above: Update = { price: signedPrice(ABOVE) };

async function crashed() {
  const system = await deployPullVaults(connection);
  await pushSays(system, STORY.crash);
  for (const vault of [system.vault, system.otherVault, system.plainVault])
    await startSale({ ...system, vault });
  return system;
}
const load = () => networkHelpers.loadFixture(crashed);

/** A call of a `MockPuller`. */
interface Call {
  readonly target: AddressLike;
  readonly value: bigint;
  readonly data: string;
}

describe("Security: pull feed, which update counts", () => {
  async function expectRefused(system: PullSystem, updates: readonly Update[]): Promise<void> {
    const now = BigInt(await time.latest()) + 12n;
    const data = await Promise.all(updates.map((update) => signed(system, { ...above, ...update }, now)));
    await time.increaseTo(now);
    const value = FEE * BigInt(updates.length);
    const tx = system.pull.connect(system.keeper).take(system.vault, data, takeOf(system), { value });
    await expect(tx).to.be.revertedWithCustomError(system.pull, "UpdateRefused").withArgs(NOT_FOUND);
  }

  async function expectPulled(system: PullSystem, updates: readonly Update[], price: bigint): Promise<void> {
    const snapshot = await networkHelpers.takeSnapshot();
    const now = BigInt(await time.latest()) + 12n;
    const data = await Promise.all(updates.map((update) => signed(system, { ...above, ...update }, now)));
    await time.increaseTo(now);
    const value = FEE * BigInt(updates.length);
    const tx = system.pull.connect(system.keeper).take(system.vault, data, takeOf(system), { value });
    await expect(tx)
      .to.emit(system.pull, "PriceBrought")
      .withArgs(system.vault, system.keeper, price * system.onePrice, price * system.onePrice);
    await snapshot.restore();
  }

  it("the first one at or after the start of the window, at either end of it", async () => {
    const system = await load();
    await expectPulled(system, [{ age: PULL_WINDOW, previousAge: PULL_WINDOW + 1n }], ABOVE);
    await expectPulled(system, [{ age: 0n, previousAge: PULL_WINDOW + 1n }], ABOVE);
    await expectPulled(system, [{ age: 0n, previousAge: 10_000n }], ABOVE);
  });

  it("not an old one, by a second", async () => {
    const system = await load();
    await expectRefused(system, [{ age: PULL_WINDOW + 1n }]);
    await expectRefused(system, [{ age: 3_600n }]);
  });

  it("not one of the future, by a second", async () => {
    const system = await load();
    await expectRefused(system, [{ age: -1n, previousAge: PULL_WINDOW + 1n }]);
    await expectRefused(system, [{ age: -3_600n, previousAge: PULL_WINDOW + 1n }]);
  });

  it("not one of another feed, nor none at all", async () => {
    const system = await load();
    await expectRefused(system, [{ id: ethers.id("OTHER/LOAN") }]);
    await expectRefused(system, []);
  });

  it("not one that had another before it in the window: among several the caller has no choice", async () => {
    const system = await load();
    const first = { price: signedPrice(1_776n), age: PULL_WINDOW, previousAge: PULL_WINDOW + 1n };
    const second = { price: signedPrice(1_755n), age: 4n, previousAge: PULL_WINDOW };
    const third = { price: signedPrice(1_783n), age: 1n, previousAge: 4n };
    // Two of one second: the later one knows the earlier.
    const twin = { price: signedPrice(1_752n), age: PULL_WINDOW, previousAge: PULL_WINDOW };
    for (const update of [second, third, twin]) await expectRefused(system, [update]);
    await expectRefused(system, [second, third, twin]);
    await expectPulled(system, [first], 1_776n);
    await expectPulled(system, [second, first, third], 1_776n);
    await expectPulled(system, [third, twin, second, first], 1_776n);
    await expectPulled(system, [first, twin], 1_776n);
  });

  it("one that counted in a block does not count in a later one", async () => {
    const system = await load();
    const now = BigInt(await time.latest()) + 12n;
    const data = await signed(system, above, now);
    const bring = () =>
      system.pull
        .connect(system.keeper)
        .take(system.vault, [data], takeOf(system, 100n * system.oneLoan), { value: FEE });
    await time.increaseTo(now);
    await bring();
    await time.increaseTo(now + 1n);
    await expect(bring()).to.be.revertedWithCustomError(system.pull, "UpdateRefused");
  });

  it("what is no update at all is refused with what the contract of Pyth says, and fails alone", async () => {
    const system = await load();
    const { pull, vault, keeper } = system;
    await expect(
      pull.connect(keeper).take(vault, ["0x1234"], takeOf(system), { value: FEE }),
    ).to.be.revertedWithCustomError(pull, "UpdateRefused");
    await vault.connect(keeper).take(takeOf(system));
  });
});

describe("Security: pull feed, what counts as absent", () => {
  /** The take goes on, and is what it is at the vault itself. */
  async function expectAbsent(system: PullSystem, update: Update): Promise<void> {
    const snapshot = await networkHelpers.takeSnapshot();
    const tx = await take(system, update);
    await expect(tx)
      .to.emit(system.pull, "PriceBrought")
      .withArgs(system.vault, system.keeper, (x: bigint) => x >= 0n, 0n);
    const brought = await saleOf(system, tx);
    const now = await time.latest();
    await snapshot.restore();
    await time.increaseTo(now);
    const plain = await saleOf(system, await system.vault.connect(system.keeper).take(takeOf(system)));
    expect(brought).to.deep.equal(plain);
    await snapshot.restore();
  }

  async function expectRaised(system: PullSystem, update: Update, raised: bigint): Promise<void> {
    const snapshot = await networkHelpers.takeSnapshot();
    await expect(await take(system, update))
      .to.emit(system.pull, "PriceBrought")
      .withArgs(system.vault, system.keeper, (x: bigint) => x <= raised, raised);
    await snapshot.restore();
  }

  it("a confidence of more than half a percent, by a unit", async () => {
    const system = await load();
    const price = signedPrice(1_760n);
    const confidence = price / 200n;
    const unit = system.onePrice / 10n ** 8n;
    await expectRaised(system, { price, confidence }, (price + confidence) * unit);
    await expectAbsent(system, { price, confidence: confidence + 1n });
    await expectAbsent(system, { price, confidence: 2n ** 64n - 1n });
  });

  it("a price outside of the band around the push, by a unit, on either side", async () => {
    const system = await load();
    const most = (signedPrice(STORY.crash) * (BPS + 200n)) / BPS;
    const unit = system.onePrice / 10n ** 8n;
    await expectRaised(system, { price: most }, most * unit);
    await expectAbsent(system, { price: most + 1n });
    await expectAbsent(system, { price: signedPrice(10n ** 9n) });
    const least = (signedPrice(STORY.crash) * (BPS - 200n)) / BPS;
    await expectRaised(system, { price: least }, least * unit);
    await expectAbsent(system, { price: least - 1n });
    await expectAbsent(system, { price: 1n });
  });

  it("prices that are not positive, and exponents beyond everything", async () => {
    const system = await load();
    for (const price of [0n, -1n, -signedPrice(ABOVE), -(2n ** 63n)]) await expectAbsent(system, { price });
    for (const exponent of [-(2n ** 31n), -80n, -33n, -7n, -9n, 0n, 34n, 77n, 2n ** 31n - 1n])
      await expectAbsent(system, { ...above, exponent });
    await expectRaised(system, { price: ABOVE, exponent: 0n }, ABOVE * system.onePrice);
    const fine = { price: ABOVE * 10n ** 15n, exponent: -15n };
    await expectRaised(system, fine, ABOVE * system.onePrice);
  });

  for (const decimals of [
    { loan: 18n, collateral: 6n, feed: 8n },
    { loan: 6n, collateral: 18n, feed: 18n },
    { loan: 0n, collateral: 18n, feed: 8n },
    { loan: 6n, collateral: 5n, feed: 8n },
    { loan: 8n, collateral: 8n, feed: 6n },
  ]) {
    it(`scales by decimals: loan ${decimals.loan}, collateral ${decimals.collateral}`, async () => {
      const system = await deployPullVaults(connection, { decimals });
      await pushSays(system, STORY.crash);
      await startSale(system);
      await expectRaised(system, above, ABOVE * system.onePrice);
      const tx = await take(system, above, 1_000n * system.oneLoan);
      const { price } = await saleOf(system, tx);
      expect(price).to.be.within((ABOVE - 10n) * system.onePrice, ABOVE * system.onePrice);
    });
  }
});

describe("Security: pull feed, what a raised price can't do", () => {
  async function puller(system: PullSystem): Promise<MockPuller> {
    const { loan, collateral, keeper, borrower, vault, otherVault, pull } = system;
    const account = await ethers.deployContract("MockPuller");
    await keeper.sendTransaction({ to: account, value: 10n ** 18n });
    await loan.connect(keeper).transfer(account, STORY.lent * system.oneLoan);
    await collateral.connect(borrower).transfer(account, 10n * system.oneCollateral);
    const approvals = [vault, otherVault, pull].flatMap((spender) =>
      [loan, collateral].map(async (token) => ({
        target: token,
        value: 0n,
        data: token.interface.encodeFunctionData("approve", [await spender.getAddress(), NO_LIMIT]),
      })),
    );
    await account.run(await Promise.all(approvals));
    return account;
  }

  const paramsOf = async (system: PullSystem, account: MockPuller, changes: object = {}) => ({
    ...takeOf(system, 500n * system.oneLoan),
    borrower: system.borrower.address,
    receiver: await account.getAddress(),
    ...changes,
  });

  /** A take through the pull oracle, as a call. */
  async function pullTake(
    system: PullSystem,
    account: MockPuller,
    data: string,
    changes: object = {},
    value = FEE,
  ): Promise<Call> {
    const { pull, vault } = system;
    const params = await paramsOf(system, account, changes);
    const encoded = pull.interface.encodeFunctionData("take", [await vault.getAddress(), [data], params]);
    return { target: pull, value, data: encoded };
  }

  /** A start through the pull oracle, as a call. */
  async function pullStart({ pull, vault, borrower }: PullSystem, data: string): Promise<Call> {
    const args: [string, string[], string, string] = [
      await vault.getAddress(),
      [data],
      borrower.address,
      NOBODY,
    ];
    return { target: pull, value: FEE, data: pull.interface.encodeFunctionData("startSale", args) };
  }

  async function quote(system: PullSystem, vault: IVault): Promise<Call> {
    const data = vault.interface.encodeFunctionData("quoteTake", [system.borrower.address]);
    return { target: vault, value: 0n, data };
  }

  const call = (vault: IVault, data: string): Call => ({ target: vault, value: 0n, data });

  /** What came of all calls of a transaction, in the order in which they ended. */
  async function resultsOf(account: MockPuller, { hash }: { readonly hash: string }) {
    const receipt = await ethers.provider.getTransactionReceipt(hash);
    return (receipt?.logs ?? []).flatMap((log) => {
      if (log.address !== account.target) return [];
      const event = account.interface.parseLog(log);
      if (event?.name !== "Called") return [];
      const [, success, data] = event.args as unknown as [bigint, boolean, string];
      return [{ success, data }];
    });
  }

  const priceIn = (vault: IVault, { success, data }: { success: boolean; data: string }): bigint => {
    if (!success) throw new Error(`no quote: ${data}`);
    return vault.interface.decodeFunctionResult("quoteTake", data)[0].price as bigint;
  };

  it("be seen by another vault of the same oracle: before, in the callback and after, its price is the push's", async () => {
    const system = await load();
    const { otherVault } = system;
    const account = await puller(system);
    const asked = await quote(system, otherVault);
    await account.planInTake([asked]);
    const data = await updateOf(system, above);
    const tx = await account.run([asked, await pullTake(system, account, data, { data: "0x01" }), asked]);
    const [before, within, bring, after] = await resultsOf(account, tx);
    if (!before || !within || !bring || !after) throw new Error("a call is missing");
    expect(bring.success).to.equal(true);
    const price = priceIn(otherVault, before);
    expect(priceIn(otherVault, within)).to.equal(price);
    expect(priceIn(otherVault, after)).to.equal(price);
    expect(price).to.be.lessThan(STORY.crash * system.onePrice);
  });

  it("nor from the hook of a token, which runs while the vault itself still counts on it", async () => {
    const hook = await ethers.deployContract("MockHookERC20", ["Collateral", "COLL", 18n]);
    const system = await deployPullVaults(connection, {
      tokens: {
        loan: await ethers.deployContract("MockERC20", ["Loan", "LOAN", 6n]),
        collateral: await ethers.getContractAt("MockERC20", await hook.getAddress()),
      },
    });
    await pushSays(system, STORY.crash);
    for (const vault of [system.vault, system.otherVault]) await startSale({ ...system, vault });
    const { vault, otherVault, pull } = system;
    const account = await puller(system);
    await hook.setHook(account, true);
    const asked = await quote(system, otherVault);
    const read = { target: pull, value: 0n, data: pull.interface.encodeFunctionData("priceSince", [0n]) };
    const again = { ...(await pullTake(system, account, "0x")), value: 0n };
    await account.planInHook([asked, read, await quote(system, vault), again]);
    const data = await updateOf(system, above);
    const tx = await account.run([asked, await pullTake(system, account, data)]);
    const [before, other, reading, own, nested, bring] = await resultsOf(account, tx);
    if (!before || !other || !reading || !own || !nested || !bring) throw new Error("a call is missing");
    expect(bring.success).to.equal(true);
    expect(priceIn(otherVault, other)).to.equal(priceIn(otherVault, before));
    const seen = pull.interface.decodeFunctionResult("priceSince", reading.data)[0];
    expect([seen.state, seen.deciding]).to.deep.equal([OracleState.FRESH, STORY.crash * system.onePrice]);
    expect([own.success, own.data]).to.deep.equal([false, LOCKED]);
    expect([nested.success, nested.data]).to.deep.equal([false, LOCKED]);
  });

  it("make a loan larger: in the callback another vault lends on the push, and the own one is locked", async () => {
    const system = await load();
    const { vault, otherVault, oneLoan, oneCollateral } = system;
    const account = await puller(system);
    const most = (STORY.crash * 10n * oneLoan * 8_000n) / BPS;
    const [self, oneMore] = [await account.getAddress(), most + 1n];
    const supply = (at: IVault) =>
      call(at, at.interface.encodeFunctionData("supplyCollateral", [10n * oneCollateral, self]));
    const borrow = (at: IVault, assets: bigint) =>
      call(at, at.interface.encodeFunctionData("borrow", [assets, self, self]));
    await account.planInTake([
      supply(otherVault),
      borrow(otherVault, oneMore),
      borrow(otherVault, most),
      borrow(vault, 1n),
      call(vault, vault.interface.encodeFunctionData("touch", [system.borrower.address])),
      call(vault, vault.interface.encodeFunctionData("endSale", [system.borrower.address])),
      call(vault, vault.interface.encodeFunctionData("markDown", [system.borrower.address])),
    ]);
    const data = await updateOf(system, above);
    const tx = await account.run([await pullTake(system, account, data, { data: "0x01" })]);
    const results = await resultsOf(account, tx);
    expect(results.map(({ success }) => success)).to.deep.equal([
      true,
      false,
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
    const insufficient = otherVault.interface.getError("InsufficientCollateral")?.selector;
    expect(results[1]?.data.slice(0, 10)).to.equal(insufficient);
    for (const locked of results.slice(3, 7)) expect(locked.data).to.equal(LOCKED);
  });

  it("move a mark: a take re-marks on the push alone, and a raised one leaves the mark as it was", async () => {
    const system = await load();
    const { vault, keeper, borrower, oneLoan } = system;
    await pushSays(system, 1_400n);
    await vault.markDown(borrower);
    const mark = await vault.markOf(borrower);
    expect(mark).to.be.greaterThan(0n);
    await pushSays(system, 1_300n);
    const snapshot = await networkHelpers.takeSnapshot();
    for (const price of [1_301n, 1_326n]) {
      const tx = await take(system, { price: signedPrice(price) }, 5_000n * oneLoan);
      await expect(tx).not.to.emit(vault, "MarkedDown");
      expect(await vault.markOf(borrower)).to.equal(mark);
      await snapshot.restore();
    }
    await expect(vault.connect(keeper).take(takeOf(system, 5_000n * oneLoan))).to.emit(vault, "MarkedDown");
    expect(await vault.markOf(borrower)).to.be.greaterThan(mark);
    await snapshot.restore();
    // What is left without collateral is marked, as at the vault.
    await take(system, { price: signedPrice(1_326n) });
    expect((await vault.position(borrower)).collateral).to.equal(0n);
    expect(await vault.markOf(borrower)).to.equal(await vault.debtOf(borrower));
  });

  it("start a sale with a mark of its own, nor keep one from being made at once", async () => {
    const system = await deployPullVaults(connection);
    const { pull, vault, keeper, borrower } = system;
    await pushSays(system, 1_400n);
    const data = await updateOf(system, { price: signedPrice(1_420n) });
    const tx = pull.connect(keeper).startSale(vault, [data], borrower, NOBODY, { value: FEE });
    await expect(tx).not.to.emit(vault, "MarkedDown");
    await expect(vault.markDown(borrower)).to.emit(vault, "MarkedDown");
  });

  it("void a proof: a part that only the raised price calls enough is refused", async () => {
    const system = await load();
    const { pull, vault, borrower, oneLoan } = system;
    await pushSays(system, 1_790n);
    await vault.touch(borrower);
    const nearlyHealthy = { price: signedPrice(1_806n) };
    const before = await vault.position(borrower);
    await expect(take(system, nearlyHealthy, 200n * oneLoan))
      .to.be.revertedWithCustomError(pull, "SaleStillNeeded")
      .withArgs(borrower, 14_800n * oneLoan, (most: bigint) => most < 14_800n * oneLoan);
    expect(await vault.position(borrower)).to.deep.equal(before);
    // Less, and the raised price still calls it unhealthy; more, and the push calls it healthy.
    await take(system, nearlyHealthy, 50n * oneLoan);
    expect((await vault.position(borrower)).proof).to.be.greaterThan(0n);
    await take(system, nearlyHealthy, 1_500n * oneLoan);
    expect((await vault.position(borrower)).proof).to.equal(0n);
  });

  it("end a sale: a part that only the raised price calls a recovery is refused, in a list too", async () => {
    const system = await deployPullVaults(connection, { changes: { maxDisagreementBps: 500n } });
    const { pull, vault, keeper, borrower, oneLoan } = system;
    await pushSays(system, 1_720n);
    await startSale(system);
    const high = { price: signedPrice(1_800n) };
    const part = 2_000n * oneLoan;
    await expect(take(system, high, part)).to.be.revertedWithCustomError(pull, "SaleStillNeeded");
    const many = async (update: Update, borrowers: readonly AddressLike[]) =>
      pull
        .connect(keeper)
        .takeMany(
          vault,
          [await updateOf(system, update)],
          { ...takeOf(system, part), borrowers: [...borrowers] },
          { value: FEE },
        );
    await expect(many(high, [borrower])).to.be.revertedWithCustomError(pull, "SaleStillNeeded");
    // At the push's price the same part leaves the sale as it must.
    await many({ price: signedPrice(1_721n) }, [borrower]);
    expect((await vault.position(borrower)).saleStartedAt).to.be.greaterThan(0n);
  });

  it("one that starts and takes leaves a sale, or a position that the push calls healthy", async () => {
    const system = await deployPullVaults(connection, { changes: { maxDisagreementBps: 500n } });
    const { pull, vault, keeper, borrower, oneLoan } = system;
    await pushSays(system, 1_720n);
    const bring = async (maxRepay?: bigint) =>
      pull
        .connect(keeper)
        .startAndTake(
          vault,
          [await updateOf(system, { price: signedPrice(1_800n) })],
          takeOf(system, maxRepay),
          {
            value: FEE,
          },
        );
    await expect(bring(2_000n * oneLoan)).to.be.revertedWithCustomError(pull, "SaleStillNeeded");
    await bring();
    const position = await vault.position(borrower);
    expect(position.saleStartedAt).to.equal(0n);
    // Health 1.02 on the push too: the target leaves more room than the band.
    const most = (position.collateral * 1_720n * oneLoan * 8_300n) / BPS / system.oneCollateral;
    expect((await vault.debtOf(borrower)) * 102n).to.be.lessThan(most * 100n);
  });

  it("outlive its call: not after a failed one that the caller caught, nor after one that went well", async () => {
    const system = await load();
    const { pull, vault, borrower } = system;
    const account = await puller(system);
    const direct = call(
      vault,
      vault.interface.encodeFunctionData("take", [await paramsOf(system, account, { maxRepay: 100n })]),
    );
    const asked = await quote(system, vault);
    const data = await updateOf(system, above);
    const failing = await pullTake(system, account, data, { maxPayment: 0n });
    const snapshot = await networkHelpers.takeSnapshot();
    const failed = await resultsOf(account, await account.run([asked, failing, asked, direct]));
    expect(failed.map(({ success }) => success)).to.deep.equal([true, false, true, true]);
    expect(failed[2]).to.deep.equal(failed[0]);
    expect(failed[1]?.data.slice(0, 10)).to.equal(vault.interface.getError("PaymentTooHigh")?.selector);
    await snapshot.restore();

    // One that brought less than the fee, one that the callback refuses: the same.
    await account.setRefuses(false, true);
    const refusing = await pullTake(system, account, data, { data: "0x01" });
    const poor = { ...failing, value: FEE - 1n };
    const more = await resultsOf(account, await account.run([asked, refusing, asked, poor, asked]));
    expect(more.map(({ success }) => success)).to.deep.equal([true, false, true, false, true]);
    expect([more[2], more[4]]).to.deep.equal([more[0], more[0]]);
    const refused = pull.interface.encodeErrorResult("CallbackRefused", [await account.getAddress()]);
    expect([more[1]?.data, more[3]?.data]).to.deep.equal([
      refused,
      pull.interface.encodeErrorResult("FeeTooLow", [FEE - 1n, FEE]),
    ]);
    await snapshot.restore();

    await pushSays(system, 1_751n);
    await vault.touch(borrower);
    const fresh = await updateOf(system, above);
    const start = await pullStart(system, fresh);
    const well = await resultsOf(
      account,
      await account.run([asked, await pullTake(system, account, fresh), asked, start]),
    );
    expect(well.map(({ success }) => success)).to.deep.equal([true, true, true, false]);
    const [before, after] = [well[0], well[2]];
    if (!before || !after) throw new Error("a call is missing");
    // What was sold moves the vault's clock, which brings the price up to the push's and no further.
    expect(priceIn(vault, after)).to.be.within(priceIn(vault, before), 1_751n * system.onePrice);
  });

  it("outlive a start: the take after it, in the same transaction, is on the push", async () => {
    const system = await deployPullVaults(connection);
    const { vault } = system;
    await pushSays(system, STORY.crash);
    const account = await puller(system);
    const data = await updateOf(system, above);
    const start = await pullStart(system, data);
    const results = await resultsOf(account, await account.run([start, await quote(system, vault)]));
    expect(results[0]?.success).to.equal(true);
    if (!results[1]) throw new Error("a call is missing");
    expect(priceIn(vault, results[1])).to.equal(STORY.crash * system.onePrice);
  });

  it("be brought for a vault that the factory does not know, or that has another oracle", async () => {
    const system = await load();
    const { pull, plainVault, oracle, keeper, stranger } = system;
    for (const [vault, error] of [
      [stranger, "UnknownVault"],
      [oracle, "UnknownVault"],
      [plainVault, "OtherOracle"],
    ] as const) {
      await expect(
        pull.connect(keeper).take(vault, [await updateOf(system, above)], takeOf(system), { value: FEE }),
      ).to.be.revertedWithCustomError(pull, error);
      await expect(
        pull
          .connect(keeper)
          .startSale(vault, [await updateOf(system, above)], system.borrower, NOBODY, { value: FEE }),
      ).to.be.revertedWithCustomError(pull, error);
    }
  });

  it("spend another's allowance, and its callback is the served vault's alone", async () => {
    const system = await load();
    const { pull, vault, loan, keeper, stranger } = system;
    // The keeper approved the pull oracle; the stranger did not.
    await expect(
      pull.connect(stranger).take(vault, [await updateOf(system, above)], takeOf(system), { value: FEE }),
    ).to.be.revertedWithCustomError(loan, "ERC20InsufficientAllowance");
    const payer = ethers.AbiCoder.defaultAbiCoder().encode(
      ["tuple(address,bytes)"],
      [[keeper.address, "0x"]],
    );
    await expect(pull.connect(stranger).onTake(1n, 1n, payer)).to.be.revertedWithCustomError(
      pull,
      "UnexpectedCallback",
    );
    const account = await puller(system);
    const steal = {
      target: pull,
      value: 0n,
      data: pull.interface.encodeFunctionData("onTake", [1n, 1n, payer]),
    };
    await account.planInTake([steal]);
    const data = await updateOf(system, above);
    const balance = await loan.balanceOf(keeper);
    const tx = await account.run([await pullTake(system, account, data, { data: "0x01" })]);
    expect((await resultsOf(account, tx)).map(({ success }) => success)).to.deep.equal([false, true]);
    expect(await loan.balanceOf(keeper)).to.equal(balance);
  });

  it("games with the fee: too little is refused, more comes back, and a changed fee is asked as it is", async () => {
    const system = await load();
    const { pull, pyth, vault, keeper } = system;
    const bring = async (value: bigint) =>
      pull
        .connect(keeper)
        .take(vault, [await updateOf(system, above)], takeOf(system, 100n * system.oneLoan), { value });
    await expect(bring(FEE - 1n))
      .to.be.revertedWithCustomError(pull, "FeeTooLow")
      .withArgs(FEE - 1n, FEE);
    await expect(bring(0n)).to.be.revertedWithCustomError(pull, "FeeTooLow");
    await expect(bring(FEE + 10n ** 18n)).to.changeEtherBalances(
      ethers,
      [keeper, pyth, pull],
      [-FEE, FEE, 0n],
    );
    await pyth.setFee(FEE * 3n);
    await expect(bring(FEE))
      .to.be.revertedWithCustomError(pull, "FeeTooLow")
      .withArgs(FEE, FEE * 3n);
    await expect(bring(FEE * 4n)).to.changeEtherBalances(ethers, [keeper, pyth], [-3n * FEE, 3n * FEE]);
    await pyth.setFee(0n);
    await expect(bring(0n)).to.emit(pull, "PriceBrought");
    await expect(keeper.sendTransaction({ to: pull, value: 1n })).to.be.revertedWithoutReason(ethers);
  });

  it("who can't be paid back pays exactly; who calls back while paid back finds nothing", async () => {
    const system = await load();
    const { pull, vault, otherVault } = system;
    const account = await puller(system);
    await account.setRefuses(true, false);
    const data = await updateOf(system, above);
    const exact = await pullTake(system, account, data);
    const more = { ...exact, value: FEE + 1n };
    const results = await resultsOf(account, await account.run([more, exact]));
    expect(results.map(({ success }) => success)).to.deep.equal([false, true]);
    expect(results[0]?.data).to.equal(pull.interface.encodeErrorResult("RefundRefused", [1n]));

    await account.setRefuses(false, false);
    const asked = [await quote(system, vault), await quote(system, otherVault)];
    await account.planInRefund([...asked, { ...(await pullTake(system, account, "0x")), value: 0n }]);
    const fresh = await updateOf(system, above);
    const tx = await account.run([await pullTake(system, account, fresh, {}, FEE + 5n), ...asked]);
    const [own, other, nested, bring, ownAfter, otherAfter] = await resultsOf(account, tx);
    expect(bring?.success).to.equal(true);
    expect([nested?.success, nested?.data]).to.deep.equal([false, LOCKED]);
    expect([own, other]).to.deep.equal([ownAfter, otherAfter]);
  });
});

describe("Security: pull feed, when Pyth is down", () => {
  it("only what brings a price fails, with what it says; loans and sales go on at the vault", async () => {
    const system = await load();
    const { pull, pyth, vault, keeper, borrower, stranger, oneLoan, oneCollateral } = system;
    // revert(0, 0), and what burns all gas.
    for (const code of ["0x5f5ffd", "0xfe"]) {
      const snapshot = await networkHelpers.takeSnapshot();
      const data = await updateOf(system, above);
      await networkHelpers.setCode(await pyth.getAddress(), code);
      await expect(pull.connect(keeper).take(vault, [data], takeOf(system), { value: FEE }))
        .to.be.revertedWithCustomError(pull, "UpdateRefused")
        .withArgs("0x");
      await vault.connect(keeper).take(takeOf(system));
      expect((await vault.position(borrower)).saleStartedAt).to.equal(0n);
      await pushSays(system, 2_000n, EVERYTHING_FRESH);
      await vault.connect(stranger).supplyCollateral(oneCollateral, stranger);
      await vault.connect(stranger).borrow(1_000n * oneLoan, stranger, stranger);
      await snapshot.restore();
    }
  });

  it("and when it lies: up to the band and half a percent a take gets dearer, and never cheaper", async () => {
    const system = await load();
    const { vault, keeper } = system;
    const snapshot = await networkHelpers.takeSnapshot();
    const sale = async (tx: Promise<{ readonly hash: string }>) => {
      const { price } = await saleOf(system, await tx);
      await snapshot.restore();
      return price;
    };
    await updateOf(system, above);
    const honest = await sale(vault.connect(keeper).take(takeOf(system)));
    let raised = 0;
    for (let whole = 1_600n; whole < 1_900n; whole += 7n) {
      const price = await sale(take(system, { price: signedPrice(whole), confidence: signedPrice(8n) }));
      expect(price).to.be.greaterThanOrEqual(honest);
      expect(price * BPS).to.be.lessThanOrEqual(honest * (BPS + 251n));
      if (price > honest) raised += 1;
    }
    expect(raised).to.be.greaterThan(3);
  });
});
