import { AegisError } from "@aegis-pool/core";
import type { StateStore } from "@aegis-pool/sdk";

const [databaseName, storeName] = ["aegis-federated", "participants"];

/**
 * A participant's state in this browser's database, for pages of the same origin alone. What is written is on the disk when it is said to be: a browser
 * that is killed does not upload twice.
 * @param participant names the state
 */
export function browserState(participant: string): StateStore {
  return {
    name: `What this browser keeps for ${location.origin}`,
    async read() {
      const found: unknown = await inStore("readonly", (store) => store.get(participant));
      if (found === undefined) return undefined;
      return new TextEncoder().encode(typeof found === "string" ? found : ""); // which is no state, and said to be none
    },
    async write(text) {
      await inStore("readwrite", (store) => store.put(text, participant));
    },
  };
}

/** One transaction; resolves when it is complete: Indexed Database API 3.0, section 5.5, with strict durability. */
async function inStore<T>(mode: "readonly" | "readwrite", ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  try {
    const database = await opened();
    try {
      const transaction = database.transaction(storeName, mode, { durability: "strict" });
      const request = ask(transaction.objectStore(storeName));
      await completed(transaction);
      return request.result;
    } finally {
      database.close();
    }
  } catch (error) {
    throw keepsNothing(error);
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(storeName));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("it does not open")));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("it was aborted")));
  });
}

function keepsNothing(cause: unknown): AegisError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AegisError({
    code: "disk-full",
    message: `This browser keeps nothing for ${location.origin}: ${why}.`,
    next: "Free some space, and let the site store what it needs: without it nothing is sent.",
    cause,
  });
}
