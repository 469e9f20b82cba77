/** What all stress sources say together: contracts/risk/ContagionMonitor.sol on bigint. */
import { WAD } from "./math.ts";
import { weightedMedian } from "./weightedMedian.ts";

/** A source as it is registered and what it answers; no answer where it reverts or says something else. Unix seconds. */
export interface Source {
  readonly weight: bigint;
  readonly heartbeat: bigint;
  readonly expiresAt: bigint;
  readonly answer?: { readonly level: bigint; readonly updatedAt: bigint };
}

export interface Stress {
  readonly level: bigint;
  readonly live: number;
  readonly isKnown: boolean;
}

/** Whether what a source says counts. */
export function isLive({ heartbeat, expiresAt, answer }: Source, now: bigint): boolean {
  if (answer === undefined || now >= expiresAt) return false;
  const { level, updatedAt } = answer;
  return level <= WAD && updatedAt <= now && now - updatedAt <= heartbeat;
}

/** What the monitor says of all sources together. */
export function stressOf(sources: readonly Source[], now: bigint, minLive: number): Stress {
  const live = sources.filter((source) => isLive(source, now));
  const isKnown = live.length >= minLive;
  const entries = live.map(({ answer, weight }) => ({ value: answer?.level ?? 0n, weight }));
  return { level: isKnown ? weightedMedian(entries) : 0n, live: live.length, isKnown };
}
