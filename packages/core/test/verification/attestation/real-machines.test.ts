import { attestationPlatform } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { amdRoots, toHex, verifyEvidence } from "../../../src/index.js";
import { verifyChain } from "../../../src/verification/attestation/chain.js";
import { filled, known } from "../../fixtures.js";
import { authority, chainOf, evidenceOf, real, inTime } from "./real.js";

const session = { agent: filled(1), hpke: filled(2), pool: filled(3) };

/** Core's own check, told that the session's binding is whatever this report has. */
function verifyReal(sample: (typeof real.samples)[number], now = inTime) {
  const { reportData, ...evidence } = evidenceOf(sample);
  const platform = { ...attestationPlatform, sha512: () => reportData };
  return verifyEvidence(evidence, { session, roots: amdRoots, now, platform });
}

describe("what AMD's processors have signed", () => {
  for (const sample of real.samples) {
    it(`${sample.name}: ${sample.outcome}`, () => {
      const outcome = verifyReal(sample);
      expect(typeof outcome === "string" ? outcome : "proven").toBe(sample.outcome);
    });
  }

  it("says of a machine on which processor, firmware and start it is", () => {
    const proven = verifyReal(known(real.samples[0]));
    if (typeof proven === "string") throw new Error(proven);
    expect(proven.product).toBe("Milan");
    expect(proven.tcb).toEqual({ fmc: 0, bootLoader: 3, tee: 0, snp: 8, microcode: 0x73 });
    expect(toHex(proven.measurement)).toBe(known(real.samples[0]).report.slice(0x90 * 2, 0xc0 * 2));
  });

  it("is bound to the sessions of those who asked for it, and proves nothing of ours", () => {
    for (const sample of real.samples.filter(({ outcome }) => outcome === "proven")) {
      const { reportData: _, ...evidence } = evidenceOf(sample);
      const terms = { session, roots: amdRoots, now: inTime, platform: attestationPlatform };
      expect(verifyEvidence(evidence, terms)).toBe("wrong-session");
    }
  });

  it("is not taken before its certificate began or after it has ended", () => {
    const sample = known(real.samples[0]);
    expect(verifyReal(sample, Date.UTC(2023, 3, 3, 19, 23, 42))).toBe("certificate-expired");
    expect(verifyReal(sample, Date.UTC(2023, 3, 3, 19, 23, 43))).toMatchObject({ product: "Milan" });
    expect(verifyReal(sample, Date.UTC(2030, 3, 3, 19, 23, 43))).toBe("certificate-expired");
  });
});

describe("the pinned roots", () => {
  it("are the SHA-256 of the public keys in AMD's own certificates", () => {
    for (const { product, publicKey } of amdRoots) {
      const root = known(attestationPlatform.readCertificate(authority(`ARK-${product}`)));
      expect(toHex(attestationPlatform.sha256(root.publicKey))).toBe(publicKey);
    }
  });

  for (const { product, issuer, certificate } of real.chipKeys) {
    it(`vouch for a chip of the kind ${product}`, () => {
      const terms = { roots: amdRoots, now: inTime, platform: attestationPlatform };
      expect(verifyChain(chainOf(certificate, issuer), terms)).toMatchObject({ product });
    });
  }

  it("vouch for chips of their own kind alone", () => {
    const others = amdRoots.map(({ publicKey }) => ({ publicKey, product: "Genoa" as const }));
    const { signer, issuer } = known(real.samples[0]);
    const terms = { roots: others, now: inTime, platform: attestationPlatform };
    expect(verifyChain(chainOf(signer, issuer), terms)).toBe("product-at-odds");
  });
});
