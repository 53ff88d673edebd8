/** A request that can be sent more than once, each time byte for byte the same but for its payment. */
export interface Replay {
  request: Request
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
  const body = request.body === null ? undefined : await request.arrayBuffer()
  const copy = (url: string, more: RequestInit) => {
    const source = url === request.url ? request : new Request(url, withoutBody(request))
    return new Request(source, { ...(body !== undefined && { body }), ...more })
  }
  // `fetch` of Node takes it from its second argument only.
  const more = init?.dispatcher && { dispatcher: init.dispatcher }
  const send = (one: Request) => (more === undefined ? fetch(one) : fetch(one, more))
  return {
    request,
    send: () => send(copy(request.url, {})),
    sendPaid: (url, { name, value }) => {
      const headers = new Headers(request.headers)
      headers.set(name, value)
      return send(copy(url, { headers, redirect: 'manual' }))
    },
    follow: (location, from) => send(redirected(request, location, from)),
  }
}

type RequestInfo = Parameters<typeof globalThis.fetch>[0]

/** For a request to another URL. A request cannot be copied once its body is read. */
function withoutBody(request: Request): RequestInit {
  const { method, headers, signal, credentials, redirect, keepalive } = request
  return { method, headers, signal, credentials, redirect, keepalive }
}

/** @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
function redirected(request: Request, location: URL, from: URL): Request {
  const headers = new Headers(request.headers)
  for (const name of BODY_HEADERS) headers.delete(name)
  if (location.origin !== from.origin) for (const name of OWN_HEADERS) headers.delete(name)
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET'
  return new Request(location, { ...withoutBody(request), method, headers, redirect: 'follow' })
}

const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type']
const OWN_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'host']
