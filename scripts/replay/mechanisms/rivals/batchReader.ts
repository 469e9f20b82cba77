import type { Interface, Result } from "ethers";

import type { MockReader } from "../../../../typechain-types/index.ts";
import type { Chain } from "../../world/chain.ts";

/** A view to be asked. */
export interface View {
  readonly to: string;
  readonly calls: Interface;
  readonly name: string;
  readonly args?: readonly unknown[];
}

/** Views a call: what a node's gas limit for calls allows. */
const PAGE = 300;

/** Asks many views of one moment in few calls. */
export class BatchReader {
  private readonly chain: Chain;
  private readonly reader: MockReader;

  constructor(chain: Chain, reader: MockReader) {
    this.chain = chain;
    this.reader = reader;
  }

  /** Answers in the order of the views. */
  async read(views: readonly View[]): Promise<readonly Result[]> {
    const { interface: own, target } = this.reader;
    const results: Result[] = [];
    for (let offset = 0; offset < views.length; offset += PAGE) {
      const page = views.slice(offset, offset + PAGE);
      const asked = page.map(({ to, calls, name, args = [] }) => ({
        target: to,
        data: calls.encodeFunctionData(name, args),
      }));
      const answer = await this.chain.call(String(target), own.encodeFunctionData("read", [asked]));
      const [answers] = own.decodeFunctionResult("read", answer);
      page.forEach(({ calls, name }, i) => {
        results.push(calls.decodeFunctionResult(name, answers[i] ?? "0x"));
      });
    }
    return results;
  }
}
