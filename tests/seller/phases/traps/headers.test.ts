import { expect, test } from '@jest/globals'
import type { InterceptorOutput } from '../../../../src/index.js'
import type { Local } from '../../../../src/local/index.js'
import { decodeHeader, encodeToken } from '../../../../src/wire/x402.js'
import {
  TOOL,
  content,
  delivered,
  forwardedBy,
  mcpOf,
  paidCall,
  rawEvent,
  responseTo,
} from '../../../support/doors.js'
import { outcomeOf, singleUse } from '../../../support/outcome.js'
import { answering, paid } from '../support/paid-phases.js'
import { SHOWN, bothPhases, hello, intercept, result } from '../support/phases.js'
import { amounts, asked } from '../../../support/recorded.js'
import { leaks, recorder, secretsOf } from '../../../support/secrets.js'
import {
  challengeHeaderOf,
  challengeOf,
  responseOf,
  stack,
  textOf,
  toolCall,
} from '../../../support/seller.js'

type Fields = Record<string, unknown>

const SEAL = 'x-agentcore-x402'

test('what a target may be allow-listed for is echoed, what belongs to the connection is not', async () => {
  const local = await stack()
  const echoed = { 'X-Tenant': 'acme', 'mcp-session-id': 's', traceparent: '00-1', Accept: 'a' }
  const own = {
    Host: 'a.example',
    'Content-Length': '7',
    connection: 'close',
    'Transfer-Encoding': 'x',
  }
  const odd = { number: 7, list: ['a'], none: null }
  const { headers, body } = forwardedBy(
    await intercept(local)(paidCall(local, { ...echoed, ...own, ...odd })),
  )
  expect(headers).toEqual({ ...echoed, [SEAL]: expect.any(String) })
  expect(body).toEqual(toolCall(TOOL))
})

