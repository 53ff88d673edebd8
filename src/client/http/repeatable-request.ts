import { MAX_BODY_BYTES } from './body-text.js'
import { intentOf } from './intent.js'
import { BODY_HEADERS, OWN_HEADERS } from '../../wire/own-headers.js'

/**
 * A request that can be sent more than once. Each time it is the same, byte for byte, except for its payment.
 */
export interface Replay {
  request: Request
  /** The body, if it is JSON and no longer than a challenge may be. */
  json: () => Promise<string | undefined>
  /** What it is for. The same request made again has the same intent. */
  intent: () => Promise<string>
  /** Sends it as it is. */
  send: () => Promise<Response>
  /** Sends it with one more header to the URL that answered. Redirects are not followed. */
  sendPaid: (url: string, payment: { name: string; value: string }) => Promise<Response>
  /** Requests what the answer to a paid call points to, without payment and without a body. */
  follow: (location: URL, from: URL) => Promise<Response>
}

/**
 * Reads the body of a request, even a stream: what was sent once cannot be read again.
 *
 * @param fetch a function with the arguments of the global `fetch`
 */
export async function replayOf(
  input: RequestInfo,
  init: RequestInit | undefined,
  fetch: typeof globalThis.fetch,
): Promise<Replay> {
  const request = new Request(input, init)
  const body = await bodyOf(request)
  const copy = (url: string, more: RequestInit) => {
    const source = url === request.url ? request : new Request(url, settingsOf(request))
    return new Request(source, { ...referrerOf(request), ...(body && { body }), ...more })
  }
  const { again, always } = besideRequest(init)
  return {
    request,
    json: async () => {
      const isJson = /^application\/json\b/i.test(request.headers.get('content-type') ?? '')
      return isJson && body && body.size <= MAX_BODY_BYTES ? body.text() : undefined
    },
    intent: async () => {
      const { method, url, headers } = request
      const contentType = headers.get('content-type') ?? undefined
      const bytes = body && new Uint8Array(await body.arrayBuffer())
      return intentOf({ method, url, contentType, body: bytes })
    },
    send: () => fetch(copy(request.url, {}), again),
    sendPaid: async (url, { name, value }) => {
      const headers = headersFor(request, new URL(url))
      headers.set(name, value)
      return fetch(copy(url, { headers, redirect: 'manual' }), again)
    },
    follow: (location, from) => fetch(redirected(request, location, from), always),
  }
}

/**
 * Settings that `fetch` takes only from its second argument. In Node 24 the referrer is one of them, since a
 * `Request` loses it. A redirect that is followed has no referrer.
 */
function besideRequest(init: RequestInit = {}) {
  const { dispatcher, referrer, referrerPolicy } = init
  const always = dispatcher && { dispatcher }
  const from = {
    ...(referrer !== undefined && { referrer }),
    ...(referrerPolicy && { referrerPolicy }),
  }
  return { again: { ...always, ...from }, always }
}

type RequestInfo = Parameters<typeof globalThis.fetch>[0]

/**
 * The body as a Blob: Node cannot send an `ArrayBuffer` on after a redirect. Reading ends when the caller
 * gives up.
 */
async function bodyOf({ body, signal }: Request): Promise<Blob | undefined> {
  if (body === null) return undefined
  const chunks: Uint8Array<ArrayBuffer>[] = []
  const write = (chunk: unknown) => {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('expected a body of bytes')
    chunks.push(chunk as Uint8Array<ArrayBuffer>)
  }
  await body.pipeTo(new WritableStream({ write }), { signal })
  return new Blob(chunks)
}

/** The settings for a request to another URL. A request cannot be copied once its body is read. */
function settingsOf(request: Request) {
  const { method, headers, signal, credentials, redirect, keepalive, cache, integrity } = request
  return { method, headers, signal, credentials, redirect, keepalive, cache, integrity }
}

/** The settings that a copy of a request loses. */
function referrerOf({ referrer, referrerPolicy }: Request): RequestInit {
  return { referrerPolicy, ...(referrer !== 'about:client' && { referrer }) }
}

/** The headers for a URL. If it belongs to another server, headers for the called server are left out. */
function headersFor(request: Request, url: URL): Headers {
  const headers = new Headers(request.headers)
  if (url.origin !== new URL(request.url).origin) dropOwn(headers)
  return headers
}

function dropOwn(headers: Headers): void {
  for (const name of OWN_HEADERS) headers.delete(name)
}

/** @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected(request: Request, location: URL, from: URL): Request {
  if (!/^https?:$/.test(location.protocol)) throw new TypeError('unexpected redirect')
  const headers = headersFor(request, location)
  for (const name of BODY_HEADERS) headers.delete(name)
  if (location.origin !== from.origin) dropOwn(headers)
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET'
  return new Request(location, { ...settingsOf(request), method, headers, redirect: 'follow' })
}
