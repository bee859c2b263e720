const makeUrl = URL.createObjectURL.bind(URL);
const dropUrl = URL.revokeObjectURL.bind(URL);
const BlobOfRealm = Blob;

/** Imports the bytes of one ES module. A blob: module of 15 MB loads a quarter faster than a data: one. */
export async function importBytes(bytes: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
  const url = makeUrl(new BlobOfRealm([bytes as Uint8Array<ArrayBuffer>], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    dropUrl(url);
  }
}
