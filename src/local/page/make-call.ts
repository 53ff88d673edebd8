import { PaymentRequiredSchema, type Challenge } from '../../wire/x402-challenge.js'
import { isRecord } from '../../wire/json.js'
import { PAYMENT_SIGNATURE_HEADER, PAYMENT_REQUIRED_HEADER, decodeHeader } from '../../wire/x402.js'
import { examplePayment, type MoneyPlace } from '../example-payment.js'
import { mcpAnswer } from '../trial/mcp-answer.js'
import { cutSecrets } from './cut-secrets.js'
import type { MadeCall, WantedCall } from './messages.js'

/** Who pays for the calls of the page. */
export interface PageBuyer {
  /** The URL of the Gateway. */
  readonly url: string
  /** Where money settles, with the local buyer. */
  readonly money: MoneyPlace
  /** Mints a token for a plan that the stack knows. @throws if it does not. */
  readonly tokenFor: (planId: string) => string
}

/** A call that lasts longer is given up. Unit: ms. */
const TIMEOUT_MS = 120_000

interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** Calls a tool, as a buyer does: without payment first, then with what the challenge asks for. */
export async function makeCall(wanted: WantedCall, buyer: PageBuyer): Promise<MadeCall> {
  const first = await post(wanted, buyer.url)
  const challenge = challengeIn(first)
  if (wanted.pay === 'nothing' || challenge === undefined) return made(first)
  const payment = await paymentFor(challenge, wanted.pay, buyer)
  if ('problem' in payment) return { ...made(first), ...payment }
  return made(await post(wanted, buyer.url, payment.header))
}

function made({ status, body }: Answered): MadeCall {
  return { status, answer: cutSecrets(body) }
}

async function post({ tool, arguments: args }: WantedCall, url: string, payment?: string) {
  const params = { name: tool, arguments: args }
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(payment !== undefined && { [PAYMENT_SIGNATURE_HEADER]: payment }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const { status, headers } = response
  return { status, headers, body: await mcpAnswer(response) }
}

function challengeIn({ headers, body }: Answered): Challenge | undefined {
  const result = isRecord(body) && isRecord(body['result']) ? body['result'] : {}
  const { structuredContent, paymentRequired = structuredContent } = result
  const inHeader = decodeHeader(headers.get(PAYMENT_REQUIRED_HEADER) ?? '')
  for (const one of [paymentRequired, inHeader]) {
    const parsed = PaymentRequiredSchema.safeParse(one)
    if (parsed.success) return parsed.data
  }
  return undefined
}

type Payment = { readonly header: string } | { readonly problem: string }

async function paymentFor(
  challenge: Challenge,
  pay: 'credits' | 'money',
  buyer: PageBuyer,
): Promise<Payment> {
  return pay === 'credits' ? inCredits(challenge, buyer) : inMoney(challenge, buyer)
}

function inCredits({ accepts }: Challenge, { tokenFor }: PageBuyer): Payment {
  const plans = accepts.flatMap(({ planId }) => (typeof planId === 'string' ? [planId] : []))
  if (plans.length === 0) return { problem: 'The tool is not sold for credits.' }
  for (const planId of plans) {
    try {
      return { header: tokenFor(planId) }
    } catch {
      // Another plan, perhaps.
    }
  }
  return { problem: `The local stack does not know the plan ${plans.join(', ')}.` }
}

async function inMoney(challenge: Challenge, { money }: PageBuyer): Promise<Payment> {
  const made = await examplePayment(money, challenge)
  return 'problem' in made ? { problem: `${made.problem}.` } : { header: made.payment }
}
