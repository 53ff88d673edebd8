import { isRecord } from '../../wire/json.js'
import { creditsText } from '../../wire/amounts.js'
import type { CallReport } from './call-report.js'
import type { Known } from './known.js'
import { moneyText } from './prices.js'
import { withoutSecrets } from './without-secrets.js'

type Fields = Record<string, unknown>
type Asked = Omit<CallReport, 'door' | 'at' | 'ms' | 'warnings'>

/** What a seller that runs elsewhere asked a facilitator, and got. */
export function askedReport({ asked }: Known): Asked | undefined {
  const [one] = asked
  if (one === undefined) return undefined
  const { route, status } = one
  const sent = isRecord(one.sent) ? one.sent : {}
  const body = isRecord(one.body) ? one.body : {}
  const about = { method: route, tool: [route, resourceIn(sent)].join(' ').trim() }
  if (status >= 400) return { ...about, ...failed(status, body) }
  if (body['isValid'] === true) return { ...about, outcome: 'verified', price: askedPrice(sent) }
  if (body['success'] === true && route === 'settle') return { ...about, ...settled(sent, body) }
  const reason = body['invalidReason'] ?? body['errorReason']
  if (typeof reason !== 'string') return { ...about, outcome: 'served' }
  return { ...about, outcome: 'refused', code: reason }
}

function failed(status: number, body: Fields): Pick<CallReport, 'outcome' | 'code' | 'reason'> {
  const { code = `HTTP ${status}`, message = body['error'] } = body
  const outcome = String(code).startsWith('BCK.X402') ? 'refused' : 'rejected'
  const reason = typeof message === 'string' ? withoutSecrets(message) : undefined
  return { outcome, code: String(code), reason }
}

function settled(sent: Fields, body: Fields): Omit<Asked, 'method' | 'tool'> {
  const text = (name: string): string | undefined =>
    typeof body[name] === 'string' && body[name] !== '' ? body[name] : undefined
  const credits = text('creditsRedeemed')
  return {
    outcome: 'paid',
    credits,
    left: text('remainingBalance'),
    money: credits === undefined ? moneyIn(sent, text('amount')) : undefined,
    network: text('network'),
    transaction: text('transaction'),
    payer: text('payer'),
  }
}

/** What a payment has to cover: credits of a plan, or money. */
function askedPrice(sent: Fields): string | undefined {
  const { maxAmount } = sent
  const isText = typeof maxAmount === 'string' || typeof maxAmount === 'number'
  return isText ? creditsText(maxAmount) : moneyIn(sent)
}

function moneyIn({ paymentRequirements }: Fields, charged?: string): string | undefined {
  if (!isRecord(paymentRequirements)) return undefined
  const { asset, network, maxAmountRequired, amount = maxAmountRequired } = paymentRequirements
  return moneyText(charged ?? String(amount), asset, network)
}

function resourceIn({ paymentRequired, paymentPayload, paymentRequirements }: Fields): string {
  for (const one of [paymentRequired, paymentPayload, paymentRequirements]) {
    const resource = isRecord(one) ? one['resource'] : undefined
    const url = isRecord(resource) ? resource['url'] : resource
    if (typeof url === 'string') return url
  }
  return ''
}
