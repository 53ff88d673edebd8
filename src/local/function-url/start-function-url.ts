import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseJson } from '../../wire/json.js'
import { note, serveNoted } from '../http/journal.js'
import { LOOPBACK, listen, stop } from '../http/listen.js'
import { comesFromHere } from '../http/loopback.js'
import { readBody } from '../http/read-body.js'
import { invokeLambda, type Lambda } from '../lambda/lambda.js'
import { functionUrlEvent } from './event.js'
import { functionUrlResponse, type FunctionUrlResponse } from './response.js'

/** The options of {@link startFunctionUrl}. Everything has a default. */
export interface FunctionUrlOptions {
  /**
   * The port to listen on. Unit: a TCP port, 0 to 65 535.
   *
   * @default 0: the system chooses
   */
  port?: number
  /**
   * The address to listen on: this machine alone, or every address of it (`0.0.0.0`, or `::` with IPv6). Only requests
   * that name this machine in `Host` are answered in either case.
   *
   * @default '127.0.0.1'
   */
  host?: '127.0.0.1' | '0.0.0.0' | '::'
  /**
   * How long the function may take. Unit: ms.
   *
   * @default 900 000
   */
  timeoutMs?: number
}

/** A function that is served over plain HTTP. */
export interface LocalFunctionUrl {
  /** The URL: `http://127.0.0.1:<port>/`. */
  url: string
  /** Stops it. */
  close: () => Promise<void>
}

const MAX_BODY_BYTES = 6 * 1024 * 1024
const MAX_TIMEOUT_MS = 900_000

/**
 * Serves a Lambda over plain HTTP on this machine, as its Function URL does: with events of the payload format 2.0. Only
 * requests that name this machine are answered.
 *
 * @example
 * const shop = await startFunctionUrl(handler)
 * const answer = await fetch(`${shop.url}quote`)
 * @throws the system's error if the port cannot be had, e.g. with code `EADDRINUSE`.
 */
export async function startFunctionUrl(
  lambda: Lambda,
  { port = 0, host, timeoutMs = MAX_TIMEOUT_MS }: FunctionUrlOptions = {},
): Promise<LocalFunctionUrl> {
  const server = http.createServer((request, response) => {
    const serve = (): Promise<void> =>
      serveRequest(lambda, timeoutMs, request, response).catch(() => void response.destroy())
    void serveNoted('http', request.headers, response, serve)
  })
  await listen(server, port, host)
  const { port: taken } = server.address() as AddressInfo
  return { url: `http://${LOOPBACK}:${taken}/`, close: () => stop(server) }
}

async function serveRequest(
  lambda: Lambda,
  timeoutMs: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (!comesFromHere(request)) return send(response, failure(403, 'Forbidden'))
  if (bytes === undefined) return send(response, failure(413, 'Request Too Long'))
  const { method = 'GET', url = '/' } = request
  const called = `${method} ${url.split('?')[0]}`
  note({ kind: 'called', method, tool: called })
  const answer = await answerOf(lambda, timeoutMs, functionUrlEvent(request, bytes))
  const { status, headers, body } = answer
  note({ kind: 'answered', status, headers, body: parseJson(body.toString()) })
  send(response, answer)
}

/** The caller is not told why a function failed. */
async function answerOf(
  lambda: Lambda,
  timeoutMs: number,
  event: unknown,
): Promise<FunctionUrlResponse> {
  try {
    const output = await invokeLambda(lambda, { payload: JSON.stringify(event), timeoutMs })
    const answer = functionUrlResponse(parseJson(output))
    if (answer !== undefined) return answer
    const error = new Error('the handler returned what a Function URL cannot send')
    note({ kind: 'failed', part: 'HANDLER', error, output })
  } catch (error) {
    note({ kind: 'failed', part: 'HANDLER', error })
  }
  return failure(502, 'Internal Server Error')
}

function failure(status: number, message: string): FunctionUrlResponse {
  const headers = { 'content-type': 'application/json' }
  return { status, headers, body: Buffer.from(JSON.stringify({ message })) }
}

function send(response: ServerResponse, { status, headers, body }: FunctionUrlResponse): void {
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
}
