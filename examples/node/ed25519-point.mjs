// Which 32 bytes are fit to be an Ed25519 public key. OpenSSL takes any: but with a key of small order one signature
// fits every message, and one that is not encoded canonically has two thumbprints.

const P = 2n ** 255n - 19n;

function power(base, exponent) {
  let result = 1n;
  for (let square = modulo(base), rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const modulo = (number) => ((number % P) + P) % P;
const inverse = (number) => power(number, P - 2n);
const isSquare = (number) => power(number, (P - 1n) / 2n) <= 1n;
const D = modulo(-121665n * inverse(121666n)); // RFC 8032: -x² + y² = 1 + d·x²·y²

function isOfSmallOrder(y) {
  // Orders 1, 2 and 4 have y = ±1 or 0; a point of order 8 has d·y⁴ + 2·y² - 1 = 0.
  const square = modulo(y * y);
  return y === 0n || y === 1n || y === P - 1n || modulo(D * square * square + 2n * square - 1n) === 0n;
}

/** Whether the bytes are the canonical encoding of a point of the curve whose order is large. */
export function isFit(raw) {
  if (raw.length !== 32) return false;
  const y = BigInt(`0x${Buffer.from(raw).reverse().toString("hex")}`) & (2n ** 255n - 1n);
  if (y >= P || isOfSmallOrder(y)) return false;
  const square = modulo(y * y);
  return isSquare(modulo((square - 1n) * inverse(modulo(D * square + 1n))));
}
