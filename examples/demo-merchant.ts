/** Starts the merchant of the demo in a process of its own: `@x402/express` before a local chain. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { LocalToken } from 'agentcore-x402/local'

export interface Merchant {
  url: string
  payTo: string
  token: LocalToken
  mint: (to: string, amount: bigint) => Promise<void>
  balanceOf: (address: string) => Promise<bigint>
  close: () => void
}

/**
 * Starts the merchant.
 *
 * @returns a reason if there is none, e.g. because its packages or a chain are missing.
 */
export async function startMerchant(price: bigint): Promise<Merchant | { reason: string }> {
  const env = { ...process.env, PRICE: price.toString() }
  const child = fork('.config/run-ts.mjs', ['tests/peers/merchants/demo-merchant.ts'], {
    env,
    silent: true,
  })
  const ended = once(child, 'exit').then(() => undefined)
  const answer = async (): Promise<unknown> => {
    const said: unknown[] | undefined = await Promise.race([once(child, 'message'), ended])
    return said?.[0]
  }
  const ask = (wish: object) => {
    const answered = answer()
    child.send(wish)
    return answered
  }
  const started = (await answer()) as Pick<Merchant, 'url' | 'payTo' | 'token'> | undefined
  if (started === undefined) return { reason: 'its packages are missing, run `npm run peers`' }
  if ('reason' in started) return started as unknown as { reason: string }
  return {
    ...started,
    mint: async (to, amount) => void (await ask({ mint: { to, amount: amount.toString() } })),
    balanceOf: async (address) => {
      const { balance } = (await ask({ balanceOf: address })) as { balance: string }
      return BigInt(balance)
    },
    close: () => child.disconnect(),
  }
}
