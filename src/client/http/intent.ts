import { createHash } from 'node:crypto'
import { isRecord, parseJson } from '../../wire/json.js'

/** The parts of a request that say what its caller wants. */
export interface Wanted {
  method: string
  url: string
  contentType: string | undefined
  body: Uint8Array | undefined
}

/**
 * Names what a request is for, by its method, URL and body. Two requests with one name are the same call,
 * made again. Headers do not count, since retries have other ones. Parts of a body that
 * differ each time do not count either: the boundary of a form, and the id and `_meta` of JSON-RPC.
 */
export function intentOf({ method, url, contentType = '', body }: Wanted): string {
  const target = URL.canParse(url) ? targetOf(new URL(url)) : url
  const hash = createHash('sha256').update(`${method.toUpperCase()} ${target}\n`)
  return hash.update(body === undefined ? '' : sameBody(body, contentType)).digest('base64url')
}

/** The URL without fragment and password: they do not change what is asked for. */
function targetOf({ origin, pathname, search }: URL): string {
  return origin + pathname + search
}

function sameBody(body: Uint8Array, contentType: string): Uint8Array | string {
  const boundary = /^multipart\/.*;\s*boundary="?([^";]{1,200})/i.exec(contentType)?.[1]
  if (boundary !== undefined) return Buffer.from(body).toString('latin1').replaceAll(boundary, '')
  return (/\bjson\b/i.test(contentType) ? sameMessage(body) : undefined) ?? body
}

function sameMessage(body: Uint8Array): string | undefined {
  const text = Buffer.from(body).toString()
  const message = text.includes('"jsonrpc"') ? parseJson(text) : undefined
  if (!isRecord(message) || message['jsonrpc'] !== '2.0') return undefined
  const { method, params } = message
  const wanted = isRecord(params) ? { ...params, _meta: undefined } : params
  return JSON.stringify([method, wanted])
}
