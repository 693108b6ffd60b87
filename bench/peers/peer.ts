/** A peer: somebody else's implementation of the same workloads; types only. */
import type { Contender, Inputs } from "../harness/workload.ts";

export type Open = Contender["open"];
export type { Inputs };

export interface OpenedPeer {
  /** Name and version, as they stand in the tables. */
  readonly title: string;
  /** By name of the workload. */
  readonly workloads: Readonly<Record<string, Open>>;
  close?(): unknown;
}

export interface Peer {
  readonly name: string;
  /**
   * Throws where the peer is not installed; the message says what is missing. `threads` (1) is for those
   * that can have several.
   */
  open(threads?: number): Promise<OpenedPeer>;
}
