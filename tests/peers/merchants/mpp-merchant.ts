import { Errors } from 'mppx'
import { Mppx, evm } from 'mppx/express'
import type { RequestHandler } from 'express'
import { formatUnits, type Hex } from 'viem'
import { TOKEN_ABI, type Chain, type Operator, type Token } from '../chain/chain.js'
import { listen } from '../chain/listen.js'
import { newAddress, shop, type Merchant, type MerchantOptions, type Sale } from './merchant.js'

export interface MppMerchantOptions extends Omit<MerchantOptions, 'maxTimeoutSeconds'> {
  /** What its 402 offers. @default ['mpp'] */
  protocols?: readonly ('mpp' | 'x402')[]
  /** Whether credentials come in `Payment-Authorization`, and callers keep `Authorization`. @default false */
  requiresAuth?: boolean
}

/**
 * A seller with `mppx`: `WWW-Authenticate: Payment` asks, `Authorization: Payment` pays, and
 * `Payment-Receipt` says so. It settles before it delivers.
 *
 * @see https://datatracker.ietf.org/doc/draft-ryan-httpauth-payment/
 */
export async function startMppMerchant(
  chain: Chain,
  options: MppMerchantOptions = {},
): Promise<Omit<Merchant, 'facilitator'>> {
  const { price = '1000', payTo = newAddress(), token = chain.token } = options
  const { protocols = ['mpp'], requiresAuth = false } = options
  const cashier = await chain.operator()
  const mppx = Mppx.create({
    secretKey: crypto.randomUUID(),
    requiresAuth,
    methods: [
      evm({
        currency: token.asset,
        recipient: payTo,
        chainId: chain.chainId,
        decimals: token.decimals,
        authorization: { name: token.name, version: token.version },
        settle: ({ payload }) => transfer(cashier, token, payload),
      }),
    ],
  })
  const paywall = mppx.charge({ amount: formatUnits(BigInt(price), token.decimals) })
  const sold: Sale[] = []
  const taking = requiresAuth ? inOwnHeader(paywall) : paywall
  const { url, close } = await listen(shop(offering(protocols, taking), sold))
  return { url, payTo, price: BigInt(price), token, sold, close }
}

type Payload = Parameters<NonNullable<Parameters<typeof evm.charge>[0]['settle']>>[0]['payload']

async function transfer(
  cashier: Operator,
  { asset }: Token,
  { from, to, value, validAfter, validBefore, nonce, signature }: Payload,
): Promise<{ reference: Hex }> {
  const hash = await cashier.writeContract({
    address: asset,
    abi: TOKEN_ABI,
    functionName: 'transferWithAuthorization',
    args: [
      from as Hex,
      to as Hex,
      BigInt(value),
      BigInt(validAfter),
      BigInt(validBefore),
      nonce as Hex,
      signature as Hex,
    ],
    gas: 500_000n,
  })
  const { status } = await cashier.waitForTransactionReceipt({ hash })
  if (status !== 'success') {
    throw new Errors.VerificationFailedError({ reason: 'the transfer was reverted' })
  }
  return { reference: hash }
}

/**
 * With `requiresAuth`, `mppx` names `Payment-Authorization` in its challenges. Its method `evm` reads `Authorization` all
 * the same (0.11), so the credential is put there, as a server has to that checks its users before.
 */
function inOwnHeader(paywall: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const { 'payment-authorization': credential, ...headers } = request.headers
    delete headers.authorization
    request.headers = { ...headers, ...(credential && { authorization: String(credential) }) }
    return paywall(request, response, next)
  }
}

/** `mppx` offers both protocols; leaves the header of the other one out. */
function offering(protocols: readonly string[], paywall: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const setHeader = response.setHeader.bind(response)
    response.setHeader = (name, value) => {
      const of = CHALLENGES[name.toLowerCase()]
      return of === undefined || protocols.includes(of) ? setHeader(name, value) : response
    }
    return paywall(request, response, next)
  }
}

const CHALLENGES: Readonly<Record<string, string>> = {
  'www-authenticate': 'mpp',
  'payment-required': 'x402',
}
