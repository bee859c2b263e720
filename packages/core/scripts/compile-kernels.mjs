/** Compiles the kernels in kernels/ by AssemblyScript; returns modules in hexadecimal. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const options = ["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd"];

export async function compileKernels() {
  return {
    fused: await compile("cpu", ["--enable", "relaxed-simd"]),
    plain: await compile("cpu", []),
  };
}

export function compileSumKernel() {
  return compile("sums", []);
}

async function compile(name, more) {
  const source = fileURLToPath(new URL(`../kernels/${name}.ts`, import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), "aegis-kernels-"));
  try {
    const outFile = join(folder, `${name}.wasm`);
    const said = [];
    const stderr = { write: (text) => said.push(String(text)) };
    const { error } = await asc.main([source, ...options, ...more, "--outFile", outFile], { stderr });
    if (error) throw new Error(`the kernels do not compile: ${said.join("")}`, { cause: error });
    return (await readFile(outFile)).toString("hex");
  } finally {
    await rm(folder, { recursive: true });
  }
}
