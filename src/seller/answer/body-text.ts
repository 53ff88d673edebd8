import { promisify } from 'node:util'

/** The body of an HTTP answer. */
export interface Body {
  readonly body: string
  /** Whether the body is base64 of the bytes that are sent. */
  readonly base64: boolean
}

/** A Lambda can send at most this much. A body that is larger when decoded is not looked at. Unit: bytes. */
const MAX_DECODED_BYTES = 6 * 1024 * 1024

/** A body with more codings than this is a trick. */
const MAX_CODINGS = 3

/**
 * The text of a body, with base64 and compression (`Content-Encoding`) undone.
 *
 * Handlers that decode a body often keep its headers. So a body that is not base64 is taken as text. Bytes
 * that cannot be decoded are read as they came. So are bytes that would be larger than 6 MB. A body that
 * stays compressed is no JSON, and is not sold.
 */
export async function textOfBody(
  { body, base64 }: Body,
  headers: Readonly<Record<string, unknown>>,
): Promise<string> {
  if (!base64) return body
  const bytes = Buffer.from(body, 'base64')
  const codings = codingsOf(headers)
  if (codings.length === 0 || codings.length > MAX_CODINGS) return bytes.toString()
  try {
    return (await decoded(bytes, codings)).toString()
  } catch {
    return bytes.toString()
  }
}

/** The codings, in the order in which they were applied. */
function codingsOf(headers: Readonly<Record<string, unknown>>): string[] {
  const given = Object.entries(headers).filter(
    ([name]) => name.toLowerCase() === 'content-encoding',
  )
  const codings = given.flatMap(([, value]) => String(value).toLowerCase().split(','))
  return codings.map((coding) => coding.trim()).filter((it) => it !== '' && it !== 'identity')
}

async function decoded(bytes: Buffer, codings: readonly string[]): Promise<Buffer> {
  // Loaded with the first compressed body, so that a cold start does not wait for it.
  const zlib = await import('node:zlib')
  let left = bytes
  for (const coding of [...codings].reverse()) {
    const decode = decoderOf(coding, left, zlib)
    if (decode === undefined) throw new Error(`unknown coding ${coding}`)
    left = await decode(left, { maxOutputLength: MAX_DECODED_BYTES })
  }
  return left
}

type Decode = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

function decoderOf(
  coding: string,
  bytes: Buffer,
  zlib: typeof import('node:zlib'),
): Decode | undefined {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return promisify(zlib.gunzip)
    case 'br':
      return promisify(zlib.brotliDecompress)
    case 'deflate':
      // The standard has a zlib header here. Some servers leave it out.
      return promisify(isZlib(bytes) ? zlib.inflate : zlib.inflateRaw)
    case 'zstd': {
      const { zstdDecompress } = zlib as unknown as Record<string, typeof zlib.gunzip | undefined>
      return zstdDecompress && promisify(zstdDecompress)
    }
    default:
      return undefined
  }
}

function isZlib(bytes: Buffer): boolean {
  return bytes.length > 0 && (bytes.readUInt8(0) & 0x0f) === 8
}