const JWT = 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln'
const PAYMENT = encodeToken({ x402Version: 2, payload: { signature: '0x1' } })
const DOTTED = `Bearer ${PAYMENT.slice(0, 8)}.${PAYMENT.slice(8, 16)}.${PAYMENT.slice(16)}`
const SIGV4 = 'AWS4-HMAC-SHA256 Credential=AKIA/20260701/eu-central-1/x/aws4_request, Signature=ab'
test.each<[string, string, boolean | undefined, boolean]>([
  ['a JWT', JWT, undefined, false],
  ['a JWT', JWT, false, false],
  ['a JWT', JWT, true, true],
  ['a JWT after bearer in lower case', JWT.replace('Bearer', 'bearer'), true, true],
  ['SigV4', SIGV4, true, false],
  ['SigV4', SIGV4, undefined, false],
  ['Basic', 'Basic dXNlcjpwYXNz', true, false],
  ['text', 'Bearer hello', true, false],
  ['a payment made to look like a JWT', DOTTED, true, false],
  ['a JWT with more behind it', `${JWT}, ${SIGV4}`, true, false],
])('Authorization with %s (%s) and forwardAuthorization %p: echoed %p', async (...row) => {
  const [, authorization, forwardAuthorization, isEchoed] = row
  const local = await stack()
  const handle = intercept(local, {
    forwardAuthorization,
    tools: { free: 'free' },
    planId: local.planId,
  })
  const events = ['authorization', 'Authorization'].flatMap((name) => [
    paidCall(local, { [name]: authorization }),
    rawEvent(toolCall('T___free'), { [name]: authorization }),
    rawEvent({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { [name]: authorization }),
  ])
  for (const event of events) {
    const { headers } = forwardedBy(await handle(event))
    expect(JSON.stringify(headers).includes(authorization)).toBe(isEchoed)
  }
})

test('an identity in Authorization beside a payment elsewhere is echoed on request', async () => {
  const local = await stack()
  const options = { forwardAuthorization: true, tokenHeader: ['authorization', 'x-pay'] }
  const event = rawEvent(toolCall(TOOL), { Authorization: JWT, 'x-pay': local.accessToken() })
  const { headers } = forwardedBy(await intercept(local, options)(event))
  expect(headers).toEqual({ Authorization: JWT, [SEAL]: expect.any(String) })
})

test('a payment in Authorization is never echoed', async () => {
  const local = await stack()
  const options = { forwardAuthorization: true, tokenHeader: ['authorization', 'x-pay'] }
  const event = rawEvent(toolCall(TOOL), { Authorization: `Bearer ${local.accessToken()}` })
  const { headers } = forwardedBy(await intercept(local, options)(event))
  expect(Object.keys(headers)).toEqual([SEAL])
})

const MESSAGES: [string, unknown][] = [
  ['a list of tools', { jsonrpc: '2.0', id: 'a', method: 'tools/list', params: { cursor: 'x' } }],
  [
    'a request of the stateless protocol',
    {
      jsonrpc: '2.0',
      id: 0,
      method: 'server/discover',
      params: { _meta: { 'io.modelcontextprotocol/v': 1 } },
    },
  ],
  [
    'a notification',
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
  ],
  ['an answer of the client', { jsonrpc: '2.0', id: 'elicit-1', result: { action: 'accept' } }],
  ['an unknown method', { jsonrpc: '2.0', id: 1, method: 'x/y', extra: true }],
]
test.each(MESSAGES)('%s goes on as it came, and its answer too', async (_, body) => {
  const local = await stack()
  const handle = intercept(local)
  const event = rawEvent(body)
  expect(forwardedBy(await handle(event)).body).toEqual(body)
  for (const response of [
    delivered({ jsonrpc: '2.0', id: 'a', result: {} }),
    { statusCode: 202, headers: null },
    { statusCode: 200, headers: { 'payment-response': 'theirs' }, body: [1] },
    { statusCode: 500, body: 'down' },
  ]) {
    const { headers, ...rest } = response
    const passed = mcpOf(await handle(responseTo(event, response))).mcp.transformedGatewayResponse
    expect(passed).toEqual({ ...rest, ...(headers !== null && { headers }) })
  }
  expect(local.calls).toEqual([])
})

test.each(SHOWN)(
  'what else is in _meta and arguments.headers stays (%s request)',
  async (shown) => {
    const local = await stack()
    const token = local.accessToken()
    const _meta = {
      progressToken: 1,
      'io.modelcontextprotocol/v': 'x',
      'x402/payment': decodeHeader(token),
    }
    const args = { city: 'Bern', headers: { accept: 'text', 'Payment-Signature': token } }
    const event = () => rawEvent(toolCall(TOOL, args, { _meta }))
    const { forwarded, output } = await paid(shown, {}, hello, { local, event })
    expect(outcomeOf(output)).toBe('settled')
    expect(forwarded?.['body']).toEqual(
      toolCall(
        TOOL,
        { city: 'Bern', headers: { accept: 'text' } },
        { _meta: { progressToken: 1, 'io.modelcontextprotocol/v': 'x' } },
      ),
    )
  },
)

test('a payment sent along with what is free does not get to the target either', async () => {
  const local = await stack()
  const handle = intercept(local, { tools: { free: 'free' }, planId: local.planId })
  const token = local.accessToken()
  const _meta = { 'x402/payment': decodeHeader(token) }
  const free = [
    toolCall('T___free', { headers: { 'X-PAYMENT': token } }, { _meta }),
    { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } },
    { jsonrpc: '2.0', method: 'notifications/initialized', params: { _meta } },
    { jsonrpc: '2.0', id: 1, result: {} },
  ]
  for (const body of free) {
    const headers = { 'payment-signature': token, 'X-Payment': token, [SEAL]: 'forged' }
    const forwarded = forwardedBy(await handle(rawEvent(body, headers)))
    expect(forwarded.headers).toEqual({})
    expect(JSON.stringify(forwarded)).not.toMatch(/payment|eyJ/i)
  }
})

test('a challenge too long for a header goes out in the body', async () => {
  const local = await stack()
  const planIds = Array.from({ length: 30 }, () => local.ledger.addPlan().planId)
  const output = mcpOf(await intercept(local, { planIds })(rawEvent(toolCall(TOOL))))
  expect(challengeOf(output)?.accepts).toHaveLength(30)
  expect(challengeHeaderOf(output)).toBeUndefined()
})

/** A token too long for a header of the Gateway together with what else is sealed. */
function longToken(local: Local): string {
  const payment = decodeHeader(local.accessToken())
  return Buffer.from(JSON.stringify({ ...payment, more: 'x'.repeat(2_500) })).toString('base64')
}

