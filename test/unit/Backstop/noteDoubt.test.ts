import { expect } from "chai";

import { stakedSystem } from "../../helpers/backstop.ts";
import { loadFixture, now, pass } from "../../helpers/chain.ts";
import { DAY, STORY } from "../../helpers/vault.ts";

async function doubted() {
  const system = await stakedSystem();
  await system.open();
  await system.suspect({ deciding: STORY.price });
  await system.backstop.noteDoubt(system.vault);
  const notedAt = await now();
  const doubt = async () => {
    const { doubtSince, doubtSeen } = await system.backstop.coverOf(system.vault);
    return [doubtSince, doubtSeen];
  };
  return { ...system, notedAt, doubt };
}

describe("Backstop: a doubt that is noted", () => {
  it("goes on where it is noted again within eight days, to the second", async () => {
    const { backstop, vault, notedAt, doubt } = await loadFixture(doubted);
    await pass(8n * DAY);
    await backstop.noteDoubt(vault);
    expect(await doubt()).to.deep.equal([notedAt, notedAt + 8n * DAY]);
    expect(await backstop.inDoubt()).to.equal(false);
  });

  it("begins anew a second later, and keeps exits closed again", async () => {
    const { backstop, vault, doubt } = await loadFixture(doubted);
    await pass(8n * DAY + 1n);
    await backstop.noteDoubt(vault);
    const second = await now();
    expect(await doubt()).to.deep.equal([second, second]);
    expect(await backstop.inDoubt()).to.equal(true);
  });

  it("is forgotten with the first note that finds the price FRESH", async () => {
    const { backstop, vault, sink, doubt } = await loadFixture(doubted);
    await sink(STORY.price);
    await backstop.noteDoubt(vault);
    expect(await doubt()).to.deep.equal([0n, 0n]);
  });
});
