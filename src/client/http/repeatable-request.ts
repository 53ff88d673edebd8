import { MAX_BODY_BYTES } from './body-text.js'
import { intentOf } from './intent.js'
import { BODY_HEADERS, OWN_HEADERS } from '../../wire/own-headers.js'

/** A request that can be sent more than once, each time byte for byte the same but for its payment. */
export interface Replay {
  request: Request
  /** What it sends, where that is JSON and no longer than a challenge may be. */
  json: () => Promise<string | undefined>
  /** What it is for: the same for the same request made again. */
  intent: () => Promise<string>
  /** As it is. */
  send: () => Promise<Response>
  /** With one more header, to where it was answered. Redirects are not followed. */
  sendPaid: (url: string, payment: { name: string; value: string }) => Promise<Response>
  /** What the answer to a paid call points to: without payment, and without a body. */
  follow: (location: URL, from: URL) => Promise<Response>
}

/**
 * Reads the body, streams too, since what was sent once cannot be read again.
 *
 * @param fetch takes what the global one takes
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
 * What `fetch` takes from its second argument only. In Node 24 that is a referrer too, which a `Request` loses there. A
 * redirect that is followed has no referrer.
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
 * Reading ends when the caller gives up. A Blob, since Node cannot send an `ArrayBuffer` on where it is
 * redirected to.
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

/** For a request to another URL. A request cannot be copied once its body is read. */
function settingsOf(request: Request) {
  const { method, headers, signal, credentials, redirect, keepalive, cache, integrity } = request
  return { method, headers, signal, credentials, redirect, keepalive, cache, integrity }
}

/** What copies lose. */
function referrerOf({ referrer, referrerPolicy }: Request): RequestInit {
  return { referrerPolicy, ...(referrer !== 'about:client' && { referrer }) }
}

/** Without what is for the server that was called, where that is another one. */
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
