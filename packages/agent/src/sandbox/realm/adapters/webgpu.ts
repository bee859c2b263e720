import { Failure } from "../failures.js";
import { holdToShare } from "../gpu-share.js";
import type { MakeAdapter } from "./adapter.js";
import { jsAdapter } from "./js.js";

/**
 * One ES module as for `js`, in a realm that has `navigator.gpu`. A device is opened and left once before: what the
 * driver takes for itself then belongs to the engine, not to the program.
 */
export const webgpuAdapter: MakeAdapter = async (preparation, report) => {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Failure("program-invalid", "no driver offers a graphics adapter");
  const device = await adapter.requestDevice();
  device.destroy();
  if (preparation.gpu) holdToShare(preparation.gpu);
  return jsAdapter(preparation, report);
};