test.each(SHOWN)(
  'a payment too long to be sealed goes on in its header (%s request)',
  async (shown) => {
    const local = await stack()
    const event = () => rawEvent(toolCall(TOOL), { 'payment-signature': longToken(local) })
    const { forwarded, output } = await paid(shown, {}, hello, { local, event })
    const headers = forwarded?.['headers'] as Record<string, string>
    expect(Object.keys(headers).sort()).toEqual(['payment-signature', SEAL])
    expect(headers[SEAL]?.length).toBeLessThanOrEqual(4_096)
    expect(outcomeOf(output)).toBe('settled')
    expect(amounts(local).verify).toHaveLength(shown === 'transformed' ? 1 : 2)
  },
)

test.each(SHOWN)('what cannot be sealed at all is verified again (%s request)', async (shown) => {
  const local = await stack()
  const planIds = [local.planId, ...Array.from({ length: 30 }, () => local.ledger.addPlan().planId)]
  const { forwarded, output } = await paid(shown, { planIds }, hello, { local })
  expect(Object.keys(forwarded?.['headers'] as Fields)).toEqual(['payment-signature'])
  expect(outcomeOf(output)).toBe('settled')
  expect(amounts(local)).toEqual({ verify: ['1', '1'], settle: ['1'] })
})

test.each(SHOWN)(
  'the tool that is forwarded is the one that is priced (%s request)',
  async (shown) => {
    const local = await stack()
    const tools = { cheap: { credits: 1 }, dear: { credits: 5 } }
    const event = () => {
      const call = paidCall(local, {}, toolCall('T___dear')) as { mcp: Fields }
      call.mcp['rawGatewayRequest'] = { body: JSON.stringify(toolCall('T___cheap')) }
      return call
    }
    const { forwarded } = await paid(shown, { tools, planId: local.planId }, hello, {
      local,
      event,
    })
    expect(forwarded?.['body']).toEqual(toolCall('T___dear'))
    expect(amounts(local).settle).toEqual(['5'])
    expect(asked(local, 'settle')[0]?.paymentRequired.resource.url).toBe('mcp://tool/T___dear')
  },
)

test('a payment that stands in the raw text alone is none', async () => {
  const local = await stack()
  const call = rawEvent(toolCall(TOOL)) as { mcp: Fields }
  const _meta = { 'x402/payment': decodeHeader(local.accessToken()) }
  call.mcp['rawGatewayRequest'] = { body: JSON.stringify(toolCall(TOOL, {}, { _meta })) }
  expect(challengeOf(mcpOf(await intercept(local)(call)))?.error).toBe('payment required')
})

test('the name of what is sold is neither the caller’s nor the host’s to choose', async () => {
  const local = await stack()
  for (const headers of [{}, { host: 'b.example', 'x-forwarded-host': 'c.example', origin: 'd' }]) {
    const output = mcpOf(await intercept(local)(rawEvent(toolCall(TOOL), headers)))
    expect(challengeOf(output)?.resource).toEqual({ url: `mcp://tool/${TOOL}` })
  }
})

test('neither outputs nor logs nor hooks tell a payment, a key or a secret', async () => {
  for (const shown of SHOWN) {
    for (const fault of [undefined, 'verify', 'settle'] as const) {
      const local = await stack()
      if (fault) local.faults.set({ route: fault, kind: 'html', times: 9 })
      const { logger, hooks, everything } = recorder()
      const secret = 'the secret of the seller, 32 bytes'
      const tokens = [local.accessToken(), singleUse(local)]
      const secrets = [...secretsOf(local, ...tokens), { name: 'secret', value: secret }]
      const outputs: unknown[] = []
      for (const token of tokens) {
        const handle = intercept(local, { logger, secret, ...hooks })
        const target = result({ content, _meta: { creditsToCharge: 'x' } })
        const event = local.paidEvent(TOOL, {}, token)
        const { output, forwarded } = await bothPhases(handle, event, target, { shown })
        outputs.push(output, forwarded)
      }
      expect(leaks([outputs, everything()], secrets)).toEqual([])
    }
  }
})

test('an answer that is not charged goes out as it came, headers and all', async () => {
  const headers = { 'x-own': 'kept', ETag: '"1"' }
  const free: InterceptorOutput = (
    await paid('transformed', { credits: 0 }, answering({ headers }))
  ).output
  expect(responseOf(free)).toMatchObject({ headers, body: { result: { content } } })
  expect(textOf(free)).toBe('Hello!')
})
