// @ts-check
/** Compiles the module given; V8's flags print the code. */
import { readFileSync } from "node:fs";
import process from "node:process";

void new WebAssembly.Module(readFileSync(process.argv[2]));
