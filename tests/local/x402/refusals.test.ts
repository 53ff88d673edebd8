import { expect, test } from '@jest/globals'
import { NOW_MS, inSeconds, now } from '../../support/clock.js'
import { stack } from '../../support/seller.js'
import {
  ask,
  BODIES,
  exactBody,
  fundedAccount,
  SHOP,
  uptoBody,
  type Account,
  type Kind,
  type PaymentBody,
  type Terms,
} from '../../seller/money/support/x402-payments.js'
import type { Local } from '../../../src/local/index.js'

const OTHER = '0x2222222222222222222222222222222222222222'
type Record_ = Record<string, unknown>

/** Verify and settle must agree on why, and nothing may move. */
async function expectRefusal(local: Local, body: unknown, reason: string): Promise<void> {
  const verified = await ask(local, 'verify', body)
  expect([verified.status, verified.body['isValid']]).toEqual([200, false])
  const settled = await ask(local, 'settle', body)
  expect([settled.status, settled.body['success'], settled.body['transaction']]).toEqual([
    200,
    false,
    '',
  ])
  expect([verified.body['invalidReason'], settled.body['errorReason']]).toEqual([reason, reason])
  expect(local.x402.settlements).toEqual([])
}

const EXACT = 'invalid_exact_evm'

test.each<[string, Terms, string]>([
  ['to somebody else', { signedPayTo: OTHER }, `${EXACT}_recipient_mismatch`],
  ['of less', { signedAmount: '9999' }, `${EXACT}_payload_authorization_value_mismatch`],
  ['of more', { signedAmount: '10001' }, `${EXACT}_payload_authorization_value_mismatch`],
  ['beyond the balance', { amount: '1000001' }, `${EXACT}_insufficient_balance`],
  ['of another name', { name: 'USD Coin' }, `${EXACT}_token_name_mismatch`],
  ['of another version', { version: '1' }, `${EXACT}_token_version_mismatch`],
  ['without a name', { name: '' }, `${EXACT}_missing_eip712_domain`],
  ['about to expire', { validBefore: inSeconds(3) }, `${EXACT}_payload_authorization_valid_before`],
  ['not yet valid', { validAfter: inSeconds(3_000) }, `${EXACT}_payload_authorization_valid_after`],
])('exact: a payment %s is refused', async (_, terms, reason) => {
  const local = await stack({ now })
  await expectRefusal(local, await exactBody(local, await fundedAccount(local), terms), reason)
})

test.each<[string, Terms, string]>([
  ['of less', { signedAmount: '9999' }, `${EXACT}_authorization_value`],
  ['to somebody else', { signedPayTo: OTHER }, `${EXACT}_recipient_mismatch`],
])('exact of v1: a payment %s is refused', async (_, terms, reason) => {
  const local = await stack({ now })
  const account = await fundedAccount(local)
  await expectRefusal(local, await BODIES['exact of v1'](local, account, terms), reason)
})

test.each<[string, Parameters<typeof uptoBody>[2], string]>([
  ['to somebody else', { signedPayTo: OTHER }, 'invalid_permit2_recipient_mismatch'],
  ['for another facilitator', { facilitator: OTHER }, 'upto_facilitator_mismatch'],
  ['by another spender', { spender: OTHER }, 'invalid_permit2_spender'],
  ['of another token', { token: OTHER }, 'permit2_token_mismatch'],
  ['about to expire', { validBefore: inSeconds(3) }, 'permit2_deadline_expired'],
  ['not yet valid', { validAfter: inSeconds(3_000) }, 'permit2_not_yet_valid'],
  ['beyond the balance', { amount: '1000001' }, 'permit2_insufficient_balance'],
])('upto: a payment %s is refused', async (_, terms, reason) => {
  const local = await stack({ now })
  await expectRefusal(local, await uptoBody(local, await fundedAccount(local), terms), reason)
})

test('upto: verify takes the amount that was signed and no other', async () => {
  const local = await stack()
  const account = await fundedAccount(local)
  const body = await uptoBody(local, account, { amount: '10', signedAmount: '20' })
  const { body: verified } = await ask(local, 'verify', body)
  expect(verified).toMatchObject({ isValid: false, invalidReason: 'permit2_amount_mismatch' })
})

const SIGNATURES: Record<Kind, string> = {
  exact: `${EXACT}_signature`,
  'exact of v1': `${EXACT}_signature`,
  upto: 'invalid_permit2_signature',
}

