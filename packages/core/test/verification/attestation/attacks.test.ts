import { attestationPlatform } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorityKey, certify, chipSigningKey } from "../../../../../test/fixtures/attestation/authority.js";
import {
  type Change,
  ProcessorMaker,
  plainMeasurement,
  plainTcb,
} from "../../../../../test/fixtures/attestation/maker.js";
import { type AttestationEvidence, fromHex, policyMismatch, verifyEvidence } from "../../../src/index.js";
import { filled, known } from "../../fixtures.js";

const maker = new ProcessorMaker();
const chip = maker.chip();
const session = { agent: filled(1), hpke: filled(2), pool: filled(3) };
const now = Date.UTC(2026, 0);

function verify(evidence: AttestationEvidence, change: Partial<Parameters<typeof verifyEvidence>[1]> = {}) {
  return verifyEvidence(evidence, { session, roots: maker.roots, now, platform: attestationPlatform, ...change });
}

/** What comes of a report that says this, rightly signed. */
const reporting = (change: Change) => verify(chip.evidence(session, change));

/** What comes of a report whose signature is changed. */
function resigned(change: Change) {
  const evidence = chip.evidence(session);
  const report = Buffer.from(evidence.report);
  change(report);
  return verify({ ...evidence, report });
}

function flipBit(bytes: Uint8Array, index: number, bit: number): Buffer {
  return Buffer.from(bytes.with(index, known(bytes[index]) ^ (1 << bit)));
}

const asked = (snp: number) => ({ measurements: [plainMeasurement], leastTcb: { Milan: { snp } } });

describe("a report in order", () => {
  it("proves processor, start and firmware of the machine that holds the session's key", () => {
    const proven = { product: "Milan", measurement: plainMeasurement, tcb: plainTcb };
    expect(verify(chip.evidence(session))).toEqual(proven);
  });

  it.each([2, 3, 5])("is taken in version %i", (version) => {
    const change: Change = (report) => {
      report.writeUInt32LE(version, 0);
      if (version === 2) report.fill(0, 0x188, 0x18b);
      if (version === 5) report.fill(7, 0x1f8, 0x208);
    };
    expect(reporting(change)).toMatchObject({ product: "Milan" });
  });

  it.each(["Genoa", "Turin"] as const)(
    "is taken from a processor of the kind %s, whose numbers lie where its own do",
    (product) => {
      const other = new ProcessorMaker(product);
      const tcb = { fmc: product === "Turin" ? 9 : 0, bootLoader: 10, tee: 3, snp: 23, microcode: 84 };
      const evidence = other.chip({ tcb }).evidence(session);
      expect(verify(evidence, { roots: other.roots })).toMatchObject({ product, tcb });
    },
  );
});

