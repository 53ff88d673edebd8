import { wrapFetchWithPayment } from '@x402/fetch'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { privateKeyToAccount } from 'viem/accounts'
import { wrapFetchWithPayment as wrapFetchV1 } from 'x402-fetch'
import { payerOf, payingFetch } from '../../src/client/index.js'
import { built, run } from '../support/built.js'
import { officialClient } from './buyers/official-buyer.js'
import { runningStack, type RunningStack } from './browser/running-stack.js'

/** Published buyers, and ours, as their makers describe them. They know nothing of the local stack. */
const BUYERS: [string, (account: ReturnType<typeof privateKeyToAccount>) => typeof fetch][] = [
  [
    'x402-fetch, which knows version 1 alone',
    (account) => wrapFetchV1(fetch, account) as typeof fetch,
  ],
  ['@x402/fetch', (account) => wrapFetchWithPayment(fetch, officialClient(account))],
  [
    'payingFetch',
    (account) =>
      payingFetch(payerOf(account), {
        budgets: {
          'eip155:84532/0x036CbD53842c5426634e7929541eC2318f3dCF7e': {
            maxAmountPerPayment: 10_000n,
            total: 100_000n,
          },
        },
      }),
  ],
]

describe('agentcore-x402 local --http', () => {
  let stack: RunningStack
  beforeAll(async () => {
    await built()
    stack = await runningStack('--http', '--port', '0')
  }, 60_000)
  afterAll(() => stack.close())

  const quote = () => `${/^# HTTP clients call (\S+)$/m.exec(stack.said())?.[1]}quote`
  const variable = (name: string) =>
    new RegExp(`^export ${name}='(.+)'$`, 'm').exec(stack.said())?.[1] ?? ''

  test.each(BUYERS)('%s buys the example', async (_, buyerOf) => {
    const account = privateKeyToAccount(variable('X402_BUYER_KEY') as `0x${string}`)
    const answer = await buyerOf(account)(quote())
    expect([answer.status, await answer.json()]).toMatchObject([200, { by: 'Donald Knuth' }])
    const receipt =
      answer.headers.get('payment-response') ?? answer.headers.get('x-payment-response')
    expect(JSON.parse(Buffer.from(receipt ?? '', 'base64').toString())).toMatchObject({
      success: true,
      network: expect.stringMatching(/^(eip155:84532|base-sepolia)$/),
    })
  })

  test('the printed lines are refused, paid with a credit and paid with USDC', async () => {
    const lines = stack.said().match(/^curl .*$/gm) ?? []
    const answers = await Promise.all(lines.map((line) => run('bash', ['-c', line])))
    expect(answers.map(({ stdout }) => stdout.split('\r\n')[0])).toEqual([
      'HTTP/1.1 402 Payment Required',
      'HTTP/1.1 200 OK',
      'HTTP/1.1 200 OK',
    ])
  })
})
