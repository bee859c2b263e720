/** How many primes there are from `from` to below `to`. Sent as its own text: it uses nothing from outside. */
export function countPrimes({ from, to }: { from: number; to: number }): number {
  let count = 0;
  for (let number = from; number < to; number++) {
    let isPrime = number > 1;
    for (let divisor = 2; isPrime && divisor * divisor <= number; divisor++) isPrime = number % divisor !== 0;
    if (isPrime) count++;
  }
  return count;
}
