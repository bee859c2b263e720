import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCertificateTable } from "../../../src/index.js";
import { certificateTable, type TableEntry } from "../../../../../test/fixtures/attestation/certificate-table.js";

const [vcek, ask, ark] = [Buffer.from("chip"), Buffer.from("signing"), Buffer.from("root")];
const whole: TableEntry[] = [
  { kind: "vcek", bytes: vcek },
  { kind: "ask", bytes: ask },
  { kind: "ark", bytes: ark },
];

describe("a host's table of certificates", () => {
  it("gives each of its kind, and passes over the rest", () => {
    expect(readCertificateTable(certificateTable(whole))).toEqual({ vcek, ask, ark });
    expect(readCertificateTable(certificateTable([{ kind: "vlek", bytes: ask }, ...whole]))).toEqual({
      vcek,
      ask,
      ark,
    });
    expect(readCertificateTable(certificateTable([]))).toEqual({});
  });

  it.each<[string, Buffer]>([
    ["without an end", certificateTable(whole).subarray(0, 72)],
    ["with a certificate beyond its end", certificateTable([{ kind: "ask", bytes: ask, length: ask.length + 1 }])],
    ["with a certificate of 4 GiB", certificateTable([{ kind: "ask", bytes: ask, length: 2 ** 32 - 1 }])],
    ["with a certificate of nothing", certificateTable([{ kind: "ask", bytes: ask, length: 0 }])],
    ["with a certificate inside the table itself", certificateTable([{ kind: "ask", bytes: ask, offset: 47 }])],
    ["with a kind twice", certificateTable([...whole, { kind: "ark", bytes: ark }])],
    ["of more than 32 KiB", Buffer.concat([certificateTable(whole), Buffer.alloc(32 * 1_024)])],
    ["of nothing", Buffer.alloc(0)],
  ])("%s is refused", (_what, table) => {
    expect(readCertificateTable(table)).toBeUndefined();
  });

  it("of any bytes is read within them, or refused, and never throws", () => {
    const table = certificateTable(whole);
    fc.assert(
      fc.property(
        fc.nat({ max: table.length - 1 }),
        fc.nat({ max: 255 }),
        fc.nat({ max: table.length }),
        (at, value, cut) => {
          const changed = Buffer.from(table.subarray(0, cut));
          if (at < cut) changed[at] = value;
          const found = readCertificateTable(changed) ?? {};
          for (const bytes of Object.values(found)) expect(changed.includes(bytes)).toBe(true);
        },
      ),
    );
  });
});
