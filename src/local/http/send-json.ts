import type { ServerResponse } from 'node:http'

/** Sends a JSON answer. Without a body, only the head is sent. */
export function sendJson(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): void {
  if (body === undefined || body === null) {
    response.writeHead(status, { ...headers, 'content-length': 0 }).end()
    return
  }
  const text = JSON.stringify(body)
  const length = { 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, { 'content-type': 'application/json', ...headers, ...length })
  response.end(text)
}
