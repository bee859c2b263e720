/**
 * Runs under Deno without permissions: one Worker realm, stripped as the agent's is, that loads the program as a `blob:` module
 * and answers one line of JSON per input. Reads `{ program, inputs }` on stdin.
 */
const realm = `
  for (const name of ["Deno", "process", "Buffer", "global", "fetch", "navigator"]) delete globalThis[name];
  let audit;
  self.onmessage = async ({ data: { program, input } }) => {
    const started = performance.now();
    try {
      if (program) audit = (await import(URL.createObjectURL(new Blob([program], { type: "text/javascript" })))).default;
      const output = program ? null : await audit(input, {});
      self.postMessage({ ms: performance.now() - started, output });
    } catch (error) {
      self.postMessage({ error: String(error && error.stack || error) });
    }
  };`;

const { program, inputs } = JSON.parse(await new Response(Deno.stdin.readable).text());
const worker = new Worker(`data:text/javascript,${encodeURIComponent(realm)}`, { type: "module" });
const ask = (message) =>
  new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(data), { once: true });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker has no origin to name
    worker.postMessage(message);
  });

const answer = (data) => console.log(JSON.stringify({ ...data, rssBytes: Deno.memoryUsage().rss }));
answer(await ask({ program }));
for (const input of inputs) answer(await ask({ input }));
worker.terminate();
