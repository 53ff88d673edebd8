import { expect, test } from '@jest/globals'
import { Payments, createInterceptor, requiresPayment } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import { DOORS, type Door } from '../../support/events.js'
import { rawEvent } from '../../support/doors.js'
import { hello, silent, stack, toolCall } from '../../support/seller.js'

const LONG = 256 * 1024
/** What an answer may hold beside the words of others: a challenge in all its forms. Unit: bytes. */
const OWN = 32 * 1024

/** An answer is at most twice what was sent, and something of its own. */
function expectBounded(output: unknown, sent: unknown): void {
  const size = Buffer.byteLength(JSON.stringify(output))
  expect(size).toBeLessThanOrEqual(2 * Buffer.byteLength(JSON.stringify(sent)) + OWN)
}

const FILLINGS = ['x', '"', '\\', '\u0001', '\u20ac', '\ud800']
const paying = (local: Local) => ({ 'payment-signature': local.accessToken() })
const long = (filling: string) => filling.repeat(LONG / 4)
const paymentsOf = (local: Local) =>
  Payments.getInstance({ nvmApiKey: local.nvmApiKey, backendUrl: local.url })
const withPlan = (local: Local, options: object = {}) => {
  return { payments: paymentsOf(local), planId: local.planId, logger: silent, ...options }
}

const SENT: [string, (filling: string) => object][] = [
  ['an id', (it) => toolCall('T___hello', {}, { id: long(it) })],
  ['the name of a tool', (it) => toolCall(`T___${long(it)}`)],
  ['the name of a target', (it) => toolCall(`${long(it)}___hello`)],
  ['a method', (it) => ({ ...toolCall('T___hello'), method: long(it) })],
  ['an argument', (it) => toolCall('T___hello', { [long(it)]: long(it) })],
  [
    'a payment',
    (it) =>
      toolCall('T___hello', {}, { _meta: { 'x402/payment': { x402Version: 2, [long(it)]: 1 } } }),
  ],
  [
    'a header in the arguments',
    (it) => toolCall('T___hello', { headers: { 'payment-signature': long(it) } }),
  ],
]

const said = ({ statuses }: Door): boolean => statuses !== 'none'

test.each(SENT)('%s of many kilobytes is not said again and again', async (_, sent) => {
  const local = await stack()
  for (const options of [{}, { tools: { hello: { credits: 2 } } }]) {
    const all = withPlan(local, options)
    const sold = requiresPayment(hello, all)
    const { handle } = createInterceptor(all)
    for (const filling of FILLINGS) {
      const body = sent(filling)
      for (const door of DOORS.filter(said)) {
        const event = door.event({ body })
        const own = requiresPayment(hello, { ...all, ...door.options })
        expectBounded(await own(event, door.context({ body })), event)
      }
      for (const headers of [{}, paying(local)]) {
        const event = rawEvent(body, headers)
        expectBounded(await sold(event), event)
        expectBounded(await handle(event), event)
      }
    }
  }
})

test('nor is a path, or the method of a request', async () => {
  const local = await stack()
  const tools = { '/a': { credits: 2 } }
  for (const options of [{}, { tools }]) {
    const all = withPlan(local, { httpEvents: 'http', httpTargets: 'http', ...options })
    const sold = requiresPayment(hello, all)
    for (const [method, path] of [
      ['GET', `/${long('x')}`],
      [long('X'), '/a'],
    ] as const) {
      const requestContext = { http: { method, path } }
      const url = { version: '2.0', rawPath: path, headers: {}, requestContext }
      expectBounded(await sold(url), url)
      const target = {
        http: { gatewayRequest: { path, httpMethod: method, headers: {}, body: '' } },
      }
      expectBounded(await sold(target), target)
      expectBounded(await createInterceptor(all).handle(target), target)
    }
  }
})

const TOLD = [
  'errorReason',
  'payer',
  'network',
  'transaction',
  'orderTx',
  'remainingBalance',
] as const

test.each(['authorization', 'upfront'] as const)(
  'what a facilitator says of a settlement is not said more than twice (%s)',
  async (flow) => {
    const local = await stack()
    const { facilitator } = paymentsOf(local)
    for (const filling of FILLINGS) {
      for (const name of TOLD) {
        for (const success of [true, false]) {
          const answer = { success, transaction: '0x1', network: 'n', [name]: long(filling) }
          const settlePermissions = () => Promise.resolve(answer)
          const sold = requiresPayment(() => ({ isError: flow === 'upfront', content: [] }), {
            facilitator: { ...facilitator, settlePermissions },
            ...{ planId: local.planId, scheme: 'nvm:erc4337', network: 'eip155:84532' },
            ...{ flow, logger: silent },
          })
          expectBounded(await sold(rawEvent(toolCall('T___a'), paying(local))), answer)
        }
      }
    }
  },
)

test.each<[string, object]>([
  ['a reason', { isValid: false, invalidReason: long('x') }],
  ['a payer', { isValid: true, payer: long('x') }],
])('nor is %s of a verification', async (_, verification) => {
  const local = await stack()
  const { facilitator } = paymentsOf(local)
  const verifyPermissions = () => Promise.resolve(verification)
  const sold = requiresPayment(hello, {
    facilitator: { ...facilitator, verifyPermissions },
    ...{ planId: local.planId, scheme: 'nvm:erc4337', network: 'eip155:84532', logger: silent },
  })
  expectBounded(await sold(rawEvent(toolCall('T___a'), paying(local))), verification)
})

test('nor is the code of a failure', async () => {
  const local = await stack()
  const { facilitator } = paymentsOf(local)
  for (const code of [
    `BCK.${'A'.repeat(LONG)}.1`,
    `BCK.X402.${'1'.repeat(LONG)}`,
    `http_${'4'.repeat(LONG)}`,
  ]) {
    const failing = () => Promise.reject(Object.assign(new Error('no'), { code }))
    for (const method of ['verifyPermissions', 'settlePermissions']) {
      const sold = requiresPayment(hello, {
        facilitator: { ...facilitator, [method]: failing },
        ...{ planId: local.planId, scheme: 'nvm:erc4337', network: 'eip155:84532', logger: silent },
      })
      expectBounded(await sold(rawEvent(toolCall('T___a'), paying(local))), { code })
    }
  }
})
