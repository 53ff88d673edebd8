import { expect, test } from '@jest/globals'
import { HTTPFacilitatorClient } from '../../../src/index.js'
import { createFacilitators } from '../../../src/facilitators/failover.js'
import { assetRail } from '../../../src/seller/rails/asset-rail.js'
import type { AskedOutcome } from '../../../src/seller/rails/rail.js'
import {
  facilitatorServer,
  json,
  silence,
  type Answering,
} from '../../facilitators/support/facilitator-server.js'
import {
  CANCELED,
  TRANSFER,
  USED,
  rpcStub,
  type StubChain,
  type StubLog,
} from './support/rpc-stub.js'

const NETWORK = 'eip155:84532'
const ASSET = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
const SHOP = `0x${'1'.repeat(40)}`
const OTHER = `0x${'2'.repeat(40)}`
const PAYER = `0x${'bB'.repeat(20)}`
const NONCE = `0x${'5a'.repeat(32)}`
const SECOND_NONCE = `0x${'5b'.repeat(32)}`
const [TX, OTHER_TX] = [`0x${'a1'.repeat(32)}`, `0x${'a2'.repeat(32)}`]
const ENDS_AT = 1_800_000_000
const AUTHORIZATION = {
  ...{ from: PAYER, to: SHOP, value: '10000', validAfter: '0', validBefore: String(ENDS_AT) },
  nonce: NONCE,
}
const REQUIREMENTS = {
  ...{ scheme: 'exact', network: NETWORK, amount: '10000', asset: ASSET, payTo: SHOP },
  ...{ maxTimeoutSeconds: 60, extra: {} },
}
const PAYLOAD = { x402Version: 2, payload: { signature: '0x', authorization: AUTHORIZATION } }

