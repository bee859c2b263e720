// A member for sign-log.test.ts whose process is killed after it has recorded what it signs, and before the signature is made.
import { createEd25519Signer } from "@aegis-pool/platform";
import { signStatement, memberVerdict, maySign } from "@aegis-pool/core";
import { SignLog } from "../../dist/committee/index.js";

const [path, survivors] = process.argv.slice(2);
const binding = { run: new Uint8Array(32).fill(7), round: 3, attempt: 1, group: 0 };
const said = Buffer.from(survivors, "hex");
const signer = {
  publicKey: createEd25519Signer().publicKey,
  sign: () => process.kill(process.pid, "SIGKILL"),
};
if (await maySign(said, binding, new SignLog(path).recordFirst))
  signStatement(memberVerdict, { ...binding, member: 0, survivors: said }, signer);
