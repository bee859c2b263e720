/**
 * Runs under Deno without permissions: one Worker realm, left with the language and ten more globals, that loads the program as a `blob:` module
 * and answers one line of JSON per input. Reads `{ program, inputs }` on stdin.
 */
const realm = `
  const [BlobOfRealm, makeUrl, post] = [Blob, URL.createObjectURL.bind(URL), self.postMessage.bind(self)];
  const language = Object.getOwnPropertyNames(globalThis).filter((name) => /^(Object|Function|Array|ArrayBuffer|Number|String|Symbol|Boolean|Date|Promise|RegExp|JSON|Math|Map|Set|WeakMap|WeakSet|WeakRef|Proxy|Reflect|BigInt|DataView|NaN|Infinity|undefined|globalThis|parseInt|parseFloat|isNaN|isFinite|eval|(en|de)codeURI(Component)?)$|Error$|^(Big)?(Int|Uint|Float)\\d+(Clamped)?Array$/.test(name));
  const given = ["WebAssembly", "TextEncoder", "TextDecoder", "URL", "setTimeout", "performance", "crypto", "console", "self", "dispatchEvent"];
  // Deno loads some of them when they are first read, which needs what is deleted next.
  for (const name of given) Object.defineProperty(globalThis, name, { value: globalThis[name], configurable: true });
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (name !== "onmessage" && !language.includes(name) && !given.includes(name)) delete globalThis[name];
  }
  let audit;
  self.onmessage = async ({ data: { program, input } }) => {
    const started = performance.now();
    try {
      if (program) audit = (await import(makeUrl(new BlobOfRealm([program], { type: "text/javascript" })))).default;
      const output = program ? null : await audit(input, {});
      post({ ms: performance.now() - started, output });
    } catch (error) {
      post({ error: String(error && error.stack || error) });
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
