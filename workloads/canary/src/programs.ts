/**
 * What canaries compute, as templates: each `$name` becomes another identifier each time. All of them take half a second
 * or so on an ordinary core, make their own data from a seed, and answer with one number.
 */
const random = `let $state = seed >>> 0;
  const $random = () => {
    $state = (Math.imul($state, 1664525) + 1013904223) >>> 0;
    return $state / 4294967296;
  };`;

/** Floating-point arithmetic in the caches: products of matrices of doubles. */
const products = `export default ({ seed }) => {
  ${random}
  const $size = 160;
  let $left = Float64Array.from({ length: $size * $size }, $random);
  const $right = Float64Array.from({ length: $size * $size }, () => $random() / $size);
  for (let $round = 0; $round < 20; $round++) {
    const $product = new Float64Array($size * $size);
    for (let $row = 0; $row < $size; $row++) {
      for (let $inner = 0; $inner < $size; $inner++) {
        const $factor = $left[$row * $size + $inner];
        for (let $column = 0; $column < $size; $column++) {
          $product[$row * $size + $column] += $factor * $right[$inner * $size + $column];
        }
      }
    }
    $left = $product;
  }
  return $left.reduce(($sum, $entry) => $sum + $entry, 0);
};
`;

/** Memory traffic: 96 MiB are walked through again and again, farther than caches reach. */
const walk = `export default ({ seed }) => {
  ${random}
  const $length = 12 * 1024 * 1024;
  const $memory = new Float64Array($length).fill($random());
  let $sum = 0;
  for (let $round = 0; $round < 20; $round++) {
    const $step = 1 + ($round & 1);
    for (let $at = 0; $at < $length; $at += 4 * $step) {
      $sum += $memory[$at];
      $memory[$at] = $sum * 1e-9;
    }
  }
  return $sum;
};
`;

/** Text: words are made, sorted, counted, written as JSON and read again. */
const words = `export default ({ seed }) => {
  ${random}
  let $total = 0;
  for (let $round = 0; $round < 12; $round++) {
    const $words = Array.from({ length: 15000 }, () => Math.floor($random() * 46656).toString(36));
    const $counts = new Map();
    for (const $word of $words.sort()) $counts.set($word, ($counts.get($word) ?? 0) + 1);
    const $read = JSON.parse(JSON.stringify([...$counts]));
    $total += $read.filter(([$word, $count]) => $count > 1 && /^[a-z]/.test($word)).length;
  }
  return $total;
};
`;

/** Whole numbers: one hash over and over. */
const mixing = `export default ({ seed }) => {
  let $hash = seed | 0;
  for (let $round = 0; $round < 30000000; $round++) {
    $hash = Math.imul($hash ^ ($hash >>> 15), 0x2c1b3c6d);
    $hash = ($hash + $round) | 0;
  }
  return $hash;
};
`;

/** The kinds of canary, by what they need of a machine. */
export const templates = { products, walk, words, mixing } as const;
