import { verifyEpochFile } from "@aegis-pool/sdk";
import { sayWhatItTook } from "./took.js";

const { file } = JSON.parse(process.argv[2] ?? "") as { readonly file: string };
await sayWhatItTook(() => verifyEpochFile(file));
