/** The participant, in a worker: training does not hold up the page, and a page behind others is not slowed down. */
import { joinRun, openRun } from "../../../packages/web/dist/aegis-federated.js";

let run;
let stop = new AbortController();

const does = {
  async open({ name, bytes }) {
    stop.abort(); // another invitation was chosen while a pool was asked about the last
    stop = new AbortController();
    run = await openRun(bytes, name, stop.signal);
    const { what, privacy, pool, sums } = run;
    postMessage({ type: "opened", what, privacy, pool, sums });
  },
  async join({ name, text }) {
    stop = new AbortController();
    postMessage({ type: "joined", ...(await joinRun(run, { name, text, onEvent: tell, signal: stop.signal })) });
  },
  async stop() {
    stop.abort();
  },
};

function tell(event) {
  postMessage({ type: "event", event });
}

addEventListener("message", ({ data }) => void hear(data));

async function hear(data) {
  try {
    await does[data.type](data);
  } catch (error) {
    if (data.type === "open" && error.code === "cancelled") return;
    postMessage({ type: "failed", message: error.message, next: error.next ?? "Please report this." });
  }
}
