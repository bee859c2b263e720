/**
 * The main realm of a sandbox process: it owns stdin and stdout and starts the Worker in which foreign code runs.
 * No foreign code ever runs here, and nothing the Worker sends is believed: it is typed, measured and bounded again.
 */
import { frameHeader, FrameReader, type Frame } from "./frames.js";
import { fromSandbox, maxMessageBytes, statuses, toSandbox, type Loading, type ToWorker } from "./messages.js";
import type { Opening } from "./opening.js";
import { splitParts } from "./parts.js";
import { joinBytes } from "./values.js";

const maxFrameBytes = 0xffff_ffff;
const readBytes = 1 << 18;
const residentReportMs = 50;
/** Frames up to this length leave in one write; copying a longer one costs more than a second write. */
const joinedBytes = 65_536;

/** The one id that is waiting for an answer, or undefined. The Worker never learns it. */
let outstanding: number | undefined;
let outputBytes = 0;
let logBytesPerRun = 0;
let logBytesLeft = 0;

const worker = new Worker(URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" })), {
  type: "module",
});
const { port1: port, port2: workersPort } = new MessageChannel();
port.addEventListener("message", (event) => hear(event.data));
port.start();
const opening: Opening = { port: workersPort, keepsGpu: Deno.args.includes("keep-gpu") };
worker.postMessage(opening, [workersPort]);
worker.addEventListener("error", (event) => {
  event.preventDefault();
  send(fromSandbox.died, 0, [new TextEncoder().encode(event.message).subarray(0, maxMessageBytes)]);
});

function send(kind: number, id: number, parts: readonly Uint8Array[]): void {
  const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const pieces = [frameHeader(kind, id, bodyBytes), ...parts];
  for (const piece of bodyBytes <= joinedBytes ? [joinBytes(pieces)] : pieces) {
    for (let rest = piece; rest.length > 0;) rest = rest.subarray(Deno.stdout.writeSync(rest));
  }
}

function hear(data: unknown): void {
  if (typeof data !== "object" || data === null || !("type" in data)) return;
  if (data.type === "ready") return send(fromSandbox.ready, 0, []);
  if (outstanding === undefined) return;
  if (data.type === "log" && "text" in data && isPlainBytes(data.text)) return hearLog(outstanding, data.text);
  if (data.type === "fuel" && "used" in data) return send(fromSandbox.fuel, outstanding, [float(Number(data.used))]);
  if (data.type === "done" && "status" in data && "body" in data && isPlainBytes(data.body)) {
    hearDone(outstanding, Number(data.status), data.body);
  }
}

function hearLog(id: number, text: Uint8Array): void {
  const kept = text.subarray(0, logBytesLeft);
  logBytesLeft -= kept.length;
  if (kept.length > 0) send(fromSandbox.log, id, [kept]);
}

function hearDone(id: number, status: number, body: Uint8Array): void {
  outstanding = undefined;
  if (status === statuses.ok && body.length > outputBytes) {
    return send(fromSandbox.done, id, [Uint8Array.of(statuses["output-limit"])]);
  }
  const kept = status === statuses.ok ? body : body.subarray(0, maxMessageBytes);
  send(fromSandbox.done, id, [Uint8Array.of(status), kept]);
}

/** Whether nobody else can change or resize these bytes any more. */
function isPlainBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.buffer instanceof ArrayBuffer && !value.buffer.resizable;
}

function obey(frame: Frame): void {
  outstanding = frame.id;
  logBytesLeft = logBytesPerRun;
  const message = messageOf(frame);
  if (message.type === "load") keepBounds(message.loading);
  port.postMessage(message, message.type === "run" ? [message.input.buffer] : []);
}

function messageOf({ kind, body }: Frame): ToWorker {
  if (kind === toSandbox.run) return { type: "run", input: body };
  const [head = new Uint8Array(), ...parts] = splitParts(body);
  const header = JSON.parse(new TextDecoder().decode(head));
  // A part is a view of the whole frame: posting it would carry the frame over once per part.
  const copies = parts.map((part) => part.slice());
  if (kind === toSandbox.prepare) {
    return { type: "prepare", preparation: { ...header, assets: copies } };
  }
  const [program = new Uint8Array(), shared] = copies;
  return { type: "load", loading: { ...header, program, shared } };
}

function keepBounds(loading: Loading): void {
  outputBytes = loading.outputBytes;
  logBytesPerRun = loading.logBytes;
  logBytesLeft = loading.logBytes;
}

/** Where the host cannot read this process's memory (anywhere but Linux), the realm tells it. */
function reportResidentBytes(): void {
  send(fromSandbox.residentBytes, 0, [float(Deno.memoryUsage().rss)]);
}

function float(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return new Uint8Array(view.buffer);
}

async function serve(): Promise<never> {
  const frames = new FrameReader(() => maxFrameBytes);
  const buffer = new Uint8Array(readBytes);
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) Deno.exit(0);
    for (const frame of frames.push(buffer.subarray(0, count))) obey(frame);
  }
}

if (Deno.args.includes("report-memory")) {
  reportResidentBytes();
  setInterval(reportResidentBytes, residentReportMs);
}
await serve();
