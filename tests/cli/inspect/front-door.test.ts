import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { built } from '../../support/built.js'
import { encodeHeader } from '../../../src/wire/x402.js'
import { challenge, header, payment, receipt } from './support/samples.js'

beforeAll(built, 60_000)

const CLI = path.resolve('dist/cli.js')

async function inspect(args: readonly string[], stdin = '') {
  const child = spawn(process.execPath, [CLI, 'inspect', ...args])
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout: out.join(''), stderr: err.join('') }
}

test('a header is decoded from the arguments', async () => {
  const paid = await payment()
  const { code, stdout, stderr } = await inspect([header('PAYMENT-SIGNATURE', paid)])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^x402 v2 payment, in the header payment-signature\n\nScheme {7}exact/)
  expect(stdout).toMatch(/^Amount {7}10000 = 0.01 USDC$/m)
  expect(stdout).toMatch(/^Network {6}eip155:84532 \(base-sepolia\)$/m)
  expect(stdout).toMatch(/^ {4}"signature": "… \(132 characters\)",$/m)
  expect(stdout).not.toContain((paid['payload'] as { signature: string }).signature.slice(2))
})

test.each([[[]], [['-']]])('with the arguments %j it reads stdin', async (args) => {
  const { code, stdout } = await inspect(args, `\ufeff${encodeHeader(challenge())}\n`)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^x402 v2 challenge: what to pay\n/)
})

test('something wrong gives exit code 1, and what is wrong comes last', async () => {
  const refused = { ...receipt(), success: false, errorReason: 'insufficient_funds' }
  const { code, stdout, stderr } = await inspect([], JSON.stringify(refused))
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(stdout).toMatch(
    /\nfail {2}errorReason: It was not settled \(insufficient_funds\)\. The wallet of the buyer holds too little of the asset\. The buyer funds the wallet\.\n$/,
  )
})

test('a warning alone gives exit code 0', async () => {
  const { code, stdout } = await inspect([], JSON.stringify({ ...receipt(), network: null }))
  expect(code).toBe(0)
  expect(stdout).toMatch(/\nwarn {2}network: It names no network\./)
})

test('with --json a program reads what was found', async () => {
  const { code, stdout } = await inspect(['--json'], header('payment-response', receipt()))
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    found: [
      {
        kind: 'receipt',
        version: 2,
        carrier: 'the header payment-response',
        alsoIn: [],
        decoded: receipt(),
        findings: [],
      },
    ],
  })
})

test('nothing that is known gives exit code 3, and says what it looks like', async () => {
  const key = `0x${'9c41d7aa'.repeat(8)}`
  const { code, stdout, stderr } = await inspect(['--json', key])
  expect({ code, stdout: JSON.parse(stdout) as unknown }).toEqual({
    code: 3,
    stdout: { found: [], looksLike: 'a private key or a hash' },
  })
  expect(stderr).toBe(
    'agentcore-x402: nothing was recognised: this looks like a private key or a hash. ' +
      'Expected a header, a challenge, a payment, a receipt or a token of x402, MPP or Nevermined\n',
  )
})

test('more than 1 MiB is refused, and a text of that length is read at once', async () => {
  const { code, stdout, stderr } = await inspect([], 'x'.repeat(1_048_577))
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: 'agentcore-x402: the text is longer than 1 MiB; give only what is to be looked at\n',
  })
  const base64 = encodeHeader(challenge())
  const filled = await inspect([], `${base64}\n${' '.repeat(1_048_575 - base64.length)}`)
  expect(filled.code).toBe(0)
})