const word = (address: string) => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`
const units = (amount: number) => `0x${amount.toString(16).padStart(64, '0')}`

function log(topics: string[], data = '0x', more: Partial<StubLog> = {}): StubLog {
  return { address: ASSET, topics, data, blockNumber: 9_990, transactionHash: TX, ...more }
}
const used = (nonce = NONCE, more: Partial<StubLog> = {}) =>
  log([USED, word(PAYER), nonce], '0x', more)
const moved = (to = SHOP, amount = 10_000, more: Partial<StubLog> = {}) =>
  log([TRANSFER, word(PAYER), word(to)], units(amount), more)

/** A chain on which the payment was used, unless told otherwise. */
function chainWith(logs: StubLog[], more: Partial<StubChain> = {}): StubChain {
  return {
    ...{ chainId: 84_532, latest: 10_000, isUsed: () => logs.length > 0, logs },
    finalized: { number: 9_900, timestamp: ENDS_AT - 1_000 },
    receipts: { [TX]: '0x1', [OTHER_TX]: '0x1' },
    ...more,
  }
}

interface Looked {
  rpcUrls?: Record<string, string | string[]>
  payload?: Record<string, unknown>
  asked?: Partial<AskedOutcome>
  scheme?: string
  timeoutMs?: number
  status?: Answering
}

async function look(looked: Looked) {
  const { rpcUrls, payload = PAYLOAD, asked = {}, timeoutMs = 5_000, scheme = 'exact' } = looked
  const server = await facilitatorServer(looked.status ? { '/status/id-1': looked.status } : {})
  const client = new HTTPFacilitatorClient({ url: server.url, statusPath: 'status' })
  const requirements = { ...REQUIREMENTS, scheme }
  const resource = { url: 'mcp://tool/t' }
  const offer = { x402Version: 2 as const, resource, accepts: [requirements], extensions: {} }
  const facilitators = createFacilitators([client], Date.now)
  const rail = assetRail({ facilitators, requirements, offer, rpcUrls })
  const call = { timeoutMs, correlationId: 'call-1' }
  return rail.outcomeOf({ payload }, { amount: 10_000n, ...asked }, call)
}

async function onChain(chain: StubChain, looked: Looked = {}) {
  const { url } = await rpcStub(chain)
  return look({ rpcUrls: { [NETWORK]: url }, ...looked })
}

const UNKNOWN = { kind: 'unknown', isPending: false }
const settledBy = (transaction: string) => ({
  kind: 'settled',
  settlement: {
    settled: { success: true, transaction, network: NETWORK, payer: PAYER, amount: '10000' },
    creditsUsed: 0n,
    inV1: false,
  },
})

test.each<[string, StubChain, Looked]>([
  ['by its log', chainWith([used(), moved()]), {}],
  ['by its log, paid first', chainWith([moved(), used()]), {}],
  [
    'by the transaction that is named',
    chainWith([used(), moved()]),
    { asked: { transaction: TX } },
  ],
  [
    'by its log, where another transaction is named',
    chainWith([used(), moved()]),
    { asked: { transaction: OTHER_TX } },
  ],
  [
    'by its log, where what is named is no transaction',
    chainWith([used(), moved()]),
    { asked: { transaction: 'pi_1' } },
  ],
  ['among others that are like it', chainWith([used(), moved(), used(SECOND_NONCE), moved()]), {}],
  [
    'long ago',
    chainWith([used(NONCE, { blockNumber: 3 }), moved(SHOP, 10_000, { blockNumber: 3 })]),
    {},
  ],
])('a payment that was settled is found on the chain %s', async (_, chain, looked) => {
  expect(await onChain(chain, looked)).toEqual(settledBy(TX))
})

test.each<[string, StubChain]>([
  ['it paid somebody else', chainWith([used(), moved(OTHER)])],
  ['it paid less', chainWith([used(), moved(SHOP, 9_999)])],
  ['it paid in another token', chainWith([used(), moved(SHOP, 10_000, { address: OTHER })])],
  ['nothing was paid', chainWith([used()])],
  ['the transaction was reverted', chainWith([used(), moved()], { receipts: { [TX]: '0x0' } })],
  ['there is no receipt', chainWith([used(), moved()], { receipts: {} })],
  [
    'the block is none any more',
    chainWith([used(NONCE, { removed: true }), moved(SHOP, 10_000, { removed: true })]),
  ],
  [
    'another authorization may have paid us',
    chainWith([used(), moved(OTHER), used(SECOND_NONCE), moved()]),
  ],
  ['the payer paid us in another way beside it', chainWith([used(), moved(OTHER), moved()])],
  ['no log says where', chainWith([], { isUsed: () => true })],
  ['it is unused and still good', chainWith([])],
  [
    'it is over, and not finally unused',
    chainWith([], { finalized: { number: 9_900, timestamp: ENDS_AT } }),
  ],
  [
    'it was used after the finalised block',
    chainWith([], {
      isUsed: (block) => block !== 'latest',
      finalized: { number: 9_900, timestamp: ENDS_AT + 1 },
    }),
  ],
  ['the chain knows no finality', chainWith([], { finalized: null })],
])('a payment stays unknown where %s', async (_, chain) => {
  expect(await onChain(chain)).toEqual(UNKNOWN)
})

test.each<[string, StubChain]>([
  ['it was cancelled', chainWith([log([CANCELED, word(PAYER), NONCE])])],
  [
    'it is unused at a finalised block after its end',
    chainWith([], { finalized: { number: 9_900, timestamp: ENDS_AT + 1 } }),
  ],
])('a payment was not settled, and will not be, where %s', async (_, chain) => {
  expect(await onChain(chain)).toEqual({ kind: 'not-settled' })
})

const EXPIRED = { finalized: { number: 9_900, timestamp: ENDS_AT + 1 } }
test.each<[string, StubChain]>([
  ['is of another chain', chainWith([], { chainId: 8_453, ...EXPIRED })],
  ['answers with errors', chainWith([], { instead: { eth_call: 'error' }, ...EXPIRED })],
  ['knows no such token', chainWith([], { instead: { eth_call: 'nothing' }, ...EXPIRED })],
  ['answers with a page', chainWith([], { instead: { eth_chainId: 'html' }, ...EXPIRED })],
  ['refuses to look for logs', chainWith([used(), moved()], { instead: { eth_getLogs: 'error' } })],
])('an endpoint that %s says nothing, and the next one is asked', async (_, chain) => {
  expect(await onChain(chain)).toEqual(UNKNOWN)
  const [wrong, right] = [await rpcStub(chain), await rpcStub(chainWith([used(), moved()]))]
  const rpcUrls = { [NETWORK]: [wrong.url, right.url] }
  expect(await look({ rpcUrls })).toEqual(settledBy(TX))
})

test.each([['http://127.0.0.1:1'], ['http://127.0.0.1:1', 'http://127.0.0.1:1']])(
  'where nobody listens, nothing is known',
  async (...urls) => {
    expect(await look({ rpcUrls: { [NETWORK]: urls } })).toEqual(UNKNOWN)
  },
)

test.each(['eth_chainId', 'eth_getLogs', 'eth_getTransactionReceipt'])(
  'an endpoint that never answers %s leaves time for the next, and the look-up ends',
  async (method) => {
    const silent = await rpcStub(chainWith([used(), moved()], { instead: { [method]: 'silence' } }))
    const right = await rpcStub(chainWith([used(), moved()]))
    const startedAt = performance.now()
    const [one, both] = await Promise.all([
      look({ rpcUrls: { [NETWORK]: silent.url }, timeoutMs: 300 }),
      look({ rpcUrls: { [NETWORK]: [silent.url, right.url] }, timeoutMs: 600 }),
    ])
    expect([one, both]).toEqual([UNKNOWN, settledBy(TX)])
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  },
)

test('a look-up of what is old is not without end', async () => {
  const chain = chainWith([], { isUsed: () => true, latest: 90_000_000 })
  const { url, asked } = await rpcStub(chain)
  expect(await look({ rpcUrls: { [NETWORK]: url } })).toEqual(UNKNOWN)
  expect(asked.filter(({ method }) => method === 'eth_getLogs')).toHaveLength(22)
})

test.each<[string, Looked]>([
  ['a chain that is not given', { rpcUrls: { 'eip155:1': 'http://127.0.0.1:1' } }],
  [
    'a name of every object',
    {
      rpcUrls: Object.create({ [NETWORK]: 'http://127.0.0.1:1' }) as object as Record<
        string,
        string
      >,
    },
  ],
  ['no chains', {}],
  ['a permission by Permit2', { payload: { payload: { permit2Authorization: {} } } }],
  ['two signatures', { payload: { payload: { ...PAYLOAD.payload, permit2Authorization: {} } } }],
  ['a transaction', { payload: { payload: { transaction: 'AQID' } } }],
  [
    'a nonce of another length',
    { payload: { payload: { authorization: { ...AUTHORIZATION, nonce: '0x5a' } } } },
  ],
  ['no end', { payload: { payload: { authorization: { ...AUTHORIZATION, validBefore: null } } } }],
  ['no payload', { payload: {} }],
  ['upto', { scheme: 'upto' }],
])('of %s no chain is asked', async (_, looked) => {
  const { url, asked } = await rpcStub(chainWith([used(), moved()]))
  const rpcUrls = 'payload' in looked || 'scheme' in looked ? { [NETWORK]: url } : looked.rpcUrls
  const given = rpcUrls === undefined ? looked : { ...looked, rpcUrls }
  expect(await look(given)).toEqual(UNKNOWN)
  expect(asked).toEqual([])
})

const COMPLETED = { status: 'completed', transaction: OTHER_TX, payer: PAYER, amount: '10000' }
test('the facilitator is asked by the id of the settlement before the chain is', async () => {
  const { url, asked } = await rpcStub(chainWith([used(), moved()]))
  const known = { rpcUrls: { [NETWORK]: url }, asked: { settlementId: 'id-1' } }
  expect(await look({ ...known, status: COMPLETED })).toEqual(settledBy(OTHER_TX))
  expect(await look({ ...known, status: { status: 'failed' } })).toEqual({ kind: 'not-settled' })
  expect(asked).toEqual([])
  for (const status of [{ status: 'pending' }, { status: 'held' }, json(500, {}), silence]) {
    expect(await look({ ...known, status, timeoutMs: 1_000 })).toEqual(settledBy(TX))
  }
})

test.each<[string, Answering, boolean]>([
  ['pending', { status: 'pending', transaction: TX }, true],
  ['of no known kind', { status: 'held', transaction: TX }, false],
])('what is %s at the facilitator keeps its names', async (_, status, isPending) => {
  const asked = { settlementId: 'id-1' }
  const names = { transaction: TX, settlementId: 'id-1' }
  expect(await look({ asked, status })).toEqual({ kind: 'unknown', isPending, ...names })
})
