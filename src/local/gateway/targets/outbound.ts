import http from 'node:http'
import https from 'node:https'
import { readHeaders } from '../protocol/headers.js'

export interface OutboundRequest {
  method: string
  headers: Readonly<Record<string, string>>
  body?: Buffer | string
  signal: AbortSignal
}

export interface OutboundReply {
  status: number
  headers: Record<string, string>
  body: http.IncomingMessage
}

/**
 * Sends one request over a connection of its own. A kept-alive connection may be dead minutes later, when a
 * tool is called again. It resolves when the head of the answer is there.
 */
export function send(url: string | URL, request: OutboundRequest): Promise<OutboundReply> {
  const { method, headers, body, signal } = request
  const transport = new URL(url).protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const outgoing = transport.request(
      url,
      { method, headers, signal, agent: false },
      (incoming) => {
        const { statusCode = 0 } = incoming
        resolve({ status: statusCode, headers: readHeaders(incoming.headers), body: incoming })
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

/**
 * Reads a body, and stops if it is too large.
 *
 * @throws Error if there is more than `maxBytes`.
 */
export async function readReply(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
