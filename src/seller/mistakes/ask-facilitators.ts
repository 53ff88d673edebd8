import { clockMistake } from '../../mistakes/clock-mistake.js'
import type { Mistake } from '../../errors/mistake.js'
import { isNews } from '../../mistakes/told.js'
import { shownUrl } from '../../mistakes/unreachable.js'
import {
  type FacilitatorClient,
  SupportedSchema,
  type SupportedKinds,
  kindIn,
} from '../../facilitators/facilitator-client.js'
import { lazyTransport } from '../../http/lazy-transport.js'
import { remainingMs, withDeadline } from '../../time/deadline.js'
import type { AssetTerms } from '../options/money/asset-terms.js'
import type { Sale } from '../options/sale.js'

/** The buyer waits for these questions, once for each container. Unit: ms. */
const MAX_WAIT_MS = 2_000

/** A part of the time that is left, for a question that is not needed for the answer. */
function limitOf({ context }: Sale): number {
  return Math.min(MAX_WAIT_MS, remainingMs(context) / 4)
}

/**
 * The mistake of a seller whose facilitators do not serve what is sold. They are asked once for each wrapper.
 *
 * @returns `undefined` if one of them serves it, or one of them gives no answer.
 */
export async function kindMistake(
  sale: Sale,
  { scheme, network }: Pick<AssetTerms, 'scheme' | 'network'>,
): Promise<Mistake | undefined> {
  const clients = sale.settings.facilitatorClients
  if (clients === undefined) return undefined
  if (!isNews(sale.settings, `asked for ${scheme} on ${network}`)) return undefined
  const kind = { x402Version: 2, scheme, network }
  const served = await Promise.all(clients.map((client) => supportedBy(client, limitOf(sale))))
  if (served.some((one) => kindIn(one, kind) !== undefined)) return undefined
  return {
    code: 'kind_not_supported',
    field: 'facilitators',
    problem: `no facilitator serves ${scheme} on ${network}: ${clients.map((client, i) => `${nameOf(client)} serves ${kindsIn(served[i])}`).join('; ')}`,
    expected: 'a facilitator that serves what is sold',
    cure: 'Change network or scheme, or take another facilitator. https://x402.org/facilitator serves test networks only.',
  }
}

async function supportedBy(client: FacilitatorClient, limitMs: number): Promise<SupportedKinds> {
  return SupportedSchema.parse(await withDeadline(limitMs, async () => client.getSupported()))
}

/** A list may have dozens of kinds. */
const MAX_KINDS = 8

/** What a facilitator serves, in words. */
export function kindsIn(supported: SupportedKinds | undefined): string {
  const v2 = (supported?.kinds ?? []).filter(({ x402Version }) => x402Version === 2)
  const names = [...new Set(v2.map(({ scheme, network }) => `${scheme} on ${network}`))]
  if (names.length === 0) return 'nothing of x402 v2'
  const more = names.length > MAX_KINDS ? ` and ${names.length - MAX_KINDS} more` : ''
  return names.slice(0, MAX_KINDS).join(', ') + more
}

/** A facilitator by its URL, if it has one. */
export function nameOf(client: FacilitatorClient): string {
  return urlOf(client) ?? 'a facilitator'
}

/** Our client and that of `@x402/core` say their URL. */
function urlOf(client: FacilitatorClient | undefined): string | undefined {
  const { url } = (client ?? {}) as { url?: unknown }
  return typeof url === 'string' && URL.canParse(url) ? shownUrl(url) : undefined
}

/** The mistake of a clock that is wrong, by the clock of a facilitator. It is asked once for each wrapper. */
export async function wrongClock(sale: Sale): Promise<Mistake | undefined> {
  const { facilitatorClients = [], now } = sale.settings
  const url = facilitatorClients.map(urlOf).find((one) => one !== undefined)
  if (url === undefined || !isNews(sale.settings, `asked ${url} for the time`)) return undefined
  const transport = await lazyTransport(new URL(url), now)()
  const answer = await transport.send({
    url: `${url}/supported`,
    method: 'GET',
    headers: { Accept: 'application/json' },
    body: undefined,
    repeatable: true,
    timeoutMs: limitOf(sale),
  })
  return 'date' in answer ? clockMistake(answer.date, now(), url) : undefined
}
