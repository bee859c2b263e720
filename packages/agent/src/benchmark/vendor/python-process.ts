import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { withResolvers } from "../../sandbox/promise.js";
import { Tail } from "../../sandbox/tail.js";

/** Why a Python process gave no answer. */
export type PythonFailure = "no-python" | "broken" | "time-limit";

/** A Python process that cannot be asked any more. */
export class PythonFailed extends Error {
  readonly reason: PythonFailure;

  constructor(reason: PythonFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** How a Python process is started, and how long it may think. */
export interface PythonOptions {
  /** A command or a path. */
  readonly python: string;
  /** For each answer, in ms. */
  readonly timeMs: number;
}

/** An answer is a short JSON object: whatever is longer comes from something else than our script. */
const mostLineBytes = 4_096;
const newline = 0x0a;
/** What finds Python, its packages and the card's libraries; nothing else of ours, such as keys, is its business. */
const passedOn =
  /^(PATH|HOME|USERPROFILE|SYSTEMROOT|TEMP|TMP|TMPDIR|LANG|LD_LIBRARY_PATH|DYLD_.*|PYENV_.*|PYTHON.*|VIRTUAL_ENV|CONDA_.*|CUDA_.*|NVIDIA_.*|ROCR?_.*|HIP_.*|HSA_.*|ZE_.*|ONEAPI_.*)$/i;

/** One Python script that answers each line with a line, one at a time. It runs the owner's own Python, outside any sandbox: only our script does. */
export class PythonProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #timeMs: number;
  readonly #stderr = new Tail(mostLineBytes);
  readonly #ended: Promise<void>;
  #heard: Buffer = Buffer.alloc(0);
  #failed: PythonFailed | undefined;
  #waiting: ReturnType<typeof withResolvers<string>> | undefined;

  constructor(script: string, { python, timeMs }: PythonOptions) {
    this.#timeMs = timeMs;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
    this.#child = spawn(python, ["-u", script], { env, windowsHide: true });
    const { promise, resolve } = withResolvers<void>();
    this.#ended = promise;
    this.#child.stdout.on("data", (chunk: Buffer) => this.#hear(chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => this.#stderr.push(chunk));
    this.#child.stdin.on("error", () => {}); // writing to a process that just died fails; its end is reported below
    this.#child.once("error", (error: NodeJS.ErrnoException) => {
      this.#fail(new PythonFailed(error.code === "ENOENT" ? "no-python" : "broken", error.message));
      resolve();
    });
    this.#child.once("close", (code, signal) => {
      this.#fail(new PythonFailed("broken", `it ended (${signal ?? `code ${code}`}) ${this.#stderr.text()}`.trim()));
      resolve();
    });
  }

  /** The next line that it says by itself or in answer to `line`. @throws {PythonFailed} */
  async ask(line?: string): Promise<string> {
    if (this.#failed) throw this.#failed;
    this.#waiting = withResolvers<string>();
    if (line !== undefined) this.#child.stdin.write(`${line}\n`);
    this.#take();
    const late = new PythonFailed("time-limit", `it did not answer in ${this.#timeMs / 1_000} s`);
    const timer = setTimeout(() => this.#fail(late), this.#timeMs);
    try {
      return await this.#waiting.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }

  /** Ends it, and waits until it has. */
  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #hear(chunk: Buffer): void {
    if (this.#failed) return;
    this.#heard = Buffer.concat([this.#heard, chunk]);
    this.#take();
    if (this.#heard.length > mostLineBytes) {
      this.#fail(new PythonFailed("broken", `it said more than ${mostLineBytes} bytes where one line was expected`));
    }
  }

  /** Hands a whole line to whoever waits for one. */
  #take(): void {
    const end = this.#heard.indexOf(newline);
    if (end < 0 || end > mostLineBytes || !this.#waiting) return;
    const line = this.#heard.toString("utf8", 0, end);
    this.#heard = this.#heard.subarray(end + 1);
    this.#waiting.resolve(line);
  }

  #fail(failure: PythonFailed): void {
    if (this.#failed) return;
    this.#failed = failure;
    this.#child.kill("SIGKILL");
    this.#waiting?.reject(failure);
  }
}
