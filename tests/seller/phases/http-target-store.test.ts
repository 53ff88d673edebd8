import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import type { Local } from '../../../src/local/index.js'
import { COME_BACK } from '../../support/caching.js'
import { RuntimeContext } from '../../support/events.js'
import {
  bothHttpPhases,
  httpContext,
  memoryStore,
  type HttpAnswer,
  type HttpPlay,
  type HttpRequest,
} from './support/http-phases.js'
import { intercept } from './support/phases.js'
import { stack } from '../../support/seller.js'

const SECRET = 'a secret of the seller, 32 bytes or more'

/** One paid request through both phases, unless the options say otherwise. */
async function buy(
  request: HttpRequest = {},
  answer: HttpAnswer = { body: 'Hello!' },
  { options = {}, ...play }: HttpPlay & { options?: object } = {},
) {
  const local = await stack()
  const store = memoryStore()
  const handle = intercept(local, { store, ...options })
  const paid = { token: local.accessToken(), ...request }
  const played = await bothHttpPhases(handle, paid, () => answer, play)
  return { local, store, handle, ...played }
}

function expectNobodyCharged(local: Local): void {
  expect(local.ledger.settlements).toEqual([])
  expect(local.balance()).toBe(100n)
}

test.each<[string, HttpPlay & { options?: object }]>([
  ['there is no store', { options: { store: undefined } }],
  ['the Gateway gives no id', { context: httpContext(null) }],
  ['the id is empty', { context: httpContext('') }],
  ['the id is a number', { context: httpContext(7) }],
  ['there is no client context', { context: new RuntimeContext() as unknown as Context }],
  ['the secret cannot be had', { options: { secret: () => Promise.reject(new Error('denied')) } }],
  ['the secret is short', { options: { secret: () => 'short' } }],
  [
    'the store refuses',
    { options: { store: { ...memoryStore(), put: () => Promise.reject(new Error('full')) } } },
  ],
  [
    'the store breaks',
    {
      options: {
        store: {
          ...memoryStore(),
          put: () => {
            throw new Error('full')
          },
        },
      },
    },
  ],
])('nothing reaches the target where %s, paid or not', async (_, play) => {
  for (const request of [{}, { path: '/free' }]) {
    const tools = { '/free': 'free' as const, '/hello': {} }
    const local = await stack()
    const sold = { planId: local.planId, tools, store: memoryStore(), ...play.options }
    const paid = { token: local.accessToken(), ...request }
    const { got, forwarded } = await bothHttpPhases(intercept(local, sold), paid, undefined, play)
    expect(got.status).toBe(503)
    expect(got.headers).toEqual({ 'Content-Type': 'application/json', ...COME_BACK })
    expect(JSON.parse(got.body.toString())).toEqual({
      error:
        'The seller cannot take payments right now. Try again later, with the same payment if you sent one. You were not charged for this call.',
    })
    expect(forwarded).toBeUndefined()
    expectNobodyCharged(local)
  }
})

/** What a store may do to an entry between the phases. */
const LOSSES: [string, (store: ReturnType<typeof memoryStore>) => unknown][] = [
  ['forgets', (store) => store.entries.clear()],
  ['breaks', (store) => (store.take = () => Promise.reject(new Error('gone')))],
  ['gives back null', (store) => (store.take = async () => null)],
  ['gives back junk', (store) => (store.take = async () => 'junk')],
  ['gives back an object', (store) => (store.take = async () => ({}) as unknown as string)],
  [
    'changes what it keeps',
    (store) => {
      for (const [key, value] of store.entries) {
        store.entries.set(
          key,
          `${value.slice(0, 40)}${value[40] === 'A' ? 'B' : 'A'}${value.slice(41)}`,
        )
      }
    },
  ],
]

async function lost(answer: HttpAnswer, lose: (typeof LOSSES)[number][1]) {
  const local = await stack()
  const store = memoryStore()
  const paid = { token: local.accessToken() }
  const play = { meanwhile: () => lose(store) }
  const handle = intercept(local, { store })
  const { got, outputs } = await bothHttpPhases(handle, paid, () => answer, play)
  expect(JSON.stringify([outputs, got.body.toString()])).not.toContain('Hello!')
  expectNobodyCharged(local)
  return got
}

