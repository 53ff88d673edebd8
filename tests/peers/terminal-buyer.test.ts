import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { closing, onChain } from './chain/on-chain.js'
import { startMerchant } from './merchants/merchant.js'
import { startV1Merchant } from './merchants/v1-merchant.js'

const CLI = path.resolve('dist/cli.js')

/** Runs `agentcore-x402 fetch` with a private key. */
function buy(
  args: readonly string[],
  key: string,
): Promise<{ code: number | null; stdout: string }> {
  const env = { PATH: process.env['PATH'] ?? '', X402_BUYER_KEY: key }
  const child = spawn(process.execPath, [CLI, 'fetch', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let stdout = ''
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout })))
}

await onChain('the command that buys from the official sellers', (chain) => {
  const opened = closing()

  test.each([
    ['x402 v2, by @x402/express', startMerchant],
    ['x402 v1', startV1Merchant],
  ])('of %s: the money moves by exactly the price, once', async (_, start) => {
    const { url, payTo, price, sold } = await opened(start(chain))
    const key = generatePrivateKey()
    await chain.mint(privateKeyToAddress(key), 10_000n, chain.token.asset)
    const few = await buy([`${url}/quote`, '--pay', '--max-units', String(price - 1n)], key)
    expect([few.code, sold.length]).toEqual([4, 0])
    const bought = await buy([`${url}/quote`, '--pay', '--max-units', String(price)], key)
    expect(bought).toEqual({ code: 0, stdout: '{"quote":"gold"}' })
    expect(await chain.balanceOf(payTo)).toBe(price)
    expect(sold).toHaveLength(1)
  })
})
