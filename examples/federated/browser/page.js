/** The page: asks for two files, and shows what the participant in its worker says. */

const element = (id) => document.getElementById(id);
const participant = new Worker("participant.js", { type: "module" });

element("invitation").addEventListener("change", ({ target }) => void open(target.files[0]));
element("join").addEventListener("submit", (event) => {
  event.preventDefault();
  void join(element("own").files[0]);
});
element("stop").addEventListener("click", () => participant.postMessage({ type: "stop" }));

async function open(file) {
  for (const id of ["run", "error", "result"]) show(id, false);
  element("start").disabled = true;
  if (!file) return;
  show("asking", true);
  participant.postMessage({ type: "open", name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
}

async function join(file) {
  running(true);
  participant.postMessage({ type: "join", name: file.name, text: await file.text() });
}

const hears = {
  opened({ what, privacy, pool, sums }) {
    show("asking", false);
    element("what").textContent = what;
    element("privacy").textContent = privacy;
    element("pool").textContent = pool;
    element("bar").max = sums;
    element("start").disabled = false;
    show("run", true);
  },
  event({ event }) {
    const text = textOf(event);
    if (text !== undefined) element("now").textContent = text;
    if (event.type === "summed") element("bar").value = event.round;
  },
  joined({ files, worth }) {
    running(false);
    element("bar").value = element("bar").max;
    element("worth").textContent = worth;
    element("files").replaceChildren(...files.map(download));
    show("result", true);
  },
  failed({ message, next }) {
    running(false);
    show("asking", false);
    element("message").textContent = message;
    element("next").textContent = next;
    show("error", true);
  },
};
participant.addEventListener("message", ({ data }) => hears[data.type](data));

function textOf(event) {
  if (event.type === "enrolled") return `Enrolled; ${event.enrolled} of ${event.seats} seats were taken before.`;
  if (event.type === "drawn") return `The committee is drawn, among ${event.participants} participants.`;
  if (event.type === "summed" && event.groupsSpoiled > 0)
    return `Sum ${event.round}: ${event.groupsSpoiled} groups were spoiled by what somebody has added, and left out.`;
  if (event.type === "summed") return `Sum ${event.round}, over ${event.participants} participants.`;
  if (event.type === "aborted")
    return `An attempt at sum ${event.round} came to nothing, by its committee's word; again.`;
  if (event.type === "left-out") return `Sum ${event.round} goes on without you.`;
  return undefined;
}

function running(isRunning) {
  show("error", false);
  show("progress", isRunning);
  show("stop", isRunning);
  for (const id of ["invitation", "own"]) element(id).disabled = isRunning;
  element("start").disabled = isRunning || element("run").hidden;
}

function show(id, isShown) {
  element(id).hidden = !isShown;
}

function download([name, content]) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content]));
  link.download = name;
  link.textContent = name;
  const item = document.createElement("li");
  item.append(link);
  return item;
}
