import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from '@jest/globals'

/** A request as it came. */
export interface Asked {
  path: string
  method: string
  headers: IncomingMessage['headers']
  /** The body as text, as it was on the wire. */
  body: string
}

/** An answer of a facilitator: a body with status 200, or a function that writes the response. */
export type Answering = object | ((response: ServerResponse, asked: Asked) => void)

export interface FacilitatorServer {
  url: string
  asked: Asked[]
  /** How often a path was called, e.g. `/settle`. */
  countOf(path: string): number
  connections(): number
  /** Changes answers from now on. Paths that are not named keep theirs. */
  answer(answers: Record<string, Answering>): void
  close(): Promise<void>
}

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

export const SUPPORTED = {
  kinds: [
    { x402Version: 2, scheme: 'exact', network: 'eip155:84532' },
    {
      x402Version: 2,
      scheme: 'upto',
      network: 'eip155:84532',
      extra: { facilitatorAddress: '0xFa' },
    },
    { x402Version: 1, scheme: 'exact', network: 'base-sepolia', extra: null },
  ],
  extensions: [],
  signers: {},
}
export const SETTLED = {
  success: true,
  transaction: '0x01',
  network: 'eip155:84532',
  payer: '0xB0',
}
export const VALID = { isValid: true, payer: '0xB0' }

/**
 * Starts a facilitator that says yes to everything until it is told otherwise. The system chooses the port.
 */
export async function facilitatorServer(
  answers: Record<string, Answering> = {},
): Promise<FacilitatorServer> {
  const all: Record<string, Answering> = {
    '/verify': VALID,
    '/settle': SETTLED,
    '/supported': SUPPORTED,
    ...answers,
  }
  const asked: Asked[] = []
  let connections = 0
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      const { url: path = '', method = '', headers } = request
      asked.push({ path, method, headers, body })
      const answering = all[path] ?? status(404)
      if (typeof answering === 'function') answering(response, { path, method, headers, body })
      else json(200, answering)(response)
    })
  })
  server.on('connection', () => (connections += 1))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  open.push(close)
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    countOf: (path) => asked.filter((one) => one.path === path).length,
    connections: () => connections,
    answer: (more) => void Object.assign(all, more),
    close,
  }
}

export function json(statusCode: number, body: unknown) {
  return (response: ServerResponse): void => {
    response.writeHead(statusCode, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

export function status(statusCode: number, text = '<html>no</html>') {
  return (response: ServerResponse): void => {
    response.writeHead(statusCode, { location: '/elsewhere' }).end(text)
  }
}

export const reset = (response: ServerResponse): void => void response.socket?.destroy()
/** Never answers. */
export const silence = (): void => undefined

async function readText(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
