import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { x402Client } from '@x402/core/client'
import type { PaymentRequired } from '@x402/core/types'
import { wrapFetchWithPayment } from '@x402/fetch'
import { getAddress, type Address } from 'viem'
import { payingMcp, receiptOf } from '../../src/client/index.js'
import type { RequiresPaymentOptions, VerifiedPayment } from '../../src/index.js'
import type { LambdaHandler } from '../../src/local/index.js'
import { decodeHeader, encodeHeader } from '../../src/wire/x402.js'
import { functionUrl } from '../local/support/function-url.js'
import { started } from '../local/support/gateway.js'
import { allowing } from './buyers/buyers.js'
import type { Token } from './chain/chain.js'
import { HTTP_BUYERS, agentCoreUser, statusAgain } from './buyers/money-buyers.js'
import {
  CENT,
  DOORS,
  GOLD,
  goldIn,
  openTill,
  sold,
  textsIn,
  transactionOf,
  type Work,
} from './merchants/money-shop.js'
import { officialClient } from './buyers/official-buyer.js'
import { closing, onChain } from './chain/on-chain.js'
import { redeem, usdcOn } from './chain/usdc.js'
import { funded } from './chain/wallet-payer.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** A call of a tool as any HTTP client sends it to a Function URL. */
const ORDER = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'quote', arguments: {} },
  }),
}
type How = Parameters<typeof openTill>[3]

