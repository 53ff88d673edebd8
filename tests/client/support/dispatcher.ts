import http from 'node:http'

interface Dispatched {
  origin: string
  path: string
  method: string
  headers: http.OutgoingHttpHeaders
}
interface Handler {
  onConnect: (abort: () => void) => void
  onHeaders: (status: number, headers: Buffer[], resume: () => void, text: string) => boolean
  onData: (chunk: Buffer) => boolean
  onComplete: (trailers: string[]) => void
}

/** Makes a dispatcher of undici, for requests without a body. It keeps what went through it. */
export function dispatching() {
  const dispatched: string[] = []
  const dispatch = ({ origin, path, method, headers }: Dispatched, handler: Handler) => {
    dispatched.push(method)
    const request = http.request(new URL(path, origin), { method, headers }, (response) => {
      const { statusCode = 0, statusMessage = '', rawHeaders } = response
      const raw = rawHeaders.map((text) => Buffer.from(text))
      handler.onHeaders(statusCode, raw, () => undefined, statusMessage)
      response.on('data', (chunk: Buffer) => handler.onData(chunk))
      response.on('end', () => handler.onComplete([]))
    })
    handler.onConnect(() => request.destroy())
    request.end()
    return true
  }
  return {
    dispatcher: { dispatch } as unknown as NonNullable<RequestInit['dispatcher']>,
    dispatched,
  }
}
