/** The little of Deno that the main realm uses. */
declare const Deno: {
  readonly args: readonly string[];
  readonly stdin: { read(buffer: Uint8Array): Promise<number | null> };
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  memoryUsage(): { readonly rss: number };
  exit(code: number): never;
};

/** The Worker's bundled source, put in by the bundler: the process may read no file. */
declare const workerSource: string;