/** The body with other members in its payload. */
function withPayload(body: PaymentBody, edit: (payload: Record_) => Record_): PaymentBody {
  const { paymentPayload } = body
  const payload = edit(structuredClone(paymentPayload['payload']) as Record_)
  return { ...body, paymentPayload: { ...paymentPayload, payload } }
}

const FORGERIES: [string, (signature: string, stranger: string) => string][] = [
  ['of somebody else', (_, stranger) => stranger],
  [
    'with a bit that differs',
    (it) => it.slice(0, 20) + (it[20] === '0' ? '1' : '0') + it.slice(21),
  ],
  ['that ends in 0 or 1', (it) => it.slice(0, -2) + (it.endsWith('1b') ? '00' : '01')],
  ['that is short', (it) => it.slice(0, -2)],
  ['that is no hex', (it) => `${it.slice(0, -2)}zz`],
  ['of zeros', () => `0x${'0'.repeat(130)}`],
  ['that is empty', () => ''],
]

test.each(
  Object.keys(SIGNATURES).flatMap((kind) =>
    FORGERIES.map(([what, forge]) => [kind as Kind, what, forge] as const),
  ),
)('%s: a signature %s is refused', async (kind, _, forge) => {
  const local = await stack()
  const account = await fundedAccount(local)
  const stranger = await BODIES[kind](local, await fundedAccount(local))
  const theirs = (stranger.paymentPayload['payload'] as Record_)['signature'] as string
  const body = withPayload(await BODIES[kind](local, account), (payload) => ({
    ...payload,
    signature: forge(payload['signature'] as string, theirs),
  }))
  await expectRefusal(local, body, SIGNATURES[kind])
})

const SIGNED: [Kind, string, unknown][] = [
  ['exact', 'authorization.from', OTHER],
  ['exact', 'authorization.nonce', `0x${'0'.repeat(64)}`],
  ['exact', 'authorization.validAfter', '1'],
  ['exact', 'authorization.validBefore', '9999999999'],
  ['exact of v1', 'authorization.validBefore', '9999999999'],
  ['upto', 'permit2Authorization.from', OTHER],
  ['upto', 'permit2Authorization.nonce', '1'],
  ['upto', 'permit2Authorization.deadline', '9999999999'],
  ['upto', 'permit2Authorization.witness.validAfter', '1'],
]

test.each(SIGNED)('%s: %s cannot be changed once it is signed', async (kind, path, value) => {
  const local = await stack()
  const body = await BODIES[kind](local, await fundedAccount(local))
  const edited = withPayload(body, (payload) => {
    const names = path.split('.')
    const last = names.pop() ?? ''
    const holder = names.reduce((one, name) => one[name] as Record_, payload)
    holder[last] = value
    return payload
  })
  await expectRefusal(local, edited, SIGNATURES[kind])
})

type Edit = (body: PaymentBody) => unknown
const required =
  (more: Record_): Edit =>
  (body) => ({ ...body, paymentRequirements: { ...body.paymentRequirements, ...more } })
const paid =
  (more: Record_): Edit =>
  (body) => ({ ...body, paymentPayload: { ...body.paymentPayload, ...more } })

test.each<[string, Edit, string]>([
  ['another network', required({ network: 'eip155:8453' }), 'invalid_network'],
  ['the network of v1', required({ network: 'base-sepolia' }), 'invalid_network'],
  ['another asset', required({ asset: OTHER }), 'asset_not_deployed_contract'],
  ['another scheme', required({ scheme: 'batch-settlement' }), 'unsupported_scheme'],
  ['an amount with a fraction', required({ amount: '1.5' }), 'invalid_payment_requirements'],
  ['no recipient', required({ payTo: null }), 'invalid_payment_requirements'],
  ['no domain', required({ extra: null }), `${EXACT}_missing_eip712_domain`],
  ['an acceptance of another scheme', accepting({ scheme: 'upto' }), `${EXACT}_scheme`],
  [
    'an acceptance of another network',
    accepting({ network: 'eip155:8453' }),
    `${EXACT}_network_mismatch`,
  ],
  ['a payment of another version', paid({ x402Version: 1 }), 'invalid_x402_version'],
  ['a version that is unknown', (body) => ({ ...body, x402Version: 3 }), 'invalid_x402_version'],
  ['nothing accepted', paid({ accepted: null }), 'invalid_payload'],
  ['nothing signed', paid({ payload: {} }), 'invalid_payload'],
  [
    'a permit in place of a transfer',
    paid({ payload: { signature: '0x', permit2Authorization: {} } }),
    'unsupported_payload_type',
  ],
])('%s is refused by its name', async (_, edit, reason) => {
  const local = await stack()
  const body = await exactBody(local, await fundedAccount(local))
  await expectRefusal(local, edit(body), reason)
})