describe("a report is refused", () => {
  it("when any one of its bytes is another, whatever lies there", () => {
    const evidence = chip.evidence(session);
    for (let index = 0; index < evidence.report.length; index++) {
      const report = flipBit(evidence.report, index, index % 8);
      expect(typeof verify({ ...evidence, report }), `byte ${index}`).toBe("string");
    }
  });

  it.each(["agent", "hpke", "pool"] as const)("when it was made for another %s", (key) => {
    expect(verify(chip.evidence({ ...session, [key]: filled(9) }))).toBe("wrong-session");
  });

  it("when the keys are those of the session in another order", () => {
    expect(verify(chip.evidence({ agent: session.hpke, hpke: session.agent, pool: session.pool }))).toBe(
      "wrong-session",
    );
  });

  it.each<[string, string, Change]>([
    ["its host may debug the machine", "debug-allowed", (report) => report.writeUInt32LE(0xb0000, 0x08)],
    ["a migration agent may have its keys", "migration-allowed", (report) => report.writeUInt32LE(0x70000, 0x08)],
    ["SMT is on against its policy", "smt-at-odds", (report) => report.writeUInt32LE(0x20000, 0x08)],
    ["its policy lacks the bit that is always set", "report-reserved", (report) => report.writeUInt32LE(0x10000, 0x08)],
    ["its policy has bits of no meaning", "report-reserved", (report) => report.writeUInt32LE(0x4030000, 0x08)],
    ["it was asked for by lesser software", "privilege-level", (report) => report.writeUInt32LE(1, 0x30)],
    ["a leased key (VLEK) signs it", "not-signed-by-vcek", (report) => report.writeUInt32LE(1 << 2, 0x48)],
    ["nobody's key signs it", "not-signed-by-vcek", (report) => report.writeUInt32LE(7 << 2, 0x48)],
    ["it hides its chip", "chip-hidden", (report) => report.fill(0, 0x1a0, 0x1e0)],
    ["it is of another chip than its certificate", "wrong-chip", (report) => report.fill(5, 0x1a0, 0x1e0)],
    ["it is of newer firmware than its certificate", "wrong-tcb", (report) => report.writeUInt8(25, 0x186)],
    ["it is of older firmware than its certificate", "wrong-tcb", (report) => report.writeUInt8(23, 0x186)],
    ["it is of another kind of processor", "product-at-odds", (report) => report.writeUInt8(0x11, 0x189)],
    ["it is of a processor that nobody knows", "product-at-odds", (report) => report.writeUInt8(0x1b, 0x188)],
    ["it is of version 1", "report-version", (report) => report.writeUInt32LE(1, 0)],
    ["it is of version 4", "report-version", (report) => report.writeUInt32LE(4, 0)],
    ["its signature is of another kind", "signature-algorithm", (report) => report.writeUInt32LE(2, 0x34)],
    ["version 2 has what came with version 3", "report-reserved", (report) => report.writeUInt32LE(2, 0)],
    ["version 3 has what came with version 5", "report-reserved", (report) => report.writeUInt8(1, 0x200)],
    ["a reserved part of a TCB is not zero", "report-reserved", (report) => report.writeUInt8(1, 0x1e3)],
  ])("when %s", (_what, name, change) => {
    expect(reporting(change)).toBe(name);
  });

  it("when it is cut, or longer", () => {
    const { report, certificates } = chip.evidence(session);
    expect(verify({ report: report.subarray(0, -1), certificates })).toBe("report-length");
    expect(verify({ report: Buffer.concat([report, Buffer.of(0)]), certificates })).toBe("report-length");
    expect(verify({ report: new Uint8Array(0), certificates })).toBe("report-length");
  });

  it("when something follows R, S, or both, where no signature reaches", () => {
    for (const at of [0x2a0 + 48, 0x2e8 + 48, 0x4a0 - 1])
      expect(resigned((report) => report.writeUInt8(1, at))).toBe("report-reserved");
  });

  it("when R or S is no number that a signature can have", () => {
    const order = known(
      fromHex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
    );
    for (const at of [0x2a0, 0x2e8]) {
      expect(resigned((report) => report.fill(0, at, at + 48))).toBe("signature-range");
      expect(resigned((report) => report.set(order.toReversed(), at))).toBe("signature-range");
      expect(resigned((report) => report.fill(0xff, at, at + 48))).toBe("signature-range");
    }
    const below = order.with(47, known(order[47]) - 1);
    expect(resigned((report) => report.set(below.toReversed(), 0x2a0))).toBe("signature-wrong");
  });

  it("when another chip's certificate comes with it, though both are genuine", () => {
    const { certificates } = maker.chip();
    expect(verify({ ...chip.evidence(session), certificates })).toBe("wrong-chip");
  });

  it("when the key is another's that says it is this chip", () => {
    const forged = maker.chip({ alter: (extensions) => extensions.set("4", chip.hardwareId) });
    expect(verify({ ...chip.evidence(session), certificates: forged.certificates })).toBe("signature-wrong");
  });

  it("when the chip's key is not of P-384", () => {
    const odd = maker.chip({ key: chipSigningKey("P-256") });
    const report = Buffer.from(chip.sign(odd.unsigned(session)));
    expect(verify({ report, certificates: odd.certificates })).toBe("signature-wrong");
  });
});

