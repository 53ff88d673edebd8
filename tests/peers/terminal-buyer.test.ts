import { beforeAll, describe, expect, test } from '@jest/globals'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { cli } from '../cli/support/buyer.js'
import { started } from '../local/support/gateway.js'
import type { Token } from './chain/chain.js'
import { closing, onChain } from './chain/on-chain.js'
import { usdcOn } from './chain/usdc.js'
import { startMerchant } from './merchants/merchant.js'
import { CENT, DOORS, openTill } from './merchants/money-shop.js'
import { startV1Merchant } from './merchants/v1-merchant.js'
import { startModernServer } from './servers/modern-server.js'

await onChain('the commands that buy, on a chain', (chain) => {
  const opened = closing()
  let usdc: Token
  beforeAll(async () => {
    usdc = await usdcOn(chain)
  })

  async function buyer({ asset }: Token): Promise<{ X402_BUYER_KEY: string }> {
    const key = generatePrivateKey()
    await chain.mint(privateKeyToAddress(key), 10n * CENT, asset)
    return { X402_BUYER_KEY: key }
  }

  test.each([
    ['x402 v2, by @x402/express', startMerchant],
    ['x402 v1', startV1Merchant],
  ])('of a seller of %s: the money moves by exactly the price, once', async (_, start) => {
    const { url, payTo, price, sold } = await opened(start(chain))
    const key = await buyer(chain.token)
    const buy = (units: bigint) =>
      cli(['fetch', `${url}/quote`, '--pay', '--max-units', String(units)], key)
    const few = await buy(price - 1n)
    expect([few.code, sold.length]).toEqual([4, 0])
    const bought = await buy(price)
    expect([bought.code, bought.stdout]).toEqual([0, '{"quote":"gold"}'])
    expect(await chain.balanceOf(payTo)).toBe(price)
    expect(sold).toHaveLength(1)
  })

  describe.each(DOORS)('through a Gateway, by %s', (kind, door) => {
    const isLambda = kind === 'a Lambda target'
    const ORDER = ['srv___echo', '{"say":"gold"}', '--pay', '--max', '$0.01']

    test('the tool is bought once', async () => {
      const till = await openTill(chain)
      const { gateway, ran } = await door(till, started)
      const { url } = await started.gateway(gateway)
      const key = await buyer(usdc)
      const more = isLambda ? ['--lambda-target'] : []
      const { code, stdout, stderr } = await cli(['call', url, ...ORDER, ...more], key)
      expect([code, stdout.includes('gold')]).toEqual([0, true])
      expect(stderr).toMatch(/^paid {8}\$0\.01$/m)
      expect([ran(), (await till.income()).map(({ value }) => value)]).toEqual([1, [CENT]])
    })

    if (!isLambda) return
    test('it is not bought before it is called a Lambda target', async () => {
      const till = await openTill(chain)
      const { gateway, ran } = await door(till, started)
      const { url } = await started.gateway(gateway)
      const { code, stderr } = await cli(['call', url, ...ORDER], await buyer(usdc))
      expect([code, ran(), await till.income()]).toEqual([4, 0, []])
      expect(stderr).toMatch(/--lambda-target/)
    })
  })
})

test('a server of MCP 2026-07-28 alone is called, with the headers that it wants', async () => {
  const server = started.add(await startModernServer('reject'))
  const { code, stdout } = await cli(['call', server.url, 'echo', '{"say":"Hi"}'])
  expect([code, stdout]).toEqual([0, 'Hi\n'])
  expect(server.requests.at(-1)?.headers).toMatchObject({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
  })
})
