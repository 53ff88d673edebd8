import { expect, jest, test } from '@jest/globals'
import type { Known } from '../../../src/seller/phases/handoff-content.js'
import { toSettings } from '../../../src/seller/options/to-settings.js'
import { createHandoff, type Handoff } from '../../../src/seller/phases/handoff.js'
import { createVault, type VaultOptions } from '../../../src/seller/phases/handoff-store.js'
import { Payments } from '../../../src/index.js'
import type { Local } from '../../../src/local/index.js'
import type { SoldCall } from '../../../src/seller/events/call.js'
import { createSealer } from '../../../src/seller/phases/seal.js'
import { recordingLogger, silent, stack } from '../../support/seller.js'

const SECRET = 'a secret of the seller, 32 bytes or more'
const LATER_MS = 1_000
const now = () => 0

function bytesOf(sealed: string): Buffer {
  return Buffer.from(sealed, 'base64url')
}

test.each<[string, Record<string, unknown>]>([
  ['nothing', {}],
  ['text', { a: 'Zürich \u2028 "\\' }],
  ['nested things', { a: { b: [1, null, true, 'x'] }, n: 1e21 }],
  ['much', { a: 'x'.repeat(100_000) }],
  ['keys that mean something', JSON.parse('{"__proto__":{"a":1},"constructor":2}')],
])('what was sealed is opened again: %s', (_, content) => {
  const sealed = createSealer(SECRET, now).seal(content, LATER_MS)
  const opened = createSealer(SECRET, now).open(sealed)
  expect(JSON.stringify(opened)).toBe(JSON.stringify({ ...content, expiresAtMs: LATER_MS }))
  expect(sealed).toMatch(/^[\w-]+$/)
})

test('two seals of the same thing differ, and neither shows it', () => {
  const sealer = createSealer(SECRET, now)
  const seals = [1, 2].map(() => sealer.seal({ token: 'c0ffee5ec2e7' }, LATER_MS))
  expect(seals[0]).not.toBe(seals[1])
  expect(bytesOf(seals[0] ?? '').subarray(0, 12)).not.toEqual(
    bytesOf(seals[1] ?? '').subarray(0, 12),
  )
  for (const sealed of seals) expect(bytesOf(sealed).toString('latin1')).not.toContain('c0ffee')
})

test('a seal cannot postpone its own end', () => {
  const sealed = createSealer(SECRET, now).seal({ expiresAtMs: 9_999_999 }, LATER_MS)
  expect(createSealer(SECRET, () => LATER_MS).open(sealed)).toBeUndefined()
})

test.each([
  ['another secret', 'another secret of a seller, 32 bytes too'],
  ['the secret with a space', `${SECRET} `],
  ['the bytes of another secret', new Uint8Array(32).fill(7)],
])('%s opens nothing', (_, other) => {
  const sealed = createSealer(SECRET, now).seal({ a: 1 }, LATER_MS)
  expect(createSealer(other, now).open(sealed)).toBeUndefined()
})

test('a secret is the same as text and as its bytes', () => {
  const sealed = createSealer(SECRET, now).seal({ a: 1 }, LATER_MS)
  expect(createSealer(new TextEncoder().encode(SECRET), now).open(sealed)).toMatchObject({ a: 1 })
})

test('the key is not the secret itself', async () => {
  const { createDecipheriv } = await import('node:crypto')
  const secret = SECRET.slice(0, 32)
  const bytes = bytesOf(createSealer(secret, now).seal({ a: 1 }, LATER_MS))
  const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(-16))
  decipher.update(bytes.subarray(12, -16))
  expect(() => decipher.final()).toThrow()
})

test('the secret our client derives is another for every purpose and every key', async () => {
  const client = ({ nvmApiKey, url }: Local) => Payments.getInstance({ nvmApiKey, backendUrl: url })
  const [local, other] = await Promise.all([stack(), stack()])
  const one = client(local).deriveSecret('interceptor')
  expect(one).toHaveLength(32)
  expect(client(local).deriveSecret('interceptor')).toEqual(one)
  expect(client(local).deriveSecret('else')).not.toEqual(one)
  expect(client(other).deriveSecret('interceptor')).not.toEqual(one)
  expect(local.nvmApiKey).not.toContain(Buffer.from(one).toString('latin1'))
})

test('no bit of a seal can be changed, whether of nonce, text or tag', () => {
  const sealer = createSealer(SECRET, now)
  const bytes = bytesOf(sealer.seal({ bound: 'x' }, LATER_MS))
  for (let at = 0; at < bytes.length; at++) {
    const edited = Buffer.from(bytes)
    edited.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    expect(sealer.open(edited.toString('base64url'))).toBeUndefined()
  }
})

test('a seal that is cut, grown, doubled or shuffled is none', () => {
  const sealer = createSealer(SECRET, now)
  const bytes = bytesOf(sealer.seal({ bound: 'x' }, LATER_MS))
  const [nonce, text, tag] = [bytes.subarray(0, 12), bytes.subarray(12, -16), bytes.subarray(-16)]
  const others = [
    ...Array.from(bytes, (_, length) => bytes.subarray(0, length)),
    ...Array.from(bytes, (_, start) => bytes.subarray(start + 1)),
    Buffer.concat([bytes, Buffer.alloc(1)]),
    Buffer.concat([bytes, bytes]),
    Buffer.concat([text, nonce, tag]),
    Buffer.concat([nonce, tag]),
    Buffer.concat([nonce, text, text, tag]),
  ]
  for (const other of others) expect(sealer.open(other.toString('base64url'))).toBeUndefined()
})

