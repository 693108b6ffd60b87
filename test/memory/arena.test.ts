import { array, assert, boolean, nat, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { Arena } from "../../src/memory/arena.ts";
import { failureOf } from "../support/operations.ts";

const PAGE = 65536;
const memoryOf = (pages: number) => new WebAssembly.Memory({ initial: pages });

describe("blocks", () => {
  it("are 64-byte aligned, begin at the base, and a freed one is handed out again", () => {
    const arena = new Arena(memoryOf(1), 1000);
    const first = arena.allocate(100);
    const second = arena.allocate(1);
    expect([first, second]).toEqual([1024, 1152]);
    arena.release(first);
    expect(arena.allocate(128)).toBe(first);
    expect([arena.liveBytes, arena.liveBlocks]).toEqual([192, 2]);
  });

  it("of 0 bytes are blocks like others", () => {
    const arena = new Arena(memoryOf(1), 0);
    expect(arena.allocate(0)).not.toBe(arena.allocate(0));
    expect(arena.liveBytes).toBe(128);
  });

  it("are never handed out twice: random allocations and releases do not overlap", () => {
    const steps = array(tuple(boolean(), nat(5000), nat(1000)), { maxLength: 300 });
    assert(
      property(steps, (list) => {
        const arena = new Arena(memoryOf(1), 128);
        const live: { at: number; bytes: number }[] = [];
        for (const [add, bytes, pick] of list) {
          if (add || live.length === 0) {
            const at = arena.allocate(bytes);
            expect(at % 64).toBe(0);
            expect(at + bytes).toBeLessThanOrEqual(arena.heldBytes);
            for (const other of live) {
              expect(at + bytes <= other.at || other.at + other.bytes <= at).toBe(true);
            }
            live.push({ at, bytes: Math.max(bytes, 1) });
          } else {
            arena.release(live.splice(pick % live.length, 1)[0].at);
          }
        }
        for (const { at } of live) arena.release(at);
        expect([arena.liveBytes, arena.liveBlocks]).toEqual([0, 0]);
      }),
    );
  });

  it("released twice, or never allocated, are ERR_STATE", () => {
    const arena = new Arena(memoryOf(1), 0);
    const at = arena.allocate(64);
    arena.release(at);
    for (const bad of [at, at + 4, -64, NaN, 2 ** 32]) {
      expect(failureOf(() => arena.release(bad)).code).toBe("ERR_STATE");
    }
    expect(arena.allocate(64)).toBe(at);
  });

  it("after dispose are ERR_STATE", () => {
    const arena = new Arena(memoryOf(1), 0);
    arena.dispose();
    expect(failureOf(() => arena.allocate(64)).code).toBe("ERR_STATE");
  });
});

describe("fragmentation", () => {
  it("every second block freed: half of what is free fits without growth once neighbours join", () => {
    const arena = new Arena(memoryOf(4), 64, 4 * PAGE);
    const blocks = Array.from({ length: 200 }, (_, i) => arena.allocate(64 + (i % 7) * 128));
    blocks.filter((_, i) => i % 2 === 0).forEach((at) => arena.release(at));
    const rest = blocks.filter((_, i) => i % 2 === 1);
    rest.slice(50).forEach((at) => arena.release(at));
    const free = arena.heldBytes - arena.liveBytes;
    expect(arena.allocate(Math.floor(free / 2))).toBeGreaterThan(0);
    expect(arena.heldBytes).toBe(4 * PAGE);
  });

  it("after everything is freed the whole memory is one block again", () => {
    const arena = new Arena(memoryOf(4), 64, 4 * PAGE);
    const blocks = Array.from({ length: 300 }, (_, i) => arena.allocate(1 + i));
    for (const at of blocks) arena.release(at);
    expect(arena.allocate(4 * PAGE - 64)).toBe(64);
  });

  it("20,000 cycles of mixed sizes do not grow the memory after warm-up", () => {
    const arena = new Arena(memoryOf(1), 64);
    const held: number[] = [];
    const live: number[] = [];
    for (let i = 0; i < 20000; i++) {
      live.push(arena.allocate((i * 7919) % 9000));
      if (live.length > 20) arena.release(live.splice((i * 31) % live.length, 1)[0]);
      if (i === 2000 || i === 19999) held.push(arena.heldBytes);
    }
    expect(held[1]).toBe(held[0]);
  });
});

describe("growth", () => {
  it("views taken before it are dead, `views` are right, and what was written stays", () => {
    const arena = new Arena(memoryOf(1), 0);
    const at = arena.allocate(64);
    const before = arena.views.f32;
    before[at / 4] = 7;
    const far = arena.allocate(3 * PAGE);
    expect(before.length).toBe(0);
    expect(arena.views.f32[at / 4]).toBe(7);
    expect(arena.views.u8.byteLength).toBe(arena.heldBytes);
    expect(far + 3 * PAGE).toBeLessThanOrEqual(arena.heldBytes);
  });

  it("maximum: just under and at it works, over it is ERR_OUT_OF_MEMORY with the bytes", () => {
    for (const [bytes, fits] of [
      [3 * PAGE - 64, true],
      [3 * PAGE, true],
      [3 * PAGE + 1, false],
    ] as const) {
      const arena = new Arena(memoryOf(1), 0, 3 * PAGE);
      if (fits) {
        expect(arena.allocate(bytes)).toBe(0);
        expect(arena.heldBytes).toBe(3 * PAGE);
      } else {
        const error = failureOf(() => arena.allocate(bytes));
        expect(error.code).toBe("ERR_OUT_OF_MEMORY");
        expect(error.message).toBe(
          `linear memory cannot grow: ${3 * PAGE + 64} bytes asked, ${PAGE} bytes held, 0 in use; dispose tensors or work in smaller batches`,
        );
        expect([arena.heldBytes, arena.liveBlocks]).toEqual([PAGE, 0]);
        expect(arena.allocate(64)).toBe(0);
      }
    }
  });

  it("a maximum between two pages is not exceeded", () => {
    const arena = new Arena(memoryOf(1), 0, 2 * PAGE - 1);
    expect(failureOf(() => arena.allocate(PAGE + 1)).code).toBe("ERR_OUT_OF_MEMORY");
    expect(arena.heldBytes).toBe(PAGE);
  });

  it("a host that refuses large steps is asked for what is needed", () => {
    const memory = memoryOf(1);
    const grow = memory.grow.bind(memory);
    memory.grow = (pages) => {
      if (pages > 1) throw new RangeError("refused");
      return grow(pages);
    };
    const arena = new Arena(memory, 0);
    arena.allocate(PAGE + 64);
    expect(arena.heldBytes).toBe(2 * PAGE);
    const error = failureOf(() => arena.allocate(2 * PAGE));
    expect(error.code).toBe("ERR_OUT_OF_MEMORY");
    expect((error.cause as Error).message).toBe("refused");
  });
});
