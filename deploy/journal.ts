import { existsSync } from "node:fs";

import { type ArtifactResolver, listTransactions, TransactionStatus } from "@nomicfoundation/ignition-core";
import type { Provider } from "ethers";

/** What Ignition's journal of a deployment says about the chain that it was made on. */
export interface JournalState {
  /** Transactions that were mined. */
  readonly mined: number;
  /** Block of the first transaction; undefined where nothing was mined yet. */
  readonly firstBlock: number | undefined;
  /** The chain does not know that transaction: it is another chain, or a local one that was started anew. */
  readonly isForeign: boolean;
}

/** Reads the journal in `folder`. Only its first transaction is looked up. */
export const readJournal = async (
  folder: string,
  provider: Provider,
  artifacts: Pick<ArtifactResolver, "loadArtifact">,
): Promise<JournalState> => {
  const transactions = existsSync(`${folder}/journal.jsonl`) ? await listTransactions(folder, artifacts) : [];
  const succeeded = transactions.filter(({ status }) => status === TransactionStatus.SUCCESS);
  const [first] = succeeded;
  if (first === undefined) return { mined: 0, firstBlock: undefined, isForeign: false };
  const receipt = await provider.getTransactionReceipt(first.txHash);
  return { mined: succeeded.length, firstBlock: receipt?.blockNumber, isForeign: receipt === null };
};