test.each(['', 'junk', '{}', 'null', '[]', 'A'.repeat(100_000), '\u0000', 'ü'.repeat(50)])(
  'text that is no seal is none: %#',
  (text) => {
    expect(createSealer(SECRET, now).open(text)).toBeUndefined()
  },
)

test('a seal holds to its last millisecond', () => {
  let clockMs = 0
  const sealer = createSealer(SECRET, () => clockMs)
  const sealed = sealer.seal({ a: 1 }, LATER_MS)
  clockMs = LATER_MS - 1
  expect(sealer.open(sealed)).toMatchObject({ a: 1 })
  clockMs = LATER_MS
  expect(sealer.open(sealed)).toBeUndefined()
  clockMs = LATER_MS + 1
  expect(sealer.open(sealed)).toBeUndefined()
})

test.each([NaN, -1, 0, -Infinity])('a seal that ends at %d is never open', (end) => {
  const sealer = createSealer(SECRET, now)
  expect(sealer.open(sealer.seal({ a: 1 }, end))).toBeUndefined()
})

const CALL: SoldCall = {
  id: 1,
  method: 'tools/call',
  tool: 'T___hello',
  label: 'T___hello',
  event: { mcp: { gatewayRequest: { body: {} } } } as SoldCall['event'],
  transport: { shape: 'gateway', protocol: 'mcp', realStatus: false },
}

const FREE: Known = { handed: { kind: 'free' }, payment: undefined }
const PAYMENTS = Payments.getInstance({
  nvmApiKey: `local:e30.${Buffer.from('{"sub":"0x01"}').toString('base64url')}.sig`,
})

function handoff(secret: VaultOptions['secret'], logger = silent): Handoff {
  const vault = createVault({ secret, store: undefined, timeoutMs: 1_000, logger, now })
  return createHandoff(vault, toSettings({ payments: PAYMENTS, planId: '1' }))
}

const carried = async (it: Handoff) => Object.keys((await it.give(CALL, FREE, undefined)).headers)

test('the secret is fetched once, by the first calls together', async () => {
  const secret = jest.fn(async () => SECRET)
  const it = handoff(secret)
  expect(secret).not.toHaveBeenCalled()
  expect(await Promise.all([carried(it), carried(it), it.wrote(['junk'])])).toEqual([
    ['x-agentcore-x402'],
    ['x-agentcore-x402'],
    false,
  ])
  await carried(it)
  expect(secret).toHaveBeenCalledTimes(1)
})

test.each<[string, () => Promise<string> | string]>([
  ['that rejects', () => Promise.reject(new Error('throttled'))],
  [
    'that throws',
    () => {
      throw new Error('throttled')
    },
  ],
  ['that is too short', () => 'x'.repeat(31)],
  ['that is empty', () => ''],
  ['that is nothing', () => undefined as unknown as string],
])('a secret %s is said to be missing, seals nothing, and is asked for again', async (_, fetch) => {
  const logger = recordingLogger()
  let works = false
  const it = handoff(() => (works ? SECRET : fetch()), logger)
  expect(await carried(it)).toEqual([])
  expect(await carried(it)).toEqual([])
  const line = { level: 'error', message: expect.stringMatching(/secret/) }
  expect(logger.lines).toMatchObject([line, line])
  expect(JSON.stringify(logger.lines)).not.toContain('xxxx')
  works = true
  expect(await carried(it)).toEqual(['x-agentcore-x402'])
  expect(logger.lines).toHaveLength(2)
})

test('32 bytes are enough, whatever they are written in', async () => {
  for (const secret of ['x'.repeat(32), 'ü'.repeat(16), new Uint8Array(32)]) {
    expect(await carried(handoff(secret))).toEqual(['x-agentcore-x402'])
  }
  expect(await carried(handoff('ü'.repeat(15)))).toEqual([])
  expect(await carried(handoff(new Uint8Array(31)))).toEqual([])
  expect(await carried(handoff(undefined))).toEqual([])
})

test('only what was sealed here counts as written here', async () => {
  const it = handoff(SECRET)
  const { headers } = await it.give(CALL, FREE, undefined)
  const [seal] = Object.values(headers) as [string]
  expect(await it.wrote([])).toBe(false)
  expect(await it.wrote(['junk', ''])).toBe(false)
  expect(await it.wrote(['junk', seal])).toBe(true)
  expect(await handoff(`${SECRET}, another`).wrote([seal])).toBe(false)
  expect(await handoff(undefined).wrote([seal])).toBe(false)
  // Sealed by the same secret for another purpose.
  expect(await it.wrote([createSealer(SECRET, now).seal({ a: 1 }, LATER_MS)])).toBe(false)
})

test('a seal of a free call is taken for that call only', async () => {
  const it = handoff(SECRET)
  const seals = Object.values((await it.give(CALL, FREE, undefined)).headers)
  const found = { payment: { kind: 'none' }, requestId: undefined } as const
  const take = (call: Partial<SoldCall>) => it.take({ ...CALL, ...call }, { ...found, seals })
  expect(await take({})).toEqual({ kind: 'free' })
  expect(await take({ id: '1' })).toBeUndefined()
  expect(await take({ id: null })).toBeUndefined()
  expect(await take({ label: 'T___dear' })).toBeUndefined()
  expect(await take({ transport: { ...CALL.transport, shape: 'gateway-http' } })).toBeUndefined()
  expect(await it.take(CALL, { ...found, seals: ['junk', ...seals] })).toEqual({ kind: 'free' })
  expect(await it.take(CALL, { ...found, seals: [] })).toBeUndefined()
})
