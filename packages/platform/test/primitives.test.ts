import { concatBytes, type Primitives, toHex } from "@aegis-pool/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { primitives as inNode } from "../src/primitives.js";
import { primitives as inBrowsers } from "../src/web/primitives.js";
import { flipped, hex } from "./fixtures.js";

const text = (value: string): Uint8Array => Buffer.from(value, "utf8");
const range = (first: number, last: number): Uint8Array =>
  Uint8Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** One suite for all platforms. */
const platforms: readonly (readonly [string, Primitives])[] = [
  ["Node.js", inNode],
  ["a browser", inBrowsers],
];

describe.each(platforms)("the primitives of %s", (_platform, primitives) => {
  describe("SHA-256 (FIPS 180-4)", () => {
    const digests = [
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      [
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      ],
      ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
    ] as const;

    it("gives the published digests, in one part or several", () => {
      for (const [message, digest] of digests) {
        expect(toHex(primitives.sha256(text(message)))).toBe(digest);
        expect(toHex(primitives.sha256(text(message.slice(0, 1)), text(message.slice(1))))).toBe(digest);
      }
    });
  });

  describe("HMAC-SHA256 (RFC 4231, section 4)", () => {
    it.each([
      ["0b".repeat(20), "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
      [
        "4a656665",
        "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      ],
      ["aa".repeat(20), "dd".repeat(50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"],
      [
        "aa".repeat(131),
        "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      ],
    ])("gives the published code, in one part or several", (key, data, code) => {
      const [bytes, message] = [hex(key), hex(data)];
      expect(toHex(primitives.hmac(bytes, message))).toBe(code);
      expect(toHex(primitives.hmac(bytes, message.subarray(0, 3), message.subarray(3)))).toBe(code);
    });
  });

  describe("HKDF-SHA256 (RFC 5869, appendix A)", () => {
    it("gives the published output keys", () => {
      const ones = new Uint8Array(22).fill(0x0b);
      expect(toHex(primitives.hkdf(ones, range(0, 0x0c), range(0xf0, 0xf9), 42))).toBe(
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
      );
      expect(toHex(primitives.hkdf(range(0, 0x4f), range(0x60, 0xaf), range(0xb0, 0xff), 82))).toBe(
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09" +
          "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
      );
      expect(toHex(primitives.hkdf(ones, new Uint8Array(0), new Uint8Array(0), 42))).toBe(
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
      );
    });
  });

  describe("AES-256-GCM (McGrew and Viega, test cases 13 to 16, as submitted to NIST)", () => {
    const key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const plaintext =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b391aafd255";
    const ciphertext =
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838" +
      "c5f61e6393ba7a0abcc9f662898015ad";
    const zeros = { key: new Uint8Array(32), nonce: new Uint8Array(12), additional: "" };
    const real = { key, nonce: hex("cafebabefacedbaddecaf888"), additional: "" };
    const cases = [
      { ...zeros, plain: "", sealed: "530f8afbc74536b9a963b4f1c4cb738b" },
      { ...zeros, plain: "00".repeat(16), sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919" },
      { ...real, plain: plaintext, sealed: `${ciphertext}b094dac5d93471bdec1a502270e3cc6c` },
      {
        ...real,
        additional: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        plain: plaintext.slice(0, 120),
        sealed: `${ciphertext.slice(0, 120)}76fc6ece0f4e1768cddf8853bb2d551b`,
      },
    ];

    it("seals to the published ciphertexts and opens them", () => {
      for (const { key: of, nonce, additional, plain, sealed } of cases) {
        expect(toHex(concatBytes(...primitives.aesGcmSeal(of, nonce, hex(plain), hex(additional))))).toBe(sealed);
        expect(toHex(primitives.aesGcmOpen(of, nonce, hex(sealed), hex(additional)) ?? text("?"))).toBe(plain);
      }
    });

    it("opens nothing with one bit of key, nonce, data or ciphertext changed, or cut short", () => {
      const nonce = real.nonce;
      const additional = hex("feedface");
      const sealed = concatBytes(...primitives.aesGcmSeal(key, nonce, hex(plaintext), additional));
      expect(primitives.aesGcmOpen(key, nonce, sealed, additional)).toBeDefined();
      expect(primitives.aesGcmOpen(flipped(key, 31), nonce, sealed, additional)).toBeUndefined();
      expect(primitives.aesGcmOpen(key, flipped(nonce, 0), sealed, additional)).toBeUndefined();
      expect(primitives.aesGcmOpen(key, nonce, sealed, flipped(additional, 3))).toBeUndefined();
      for (const index of sealed.keys()) {
        expect(primitives.aesGcmOpen(key, nonce, flipped(sealed, index), additional)).toBeUndefined();
        expect(primitives.aesGcmOpen(key, nonce, sealed.subarray(0, index), additional)).toBeUndefined();
      }
    });
  });

  describe("Ed25519 verification", () => {
    /** RFC 8032, section 7.1: public key, message, signature. */
    const published = [
      [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
      ],
      [
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
      ],
      [
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
      ],
    ] as const;

    it("takes the published signatures and none with a bit changed", () => {
      for (const [key, message, signature] of published) {
        expect(primitives.verifyEd25519(hex(key), hex(message), hex(signature))).toBe(true);
        expect(primitives.verifyEd25519(flipped(hex(key), 0), hex(message), hex(signature))).toBe(false);
        expect(primitives.verifyEd25519(hex(key), text("another"), hex(signature))).toBe(false);
        for (const index of [0, 31, 32, 63]) {
          expect(primitives.verifyEd25519(hex(key), hex(message), flipped(hex(signature), index))).toBe(false);
        }
      }
    });

    it("takes no signature whose s is not reduced, which would give one signature two forms", () => {
      const [key, message, signature] = published[1];
      const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
      const s = BigInt(`0x${toHex(hex(signature).subarray(32).toReversed())}`) + order;
      const altered = hex(signature.slice(0, 64) + toHex(hex(s.toString(16).padStart(64, "0")).toReversed()));
      expect(primitives.verifyEd25519(hex(key), hex(message), altered)).toBe(false);
    });

    it("takes no key of small order, under which one signature fits any message", () => {
      const identity = "0100000000000000000000000000000000000000000000000000000000000000";
      const signature = hex(identity + "00".repeat(32));
      const keys = [
        identity,
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      ].flatMap((key) => [hex(key), hex(key).with(31, (hex(key)[31] ?? 0) ^ 0x80)]);
      const accepted = keys.filter((key) =>
        Array.from({ length: 64 }, (_, index) => Uint8Array.of(index)).some((message) =>
          primitives.verifyEd25519(key, message, signature),
        ),
      );
      expect(accepted.map(toHex)).toEqual([]);
    });

    it("never throws, whatever the bytes", () => {
      const bytes = fc.oneof(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        fc.uint8Array({ maxLength: 100 }),
      );
      fc.assert(
        fc.property(bytes, bytes, bytes, (key, message, signature) => {
          expect(primitives.verifyEd25519(key, message, signature)).toBe(false);
        }),
      );
    });
  });

  describe("ECDSA verification over secp256k1", () => {
    /** Private key 1, nonce by RFC 6979, SHA-256 of "Satoshi Nakamoto": a vector shared by Bitcoin libraries. */
    const key = hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    const message = text("Satoshi Nakamoto");
    const signature = hex(
      "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
    );
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

    it("takes the published signature and none with a bit changed", () => {
      expect(primitives.verifySecp256k1(key, message, signature)).toBe(true);
      expect(primitives.verifySecp256k1(key, text("another"), signature)).toBe(false);
      expect(primitives.verifySecp256k1(flipped(key, 0), message, signature)).toBe(false);
      for (const index of [0, 31, 32, 63]) {
        expect(primitives.verifySecp256k1(key, message, flipped(signature, index))).toBe(false);
      }
    });

    it("takes no signature with s in the upper half, as contracts take none", () => {
      const s = order - BigInt(`0x${toHex(signature.subarray(32))}`);
      const twin = hex(toHex(signature.subarray(0, 32)) + s.toString(16).padStart(64, "0"));
      expect(primitives.verifySecp256k1(key, message, twin)).toBe(false);
    });

    it("takes no key off the curve, uncompressed, or at infinity, and no trivial signature", () => {
      const offCurve = hex(`02${"00".repeat(31)}05`);
      for (const prefix of [0, 1, 4, 5, 6, 7, 255]) {
        expect(primitives.verifySecp256k1(key.with(0, prefix), message, signature)).toBe(false);
      }
      for (const wrong of [
        offCurve,
        new Uint8Array(33),
        new Uint8Array(0),
        key.subarray(1),
        hex(`02${"ff".repeat(32)}`),
      ]) {
        expect(primitives.verifySecp256k1(wrong, message, signature)).toBe(false);
      }
      for (const trivial of [
        new Uint8Array(64),
        new Uint8Array(64).fill(255),
        hex("00".repeat(63) + "01"),
        signature.subarray(1),
      ]) {
        expect(primitives.verifySecp256k1(key, message, trivial)).toBe(false);
      }
    });

    it("never throws, whatever the bytes", () => {
      const point = fc.uint8Array({ minLength: 33, maxLength: 33 }).map((bytes) => bytes.with(0, 2));
      const keys = fc.oneof(point, fc.constant(key), fc.uint8Array({ maxLength: 70 }));
      const signatures = fc.oneof(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.uint8Array({ maxLength: 100 }));
      fc.assert(
        fc.property(keys, fc.uint8Array(), signatures, (of, about, bytes) => {
          expect(primitives.verifySecp256k1(of, about, bytes)).toBe(false);
        }),
      );
    });
  });

  describe("text", () => {
    it("is UTF-8, and bytes that are not are refused", () => {
      expect(toHex(primitives.text.encode("µ€𝄞"))).toBe("c2b5e282acf09d849e");
      expect(primitives.text.decode(hex("c2b5e282acf09d849e"))).toBe("µ€𝄞");
      for (const wrong of ["ff", "c3", "c328", "eda080", "f8808080"]) {
        expect(() => primitives.text.decode(hex(wrong))).toThrow(TypeError);
      }
    });
  });
});
