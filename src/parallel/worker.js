// @ts-check
/**
 * A worker of the parallel engine: runs described pieces of work for ever, on an instance of its own
 * over the shared memory. Stands alone: scripts/build.mjs copies it to dist/ as a file for
 * `createWorker`, and into src/parallel/worker.generated.ts as text for the default.
 *
 * Between pieces it spins for a moment, then sleeps until more are published. It never returns to its
 * event loop; the engine terminates it.
 */
{
  const host = /** @type {any} */ (globalThis);
  const port = host.process?.getBuiltinModule?.("node:worker_threads")?.parentPort ?? host;

  port.addEventListener("message", (/** @type {{ data: any }} */ event) => work(event.data));
  port.start?.();

  /** @param {any} start */
  function work({ module, memory, control, layout, index, scratch, spin }) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const kernels = WebAssembly.Module.exports(module)
      .filter(({ kind }) => kind === "function")
      .map(({ name }) => /** @type {any} */ (exports[name]));
    const words = new Int32Array(control);
    const numbers = new Float64Array(control);
    const { published, claimed, done, sleepers, roused, caller, finished, slotMask } = layout;
    const busy = layout.busy + index * layout.line;
    /** @type {any} */ (exports).useScratch(scratch);
    let seen = Atomics.load(words, published);
    let skips = 0;
    port.postMessage("ready");
    for (;;) {
      Atomics.store(words, busy, 1);
      for (;;) {
        const ticket = Atomics.load(words, claimed);
        seen = Atomics.load(words, published);
        if (((seen - ticket) | 0) <= 0) break;
        const next = (ticket + 1) | 0;
        if (Atomics.compareExchange(words, claimed, ticket, next) !== ticket) continue;
        run(ticket & slotMask);
        Atomics.store(words, finished + (ticket & slotMask), next);
        Atomics.add(words, done, 1);
        call();
      }
      Atomics.store(words, busy, 0);
      if (arrives()) continue;
      Atomics.add(words, sleepers, 1);
      if (Atomics.wait(words, published, seen) === "ok") Atomics.add(words, roused, 1);
      Atomics.sub(words, sleepers, 1);
    }

    /** Runs the calls described in a slot: see recorder.ts. */
    function run(/** @type {number} */ slot) {
      let at = layout.slots + slot * layout.slotNumbers;
      const calls = numbers[at++];
      const local = numbers[at++] + index * numbers[at++];
      for (let i = 0; i < calls; i++) {
        const kernel = numbers[at++];
        const count = numbers[at++];
        const locals = numbers[at++];
        const values = [];
        for (let j = 0; j < count; j++) {
          const value = numbers[at++];
          values.push((locals >> j) & 1 ? value + local : value);
        }
        kernels[kernel](...values);
      }
    }

    /** Rouses the caller if it waits: 1 in Atomics.wait, 2 in its event loop. */
    function call() {
      const where = Atomics.load(words, caller);
      if (where === 1) Atomics.notify(words, done);
      else if (where === 2 && Atomics.compareExchange(words, caller, 2, 0) === 2) {
        port.postMessage("done");
      }
    }

    /**
     * Spins for at most `spin` ms; whether more was published. Spinning that came to nothing is
     * mostly left out the next 15 times: the caller may be waiting for this very core.
     */
    function arrives() {
      if (skips > 0) {
        skips--;
        return Atomics.load(words, published) !== seen;
      }
      const end = performance.now() + spin;
      do {
        for (let i = 0; i < 64; i++) if (Atomics.load(words, published) !== seen) return true;
      } while (performance.now() < end);
      skips = 15;
      return false;
    }
  }
}
