import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { isRecord } from '../../wire/json.js'
import { LambdaError } from './lambda.js'
import { readBody } from '../http/read-body.js'

/** An invocation as the runtime gets it. */
export interface Delivery {
  requestId: string
  headers: Record<string, string>
  payload: string
}

export interface RuntimeApi {
  /** Host and port, for `AWS_LAMBDA_RUNTIME_API`. */
  address: string
  /** Resolves when the runtime asks for its first invocation. Rejects if it reports that it cannot start. */
  ready: Promise<void>
  /**
   * Gives an invocation to the runtime that waits. It settles with the answer when the runtime waits for the
   * next invocation. In Lambda too, an invocation ends then.
   */
  deliver(delivery: Delivery): Promise<string>
  close(): void
}

const BASE = '/2018-06-01/runtime'
/**
 * The most that the payload of a synchronous invocation may have. Unit: bytes.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
/** A response may have 100 bytes more. Lambda names this number in its error. Unit: bytes. */
const MAX_RESPONSE_BYTES = MAX_PAYLOAD_BYTES + 100

/**
 * Serves Lambda's Runtime API to one runtime, on loopback.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const first = deferred<undefined>()
  const state: State = { first, waiting: undefined, current: undefined }
  const server = http.createServer((request, response) => {
    answer(state, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready: first.promise,
    deliver(delivery) {
      const { promise, settle } = deferred<string>()
      state.current = { requestId: delivery.requestId, settle, outcome: undefined }
      send(state.waiting, 200, delivery.payload, {
        ...delivery.headers,
        'Lambda-Runtime-Aws-Request-Id': delivery.requestId,
      })
      state.waiting = undefined
      return promise
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

interface State {
  first: Deferred<undefined>
  /** The open request of the runtime for its next invocation. */
  waiting: http.ServerResponse | undefined
  current: Current | undefined
}

interface Current {
  requestId: string
  settle: Deferred<string>['settle']
  outcome: string | LambdaError | undefined
}

async function answer(
  state: State,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const path = request.url ?? ''
  const route = `${request.method ?? ''} ${path.replace(/\/invocation\/[^/]+\/(?=[^/]+$)/, '/invocation/*/')}`
  const { current } = state
  switch (route) {
    case `GET ${BASE}/invocation/next`:
      return next(state, response)
    case `POST ${BASE}/init/error`:
      state.first.settle(readError(request, await readText(request)))
      return send(response, 202, '{"status":"OK"}')
    case `POST ${BASE}/invocation/*/response`:
    case `POST ${BASE}/invocation/*/error`: {
      const body = await readText(request)
      const requestId = decodeURIComponent(path.split('/').at(-2) ?? '')
      if (current?.requestId !== requestId || current.outcome !== undefined) {
        return send(response, 400, refusal('InvalidRequestID', 'Invalid request ID'))
      }
      if (body === undefined) return tooLarge(current, response)
      current.outcome = route.endsWith('error') ? readError(request, body) : body
      return send(response, 202, '{"status":"OK"}')
    }
    default:
      return send(response, 404, refusal('NotFound', `There is no ${route}`))
  }
}

function next(state: State, response: http.ServerResponse): void {
  const { current } = state
  if (current !== undefined && current.outcome === undefined) {
    const message = 'The invocation before this one has no answer yet'
    return send(response, 403, refusal('InvalidStateTransition', message))
  }
  state.waiting = response
  state.current = undefined
  state.first.settle(undefined)
  if (current?.outcome !== undefined) current.settle(current.outcome)
}

function tooLarge(current: Current, response: http.ServerResponse): void {
  const message = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`
  current.outcome = new LambdaError('Function.ResponseSizeTooLarge', message)
  const text = `Exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`
  send(response, 413, refusal('RequestEntityTooLarge', text))
}

/**
 * Reads a body as text.
 *
 * @returns `undefined` if it is longer than Lambda allows.
 */
async function readText(request: http.IncomingMessage): Promise<string | undefined> {
  return (await readBody(request, MAX_RESPONSE_BYTES))?.toString()
}

function readError(request: http.IncomingMessage, body = ''): LambdaError {
  let said: unknown
  try {
    said = JSON.parse(body)
  } catch {
    said = undefined
  }
  const { errorType, errorMessage } = isRecord(said) ? said : {}
  const header = request.headers['lambda-runtime-function-error-type'] ?? 'Runtime.Unknown'
  return new LambdaError(
    typeof errorType === 'string' ? errorType : String(header),
    typeof errorMessage === 'string' ? errorMessage : '',
  )
}

function refusal(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage })
}

function send(
  response: http.ServerResponse | undefined,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  const length = Buffer.byteLength(body)
  const type = { 'Content-Type': 'application/json', 'Content-Length': length }
  response?.writeHead(status, { ...headers, ...type }).end(body)
}

interface Deferred<T> {
  promise: Promise<T>
  /** Rejects if it is given an error, and resolves otherwise. Only the first call counts. */
  settle: (outcome: T | LambdaError) => void
}

function deferred<T>(): Deferred<T> {
  let settle: Deferred<T>['settle'] = () => undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = (outcome) => (outcome instanceof LambdaError ? reject(outcome) : resolve(outcome))
  })
  // Whoever waits hears of it. The runtime may fail before anybody waits.
  promise.catch(() => undefined)
  return { promise, settle }
}