await onChain('our seller sells for money', (chain) => {
  const open = closing()
  let usdc: Token
  beforeAll(async () => {
    usdc = await usdcOn(chain)
  })

  /** A handler of ours behind a Function URL. */
  async function shop(more: Partial<RequiresPaymentOptions> = {}, work?: Work, how?: How) {
    const till = await openTill(chain, '$0.01', more, how)
    const { handler, ran } = sold(till.options, work)
    const { url } = started.add(await functionUrl(handler))
    return { ...till, url, ran }
  }

  /** A wallet, and the payment header it makes of what a URL asks. */
  async function wallet(funds = 1_000_000n) {
    const account = await funded(chain, funds, usdc)
    const client = officialClient(account)
    const header = async (url: string) =>
      encodeHeader(await client.createPaymentPayload(await challengeOf(await call(url))))
    const left = () => chain.balanceOf(account.address, usdc.asset)
    return { account, address: account.address, client, header, left }
  }

  describe.each(HTTP_BUYERS)('%s', (_, buyer) => {
    test.each(['$0.01', 'atomic units'])('pays %s, once', async (price) => {
      const token = price === '$0.01' ? usdc : chain.token
      const till = await openTill(chain, price === '$0.01' ? price : token)
      const { handler, ran } = sold(till.options)
      const { url } = started.add(await functionUrl(handler))
      const { address, fetch: buy, sent } = await buyer(chain, token, open)

      const answer = await buy(url, ORDER)
      expect([answer.status, goldIn(await answer.json())]).toEqual([200, 'gold'])
      const [income, ...others] = await till.income()
      expect(income).toMatchObject({ asset: getAddress(token.asset), from: address, value: CENT })
      expect(others).toEqual([])
      expect(await chain.balanceOf(address, token.asset)).toBe(1_000_000n - CENT)
      const receipt = receiptIn(answer)
      expect(receipt).toMatchObject({ success: true, transaction: income?.transaction })
      expect([receipt?.['payer'], receipt?.['amount']]).toEqual([address, '10000'])
      const inV1 = decodeHeader(answer.headers.get('x-payment-response') ?? '')
      const { transaction } = income ?? {}
      const told = { success: true, transaction, network: 'base-sepolia', payer: address }
      expect(inV1).toEqual('x-payment' in sent() ? told : undefined)

      const again = await fetch(url, { ...ORDER, headers: sent() })
      expect([again.status, ran()]).toEqual([statusAgain(sent()), 1])
      expect(again.headers.get('payment-required')).toBeNull()
      expect(receiptIn(again)).toMatchObject({ success: true, ...transactionOf(income) })
      expect(goldIn(await again.json()) === 'gold').toBe(again.status === 200)
      expect(await till.income()).toHaveLength(1)
    })

    test('pays for a request that is no JSON-RPC', async () => {
      const { options, income } = await openTill(chain, '$0.01', { httpEvents: 'http' })
      const { handler, ran } = sold(options, () => ({ statusCode: 200, body: 'gold' }))
      const { url } = started.add(await functionUrl(handler))
      const { address, fetch: buy, sent } = await buyer(chain, usdc, open)
      const answer = await buy(url)
      expect([answer.status, await answer.text()]).toEqual([200, 'gold'])
      expect(await income()).toMatchObject([{ from: address, value: CENT }])
      const again = await fetch(url, { headers: sent() })
      expect([again.status, ran(), (await income()).length]).toEqual([statusAgain(sent()), 1, 1])
    })
  })

  describe.each(DOORS)('through a Gateway, by %s', (kind, door) => {
    const CALL = { name: 'srv___echo', arguments: { say: 'gold' } }

    async function connected() {
      const till = await openTill(chain)
      const { gateway, ran } = await door(till, started)
      const { url } = await started.gateway(gateway)
      return { till, ran, client: await started.client(url) }
    }

    test('payingMcp pays with the client of @x402/core', async () => {
      const { till, ran, client } = await connected()
      const { address, client: wallets } = await wallet()
      const payments: unknown[] = []
      const paying = payingMcp(
        client,
        async (challenge, { requirement }) => {
          const payload = await paymentFor(wallets, { ...challenge, accepts: [requirement] })
          payments.push(payload)
          return { meta: { 'x402/payment': payload } }
        },
        allowing({ token: usdc }, CENT),
        kind === 'a Lambda target' ? { lambdaTargets: [CALL.name] } : {},
      )
      const result = await paying.callTool(CALL)
      expect(JSON.stringify(result.content)).toContain('gold')
      expect(receiptOf(result)).toMatchObject({ paid: 'yes', amount: '10000' })
      expect(await till.income()).toMatchObject([{ from: address, value: CENT }])

      const paid = { ...CALL, _meta: { 'x402/payment': payments[0] } }
      const inArguments = { ...CALL.arguments, headers: { 'X-PAYMENT': encodeHeader(payments[0]) } }
      for (const replay of [paid, { ...CALL, arguments: inArguments }]) {
        expect(JSON.stringify(await client.callTool(replay))).not.toContain('"gold')
      }
      expect([ran(), (await till.income()).length, payments.length]).toEqual([1, 1, 1])
    })

    test('AgentCore payments pay in the arguments', async () => {
      const { till, ran, client } = await connected()
      const { address, header } = await agentCoreUser(chain, usdc, open)
      const refused = textsIn(await client.callTool(CALL))
      const marked = refused.find((text) => text.startsWith('PAYMENT_REQUIRED: ')) ?? ''
      const headers = await header(JSON.parse(marked.slice(18)) as { statusCode: number })
      expect(Object.keys(headers)).toEqual(['PAYMENT-SIGNATURE'])
      const paid = { ...CALL, arguments: { ...CALL.arguments, headers } }
      expect(JSON.stringify(await client.callTool(paid))).toContain('gold')
      expect(await till.income()).toMatchObject([{ from: address, value: CENT }])
      // It names its payments, so that the same one again gets the same answer.
      expect(JSON.stringify(await client.callTool(paid))).toContain('gold')
      expect([ran(), (await till.income()).length]).toEqual([1, 1])
    })
  })

  test('one payment five times at once is paid once and run once', async () => {
    let arrived = 0
    const till = await openTill(chain)
    const { handler, ran } = sold(till.options, async () => {
      while (arrived < 5) await sleep(1)
      return GOLD
    })
    const counting: LambdaHandler = (event, context) => {
      arrived += 1
      return handler(event, context)
    }
    const { url } = started.add(await functionUrl(counting))
    const { header } = await wallet()
    const payment = await header(url)
    arrived = 0
    const answers = await Promise.all(Array.from({ length: 5 }, () => call(url, payment)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409])
    expect([ran(), (await till.income()).length]).toEqual([1, 1])
  })

  test('twenty payments at once are all paid, each in a transaction of its own', async () => {
    const { url, ran, income, payTo } = await shop()
    const { client, left } = await wallet()
    const buy = wrapFetchWithPayment(fetch, client)
    const answers = await Promise.all(Array.from({ length: 20 }, () => buy(url, ORDER)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    const named = answers.map((answer) => String(receiptIn(answer)?.['transaction']))
    const moved = await income()
    expect(named.toSorted()).toEqual(moved.map(({ transaction }) => transaction).toSorted())
    expect(new Set(named).size).toBe(20)
    expect(ran()).toBe(20)
    expect([await left(), await chain.balanceOf(payTo, usdc.asset)]).toEqual([800_000n, 200_000n])
  })

  test('a settlement that is seen late is asked for again, and paid once', async () => {
    let lost = 0
    const operator = async () => {
      const one = await chain.operator()
      const waitForTransactionReceipt: typeof one.waitForTransactionReceipt = async (about) => {
        const receipt = await one.waitForTransactionReceipt(about)
        if (lost++ === 0) throw new Error('the node is gone')
        return receipt
      }
      return { ...one, waitForTransactionReceipt }
    }
    const { options, income, facilitator } = await openTill({ ...chain, operator })
    const { handler, ran } = sold(options)
    const { url } = started.add(await functionUrl(handler))
    const { address, header } = await wallet()
    const answer = await call(url, await header(url))
    expect([answer.status, ran()]).toEqual([200, 1])
    const [moved, ...others] = await income()
    expect([moved?.from, others]).toEqual([address, []])
    const { transaction } = moved ?? {}
    expect(facilitator.settlements).toMatchObject([
      { success: false, errorReason: 'settlement_pending', transaction },
      { success: true, transaction },
    ])
    expect(receiptIn(answer)).toMatchObject({ success: true, transaction })
  })

  test('who holds too little is refused before the handler', async () => {
    const { url, ran, income } = await shop()
    const { header, left } = await wallet(CENT - 1n)
    const answer = await call(url, await header(url))
    // A simulation that failed may have failed at a nonce that is used.
    expect([answer.status, answer.headers.get('payment-required')]).toEqual([409, null])
    expect(await answer.text()).toMatch(/may be used \(invalid_exact_evm\w+simulation_failed\)/)
    expect([ran(), await income(), await left()]).toEqual([0, [], CENT - 1n])
  })

  /** What facilitators make of a transfer that is going to revert. */
  const FACILITATORS = [
    ['asks the chain first', true],
    ['hears of it from the block', false],
  ] as const

  test.each(FACILITATORS)(
    'a wallet that is emptied while the handler works gets no result, where the facilitator %s',
    async (_, estimates) => {
      const elsewhere = (await wallet(0n)).address
      const { account, header, left } = await wallet()
      const work = async () => {
        await redeem(chain, usdc, account, { to: elsewhere, value: 1_000_000n })
        return GOLD
      }
      const { url, ran, income } = await shop({}, work, { estimates })
      const answer = await call(url, await header(url))
      expect(answer.status).toBe(estimates ? 402 : 503)
      expect([ran(), await income(), await left()]).toEqual([1, [], 0n])
      expect(await answer.text()).not.toContain('gold')
    },
  )

  /** Whoever uses up the nonce of a payment while the handler works, and where the money goes. */
  const REDEEMED = [
    ['its buyer, for himself', 0n],
    ['a stranger, as it is', CENT],
  ] as const

  const RACES = REDEEMED.flatMap(([who, earned]) =>
    FACILITATORS.map(([how, estimates]) => [who, how, earned, estimates] as const),
  )

  test.each(RACES)(
    'a payment that is redeemed by %s, gets no result and is not asked again, where the facilitator %s',
    async (who, _, earned, estimates) => {
      const { account, header, address, left } = await wallet()
      let payment = ''
      const work = async () => {
        const signed = decodeHeader(payment)?.['payload'] as Parameters<typeof redeem>[3]
        const { nonce } = signed.authorization ?? {}
        const isStranger = who.startsWith('a stranger')
        await redeem(chain, usdc, account, isStranger ? signed : { to: address, value: 0n, nonce })
        return GOLD
      }
      const { url, payTo, ran } = await shop({}, work, { estimates })
      payment = await header(url)
      const answer = await call(url, payment)
      expect([answer.status, ran()]).toEqual([estimates ? 409 : 503, 1])
      expect(answer.headers.get('payment-required')).toBeNull()
      const text = await answer.text()
      expect(text).toContain(estimates ? 'Look at your balance before' : 'Do not pay again')
      expect(text).not.toContain('gold')
      expect(await chain.balanceOf(payTo, usdc.asset)).toBe(earned)
      expect(await left()).toBe(1_000_000n - earned)
    },
  )

  test('upfront: the money is there before the handler runs, and failed work is owed', async () => {
    const seen: bigint[] = []
    const owed: unknown[] = []
    let payTo: Address = usdc.asset
    const work = async () => {
      seen.push(await chain.balanceOf(payTo, usdc.asset))
      return seen.length === 1 ? GOLD : { ...GOLD, isError: true }
    }
    const upfront = await shop({ flow: 'upfront', onRefundDue: (due) => owed.push(due) }, work)
    payTo = upfront.payTo
    const { address, client } = await wallet()
    const buy = wrapFetchWithPayment(fetch, client)
    const answer = await buy(upfront.url, ORDER)
    expect([answer.status, goldIn(await answer.json())]).toEqual([200, 'gold'])
    expect(owed).toEqual([])
    const failed = await buy(upfront.url, ORDER)
    const [, second] = await upfront.income()
    const due = { reason: 'handler_failed', payer: address, amount: '10000', asset: usdc.asset }
    expect(owed).toEqual([expect.objectContaining({ ...due, ...transactionOf(second) })])
    expect(decodeHeader(failed.headers.get('x-refund-due') ?? '')).toMatchObject(due)
    expect(seen).toEqual([CENT, 2n * CENT])
    expect(upfront.facilitator.settlements).toHaveLength(2)
  })

  test('overlap: the handler runs beside verify, and bad money gets none of its work', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const work = ({ signal }: VerifiedPayment) => {
      signals.push(signal)
      return GOLD
    }
    const { url, ran, income } = await shop({ flow: 'overlap' }, work)
    const rich = await wallet()
    const paid = await call(url, await rich.header(url))
    expect([paid.status, goldIn(await paid.json())]).toEqual([200, 'gold'])
    expect(await income()).toMatchObject([{ from: rich.address, value: CENT }])
    const poor = await wallet(CENT - 1n)
    const refused = await call(url, await poor.header(url))
    expect([refused.status, refused.headers.get('payment-required')]).toEqual([409, null])
    expect(await refused.text()).not.toContain('gold')
    expect(signals.map((signal) => signal?.aborted)).toEqual([false, true])
    expect([ran(), (await income()).length, await poor.left()]).toEqual([2, 1, CENT - 1n])
  })
})

function call(url: string, payment?: string): Promise<Response> {
  const paid = payment === undefined ? {} : { 'payment-signature': payment }
  return fetch(url, { ...ORDER, headers: { ...ORDER.headers, ...paid } })
}

async function challengeOf({ headers }: Response): Promise<PaymentRequired> {
  return decodeHeader(headers.get('payment-required') ?? '') as unknown as PaymentRequired
}

function paymentFor(client: x402Client, challenge: object) {
  return client.createPaymentPayload(challenge as PaymentRequired)
}

function receiptIn({ headers }: Response): Record<string, unknown> | undefined {
  return decodeHeader(headers.get('payment-response') ?? '')
}
