import { clockMistake } from '../../mistakes/clock-mistake.js'
import { withDeadline } from '../../time/deadline.js'
import {
  type FacilitatorClient,
  SupportedSchema,
  type SupportedKinds,
  kindIn,
} from '../../facilitators/facilitator-client.js'
import { kindsIn, nameOf } from '../../seller/mistakes/ask-facilitators.js'
import type { AssetTerms } from '../../seller/options/money/asset-terms.js'
import { sameId } from '../../wire/amounts.js'
import { type Finding, findingsOf, ofFailure, ofMistake } from './finding.js'
import type { Sold } from './sold.js'

/** How long one question may take. Unit: ms. */
const TIMEOUT_MS = 10_000

const { ok, warn, fail } = findingsOf('facilitator')

/** What a facilitator said that it serves. */
interface Asked {
  readonly client: FacilitatorClient
  readonly supported: SupportedKinds
}

/** Asks every facilitator what it serves, and compares that with what is sold. No money moves. */
export async function checkFacilitators(sold: Sold): Promise<Finding[]> {
  const asked = await Promise.all(sold.facilitators.map(ask))
  const answered = asked.filter((one): one is Asked => 'supported' in one)
  const failed = asked.filter((one): one is Finding => 'level' in one)
  if (answered.length === 0) return failed
  if (sold.assets.length === 0) {
    return [
      ...failed,
      ...answered.map(({ client, supported }) =>
        ok(`${nameOf(client)} serves ${kindsIn(supported)}`),
      ),
    ]
  }
  const kinds = [
    ...new Map(sold.assets.map((one) => [`${one.scheme} ${one.network}`, one])).values(),
  ]
  return [
    ...failed,
    ...kinds.flatMap((kind) => served(kind, answered)),
    ...ownAddresses(sold, answered),
  ]
}

async function ask(client: FacilitatorClient): Promise<Asked | Finding> {
  try {
    const answer = await withDeadline(TIMEOUT_MS, async () => client.getSupported())
    return { client, supported: SupportedSchema.parse(answer) }
  } catch (error) {
    return ofFailure('facilitator', error, `${nameOf(client)} does not say what it serves`)
  }
}

/** What buyers need of a facilitator, for some schemes. */
function neededExtra({ scheme, network, price }: AssetTerms): string | undefined {
  const needed = network.startsWith('solana:')
    ? 'feePayer'
    : scheme === 'upto'
      ? 'facilitatorAddress'
      : undefined
  const given = typeof price === 'object' ? price.extra : {}
  return needed !== undefined && given[needed] === undefined ? needed : undefined
}

function served(terms: AssetTerms, asked: readonly Asked[]): Finding[] {
  const { scheme, network } = terms
  const sold = `${scheme} on ${network}`
  const found = asked.map(({ client, supported }) => {
    return { client, supported, kind: kindIn(supported, { x402Version: 2, scheme, network }) }
  })
  const serving = found.filter(({ kind }) => kind !== undefined)
  if (serving.length === 0) {
    const all = found
      .map(({ client, supported }) => `${nameOf(client)} serves ${kindsIn(supported)}`)
      .join('; ')
    return [
      fail(
        `no facilitator serves ${sold}: ${all}`,
        'Change network or scheme, or take another facilitator. https://x402.org/facilitator serves test networks only.',
      ),
    ]
  }
  const needed = neededExtra(terms)
  const extra = serving[0]?.kind?.extra
  if (needed !== undefined && typeof extra?.[needed] !== 'string') {
    const cure = `Set price.extra.${needed}, or take another facilitator. Buyers cannot sign without it.`
    return [fail(`${sold} needs ${needed}, and ${names(serving)} does not say it`, cure)]
  }
  const others = found.filter(({ kind }) => kind === undefined)
  const all = ok(`${names(serving)} serves ${sold}`)
  if (others.length === 0) return [all]
  return [
    all,
    warn(`${names(others)} does not serve ${sold}`, 'It cannot stand in if the others fail.'),
  ]
}

function names(all: readonly { readonly client: FacilitatorClient }[]): string {
  return all.map(({ client }) => nameOf(client)).join(', ')
}

/** Money that goes to the facilitator's own address is the facilitator's. */
function ownAddresses({ assets }: Sold, asked: readonly Asked[]): Finding[] {
  const check = findingsOf('payTo')
  const payees = [...new Map(assets.map((one) => [one.payTo, one])).values()]
  return payees.map(({ payTo, network }) => {
    const owner = asked.find(({ supported }) =>
      signersOf(supported).some((one) => sameId(one, payTo)),
    )
    if (owner === undefined) return check.ok(`${payTo} is paid on ${network}`)
    const cure = 'Set payTo to an address of your own.'
    return check.fail(
      `payTo ${payTo} is the address of the facilitator ${nameOf(owner.client)}`,
      cure,
    )
  })
}

/** The addresses that a facilitator signs with. */
function signersOf({ signers, kinds }: SupportedKinds & { signers?: unknown }): string[] {
  const listed = Object.values((signers ?? {}) as Record<string, unknown>).flat()
  const inKinds = kinds.flatMap(({ extra }) => [extra?.['facilitatorAddress'], extra?.['feePayer']])
  return [...listed, ...inKinds].filter((one): one is string => typeof one === 'string')
}

/** Compares the clock of this machine with those of the services that are used. */
export async function checkClock(
  { facilitators, payments }: Sold,
  now: () => number,
): Promise<Finding[]> {
  const check = findingsOf('clock')
  const { backendUrl } = (payments ?? {}) as { backendUrl?: unknown }
  const urls = [
    ...(typeof backendUrl === 'string' ? [`${backendUrl}/api/v1/meta/versions`] : []),
    ...facilitators.map((one) => `${nameOf(one)}/supported`),
  ].filter((url) => URL.canParse(url))
  for (const url of urls) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
      () => undefined,
    )
    await answer?.body?.cancel()
    const date = answer?.headers.get('date') ?? undefined
    if (date === undefined) continue
    const { origin } = new URL(url)
    const mistake = clockMistake(date, now(), origin)
    return [
      mistake === undefined
        ? check.ok(`the clock agrees with that of ${origin}`)
        : ofMistake('clock', mistake),
    ]
  }
  return []
}
