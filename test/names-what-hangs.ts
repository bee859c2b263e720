import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

/** Longer than any test or hook may take: a file of which nothing is heard for so long has a worker that is blocked, and no time limit of its own ends it. */
const silenceMs = 300_000;

/** Ends a run in which a file of tests never ends, and says which. */
export class NamesWhatHangs implements Reporter {
  /** When each file that runs was last heard of. */
  readonly #heardAt = new Map<string, number>();
  #vitest: Vitest | undefined;
  #watch: NodeJS.Timeout | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunStart(): void {
    this.#watch = setInterval(() => this.#look(), 1_000);
  }

  onTestRunEnd(): void {
    clearInterval(this.#watch);
  }

  onTestModuleQueued({ relativeModuleId }: TestModule): void {
    this.#heardAt.set(relativeModuleId, Date.now());
  }

  onTestCaseResult({ module }: TestCase): void {
    this.#heardAt.set(module.relativeModuleId, Date.now());
  }

  onTestModuleEnd({ relativeModuleId }: TestModule): void {
    this.#heardAt.delete(relativeModuleId);
  }

  #look(): void {
    const silent = [...this.#heardAt].filter(([, at]) => Date.now() - at > silenceMs).map(([file]) => file);
    if (silent.length === 0) return;
    clearInterval(this.#watch);
    console.error(`these tests hang, and block their worker: ${silent.join(", ")}`);
    process.exitCode = 1;
    void this.#end();
  }

  /** As two Ctrl-C do: the second does not wait for workers. */
  async #end(): Promise<void> {
    void this.#vitest?.cancelCurrentRun("test-failure");
    await this.#vitest?.cancelCurrentRun("test-failure");
    await this.#vitest?.exit(true);
  }
}
