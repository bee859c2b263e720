/** Shows how far a job is: a bar that is drawn over on a terminal, a line at every tenth elsewhere, nothing with JSON. */
export interface Progress {
  update(done: number, total: number, detail: string): void;
  /** Leaves the last state standing. */
  end(): void;
}

const barWidth = 28;
/** A terminal is drawn at most this often, in ms. */
const drawMs = 60;

export function createProgress(label: string, json: boolean): Progress {
  if (json) return { update: () => undefined, end: () => undefined };
  return process.stderr.isTTY ? barProgress(label) : lineProgress(label);
}

function barProgress(label: string): Progress {
  let drawn = 0;
  let last = "";
  const draw = () => process.stderr.write(`\r${last.slice(0, (process.stderr.columns ?? 80) - 1)}\u001b[K`);
  return {
    update(done, total, detail) {
      const filled = total === 0 ? 0 : Math.round((done / total) * barWidth);
      const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
      last = `${label} ${bar} ${done}/${total}  ${detail}`;
      if (Date.now() - drawn < drawMs && done < total) return;
      drawn = Date.now();
      draw();
    },
    end() {
      if (last === "") return;
      draw();
      process.stderr.write("\n");
    },
  };
}

function lineProgress(label: string): Progress {
  let shownTenths = -1;
  return {
    update(done, total, detail) {
      const tenths = total === 0 ? 0 : Math.floor((done / total) * 10);
      if (done === 0 || tenths <= shownTenths) return;
      shownTenths = tenths;
      process.stderr.write(`${label} ${done}/${total}  ${detail}\n`);
    },
    end: () => undefined,
  };
}
