import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { BUYER } from '../../../src/local/chain/asset.js'
import { built } from '../../support/built.js'
import { SETTLED, TWO_CENTS, asking, server, shop } from '../support/asking-server.js'
import { cli, cliInto } from '../support/buyer.js'

let folder: string
beforeAll(async () => {
  await built()
  folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-outcomes-'))
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const KEY = { X402_BUYER_KEY: BUYER.privateKey }
const PAY = ['--pay', '--max', '0.05']
const UNSAID = /[Nn]othing was paid|not charged/
const RECEIPT = { 'payment-response': SETTLED }

test.each([
  ['breaks off', 20, 'the answer broke off'],
  ['is longer than 10 MiB', 11 * 1024 * 1024, 'the answer has more than 10485760 bytes'],
])('a paid answer that %s is kept as far as it came, and ends with 5', async (_, size, why) => {
  const { url } = await shop((response) => {
    response.writeHead(200, { ...RECEIPT, 'content-length': size })
    response.write(Buffer.alloc(Math.max(size - 10, 10), 'x'))
    setTimeout(() => (size < 100 ? response.destroy() : response.end()), 100)
  })
  const { code, stdout, stderr } = await cli(['fetch', url, ...PAY], KEY)
  expect(code).toBe(5)
  expect(stdout).toMatch(/^x{10}/)
  expect(stderr).toMatch(
    new RegExp(`${why}.* \\(transaction 0x(ab){32}, nonce 0x\\w+\\)\\. It was charged`),
  )
  expect(stderr).not.toMatch(UNSAID)
})

test('a free answer that is too long ends with 1', async () => {
  const { url } = await server((response) => void response.end(Buffer.alloc(11 * 1024 * 1024)))
  const { code, stderr } = await cli(['fetch', url])
  expect(code).toBe(1)
  expect(stderr).toMatch(/more than 10485760 bytes and is cut off\. Nothing was paid\n$/)
})

test('an answer without a receipt ends with 5, and is printed', async () => {
  const { url } = await shop((response) => void response.end('sold'))
  const { code, stdout, stderr } = await cli(['fetch', url, ...PAY], KEY)
  expect({ code, stdout }).toEqual({ code: 5, stdout: 'sold' })
  expect(stderr).toMatch(/the call was answered \(.*\)\. The outcome of the payment is unknown/)
})

test('what the seller names is named: transaction and correlation id', async () => {
  const text = 'Do not pay again, or ask the seller about correlation id c0ffee-1, transaction 0x1.'
  const { url } = await shop((response) => void response.writeHead(503).end(text))
  const { code, stderr } = await cli(['fetch', url, ...PAY], KEY)
  expect(code).toBe(5)
  expect(stderr).toMatch(/the answer is HTTP 503 \(.*correlation id c0ffee-1, nonce 0x\w{64}\)/)
})

test('a second payment is never advised', async () => {
  const { url, payments } = await shop((response) => void response.destroy())
  const { code, stdout, stderr } = await cli(['fetch', url, '--json', ...PAY], KEY)
  expect(code).toBe(5)
  expect(stderr).toMatch(
    /the paid call failed with (ECONNRESET|UND_ERR_SOCKET) \(.*\)\. .*do not pay again/,
  )
  expect(stderr).not.toMatch(/the same call again/)
  expect(JSON.parse(stdout)).toEqual({
    ...{ price: '$0.02', paid: 'unknown', status: null, answer: null },
    receipt: expect.objectContaining({ paid: 'unknown', amount: '20000' }),
  })
  expect(payments).toHaveLength(1)
  expect(stdout + stderr).not.toContain(payments[0])
})

test.each([
  ['does not answer', () => undefined, 'no answer in time'],
  [
    'breaks the connection',
    (response: { destroy: () => void }) => response.destroy(),
    'ECONNRESET|UND_ERR_SOCKET',
  ],
])('a seller that %s before it asks for anything ends with 1', async (_, answer, why) => {
  const { url } = await server(answer)
  const { code, stdout, stderr } = await cli(['fetch', url, '--timeout-ms', '700', ...PAY], KEY)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(new RegExp(`cannot be called: (${why}) .*\\. Nothing was paid\\n$`))
})

test('a 402 that nobody can read ends with 4, and is printed', async () => {
  const { url } = await server((response) => void response.writeHead(402).end('coins only'))
  const { code, stdout, stderr } = await cli(['fetch', url, ...PAY], KEY)
  expect({ code, stdout }).toEqual({ code: 4, stdout: 'coins only' })
  expect(stderr).toMatch(
    /asks for payment \(HTTP 402\), in no form that is known here\. Nothing was paid/,
  )
})

test('an answer that delivers is not paid, whatever its headers ask for', async () => {
  const bytes = Buffer.from([0, 255, 128, 10])
  const { url, payments } = await server((response) => {
    response.writeHead(200, { 'payment-required': asking() }).end(bytes)
  })
  const file = path.join(folder, 'bytes')
  expect(await cli(['fetch', url, '-o', file, ...PAY], KEY)).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  })
  expect(await readFile(file)).toEqual(bytes)
  const { stdout } = await cli(['fetch', url, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    paid: 'no',
    answer: { base64: bytes.toString('base64') },
  })
  expect(payments).toEqual([])
})

