import { expect } from "chai";
import fc from "fast-check";

import { BPS, min } from "../../../sdk/math.ts";
import { deployPullVaults, FEE, saleOf, signed } from "../../helpers/pull.ts";
import { startSale, takeOf } from "../../helpers/oracleVault.ts";
import { sample } from "../../reference/inputs.ts";
import { connection, networkHelpers } from "../../helpers/chain.ts";

interface Story {
  /** Whole loan tokens a token. */
  readonly push: bigint;
  /** Of the push, bps. */
  readonly second: bigint;
  readonly pulled: bigint;
  /** Of the pulled price, in thousandths of a percent. */
  readonly confidence: bigint;
  /** Seconds from the start of the sale to the last proof, and from that to the take. */
  readonly proven: bigint;
  readonly later: bigint;
  /** Whole loan tokens. */
  readonly maxRepay: bigint;
}

const stories: fc.Arbitrary<Story> = fc.record({
  push: fc.oneof(fc.bigInt(1_750n, 1_806n), fc.bigInt(1_300n, 1_806n)),
  second: fc.oneof(fc.constant(BPS), fc.bigInt(9_700n, 10_300n)),
  pulled: fc.bigInt(9_780n, 10_220n),
  confidence: fc.oneof(fc.constant(0n), fc.bigInt(0n, 520n)),
  proven: fc.bigInt(0n, 900n),
  later: fc.bigInt(20n, 1_500n),
  maxRepay: fc.oneof(fc.constant(10n ** 9n), fc.bigInt(1n, 6_000n)),
});

describe("PullOracle: whatever is brought", () => {
  const { time } = networkHelpers;
  const deploy = () => deployPullVaults(connection);

  it("a take is no cheaper and no larger than without it, its clock the same, the mark where it was, the sale still needed live", async () => {
    const system = await networkHelpers.loadFixture(deploy);
    const { vault, pull, keeper, borrower, oneAnswer, primary, second, oneLoan, onePrice } = system;
    const start = await networkHelpers.takeSnapshot();
    const seen = { raised: 0, same: 0, refused: 0 };
    for (const story of sample(stories, 80)) {
      const push = story.push * oneAnswer;
      const say = async (): Promise<void> => {
        await primary.pushAnswer(push);
        await second.pushAnswer((push * story.second) / BPS);
      };
      await say();
      await startSale(system);
      await time.increase(story.proven);
      await vault.touch(borrower);
      const now = BigInt(await time.latest()) + story.later;
      await time.increaseTo(now - 10n);
      await say();
      const before = await networkHelpers.takeSnapshot();
      const mark = await vault.markOf(borrower);

      const price = (push * story.pulled) / BPS;
      const confidence = (price * story.confidence) / 100_000n;
      const params = takeOf(system, story.maxRepay * oneLoan);
      const update = await signed(system, { price, confidence }, now);
      const bring = async () => {
        await time.increaseTo(now);
        const tx = await pull.connect(keeper).take(vault, [update], params, { value: FEE });
        return { sale: await saleOf(system, tx), after: await vault.position(borrower) };
      };
      const brought = await bring().catch(() => undefined);
      const [markAfter, debtAfter] = [await vault.markOf(borrower), await vault.debtOf(borrower)];
      await before.restore();
      if (!brought) seen.refused += 1;
      else {
        const { sale, after } = brought;
        await time.increaseTo(now);
        const plain = await saleOf(system, await vault.connect(keeper).take(params));
        const plainAfter = await vault.position(borrower);
        expect(sale.price).to.be.greaterThanOrEqual(plain.price);
        expect(sale.collateral).to.be.lessThanOrEqual(plain.collateral);
        if (sale.price === plain.price) seen.same += 1;
        else {
          seen.raised += 1;
          const emptied = after.collateral === 0n;
          expect(markAfter).to.equal(emptied ? debtAfter : min(mark, debtAfter));
          const most = (after.collateral * story.push * onePrice * 8_300n) / (BPS * 10n ** 36n);
          if (!emptied && debtAfter > most) {
            expect(after.saleStartedAt).to.equal(plainAfter.saleStartedAt);
            expect(after.proof).to.equal(plainAfter.proof);
          }
        }
      }
      await start.restore();
    }
    for (const count of Object.values(seen)) expect(count).to.be.greaterThan(3);
  });
});
