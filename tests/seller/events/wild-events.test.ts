import { expect, test } from '@jest/globals'
import { anything, fc } from '../../support/random-cases.js'
import {
  memoryStore,
  requiresPayment,
  type Facilitator,
  type InterceptorOutput,
  type PaidHandler,
} from '../../../src/index.js'
import { isRecord } from '../../../src/wire/json.js'
import { silent } from '../../support/seller.js'
import {
  GOOD_TOKEN,
  MARKS,
  handlerAnswer,
  settleKind,
  verifyKind,
  wildEvent,
  type SettleKind,
  type VerifyKind,
} from '../phases/support/wild-events.js'

const SOLD = {
  planId: 'plan-1',
  scheme: 'nvm:erc4337',
  network: 'eip155:84532',
  tokenHeader: ['payment-signature', 'x-custom-pay'],
  tools: { T___free: 'free' as const, paid: { credits: 2 } },
  logger: silent,
}

/**
 * One call through a facilitator that counts; everything that could be seen of it. It has a store of its own: in a shared
 * one, a call may settle what an earlier one left open, without a run.
 */
async function callWith(
  event: unknown,
  verifying: VerifyKind,
  settling: SettleKind,
  answer: unknown,
) {
  const seen: unknown[] = []
  const count = { valid: 0, settled: 0, ran: 0 }
  const facilitator: Facilitator = {
    verifyPermissions: async ({ x402AccessToken }) => {
      const reply = verifyReply(verifying, x402AccessToken)
      if (isRecord(reply) && reply['isValid'] === true) count.valid += 1
      return reply
    },
    settlePermissions: async () => {
      count.settled += 1
      return settleReply(settling)
    },
  }
  const handler: PaidHandler = (given) => {
    count.ran += 1
    seen.push(given)
    return answer as string
  }
  const output = await requiresPayment(handler, {
    ...SOLD,
    facilitator,
    paymentStore: memoryStore(),
  })(event)
  return { output, count, seen }
}

function verifyReply(kind: VerifyKind, token: string): unknown {
  switch (kind) {
    case 'honest':
      return { isValid: token === GOOD_TOKEN, invalidReason: `bad ${token}` }
    case 'throws':
      throw new Error(`bad ${token}`)
    case 'yes as text':
      return { isValid: 'true' }
    case 'one':
      return { isValid: 1 }
    case 'quotes':
      return { isValid: false, invalidReason: token }
    case 'nothing':
      return undefined
  }
}

function settleReply(kind: SettleKind): unknown {
  switch (kind) {
    case 'settles':
      return { success: true, creditsRedeemed: '1', transaction: '0x1', network: 'eip155:84532' }
    case 'refuses':
      return { success: false, errorReason: `bad ${GOOD_TOKEN}` }
    case 'throws':
      throw new Error(`bad ${GOOD_TOKEN}`)
    case 'null':
      return null
    case 'garbage':
      return { success: 'true', creditsRedeemed: -1 }
    case 'nothing':
      return undefined
  }
}

/** The body of an event, if it is one object. */
function bodyOf(event: unknown): Record<string, unknown> | undefined {
  const mcp = isRecord(event) ? event['mcp'] : undefined
  const request = isRecord(mcp) ? mcp['gatewayRequest'] : undefined
  return isRecord(request) && isRecord(request['body']) ? request['body'] : undefined
}

function isId(id: unknown): boolean {
  return id === null || typeof id === 'string' || typeof id === 'number'
}

/** Fails unless the output is a complete one that answers, or forwards, this event. */
function expectWellFormed(output: InterceptorOutput, event: unknown): void {
  const body = bodyOf(event)
  const { transformedGatewayRequest: request, transformedGatewayResponse: response } = output.mcp
  expect(Object.keys(output).sort()).toEqual(['interceptorOutputVersion', 'mcp'])
  expect(output.interceptorOutputVersion).toBe('1.0')
  expect(Object.keys(output.mcp)).toHaveLength(1)
  if (request !== undefined) {
    expect(typeof body?.['method']).toBe('string')
    expect(body?.['method']).not.toBe('tools/call')
    return
  }
  if (body?.['method'] === 'tools/call' && body['id'] === undefined) {
    expect(response).toEqual({ statusCode: 202 })
    return
  }
  expect(response).toMatchObject({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
  })
  const answer = response?.body as Record<string, unknown>
  expect(answer['jsonrpc']).toBe('2.0')
  expect(Object.keys(answer)).toHaveLength(3)
  expect('result' in answer).not.toBe('error' in answer)
  expect(answer['id']).toBe(isId(body?.['id']) ? body?.['id'] : null)
}

const isFree = (event: unknown) => {
  const params = bodyOf(event)?.['params']
  return isRecord(params) && params['name'] === 'T___free'
}

test('whatever arrives, the answer is complete, nothing runs unpaid and no payment gets through', async () => {
  const total = { valid: 0, settled: 0, ran: 0 }
  await fc.assert(
    fc.asyncProperty(wildEvent, verifyKind, settleKind, handlerAnswer, async (event, ...rest) => {
      const before = JSON.stringify(event)
      const { output, count, seen } = await callWith(event, ...rest)
      for (const name of ['valid', 'settled', 'ran'] as const) total[name] += count[name]
      expectWellFormed(output, event)
      if (!isFree(event)) expect(count.ran).toBeLessThanOrEqual(count.valid)
      expect(count.settled).toBeLessThanOrEqual(count.ran)
      const visible = JSON.stringify([output, seen])
      expect(MARKS.filter((mark) => visible.includes(mark))).toEqual([])
      expect(JSON.stringify(event)).toBe(before)
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    }),
    { numRuns: 3_000 },
  )
  // Enough of the events were well-formed and paid for the above to mean something.
  expect(Math.min(...Object.values(total))).toBeGreaterThan(25)
})

test('values JSON does not know are answered all the same', async () => {
  await fc.assert(
    fc.asyncProperty(anything, anything, fc.boolean(), async (a, b, whole) => {
      const event = whole ? a : { mcp: { gatewayRequest: { headers: a, body: b } } }
      const { output, count } = await callWith(event, 'honest', 'settles', 'text')
      expect(output.interceptorOutputVersion).toBe('1.0')
      expect(count).toEqual({ valid: 0, settled: 0, ran: 0 })
    }),
    { numRuns: 1_000 },
  )
})
