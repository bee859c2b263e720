// Uploads argv[3] bytes of the blob argv[4] to the store in argv[2], then waits to be killed in the middle of it.
import { openDirectoryBlobStore } from "../../../dist/store/blobs/index.js";

const [, , directory, bytes, id] = process.argv;
const limits = { maxBlobBytes: 1e9, maxTotalBytes: 1e9, maxUnfinishedUploads: 8, unfinishedExpiryMs: 60_000 };
const store = await openDirectoryBlobStore(directory, limits);

async function* halfOfIt() {
  yield Buffer.alloc(Number(bytes), "a");
  process.stdout.write("written\n");
  await new Promise(() => setInterval(() => {}, 60_000));
}
await store.append(id, 0, halfOfIt());