describe("a chain is refused", () => {
  const evidence = chip.evidence(session);
  const [vcek, ask, ark] = chip.certificates as [Buffer, Buffer, Buffer];
  const chained = (...certificates: Buffer[]) => verify({ report: evidence.report, certificates });

  it("when its root is one that somebody has made, under whatever name", () => {
    const forger = new ProcessorMaker();
    expect(verify(forger.chip().evidence(session))).toBe("root-unknown");
    expect(chained(vcek, ask, forger.root.certificate)).toBe("root-unknown");
    expect(chained(vcek, forger.signing.certificate, ark)).toBe("chain-broken");
    expect(chained(known(forger.chip().certificates[0]), ask, ark)).toBe("chain-broken");
  });

  it("when a certificate is missing, twice there, or in another place", () => {
    expect(chained(vcek, ask)).toBe("certificate-missing");
    expect(chained()).toBe("certificate-missing");
    expect(chained(vcek, ark, ark)).toBe("chain-broken");
    expect(chained(ask, ask, ark)).toBe("chain-broken");
    expect(chained(ask, vcek, ark)).toBe("chain-broken");
    expect(chained(ark, ask, vcek)).toBe("root-unknown");
  });

  it("when one that may vouch for nobody does", () => {
    const signing = certify({ name: "SEV-Milan", issuer: maker.root });
    const root = certify({ name: "ARK-Milan" });
    for (const [above, top] of [
      [signing, maker.root],
      [certify({ name: "SEV-Milan", isAuthority: true, issuer: root }), root],
    ] as const) {
      const altered = Object.assign(Object.create(maker) as ProcessorMaker, { signing: above, root: top });
      expect(verify(altered.chip().evidence(session), { roots: altered.roots })).toBe("chain-broken");
    }
  });

  it("when the chip's own certificate could vouch for others", () => {
    expect(verify(maker.chip({ certificate: { isAuthority: true } }).evidence(session))).toBe("chain-broken");
  });

  it("when a certificate has ended or not begun", () => {
    const [notBefore, notAfter] = [Date.UTC(2025, 0), Date.UTC(2025, 6)];
    const short = maker.chip({ certificate: { notBefore, notAfter } }).evidence(session);
    expect(verify(short, { now: notBefore - 1 })).toBe("certificate-expired");
    expect(verify(short, { now: notBefore })).toMatchObject({ product: "Milan" });
    expect(verify(short, { now: notAfter - 1 })).toMatchObject({ product: "Milan" });
    expect(verify(short, { now: notAfter })).toBe("certificate-expired");
    expect(verify(evidence, { now: Date.UTC(2046, 0) })).toBe("certificate-expired");
  });

  it("when a certificate is signed with a weaker hash", () => {
    expect(verify(maker.chip({ certificate: { hash: "sha256" } }).evidence(session))).toBe("certificate-algorithm");
  });

  it("when it is of another kind of processor than its root is pinned for", () => {
    const roots = maker.roots.map((root) => ({ ...root, product: "Genoa" as const }));
    expect(verify(evidence, { roots })).toBe("product-at-odds");
    expect(verify(maker.chip({ productName: "Genoa" }).evidence(session))).toBe("product-at-odds");
  });

  it.each<[string, (extensions: Map<string, Uint8Array>) => void]>([
    ["says nothing of its chip, as that of a leased key (VLEK) does", (extensions) => extensions.delete("4")],
    ["says too little of its chip", (extensions) => extensions.set("4", Buffer.alloc(63))],
    ["says nothing of its firmware", (extensions) => extensions.delete("3.3")],
    ["says a number in two bytes where one is enough", (extensions) => extensions.set("3.3", Buffer.of(2, 2, 0, 24))],
    ["says a negative number", (extensions) => extensions.set("3.8", Buffer.of(2, 1, 0xdb))],
    [
      "says a number in a length that is longer than it needs",
      (extensions) => extensions.set("3.3", Buffer.of(2, 0x81, 1, 24)),
    ],
    ["says a number and something after it", (extensions) => extensions.set("3.3", Buffer.of(2, 1, 24, 0))],
    ["says a number that is too large", (extensions) => extensions.set("3.3", Buffer.of(2, 2, 1, 24))],
    ["says something of parts that do not exist", (extensions) => extensions.set("3.4", Buffer.of(2, 1, 1))],
    ["is of a processor that nobody knows", (extensions) => extensions.set("2", Buffer.from("\x16\x04Rome"))],
  ])("when its first certificate %s", (_what, alter) => {
    expect(verify(maker.chip({ alter: (extensions) => alter(extensions) }).evidence(session))).toBe(
      "certificate-fields",
    );
  });

  it("when its bytes are those of no certificate, or a certificate's and more", () => {
    expect(chained(vcek, ask, Buffer.concat([ark, Buffer.of(0)]))).toBe("certificate-unreadable");
    expect(chained(vcek.subarray(0, -1), ask, ark)).toBe("certificate-unreadable");
    expect(chained(vcek, Buffer.from("no certificate"), ark)).toBe("certificate-unreadable");
  });

  it("when any one bit of any certificate is another", () => {
    const place = fc.nat({ max: 2 });
    fc.assert(
      fc.property(place, fc.nat({ max: 10_000 }), fc.nat({ max: 7 }), (at, byte, bit) => {
        const certificate = known(chip.certificates[at]);
        const changed = flipBit(certificate, byte % certificate.length, bit);
        expect(typeof verify({ ...evidence, certificates: chip.certificates.with(at, changed) })).toBe("string");
      }),
      { numRuns: 500 },
    );
  });

  it("when ASK and ARK have one key, as of a root that signs for chips itself", () => {
    const key = authorityKey();
    const root = certify({ name: "ARK-Milan", key, isAuthority: true });
    const signing = certify({ name: "SEV-Milan", key, isAuthority: true, issuer: root });
    const altered = Object.assign(Object.create(maker) as ProcessorMaker, { signing, root });
    expect(verify(altered.chip().evidence(session), { roots: altered.roots })).toBe("chain-broken");
  });
});

