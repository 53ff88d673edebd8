import { x402Client } from '@x402/core/client'
import { registerExactEvmScheme } from '@x402/evm/exact/client'
import { wrapFetchWithPayment } from '@x402/fetch'
import { privateKeyToAccount } from 'viem/accounts'

/** What a page was told. Plain data, sent to the server that the page came from. */
export interface Seen {
  /** Why a request of the page failed before it had an answer. */
  error?: string
  status?: number
  challenge?: string | null
  receipt?: string | null
  body?: string
}

/** Buys from a shop of another origin with the client that x402's makers publish. */
async function buy(shop: string, key: string): Promise<{ refused: Seen; paid: Seen }> {
  const account = privateKeyToAccount(key as `0x${string}`)
  const client = registerExactEvmScheme(new x402Client(), { signer: account })
  client.setSpendControls(false)
  const paying = wrapFetchWithPayment(fetch, client)
  return { refused: await seen(() => fetch(shop)), paid: await seen(() => paying(shop)) }
}

async function seen(ask: () => Promise<Response>): Promise<Seen> {
  try {
    const response = await ask()
    const { status, headers } = response
    return {
      status,
      challenge: headers.get('payment-required'),
      receipt: headers.get('payment-response'),
      body: await response.text(),
    }
  } catch (error) {
    return { error: String(error) }
  }
}

/** The address of this page. The project has no types of browsers. */
declare const location: { search: string }

const query = new URLSearchParams(location.search)
void buy(query.get('shop') ?? '', query.get('key') ?? '').then((result) =>
  fetch('/result', { method: 'POST', body: JSON.stringify(result) }),
)
