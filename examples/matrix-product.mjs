// Has a matrix product computed by a machine that nobody trusts, and checks it at a fraction of the cost.
// prints: agreed 58 64 139 154
import { jsProgram, openAccountKey, Pool, productInput, readProduct } from "@aegis-pool/sdk";

const account = await openAccountKey(); // `aegis account fund "1 AIS"` fills it
const pool = await Pool.connect(process.env.AEGIS_POOL ?? "http://127.0.0.1:7700", { account });
const program = jsProgram(`
export default (input) => {
  const given = new DataView(input.buffer, input.byteOffset);
  const [rows, inner, columns] = [0, 4, 8].map((at) => given.getUint32(at, true));
  const left = (row, at) => given.getInt16(12 + 2 * (row * inner + at), true);
  const right = (at, column) => given.getInt16(12 + 2 * (rows * inner + at * columns + column), true);
  const product = new DataView(new ArrayBuffer(8 + 4 * rows * columns));
  [rows, columns].forEach((side, at) => product.setUint32(4 * at, side, true));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let at = 0; at < inner; at++) sum += left(row, at) * right(at, column);
      product.setInt32(8 + 4 * (row * columns + column), sum, true);
    }
  return new Uint8Array(product.buffer);
};`);
const left = { rows: 2, columns: 3, entries: Int16Array.of(1, 2, 3, 4, 5, 6) };
const right = { rows: 3, columns: 2, entries: Int16Array.of(7, 8, 9, 10, 11, 12) };
const job = await pool.map(program, [productInput(left, right)], { verify: "exact-product" });
for await (const result of job) console.log(result.standing, ...readProduct(result.value).entries);
