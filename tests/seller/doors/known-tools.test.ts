import { expect, test } from '@jest/globals'
import { DOORS as EVENTS } from '../../support/events.js'
import { rawEvent, visitAll } from '../../support/doors.js'
import { amounts } from '../../support/recorded.js'
import { hello, responseOf, sell, stack, toolCall } from '../../support/seller.js'
import { intercept } from '../phases/support/phases.js'

const UNKNOWN = { error: { code: -32602, message: 'Unknown tool' } }

/** Through every door: refused as unknown, nothing run, nobody asked for money. */
async function expectUnknown(name: string, options: object): Promise<void> {
  const event = (local: { paidEvent: (name: string) => Record<string, unknown> }) =>
    local.paidEvent(name)
  for (const { output, ran, local } of await visitAll({ event, options })) {
    const { body, headers } = responseOf(output)
    expect(body).toEqual({ jsonrpc: '2.0', id: 1, ...UNKNOWN })
    expect(headers['payment-required']).toBeUndefined()
    expect(ran).toEqual([])
    expect(amounts(local)).toEqual({ verify: [], settle: [] })
  }
}

/** Through every door: sold for so many credits. */
async function expectSold(name: string, options: object, credits: number): Promise<void> {
  const event = (local: { paidEvent: (name: string) => Record<string, unknown> }) =>
    local.paidEvent(name)
  for (const { local, ran } of await visitAll({ event, options })) {
    expect(ran).toHaveLength(1)
    expect(local.balance()).toBe(100n - BigInt(credits))
  }
}

const onPlan =
  (options: object) =>
  ({ planId }: { planId: string }) =>
    ({ planId, ...options }) as object

test.each(['No___such', 'T___Hello', 'T___hello2', 'hello', ''.padEnd(300, 'x')])(
  'of a seller that lists the tools, %p is none',
  async (name) => {
    await expectUnknown(name, onPlan({ toolNames: ['T___hello', 'add'] }))
  },
)

test.each(['T___hello', 'T___add', 'Other___add', 'add'])(
  'of a seller that lists the tools, %p is one',
  async (name) => {
    await expectSold(name, onPlan({ toolNames: ['T___hello', 'add'] }), 1)
  },
)

test('rows beside the list have their own price', async () => {
  const options = onPlan({ toolNames: ['T___hello'], tools: { T___dear: { credits: 5 } } })
  await expectSold('T___dear', options, 5)
  await expectSold('T___hello', options, 1)
  await expectUnknown('T___other', options)
})

test('a list without a price beside it is refused when the wrapper is made', async () => {
  const local = await stack()
  const options = { tools: { a: { planId: local.planId } }, toolNames: ['b'] }
  expect(() => sell(local, hello, options)).toThrow('toolNames: only together with planId')
})

test('without rows and list, any name is sold', () => expectSold('No___such', onPlan({}), 1))

/** `T___dear` costs 5, a bare `cheap` nothing more than the default. */
const ROWS = onPlan({ tools: { T___dear: { credits: 5 }, Süß: { credits: 5 }, gift: 'free' } })

test.each([
  't___dear',
  'T___DEAR',
  'T___d\u200bear',
  'T___\uff44ear',
  'T\uff3f\uff3f\uff3fdear',
  '\ufeffT___dear',
  'T___dear ',
  'T___dear\u0000',
  'SÜSS',
  'X___S\u0075\u0308ß',
  'X___süß',
  'GIFT',
  'X___G\u0131ft',
])('%p is no way to another price than that of the row it resembles', async (name) => {
  await expectUnknown(name, ROWS)
})

test('where a full name has a row, the bare row of another spelling is not taken', async () => {
  const tools = { T___dear: { credits: 5 }, DEAR: { credits: 1 } }
  await expectUnknown('t___dear', onPlan({ tools }))
  await expectSold('X___DEAR', onPlan({ tools }), 1)
})

test('two rows that differ in case are two tools', async () => {
  const options = onPlan({ tools: { list: { credits: 2 }, List: { credits: 3 } } })
  await expectSold('T___list', options, 2)
  await expectSold('T___List', options, 3)
  await expectUnknown('T___LIST', options)
})

const TWICE: [string, string][] = [
  ['params', 'param\u017f'],
  ['params', 'PARAM\u017f'],
  ['jsonrpc', 'j\u017fonrpc'],
  ['method', 'Method'],
  ['id', '\u0130d'],
]

test.each(TWICE)('a call with %s and %s is refused by every door', async (name, other) => {
  const dear = { name: 'T___dear', arguments: {} }
  const value = name === 'params' ? dear : 'tools/call'
  const call = { ...toolCall('T___cheap'), [other]: value }
  const options = onPlan({ tools: { T___cheap: 'free', T___dear: { credits: 5 } } })
  for (const { output, ran } of await visitAll({ event: () => rawEvent(call), options })) {
    expect(responseOf(output).body).toMatchObject({ error: { code: -32600 } })
    expect(ran).toEqual([])
  }
})

test.each<[string, object]>([
  ['a name', { name: 'free', Name: 'dear' }],
  ['arguments', { name: 'free', argumentſ: { a: 1 } }],
  ['a task', { name: 'free', taſK: { ttl: 1 } }],
  ['a uri', { name: 'free', URI: 'file:///a' }],
  ['_meta', { name: 'free', _META: {} }],
  ['a payment', { name: 'free', _meta: { 'X402/Payment': {} } }],
  ['headers', { name: 'free', arguments: { Headerſ: { 'payment-signature': 'x' } } }],
])('%s in a second spelling is refused in every shape of event', async (_, params) => {
  const local = await stack()
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
  const tools = { free: 'free' as const, dear: { planId: local.planId } }
  for (const door of EVENTS.filter(({ statuses }) => statuses !== 'none')) {
    const sold = sell(local, hello, { ...door.options, tools })
    const output: unknown = await sold(door.event({ body }), door.context({ body }))
    expect(door.said(output).message).toMatchObject({ error: { code: -32600 } })
  }
  const output = await intercept(local, { tools })(rawEvent(body))
  expect(JSON.stringify(output)).toContain('-32600')
})

test('of a member that comes twice, the handler sees the one that was priced', async () => {
  const local = await stack()
  const tools = { cheap: 'free' as const, dear: { planId: local.planId } }
  const text = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
  const twins = [
    `${text}{"name":"dear"},"params":{"name":"cheap"}}`,
    `${text}{"name":"dear","name":"cheap","arguments":{}}}`,
    `${text}{"n\\u0061me":"dear","name":"cheap"}}`,
  ]
  for (const door of EVENTS.filter(({ isHttp }) => isHttp)) {
    for (const body of twins) {
      const seen: string[] = []
      const handler = (event: unknown) => {
        seen.push(JSON.stringify(event), ...bodiesIn(event))
        return 'Hello!'
      }
      const sold = sell(local, handler, { ...door.options, tools })
      await sold(door.event({ body }), door.context({ body }))
      expect(seen.join()).toContain('cheap')
      expect(seen.join()).not.toContain('dear')
    }
  }
})

/** Bodies that are base64. */
function bodiesIn(event: unknown): string[] {
  const { body, http } = event as { body?: string; http?: { gatewayRequest: { body: string } } }
  return [body, http?.gatewayRequest.body].flatMap((it) =>
    it === undefined ? [] : [Buffer.from(it, 'base64').toString()],
  )
}