test.each(LOSSES)(
  'a store that %s costs nobody anything, and nothing gets out',
  async (_, lose) => {
    for (const status of [200, 302, 500]) {
      const got = await lost({ body: 'Hello!', status }, lose)
      expect(got).toMatchObject({ status: 503, headers: { 'Content-Type': 'application/json' } })
      expect(JSON.parse(got.body.toString())).toEqual({
        error: 'The seller cannot answer right now',
      })
    }
    const elsewhere = { status: 302, headers: { location: 'https://files.example/Hello!' } }
    expect((await lost(elsewhere, lose)).status).toBe(503)
  },
)

test.each(LOSSES)('a store that %s lets no body out unseen either', async (_, lose) => {
  const got = await lost({ body: 'Hello!', isBodyHidden: true }, lose)
  expect(got.status).toBe(503)
})

test('a response whose request is of another Gateway does not get out', async () => {
  const { got, local } = await buy({}, undefined, { after: httpContext('of-another') })
  expect(got.status).toBe(503)
  expectNobodyCharged(local)
})

test('entries that a store mixes up are not taken for each other', async () => {
  const local = await stack()
  const other = local.ledger.addAccount()
  local.ledger.credit(local.planId, other.address, 100n)
  const store = memoryStore()
  const tools = { '/hello': { credits: 1 }, '/dear': { credits: 50 }, '/free': 'free' as const }
  const handle = intercept(local, { store, planId: local.planId, tools })
  const contexts = ['a', 'b'].map((id) => httpContext(id)) as [Context, Context]
  const swap = () => {
    const [[a, first], [b, second]] = [...store.entries] as [[string, string], [string, string]]
    store.entries.set(a, second).set(b, first)
  }
  const dear = bothHttpPhases(
    handle,
    { path: '/dear', token: local.accessToken({ from: other.address }) },
    undefined,
    {
      context: contexts[0],
      meanwhile: async () => {
        const free = { path: '/free' }
        await bothHttpPhases(handle, free, undefined, { context: contexts[1], meanwhile: swap })
      },
    },
  )
  const { got } = await dear
  expect(got.status).toBe(503)
  expectNobodyCharged(local)
  expect(local.ledger.balance(local.planId, other.address)).toBe(100n)
})

test('what the store keeps is sealed, for fifteen minutes, under the id of the Gateway', async () => {
  const store = memoryStore()
  const local = await stack()
  const token = local.accessToken()
  let kept: [string, string][] = []
  await bothHttpPhases(intercept(local, { store, secret: SECRET }), { token }, undefined, {
    context: httpContext('request-of-the-gateway'),
    meanwhile: () => (kept = [...store.entries]),
  })
  expect(kept).toEqual([['request-of-the-gateway', expect.stringMatching(/^[\w-]+$/)]])
  const [[, value]] = kept as [[string, string]]
  expect(Buffer.from(value, 'base64url').toString('latin1')).not.toContain(local.planId)
  // Put back for a response that is handed over again.
  expect(store.ttls).toEqual([960, 960])
  expect([...store.entries.keys()]).toEqual(['request-of-the-gateway'])
})

test('an entry is of no use later than that', async () => {
  let clockMs = 1_000_000
  const after = (ms: number) =>
    buy({}, undefined, {
      options: { now: () => clockMs },
      meanwhile: () => (clockMs += ms),
    })
  expect((await after(899_999)).got.status).toBe(200)
  expect((await after(960_000)).got.status).toBe(503)
})

test('an entry of an interceptor with another secret is not taken', async () => {
  const local = await stack()
  const store = memoryStore()
  const one = intercept(local, { store, secret: `${SECRET} one` })
  const two = intercept(local, { store, secret: `${SECRET} two` })
  const phases = (event: unknown, context?: Context) =>
    JSON.stringify(event).includes('"gatewayRequest":null')
      ? two(event, context)
      : one(event, context)
  const { got } = await bothHttpPhases(phases, { token: local.accessToken() })
  expect(got.status).toBe(503)
  expectNobodyCharged(local)
})
