/**
 * All that the library may use of its host, beyond the ECMAScript language. Every runtime it runs in
 * has these; nothing from the DOM and nothing from Node is in reach. Declared as in TypeScript's DOM
 * library, so that callers who use that library see the same types.
 */

type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;

declare namespace WebAssembly {
  interface Module {}
  interface ModuleExportDescriptor {
    kind: string;
    name: string;
  }
  interface ModuleImportDescriptor extends ModuleExportDescriptor {
    module: string;
  }
  const Module: {
    prototype: Module;
    new (bytes: BufferSource): Module;
    customSections(module: Module, name: string): ArrayBuffer[];
    exports(module: Module): ModuleExportDescriptor[];
    imports(module: Module): ModuleImportDescriptor[];
  };

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(deltaPages: number): number;
  }
  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }
  const Memory: { prototype: Memory; new (descriptor: MemoryDescriptor): Memory };

  interface Global {
    value: number;
  }
  interface Table {
    readonly length: number;
  }

  type ExportValue = Function | Global | Memory | Table;
  type Exports = Record<string, ExportValue>;
  type Imports = Record<string, Record<string, ExportValue | number>>;
  interface Instance {
    readonly exports: Exports;
  }
  const Instance: { prototype: Instance; new (module: Module, imports?: Imports): Instance };

  interface ErrorConstructor<E extends Error> {
    prototype: E;
    new (message?: string): E;
    (message?: string): E;
  }
  interface CompileError extends Error {}
  const CompileError: ErrorConstructor<CompileError>;
  interface LinkError extends Error {}
  const LinkError: ErrorConstructor<LinkError>;
  interface RuntimeError extends Error {}
  const RuntimeError: ErrorConstructor<RuntimeError>;

  function validate(bytes: BufferSource): boolean;
  function compile(bytes: BufferSource): Promise<Module>;
  function compileStreaming(source: Response | PromiseLike<Response>): Promise<Module>;
}

interface URL {
  readonly href: string;
  readonly protocol: string;
}
declare const URL: { prototype: URL; new (url: string | URL, base?: string | URL): URL };

interface ImportMeta {
  url: string;
}

interface Response {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
  clone(): Response;
}
declare const Response: { prototype: Response; new (body: BufferSource): Response };
declare function fetch(url: string | URL): Promise<Response>;

interface TextDecoder {
  decode(bytes: ArrayBufferView, options?: { stream?: boolean }): string;
}
declare const TextDecoder: {
  prototype: TextDecoder;
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};

declare const TextEncoder: { new (): { encode(text: string): Uint8Array<ArrayBuffer> } };
declare function atob(text: string): string;

/** A file that the runtime or its bundler compiles ahead of time. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

declare const performance: { now(): number };

declare const console: Record<"log" | "warn" | "error", (...values: unknown[]) => void>;