function accepting(more: Record_): Edit {
  return (body) =>
    paid({ accepted: { ...(body.paymentPayload['accepted'] as Record_), ...more } })(body)
}

test.each<[string, Edit, string]>([
  ['a transfer in place of a permit', paid({ payload: {} }), 'unsupported_payload_type'],
  ['an acceptance of another scheme', accepting({ scheme: 'exact' }), 'invalid_upto_evm_scheme'],
  [
    'an acceptance of another network',
    accepting({ network: 'eip155:8453' }),
    'invalid_upto_evm_network_mismatch',
  ],
])('upto: %s is refused by its name', async (_, edit, reason) => {
  const local = await stack()
  const body = await uptoBody(local, await fundedAccount(local))
  await expectRefusal(local, edit(body), reason)
})

test('upto is not known to x402 v1', async () => {
  const local = await stack()
  const body = await BODIES['exact of v1'](local, await fundedAccount(local))
  await expectRefusal(local, required({ scheme: 'upto' })(body), 'unsupported_scheme')
})

test('explicit nulls mean that nothing is there', async () => {
  const local = await stack()
  const body = await exactBody(local, await fundedAccount(local))
  const edited = paid({ extensions: null, resource: null })(body)
  expect(await ask(local, 'verify', edited)).toMatchObject({ body: { isValid: true } })
})

test('payments are as old as the clock of the stack says', async () => {
  let nowMs = NOW_MS
  const local = await stack({ now: () => nowMs })
  const account = await fundedAccount(local)
  const good = await exactBody(local, account)
  expect(await ask(local, 'verify', good)).toMatchObject({ body: { isValid: true } })
  nowMs += 54_000
  expect(await ask(local, 'verify', good)).toMatchObject({ body: { isValid: true } })
  nowMs += 1_000
  await expectRefusal(local, good, `${EXACT}_payload_authorization_valid_before`)
})

test.each<[string, string]>([
  ['no JSON', '{'],
  ['nothing', ''],
  ['a list', '[]'],
  ['no payment', '{"x402Version":2,"paymentRequirements":{}}'],
  ['a payment that is a string', '{"x402Version":2,"paymentPayload":"","paymentRequirements":{}}'],
  ['no requirements', '{"x402Version":2,"paymentPayload":{}}'],
  ['no version', '{"paymentPayload":{},"paymentRequirements":{}}'],
])('a body of %s is answered with 400', async (_, body) => {
  const { x402 } = await stack()
  for (const route of ['verify', 'settle']) {
    const answer = await fetch(`${x402.url}/${route}`, { method: 'POST', body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      error: 'Expected JSON of x402Version, paymentPayload and paymentRequirements',
    })
  }
})

test('a body beyond a mebibyte is answered with 413', async () => {
  const { x402 } = await stack()
  const body = JSON.stringify('x'.repeat(1024 * 1024))
  expect((await fetch(`${x402.url}/verify`, { method: 'POST', body })).status).toBe(413)
})

test.each([
  ['GET', '/verify'],
  ['POST', '/supported'],
  ['POST', '/verify/'],
  ['GET', '/discovery/resources'],
  ['GET', ''],
])('%s %s is not served', async (method, path) => {
  const { x402 } = await stack()
  const answer = await fetch(`${x402.url}${path}`, { method })
  expect(answer.status).toBe(404)
  expect(await answer.json()).toEqual({ error: `Not served here: ${method} /facilitator${path}` })
})

test('a page of somebody else cannot settle from a browser', async () => {
  const local = await stack()
  const body = JSON.stringify(await exactBody(local, await fundedAccount(local)))
  const headers = { origin: 'https://evil.example' }
  const answer = await fetch(`${local.x402.url}/settle`, { method: 'POST', headers, body })
  expect(answer.status).toBe(403)
  expect(await local.x402.balanceOf(SHOP)).toBe(0n)
})

test('a payer who never had anything is known by name and has no money', async () => {
  const local = await stack()
  const account: Account = await fundedAccount(local, 0n)
  const { body } = await ask(local, 'verify', await exactBody(local, account))
  expect(body).toEqual({
    isValid: false,
    invalidReason: 'invalid_exact_evm_insufficient_balance',
    payer: account.address,
  })
})
