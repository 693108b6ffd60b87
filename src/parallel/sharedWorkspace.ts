import { Workspace } from "../memory/workspace.js";
import { LOCAL, type Recorder } from "./recorder.js";

const ALIGN = 64;

/** A workspace whose scratch is one region for each participant, behind LOCAL addresses. */
export class SharedWorkspace extends Workspace {
  /** Whether there is one participant; scratch then has an address at once. */
  isAlone = false;
  #localBytes = 0;

  override scratch(bytes: number): number {
    if (this.isAlone) return super.scratch(bytes);
    const at = LOCAL + this.#localBytes;
    this.#localBytes += Math.ceil(bytes / ALIGN) * ALIGN;
    return at;
  }

  /** Borrows the regions: one each for `participants`, or one for all. */
  placeScratch(recorder: Recorder, participants: number): void {
    if (this.#localBytes === 0) return;
    const base = this.block(this.#localBytes * participants);
    recorder.local = { base, stride: participants === 1 ? 0 : this.#localBytes };
  }
}
