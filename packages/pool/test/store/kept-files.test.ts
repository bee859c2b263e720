import { expect, it } from "vitest";
import { KeptFiles } from "../../src/store/kept-files.js";

const mebibyte = 1024 ** 2;

function keep(files: KeptFiles, hash: string, mebibytes: number): boolean {
  const room = files.reserve(mebibytes * mebibyte);
  room?.keep("run", hash, Buffer.alloc(mebibytes * mebibyte, hash));
  return room !== undefined;
}

it("keeps files by run and hash, and drops them", () => {
  const files = new KeptFiles();
  expect(keep(files, "a", 1)).toBe(true);
  expect(files.get("run", "a")?.[5]).toBe("a".codePointAt(0));
  expect(files.get("other", "a")).toBeUndefined();
  files.drop("run", "a");
  expect(files.get("run", "a")).toBeUndefined();
});

it("holds 128 MiB at most: the oldest give way", () => {
  const files = new KeptFiles();
  for (let file = 0; file < 17; file++) expect(keep(files, `file ${file}`, 8)).toBe(true);
  expect(files.get("run", "file 0")).toBeUndefined();
  expect(files.get("run", "file 1")).toBeDefined();
  files.drop("run", "file 5");
  expect(keep(files, "one more", 8)).toBe(true);
  expect(files.get("run", "file 1")).toBeDefined();
});

it("counts the same file once", () => {
  const files = new KeptFiles();
  for (let time = 0; time < 40; time++) keep(files, "again", 8);
  for (let file = 0; file < 15; file++) keep(files, `file ${file}`, 8);
  expect(files.get("run", "again")).toBeDefined();
});

it("has no room for larger files, nor while too much is on its way", () => {
  const files = new KeptFiles();
  expect(files.reserve(8 * mebibyte + 1)).toBeUndefined();
  const rooms = Array.from({ length: 16 }, () => files.reserve(8 * mebibyte));
  expect(rooms.every((room) => room !== undefined)).toBe(true);
  expect(files.reserve(1)).toBeUndefined();
  rooms[3]?.leave();
  rooms[3]?.leave();
  expect(files.reserve(8 * mebibyte)).toBeDefined();
  expect(files.reserve(1)).toBeUndefined();
});
