import { x402Client, x402HTTPClient } from '@x402/core/client'
import type { PaymentRequired } from '@x402/core/types'
import { registerExactEvmScheme } from '@x402/evm/exact/client'
import { Mppx, evm } from 'mppx/client'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import type { PayFunction, PayerAnswer, PayerCall } from '../../../src/client/index.js'
import type { Chain, Token } from './chain.js'

/** A wallet that pays by itself, with what the makers of the two protocols publish. */
export interface WalletPayer {
  pay: PayFunction
  protocols: readonly ('x402' | 'mpp')[]
  /** What it was asked to pay, in that order. */
  calls: PayerCall[]
}

export function walletPayer(account: PrivateKeyAccount, token: Token): WalletPayer {
  const client = x402ClientOf(account)
  const http = new x402HTTPClient(client)
  const calls: PayerCall[] = []
  return {
    protocols: ['x402', 'mpp'],
    calls,
    async pay(paymentRequired, call) {
      calls.push(call)
      if (call.mpp !== undefined) return payMpp(account, token, call.mpp.raw)
      const chosen = { ...paymentRequired, accepts: [call.requirement] }
      const payload = await client.createPaymentPayload(chosen as unknown as PaymentRequired)
      return { headers: http.encodePaymentSignatureHeader(payload) }
    },
  }
}

/** An account of its own with that much of the token. */
export async function funded(
  chain: Chain,
  amount: bigint,
  token: Token = chain.token,
): Promise<PrivateKeyAccount> {
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.mint(account.address, amount, token.asset)
  return account
}

/** The token is not among those it knows, hence no controls of its own. */
export function x402ClientOf(account: PrivateKeyAccount): x402Client {
  return registerExactEvmScheme(new x402Client(), { signer: account }).setSpendControls(false)
}

export function mppClientOf(account: PrivateKeyAccount, { name, version }: Token) {
  const methods = [evm({ account, authorization: { name, version } })]
  return Mppx.create({ methods, polyfill: false })
}

async function payMpp(
  account: PrivateKeyAccount,
  token: Token,
  challenge: string,
): Promise<PayerAnswer> {
  const headers = { 'WWW-Authenticate': challenge }
  const asked = new Response(null, { status: 402, headers })
  return { headers: { Authorization: await mppClientOf(account, token).createCredential(asked) } }
}
