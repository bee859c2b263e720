import { Wire } from "./wire.js";

/** What a child process tells the benchmark that started it. */
export type FromChild =
  | { readonly kind: "ready"; readonly url: string }
  | { readonly kind: "cpu"; readonly cpuMs: number; readonly wireBytes: number };

/** The options that the benchmark gave this process. */
export function ownOptions<T>(): T {
  return JSON.parse(process.argv[2] ?? "{}") as T;
}

/** Tells the parent that this process is ready, answers its questions, and does `stop` when the parent lets go or is gone. */
export function serveParent(url: string, stop: () => Promise<void>): void {
  const wire = new Wire();
  process.on("SIGINT", () => undefined); // Ctrl-C reaches the whole group; the parent then lets go
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    tell({ kind: "cpu", cpuMs: (user + system) / 1_000, wireBytes: wire.bytes() });
  });
  process.once("disconnect", () => void stop().finally(() => process.exit()));
  tell({ kind: "ready", url });
}

function tell(message: FromChild): void {
  process.send?.(message);
}
