import type { Interface, LogDescription } from "ethers";

import type { Context } from "./context.ts";

/** Endpoints refuse to search more blocks at a time. */
const BLOCKS_A_QUERY = 5_000;

/** All events of a name that a contract emitted since the deployment, in their order. */
export const eventsOf = async (
  { ethers, fromBlock }: Context,
  contract: { getAddress(): Promise<string>; readonly interface: Interface },
  eventName: string,
): Promise<readonly LogDescription[]> => {
  const event = contract.interface.getEvent(eventName);
  if (event === null) throw new Error(`no event ${eventName}`);
  const address = await contract.getAddress();
  const head = await ethers.provider.getBlockNumber();
  const found: LogDescription[] = [];
  for (let from = fromBlock; from <= head; from += BLOCKS_A_QUERY) {
    const toBlock = Math.min(from + BLOCKS_A_QUERY - 1, head);
    const logs = await ethers.provider.getLogs({
      address,
      topics: [event.topicHash],
      fromBlock: from,
      toBlock,
    });
    found.push(...logs.map((log) => contract.interface.parseLog(log)).filter((log) => log !== null));
  }
  return found;
};
