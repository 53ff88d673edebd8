/**
 * Keccak-256, as Ethereum uses it. Node's `sha3-256` pads in another way, and a library would outweigh
 * everything that the seller loads. It is slow, so use it for single addresses only.
 *
 * @returns 64 hexadecimal digits.
 * @see https://keccak.team/keccak_specs_summary.html
 */
export function keccak256(text: string): string {
  const bytes = Buffer.from(text)
  const padded = Buffer.alloc(Math.ceil((bytes.length + 1) / RATE_BYTES) * RATE_BYTES)
  padded.set(bytes)
  padded.writeUInt8(0x01, bytes.length)
  padded.writeUInt8(padded.readUInt8(padded.length - 1) | 0x80, padded.length - 1)
  let lanes = Array.from({ length: 25 }, () => 0n)
  for (let at = 0; at < padded.length; at += RATE_BYTES) {
    const block = lanes.map((lane, i) =>
      8 * i < RATE_BYTES ? lane ^ padded.readBigUInt64LE(at + 8 * i) : lane,
    )
    lanes = permuted(block)
  }
  const digest = Buffer.alloc(32)
  lanes.slice(0, 4).forEach((lane, i) => digest.writeBigUInt64LE(lane, 8 * i))
  return digest.toString('hex')
}

const RATE_BYTES = 136
const ROUNDS = 24

/** The steps have the names of the specification: theta, rho and pi, chi, iota. */
function permuted(block: readonly bigint[]): bigint[] {
  let lanes = [...block]
  let register = 1
  for (let round = 0; round < ROUNDS; round++) {
    lanes = chi(rhoAndPi(theta(lanes)))
    for (let bit = 0; bit < 7; bit++) {
      register = ((register << 1) ^ ((register >> 7) * 0x71)) % 256
      if ((register & 2) !== 0) lanes[0] = at(lanes, 0) ^ (1n << BigInt((1 << bit) - 1))
    }
  }
  return lanes
}

function theta(lanes: readonly bigint[]): bigint[] {
  const columns = [0, 1, 2, 3, 4].map((x) =>
    [0, 5, 10, 15, 20].reduce((column, y) => column ^ at(lanes, x + y), 0n),
  )
  return lanes.map(
    (lane, i) => lane ^ at(columns, (i + 4) % 5) ^ rotated(at(columns, (i + 1) % 5), 1),
  )
}

function rhoAndPi(lanes: readonly bigint[]): bigint[] {
  const moved = [...lanes]
  let [x, y] = [1, 0]
  for (let step = 1; step <= 24; step++) {
    const lane = at(lanes, x + 5 * y)
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
    moved[x + 5 * y] = rotated(lane, ((step * (step + 1)) / 2) % 64)
  }
  return moved
}

function chi(lanes: readonly bigint[]): bigint[] {
  return lanes.map((lane, i) => {
    const row = i - (i % 5)
    return lane ^ (~at(lanes, row + ((i + 1) % 5)) & at(lanes, row + ((i + 2) % 5)))
  })
}

function at(lanes: readonly bigint[], i: number): bigint {
  return lanes[i] ?? 0n
}

function rotated(lane: bigint, bits: number): bigint {
  return BigInt.asUintN(64, (lane << BigInt(bits)) | (lane >> BigInt(64 - bits)))
}
