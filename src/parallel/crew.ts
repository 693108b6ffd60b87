/**
 * The workers: started, replaced when they die, ended with the engine.
 */
import { failState } from "../check.js";
import { AWAY, AWAKE, type Control } from "./control.js";
import { type WorkerLike, after, listen, unref } from "./host.js";

/** How long a worker may take to start, ms. */
const START_LIMIT = 10_000;
/** Workers that die before they are ready, in a row, until no more are tried. */
const MAX_FAILED_STARTS = 3;

export interface CrewOptions {
  readonly control: Control;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Scratch regions for kernels, one for each participant. */
  readonly scratchPtr: number;
  readonly scratchBytes: number;
  /** Participants, the caller among them. */
  readonly threads: number;
  /** How long workers spin before they sleep, ms. */
  readonly spin: number;
  start(): WorkerLike;
}

interface Member {
  readonly index: number;
  readonly worker: WorkerLike;
  state: "starting" | "ready" | "dead";
}

export class Crew {
  readonly #options: CrewOptions;
  readonly #members = new Map<number, Member>();
  #failedStarts = 0;
  #launched = false;
  #ended = false;
  #wake: (() => void) | undefined;
  /** What killed a worker since it was last asked. */
  #fault: string | undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Starts every worker; rejects with the reason if one cannot be. */
  async start(): Promise<void> {
    const { threads } = this.#options;
    await Promise.all(Array.from({ length: threads - 1 }, (_, i) => this.#start(i + 1)));
    this.#launched = true;
  }

  /** Workers at hand, ready ones only. */
  get size(): number {
    let ready = 0;
    for (const { state } of this.#members.values()) if (state === "ready") ready++;
    return ready;
  }

  /** Whether workers died so often while starting that no more are tried. */
  get givenUp(): boolean {
    return this.#failedStarts >= MAX_FAILED_STARTS;
  }

  /** Whether a ready worker is at work. */
  get busy(): boolean {
    const { words, layout } = this.#options.control;
    for (const { index, state } of this.#members.values()) {
      if (state !== "ready") continue;
      if (Atomics.load(words, layout.busy + index * layout.line) !== 0) return true;
    }
    return false;
  }

  /** Whether a worker has died since the last call began; beginning forgets. */
  beginCall(): void {
    this.#fault = undefined;
  }
  checkFault(name: string): void {
    if (this.#fault === undefined) return;
    failState("ERR_WORKER", `${name}: a worker died (${this.#fault}); call again`);
  }

  /** Resolves when a worker reports, one dies, or `milliseconds` have passed. */
  message(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = after(milliseconds, () => this.#rouse());
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
  }

  /**
   * Gives up workers that have long been at work without finishing, or all where none is at work
   * although it should: their end went unnoticed.
   */
  abandon(): void {
    const { words, layout } = this.#options.control;
    const any = this.busy;
    for (const member of Array.from(this.#members.values())) {
      const isBusy = Atomics.load(words, layout.busy + member.index * layout.line) !== 0;
      if (member.state === "ready" && isBusy === any) this.#died(member, "it no longer answers");
    }
  }

  /** Ends every worker; resolves when they have ended. */
  async end(): Promise<void> {
    this.#ended = true;
    const members = [...this.#members.values()];
    this.#members.clear();
    for (const member of members) member.state = "dead";
    this.#rouse();
    await Promise.all(members.map(async ({ worker }) => worker.terminate()));
  }

  #start(index: number): Promise<void> {
    const { control, module, memory, scratchPtr, scratchBytes, spin, start } = this.#options;
    const { layout, words, buffer } = control;
    const worker = start();
    const member: Member = { index, worker, state: "starting" };
    this.#members.set(index, member);
    Atomics.store(words, layout.busy + index * layout.line, 0);
    return new Promise((resolve, reject) => {
      const refuse = (reason: string): void => {
        callOff();
        this.#died(member, reason);
        reject(reason);
      };
      const callOff = after(START_LIMIT, () => refuse("it did not start"));
      listen(worker, {
        message: (data) => {
          if (data === "ready" && member.state === "starting") {
            callOff();
            member.state = "ready";
            this.#failedStarts = 0;
            unref(worker);
            resolve();
          }
          this.#rouse();
        },
        died: refuse,
      });
      worker.postMessage({
        module,
        memory,
        control: buffer,
        layout,
        index,
        scratch: scratchPtr + index * scratchBytes,
        spin,
      });
    });
  }

  #died(member: Member, reason: string): void {
    if (member.state === "dead") return;
    const wasReady = member.state === "ready";
    member.state = "dead";
    this.#members.delete(member.index);
    void member.worker.terminate();
    if (this.#ended || !this.#launched) return;
    if (wasReady) this.#fault = reason;
    else this.#failedStarts++;
    this.#rouse();
    if (this.#failedStarts < MAX_FAILED_STARTS) this.#replace(member.index);
  }

  #replace(index: number): void {
    try {
      this.#start(index).catch(() => undefined);
    } catch {
      this.#failedStarts = MAX_FAILED_STARTS; // the host refuses to make workers
    }
  }

  #rouse(): void {
    const { words, layout } = this.#options.control;
    Atomics.compareExchange(words, layout.caller, AWAY, AWAKE);
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
