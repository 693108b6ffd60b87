/**
 * What computes in a job: a session of one thread, made from the binaries that lie in the package, or
 * an engine of several threads where one thread reads.
 */
import { readFileSync } from "node:fs";
import { URL } from "node:url";
import { Arena } from "../memory/arena.js";
import { Session } from "../memory/session.js";
import { TILE_LIMITS } from "../memory/workspace.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import { readThreads } from "../parallel/threadCount.js";
import type { Numerics } from "../types.js";
import { type ModuleSource, instantiateKernels, makeMemory } from "../wasm/instantiate.js";

/** A session works at once, a parallel engine with promises. */
export type Computer = Session | ParallelEngine;

export const isParallel = (computer: Computer): computer is ParallelEngine => "threads" in computer;

export interface Computing {
  /** Threads at most (default: one a core, at most 8). */
  readonly threads?: number | undefined;
  readonly numerics?: Numerics | "auto" | undefined;
  /** Works where one thread reads; otherwise one is made. */
  readonly engine?: ParallelEngine | undefined;
}

const START_BYTES = 2 ** 20;
const MOST_BYTES = 2 ** 32;

/** This module runs from src in tests. */
const DIST = new URL(import.meta.url.endsWith(".ts") ? "../../dist/" : "../", import.meta.url);

export const fileInDist = (path: string): URL => new URL(path, DIST);

export function countThreads({ threads }: Computing): number {
  return readThreads("eval", threads);
}

const modules = new Map<Numerics, WebAssembly.Module>();

/** The binary, which is compiled once; threads share what was compiled. */
export const moduleFromFile: ModuleSource = (numerics) => {
  const known = modules.get(numerics);
  if (known) return known;
  const module = new WebAssembly.Module(readFileSync(fileInDist(`wasm/${numerics}.wasm`)));
  modules.set(numerics, module);
  return module;
};

export function openSession(
  numerics: Numerics | "auto" = "auto",
  source: ModuleSource = moduleFromFile,
): Session {
  const memory = makeMemory(START_BYTES);
  const { kernels, numerics: chosen } = instantiateKernels(source, memory, numerics);
  return new Session(
    kernels,
    chosen,
    new Arena(memory, kernels.heapBase(), MOST_BYTES),
    TILE_LIMITS,
  );
}
