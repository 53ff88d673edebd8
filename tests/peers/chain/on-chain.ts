import { afterAll, describe, test } from '@jest/globals'
import { noChain, startChain, type Chain } from './chain.js'

/**
 * Tests with a chain of their own. Where none starts they are skipped, and it is printed why; with
 * `CHAIN_REQUIRED=1`, as in CI, they fail.
 */
export async function onChain(title: string, tests: (chain: Chain) => void): Promise<void> {
  const chain = await startChain()
  if (chain === undefined) {
    if (process.env['CHAIN_REQUIRED'] === '1') throw new Error(noChain())
    // Jest keeps what suites that are skipped as a whole say to the console to itself.
    process.stderr.write(`${title}: skipped, ${noChain()}\n`)
    describe.skip(title, () => test(noChain(), () => undefined))
    return
  }
  describe(title, () => {
    tests(chain)
    afterAll(() => chain.close())
  })
}

/** What tests start, to be ended after them. */
export function closing(): <T extends { close: () => Promise<void> }>(
  one: Promise<T>,
) => Promise<T> {
  const started: { close: () => Promise<void> }[] = []
  afterAll(async () => {
    for (const one of started.splice(0).reverse()) await one.close()
  })
  return async (one) => {
    const it = await one
    started.push(it)
    return it
  }
}
