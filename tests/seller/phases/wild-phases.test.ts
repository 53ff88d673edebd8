import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { anything, fc } from '../../support/random-cases.js'
import {
  createInterceptor,
  memoryStore as paymentMemory,
  type Facilitator,
} from '../../../src/index.js'
import { isRecord } from '../../../src/wire/json.js'
import { httpContext, memoryStore } from './support/http-phases.js'
import { SEAL } from './support/sealed-calls.js'
import { recordingLogger } from '../../support/seller.js'
import { GOOD_TOKEN, MARKS } from './support/wild-events.js'
import {
  GOODS,
  answer,
  requestIn,
  wildHttpEvent,
  wildSale,
  type Answer,
} from './support/wild-phases.js'

type Fields = Record<string, unknown>

const SECRET = 'a secret of the seller, 32 bytes or more'
const SOLD = {
  planId: 'plan-1',
  scheme: 'nvm:erc4337',
  network: 'eip155:84532',
  tokenHeader: ['payment-signature', 'x-custom-pay'],
  tools: { T___free: 'free' as const, paid: { credits: 2 }, '/free': 'free' as const },
}

/** An honest facilitator that settles, or does not, and counts. */
function shop(settles: boolean, sharing: 'seal' | 'store' | 'nothing', more: object = {}) {
  const count = { valid: 0, settled: 0 }
  const logger = recordingLogger()
  const facilitator: Facilitator = {
    verifyPermissions: async ({ x402AccessToken }) => {
      const isValid = x402AccessToken === GOOD_TOKEN
      if (isValid) count.valid += 1
      return { isValid, invalidReason: `bad ${x402AccessToken}` }
    },
    settlePermissions: async ({ x402AccessToken }) => {
      if (!settles) throw new Error(`bad ${x402AccessToken}`)
      count.settled += 1
      return { success: true, creditsRedeemed: '1', transaction: '0x1', network: 'eip155:84532' }
    },
  }
  const options = {
    ...SOLD,
    facilitator,
    logger,
    paymentStore: paymentMemory(),
    ...(sharing !== 'nothing' && { secret: SECRET }),
    ...(sharing === 'store' && { store: memoryStore() }),
    ...more,
  }
  const { handle } = createInterceptor(options)
  return { handle, count, logger }
}

const sharings = fc.constantFrom('seal' as const, 'store' as const, 'nothing' as const)

/** What can be free in a wild event: everything but a call of a tool that costs. */
function mayBeFree(message: unknown): boolean {
  if (!isRecord(message) || message['method'] !== 'tools/call') return true
  const { params } = message
  return isRecord(params) && params['name'] === 'T___free'
}

function partsOf(output: unknown, key: 'mcp' | 'http'): Fields {
  expect(output).toMatchObject({ interceptorOutputVersion: '1.0', [key]: expect.any(Object) })
  expect(Object.keys(output as Fields).sort()).toEqual([key, 'interceptorOutputVersion'].sort())
  const parts = (output as Fields)[key] as Fields
  const names = Object.keys(parts).filter(
    (name) => !/^transformedGateway(Request|Response)$/.test(name),
  )
  expect(names).toEqual([])
  return parts
}

function expectNoSecret(...seen: unknown[]): void {
  const visible = JSON.stringify(seen)
  expect(MARKS.filter((mark) => visible.includes(mark))).toEqual([])
}

const overTheWire = (event: unknown): unknown =>
  event === undefined ? undefined : (JSON.parse(JSON.stringify(event)) as unknown)

/** One wild request and whatever its target made of it. */
async function playMcp(
  { handle }: Pick<ReturnType<typeof shop>, 'handle'>,
  event: unknown,
  answerOf: Answer,
  shown: 'original' | 'transformed' | 'nothing',
) {
  const first = partsOf(await handle(event), 'mcp')
  const forwarded = first['transformedGatewayRequest'] as Fields | undefined
  const request = requestIn(event)
  const id = isRecord(request?.['body']) ? request['body']['id'] : undefined
  const { response, text } = answerOf(id)
  const refusal = first['transformedGatewayResponse'] as Fields | undefined
  const gatewayResponse = refusal ?? response
  const changed = shown === 'transformed' ? { ...request, ...forwarded } : request
  const gatewayRequest = shown === 'nothing' ? null : changed
  const mcp = isRecord(event) && isRecord(event['mcp']) ? event['mcp'] : {}
  const later = { ...(event as object), mcp: { ...mcp, gatewayRequest, gatewayResponse } }
  const second = partsOf(await handle(overTheWire(later)), 'mcp')
  // What is left out stays as it was.
  const original = refusal === undefined ? text : refusal['body']
  const last = { body: original, ...(second['transformedGatewayResponse'] as Fields | undefined) }
  return { first, second, forwarded, got: JSON.stringify(last), request }
}

