// @ts-check
/**
 * The package as its users get it: packed by npm, unpacked into the node_modules of a folder, beside
 * its one dependency. What a real `npm install` of the tarball does is for test/package to show.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

/**
 * @param {string} root of the repository, built
 * @param {string} folder emptied first
 */
export function unpackPackage(root, folder) {
  rmSync(folder, { recursive: true, force: true });
  const target = path.join(folder, "node_modules/logits");
  mkdirSync(target, { recursive: true });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["pack", "--json", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const packed = JSON.parse(execFileSync(npm, args, { cwd: root, encoding: "utf8" }));
  const { filename, size, unpackedSize } = Array.isArray(packed)
    ? packed[0]
    : Object.values(packed)[0];
  const tarball = path.join(folder, filename);
  execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  const loader = "node_modules/@assemblyscript/loader";
  cpSync(path.join(root, loader), path.join(folder, loader), { recursive: true });
  for (const part of ["conformance", "programs"]) {
    cpSync(path.join(root, "test/runtimes", part), path.join(folder, part), { recursive: true });
  }
  const manifest = { private: true, type: "module", dependencies: { logits: "*" } };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  return { folder, tarball, packedBytes: size, unpackedBytes: unpackedSize };
}