test('of offers that are paid alike the cheapest is shown and paid', async () => {
  const cheaper = { ...TWO_CENTS, amount: '10000' }
  const { url, payments } = await shop(
    (response) => void response.writeHead(200, RECEIPT).end('sold'),
    asking([TWO_CENTS, cheaper]),
  )
  const { stdout } = await cli(['fetch', url, '--json', ...PAY], KEY)
  expect(JSON.parse(stdout)).toMatchObject({ price: '$0.01', receipt: { agreed: '10000' } })
  expect(payments).toHaveLength(1)
})

test('every limit counts, and one in units does not widen one in dollars', async () => {
  const { url, payments } = await shop((response) => void response.end('sold'))
  const both = ['--pay', '--max', '0.01', '--max-units', '1000000']
  const { code, stderr } = await cli(['fetch', url, ...both], KEY)
  expect(code).toBe(4)
  expect(stderr).toMatch(/\$0\.02: it is more than --max \$0\.01\. Nothing was paid\n$/)
  expect(payments).toEqual([])
})

test('a payment of the caller goes as it is, and nobody says that nothing was paid', async () => {
  const { url, payments } = await server(
    (response) => void response.writeHead(402, { 'payment-required': asking() }).end(),
  )
  const own = ['-H', 'payment-signature: abc']
  const refused = await cli(['fetch', url, ...own], KEY)
  expect(refused.code).toBe(5)
  expect(refused.stderr).toMatch(
    /the answer is HTTP 402 \(no receipt\)\. The outcome of the payment is unknown/,
  )
  const silent = await server(() => undefined)
  const lost = await cli(['fetch', silent.url, '--timeout-ms', '700', ...own])
  expect(lost.code).toBe(5)
  expect(refused.stderr + lost.stderr).not.toMatch(UNSAID)
  expect(payments).toEqual(['abc'])
  const twice = await cli(['fetch', url, ...own, ...PAY], KEY)
  expect(twice.code).toBe(2)
  expect(payments).toEqual(['abc'])
})

test('a file that cannot be written is found before anything is paid', async () => {
  const { url, payments } = await shop(
    (response) => void response.writeHead(200, RECEIPT).end('sold'),
  )
  for (const file of [folder, path.join(folder, 'missing', 'file')]) {
    const { code, stderr } = await cli(['fetch', url, '-o', file, ...PAY], KEY)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^agentcore-x402: cannot write .*, given for --output: /)
  }
  expect(payments).toEqual([])
})

test('a paid answer that cannot be written ends with 5, and a reader that has enough with 0', async () => {
  const { url } = await shop((response) => void response.writeHead(200, RECEIPT).end('sold'))
  const file = await cli(['fetch', url, '-o', '/dev/full', ...PAY], KEY)
  expect({ code: file.code, stdout: file.stdout }).toEqual({ code: 5, stdout: 'sold' })
  expect(file.stderr).toMatch(/cannot write \/dev\/full: ENOSPC.* Do not pay again\n$/)
  const full = await cliInto('> /dev/full', ['fetch', url, ...PAY], KEY)
  expect(full.code).toBe(5)
  expect(full.stderr).toMatch(/cannot be written \(ENOSPC\)\. The call was paid/)
  const enough = await cliInto('| true; exit ${PIPESTATUS[0]}', ['fetch', url, ...PAY], KEY)
  expect(enough.code).toBe(0)
})

test('the body comes from the standard input', async () => {
  const { url } = await server((response, { method, headers }) => {
    response.end(`${method} ${headers['content-length']}`)
  })
  const { stdout } = await cli(['fetch', url, '-d', '@-'], {}, { stdin: 'twelve bytes' })
  expect(stdout).toBe('POST 12')
})
