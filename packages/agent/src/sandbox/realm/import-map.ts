/**
 * Node's built-in modules that Deno 2.9.5 can load. Each is mapped to a module that throws, so that no import reaches a
 * descriptor. Deno loads three that it does not list (_http_client, _http_incoming, _http_proxy): a test tries every name that the
 * installed binary mentions.
 */
const builtins = [
  ...[
    "_http_agent",
    "_http_client",
    "_http_common",
    "_http_incoming",
    "_http_outgoing",
    "_http_proxy",
    "_http_server",
    "_stream_duplex",
    "_stream_passthrough",
  ],
  ...["_stream_readable", "_stream_transform", "_stream_writable", "_tls_common", "_tls_wrap", "assert"],
  ...["assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto"],
  ...["dgram", "diagnostics_channel", "dns", "dns/promises", "domain", "events", "fs", "fs/promises", "http"],
  ...["http2", "https", "inspector", "inspector/promises", "module", "net", "os", "path", "path/posix"],
  ...["path/win32", "perf_hooks", "process", "punycode", "querystring", "readline", "readline/promises", "repl"],
  ...["sea", "sqlite", "stream", "stream/consumers", "stream/promises", "stream/web", "string_decoder", "sys"],
  ...["test", "test/reporters", "timers", "timers/promises", "tls", "trace_events", "tty", "url", "util"],
  ...["util/types", "v8", "vm", "wasi", "worker_threads", "zlib"],
];

const absent = `data:text/javascript,${encodeURIComponent('throw new TypeError("a task has no built-in modules")')}`;

/** The import map of every sandbox process. */
export const importMap = {
  imports: Object.fromEntries(builtins.flatMap((name) => [`node:${name}`, name].map((key) => [key, absent]))),
};
