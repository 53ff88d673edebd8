import { isRecord } from '../../../wire/json.js'
import { assetText, moneyText, networkWords } from './amounts.js'
import { text } from '../findings.js'
import { safeText } from '../secrets.js'
import type { Row } from '../thing.js'

/** What one way to pay says, in words. */
export function termRows(terms: Readonly<Record<string, unknown>>): Row[] {
  const { network, asset, scheme, payTo, planId, maxTimeoutSeconds } = terms
  const amount = terms['amount'] ?? terms['maxAmountRequired']
  const extra = isRecord(terms['extra']) ? terms['extra'] : {}
  const seconds = typeof maxTimeoutSeconds === 'number' ? `${maxTimeoutSeconds} seconds` : undefined
  const money = moneyText(amount, asset, network)
  return [
    ['Scheme', schemeText(scheme, extra)],
    ['Network', networkWords(network)],
    ['Amount', money !== undefined && scheme === 'upto' ? `at most ${money}` : money],
    ['Asset', assetText(asset, network)],
    ['Pay to', typeof payTo === 'string' ? safeText(payTo, 'payTo') : undefined],
    ['Plan', typeof planId === 'string' ? safeText(planId, 'planId') : undefined],
    ['Agent', shown(extra['agentId'])],
    ['Method', shown(extra['httpVerb'])],
    ['Valid for', seconds],
  ]
}

function schemeText(scheme: unknown, extra: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof scheme !== 'string') return undefined
  const { assetTransferMethod, paymentFlow } = extra
  const known = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined
  const notes = [
    known,
    shown(assetTransferMethod),
    paymentFlow === 'upfront' ? 'paid in advance' : undefined,
  ]
  const words = notes.filter((one) => one !== undefined).join(', ')
  return words === '' ? safeText(scheme) : `${safeText(scheme)} (${words})`
}

const SCHEMES: Readonly<Record<string, string>> = {
  exact: 'this amount',
  upto: 'at most this amount',
  'nvm:erc4337': 'credits of a plan on a chain',
  'nvm:card-delegation': 'credits of a plan that is paid by card',
}

/** A text of a member, if there is one. */
export function shown(value: unknown, name = ''): string | undefined {
  const words = text(value)
  return words === undefined ? undefined : safeText(words, name)
}

/** What is paid for. */
export function resourceText(resource: unknown): string | undefined {
  if (typeof resource === 'string') return safeText(resource)
  return isRecord(resource) ? shown(resource['url']) : undefined
}
