import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { pipeline, type Readable, type Transform } from 'node:stream'
import zlib from 'node:zlib'
import { checkPublic, publicLookup } from './public-hosts.js'

export interface HttpRequest {
  url: URL
  /** In upper case. */
  method: string
  headers: Readonly<Record<string, string>>
  body?: string | undefined
}

export interface HttpAnswer {
  statusCode: number
  headers: http.IncomingHttpHeaders
  body: Buffer
  /** Whether the body has more than was read. */
  isTruncated: boolean
}

export interface ExchangeLimits {
  allowPrivateHosts: boolean
  maxResponseBytes: number
  signal: AbortSignal
}

/**
 * The size of all headers of an answer together. A challenge in a header is longer than Node's default
 * allows. Unit: bytes.
 */
const MAX_HEADER_BYTES = 131_072

/** Sends one request over a connection of its own, and reads as much of the answer as it may. */
export async function exchange(request: HttpRequest, limits: ExchangeLimits): Promise<HttpAnswer> {
  const { url, method, headers, body } = request
  const { allowPrivateHosts, maxResponseBytes, signal } = limits
  if (!allowPrivateHosts) checkPublic(url)
  // A pooled connection may have been made for a request whose look-up found another address.
  const pin = { agent: false, ...(!allowPrivateHosts && { lookup: publicLookup }) } as const
  const send = url.protocol === 'https:' ? https.request : http.request
  const outgoing = send(url, { method, headers, signal, maxHeaderSize: MAX_HEADER_BYTES, ...pin })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  outgoing.on('error', () => undefined) // Errors after the answer show in its body.
  outgoing.end(body)
  const [response] = await answered
  const read = await readAtMost(maxResponseBytes, decoded(response, method))
  return { statusCode: response.statusCode ?? 0, headers: response.headers, ...read }
}

async function readAtMost(maxBytes: number, stream: Readable) {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes) break
  }
  const body = Buffer.concat(chunks).subarray(0, maxBytes)
  return { body, isTruncated: size > maxBytes }
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1 */
function decoded(response: IncomingMessage, method: string): Readable {
  const coding = response.headers['content-encoding']?.trim().toLowerCase() ?? ''
  const decoder = method === 'HEAD' ? undefined : DECODERS.get(coding)?.()
  return decoder === undefined ? response : pipeline(response, decoder, () => undefined)
}

const LENIENT = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH }
const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', () => zlib.createGunzip(LENIENT)],
  ['x-gzip', () => zlib.createGunzip(LENIENT)],
  ['deflate', () => zlib.createInflate(LENIENT)],
  ['br', () => zlib.createBrotliDecompress()],
])
/** What {@link exchange} can read. */
export const ACCEPT_ENCODING = 'gzip, deflate, br'