test('whatever an MCP gateway brings in both phases, nothing that costs gets out unsettled', async () => {
  const total = { forwarded: 0, delivered: 0, withheld: 0 }
  const shownAs = fc.constantFrom('original' as const, 'transformed' as const, 'nothing' as const)
  await fc.assert(
    fc.asyncProperty(
      wildSale,
      answer,
      shownAs,
      sharings,
      fc.boolean(),
      async (event, answerOf, shown, sharing, settles) => {
        const seller = shop(settles, sharing)
        const before = JSON.stringify(event)
        const played = await playMcp(seller, event, answerOf, shown)
        const { first, second, forwarded, got, request } = played
        const isOut = got.includes(GOODS)
        const isFree = mayBeFree(request?.['body']) && shown !== 'nothing'
        if (isOut && !isFree) expect(seller.count.settled).toBe(1)
        expect(seller.count.settled).toBeLessThanOrEqual(1)
        if (sharing !== 'nothing') expectNoSecret(first)
        expectNoSecret(second, seller.logger.lines)
        expect(JSON.stringify([second, seller.logger.lines])).not.toContain(SEAL)
        expect(JSON.stringify(event)).toBe(before)
        if (forwarded !== undefined && !isFree) total.forwarded += 1
        if (isOut && !isFree) total.delivered += 1
        if (!isOut && forwarded !== undefined && seller.count.valid > 0) total.withheld += 1
      },
    ),
    { numRuns: 1_000 },
  )
  // Enough of it was a sale for the above to mean something.
  expect(Math.min(...Object.values(total))).toBeGreaterThan(20)
})

async function playHttp(
  { handle }: Pick<ReturnType<typeof shop>, 'handle'>,
  event: unknown,
  body: string,
  context: Context,
) {
  const first = partsOf(await handle(event, context), 'http')
  if (first['transformedGatewayResponse'] !== undefined) return { first, second: {}, got: '' }
  const gatewayResponse = {
    statusCode: 200,
    headers: null,
    body: Buffer.from(body).toString('base64'),
    contentType: 'application/json',
  }
  const http = { gatewayRequest: null, gatewayResponse }
  const second = partsOf(await handle({ interceptorInputVersion: '1.0', http }, context), 'http')
  const { body: changed } = (second['transformedGatewayResponse'] ?? {}) as { body?: string }
  const got = changed === undefined ? body : Buffer.from(changed, 'base64').toString()
  return { first, second, got }
}

/** What can be free of a wild request before an HTTP target. */
function mayBeFreeHttp(event: unknown, httpTargets: 'http' | 'mcp'): boolean {
  const { gatewayRequest } = (event as { http: { gatewayRequest: Fields } }).http
  const { path, body, httpMethod } = gatewayRequest
  if (httpTargets === 'http') return path === '/free'
  if (String(httpMethod).toUpperCase() === 'DELETE') return true
  try {
    return mayBeFree(JSON.parse(Buffer.from(String(body), 'base64').toString()))
  } catch {
    return false
  }
}

test('whatever comes before HTTP targets, nothing that costs gets out unsettled', async () => {
  const total = { delivered: 0, refused: 0, withheld: 0 }
  await fc.assert(
    fc.asyncProperty(
      wildHttpEvent,
      answer,
      fc.constantFrom('http' as const, 'mcp' as const),
      fc.boolean(),
      async (event, answerOf, httpTargets, settles) => {
        const seller = shop(settles, 'store', { httpTargets })
        const { text } = answerOf(1)
        const { first, second, got } = await playHttp(seller, event, text, httpContext())
        const isOut = got.includes(GOODS)
        if (isOut && !mayBeFreeHttp(event, httpTargets)) expect(seller.count.settled).toBe(1)
        expect(seller.count.settled).toBeLessThanOrEqual(1)
        // In plain HTTP the body is the target's own, whatever is in it.
        const { headers } = (first['transformedGatewayRequest'] ?? {}) as Fields
        expectNoSecret(httpTargets === 'http' ? headers : first, second, seller.logger.lines)
        if (isOut && seller.count.settled === 1) total.delivered += 1
        if (got === '') total.refused += 1
        if (!isOut && seller.count.valid > 0 && !settles) total.withheld += 1
      },
    ),
    { numRuns: 800 },
  )
  expect(Math.min(...Object.values(total))).toBeGreaterThan(20)
})

test('an interceptor answers anything at all, and sells nothing of it', async () => {
  const places = fc.constantFrom('event', 'mcp', 'http', 'response', 'http response', 'url')
  await fc.assert(
    fc.asyncProperty(anything, anything, places, sharings, async (a, b, place, sharing) => {
      const { handle, count } = shop(true, sharing)
      const events: Record<string, unknown> = {
        event: a,
        mcp: { mcp: { gatewayRequest: { headers: a, body: b } } },
        http: { http: { gatewayRequest: { headers: a, body: b, path: a, httpMethod: b } } },
        response: { mcp: { gatewayRequest: { body: a }, gatewayResponse: b } },
        'http response': { http: { gatewayRequest: a, gatewayResponse: { body: b } } },
        url: { requestContext: { http: { method: a } }, body: b },
      }
      const context = { clientContext: a } as Context
      const output = (await handle(events[place], context)) as unknown as Fields
      expect(output['interceptorOutputVersion']).toBe('1.0')
      expect([isRecord(output['mcp']), isRecord(output['http'])].filter(Boolean)).toHaveLength(1)
      expect(count).toEqual({ valid: 0, settled: 0 })
    }),
    { numRuns: 1_000 },
  )
})
