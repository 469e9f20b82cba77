import type { MirroredPosition } from "../../world/exposure.ts";
import type { Check } from "../run/check.ts";
import type { Receipt } from "../world/chain.ts";
import type { PositionView } from "../../../sdk/positionView.ts";
import type { Agents } from "../agents/agents.ts";
import type { Ending } from "../records/sales.ts";

/** An address as events and views of a lending protocol give it here: in lower case. */
export const lower = (address: unknown): string => String(address).toLowerCase();

/** A transaction that an account is to send. */
export interface Call {
  readonly to: string;
  readonly data: string;
}

/** Something that happened to a position, or to the shares; loan and collateral units. */
export type SaleEvent =
  | {
      readonly kind: "started";
      readonly borrower: string;
      /** At the start, reward included. */
      readonly debt: bigint;
      readonly collateral: bigint;
      /** Reward of whoever started it, on the borrower's debt. */
      readonly reward: bigint;
    }
  | {
      readonly kind: "take";
      readonly borrower: string;
      /** Contract or account that called the protocol. */
      readonly taker: string;
      readonly repaid: bigint;
      readonly penalty: bigint;
      /** All that left the position, what the protocol keeps included. */
      readonly collateral: bigint;
      /** Part of it that the protocol keeps as its fee. */
      readonly keptCollateral: bigint;
      /** Paid for each unit that left the position, 1e36 scale. */
      readonly price: bigint;
    }
  /** Debt repaid by payment outside of a take: what a sale brought beyond what it had to. */
  | { readonly kind: "repaid"; readonly borrower: string; readonly amount: bigint }
  | { readonly kind: "ended"; readonly borrower: string; readonly ending: Ending }
  | {
      readonly kind: "loss";
      readonly borrower: string;
      readonly fromReserve: bigint;
      readonly fromBackstop: bigint;
      readonly fromLenders: bigint;
    }
  /** Anything else that changed a position. */
  | { readonly kind: "changed"; readonly borrower: string }
  | { readonly kind: "sharesMinted"; readonly amount: bigint };

/** What positions are measured by at a moment. */
export interface Standing {
  /** Interest since the beginning, WAD: debt is scaled debt times this. */
  readonly index: bigint;
  readonly liquidationLtvBps: bigint;
}

/** A lending protocol that the book is opened in, as far as a replay asks. Addresses are lower case in what it answers. */
export interface Lending {
  /** Where lenders and borrowers send their calls, which pulls their tokens. */
  readonly entrance: string;
  /** Who holds lenders' cash and positions' collateral: contracts. */
  readonly custody: { readonly loan: string; readonly collateral: string };
  /** Token of lenders' shares; undefined where lenders hold none whose supply only deposits and rewards raise. */
  readonly shares: string | undefined;
  /** Contracts of its own that could hold a token, by name. */
  readonly contracts: Readonly<Record<string, string>>;

  deposit(assets: bigint, lender: string): Call;
  supplyCollateral(assets: bigint, borrower: string): Call;
  borrow(assets: bigint, borrower: string): Call;
  /** Lenders' write-off of a position that is `EMPTIED`. */
  writeOff(borrower: string): Call;

  positions(borrowers: readonly string[]): Promise<readonly PositionView[]>;
  position(borrower: string): Promise<MirroredPosition>;
  standing(): Promise<Standing>;
  /** Events of a transaction in their order; asked once for each, before the next one. */
  eventsIn(receipt: Receipt): Promise<readonly SaleEvent[]>;
  /** What lenders could withdraw for shares, loan units. */
  valueOfShares(shares: bigint): Promise<bigint>;
  /** Its books against what it holds. */
  checkBooks(
    borrowers: readonly string[],
    held: { readonly loan: bigint; readonly collateral: bigint },
  ): Promise<readonly Check[]>;
  hire(): Promise<Agents>;
}
