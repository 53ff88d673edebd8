import type { IncomingMessage, ServerResponse } from 'node:http'
import { comesFromHere } from '../http/loopback.js'
import { sendJson } from '../http/send-json.js'
import type { ServedCall } from '../http/served-call.js'
import { accessDenied, asFault, unknownOperation } from './world/aws-error.js'
import { CONTROL_PLANE } from './control/control-plane.js'
import { DATA_PLANE } from './data/data-plane.js'
import { match, type Match } from './world/operations.js'
import { waitFor } from '../http/faults.js'
import { answerIn, faultIn, type PaymentsFaults } from './payments-faults.js'
import { parseBody, readText } from './request.js'
import { run } from './run.js'
import { requestId, sendFault } from './send.js'
import { isPage, servePage } from './wallet-pages.js'
import type { World } from './world/world.js'

/** One call as the service saw it. It holds secrets: never print it. */
export interface PaymentsCall extends ServedCall {
  /** AWS's name of the operation; `undefined` if the path belongs to none. */
  operation: string | undefined
}

/** The parts of a running service. */
export interface Service {
  world: World
  faults: PaymentsFaults
  calls: PaymentsCall[]
  /** Added to every answer. Unit: ms. */
  delayMs: number
  /** Resolves when what has changed is kept. No answer goes out before. */
  saved: () => Promise<void>
}

const OPERATIONS = [...DATA_PLANE, ...CONTROL_PLANE]

/**
 * AWS's names for the service. AWS's library for Python calls no others before version 1.24, so people give these names
 * to their machine. Only AWS can give one of them to another machine.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/bedrock_agentcore.html
 * @see https://github.com/aws/bedrock-agentcore-sdk-python/blob/main/src/bedrock_agentcore/_utils/endpoints.py
 */
const AWS_HOST =
  /^bedrock-agentcore(-control)?(-fips)?\.[a-z]{2}(-[a-z]{1,20}){1,3}-\d{1,2}\.(amazonaws\.com(\.cn)?|api\.aws)$/

/** Answers a request, if its path is one of the service's. */
export async function serve(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [path = '', search = ''] = (request.url ?? '').split('?')
  const isCall = /^\/(payments|identities)\//.test(path)
  if (!isCall && !isPage(path)) return false
  // People open the pages in a browser, at the address that they were given.
  if (!comesFromHere(request, isCall ? AWS_HOST : undefined)) {
    sendFault(response, accessDenied('Host and Origin must be of this machine'))
  } else if (isCall) await answer(service, { request, response, path, search })
  else {
    servePage(service.world, request, response, path)
    await service.saved()
  }
  return true
}

/** One request, and where its answer goes. */
interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  path: string
  /** The query, without the question mark. */
  search: string
}

async function answer(service: Service, exchange: Exchange): Promise<void> {
  const { request, response, path } = exchange
  const { method = '', headers } = request
  const found = match(OPERATIONS, method, path)
  const operation = found?.operation.name
  const call = { operation, method, path, headers, body: undefined, status: undefined }
  service.calls.push(call)
  try {
    if (found === undefined) throw unknownOperation(`Not served here: ${method} ${path}`)
    await perform(service, exchange, call, found)
  } catch (error) {
    const fault = asFault(error)
    Object.assign(call, { status: fault.status })
    sendFault(response, fault)
  }
}

async function perform(
  { world, faults, delayMs, saved }: Service,
  { request, response, search }: Exchange,
  call: PaymentsCall,
  { operation, labels }: Match,
): Promise<void> {
  const body = parseBody(await readText(request))
  call.body = body
  const hits = faults.take(operation.name)
  await waitFor(delayMs, hits)
  const fault = faultIn(hits)
  if (fault?.kind === 'reset') return void response.socket?.resetAndDestroy()
  const fails = fault?.kind === 'fail'
  const done = await run(world, operation, { labels, search, headers: call.headers, body, fails })
  await saved()
  if (fault?.kind === 'lost-answer') return void response.socket?.resetAndDestroy()
  call.status = operation.status
  if (fault?.kind !== 'garbage') {
    return sendJson(response, operation.status, requestId(), answerIn(done, fault))
  }
  response.writeHead(operation.status, { ...requestId(), 'content-type': 'application/json' })
  response.end('{"pay')
}
