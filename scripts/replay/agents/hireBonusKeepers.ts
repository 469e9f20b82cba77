import { Random } from "../../world/random.ts";
import { BonusKeepers, type Liquidator } from "./bonusKeepers.ts";
import { Crew } from "./crew.ts";
import { hireKeepers } from "./keeper.ts";
import type { Ground } from "../mechanisms/mechanism.ts";
import { STREAMS } from "../input/scenario.ts";

/** Keepers who have a contract to liquidate through. */
export async function hireBonusKeepers(ground: Ground, liquidator: Liquidator): Promise<Crew> {
  const { holders, scenario } = ground;
  return new Crew({
    keepers: await hireKeepers(holders),
    random: new Random(scenario.seed, STREAMS.keepers),
    trades: [new BonusKeepers(ground, liquidator)],
  });
}
