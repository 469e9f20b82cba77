import { expect } from "chai";
import { Interface } from "ethers";

import { Random } from "../../../scripts/world/random.ts";
import { decodeStructs } from "../../../scripts/replay/world/structs.ts";

const CALLS = new Interface([
  "function list() view returns (tuple(address owner, uint8 kind, uint256 first, uint128 second)[])",
]);

describe("decodeStructs", () => {
  it("reads what the general decoder reads", () => {
    const random = new Random(1);
    const number = (bytes: number): bigint =>
      Array.from({ length: bytes }).reduce<bigint>(
        (sum) => (sum << 8n) | BigInt(Math.floor(random.uniform() * 256)),
        0n,
      );
    for (const length of [0, 1, 37]) {
      const structs = Array.from({ length }, () => [
        `0x${number(20).toString(16).padStart(40, "0")}`,
        number(1),
        number(32),
        number(16),
      ]);
      const data = CALLS.encodeFunctionResult("list", [structs]);
      const [expected] = CALLS.decodeFunctionResult("list", data) as unknown as [
        { owner: string; kind: bigint; first: bigint; second: bigint }[],
      ];
      const [list] = CALLS.getFunction("list")?.outputs ?? [];
      if (list === undefined) throw new Error("no outputs");
      const found = decodeStructs(list, data).map((fields) => Object.fromEntries(fields));
      expect(found).to.deep.equal(
        expected.map(({ owner, kind, first, second }) => ({ owner: BigInt(owner), kind, first, second })),
      );
    }
  });
});
