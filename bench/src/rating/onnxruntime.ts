import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The baseline, exactly: 110 MB, which nobody but this benchmark needs, so it is not part of the installation. */
const baseline = "onnxruntime-node@1.30.0";
const folder = fileURLToPath(new URL("../../.baselines/", import.meta.url));

/** What is used of onnxruntime-node. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: { intraOpNumThreads: number; interOpNumThreads: number }): Promise<Session>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dimensions: readonly number[]) => unknown;
}
interface Session {
  run(inputs: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** onnxruntime-node, fetched from npm at the first use. No script of the package runs: it would download more. */
export async function onnxRuntime(say: (line: string) => void): Promise<OnnxRuntime> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  if (!existsSync(join(folder, "node_modules", "onnxruntime-node"))) {
    say(`fetching the baseline ${baseline} from npm into bench/.baselines`);
    await mkdir(folder, { recursive: true });
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const options = ["--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
    await promisify(execFile)(npm, ["install", ...options, baseline], { shell: process.platform === "win32" });
  }
  return createRequire(join(folder, "baseline.js"))("onnxruntime-node") as OnnxRuntime;
}