describe("what a task asks for", () => {
  const machine = verify(chip.evidence(session));
  if (typeof machine === "string") throw new TypeError(machine);

  it("is a start that it lists, whole", () => {
    expect(policyMismatch({ measurements: [filled(7, 48), plainMeasurement] }, machine)).toBeUndefined();
    expect(policyMismatch({ measurements: [filled(7, 48)] }, machine)).toBe("wrong-measurement");
    expect(policyMismatch({ measurements: [plainMeasurement.subarray(0, 47)] }, machine)).toBe("wrong-measurement");
  });

  it.each([
    ["signs now", 0x180],
    ["the machine was started on", 0x1f0],
    ["the host can go back to", 0x1e0],
  ] as const)("is firmware that is not older than it names, also that which %s", (_which, at) => {
    const old = { ...plainTcb, snp: plainTcb.snp - 1 };
    const aged = at === 0x180 ? maker.chip({ tcb: old }) : chip;
    const proven = verify(aged.evidence(session, (report) => report.set(chip.tcbBytes(old), at)));
    if (typeof proven === "string") throw new TypeError(proven);
    expect(policyMismatch(asked(plainTcb.snp), proven)).toBe("tcb-too-low");
    expect(policyMismatch(asked(plainTcb.snp - 1), proven)).toBeUndefined();
    expect(policyMismatch(asked(plainTcb.snp), machine)).toBeUndefined();
  });

  it("is a kind of processor that it names, where it names any", () => {
    const measurements = [plainMeasurement];
    expect(policyMismatch({ measurements, leastTcb: { Genoa: {} } }, machine)).toBe("tcb-too-low");
    expect(policyMismatch({ measurements, leastTcb: { Milan: {} } }, machine)).toBeUndefined();
  });
});
