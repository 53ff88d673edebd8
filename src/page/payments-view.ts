import type { PagePayments } from '../local/page/messages.js'
import { element, facts, jsonBlock } from './dom.js'

/** The payments of the table, by state, and the newest with their records. */
export function paymentsView({ hasTable, byState, latest, hasMore }: PagePayments): HTMLElement {
  if (!hasTable) {
    return element('p', {}, 'This stack keeps no payments. Start it with --table to see them here.')
  }
  const counts = Object.fromEntries(
    Object.entries(byState).map(([state, count]) => [state, String(count)]),
  )
  const records = latest.map(({ state, at, tool, key, record }) => {
    const when = at === 0 ? '' : `${new Date(at).toLocaleTimeString()}  `
    const summary = element('summary', {}, `${when}${state}  ${tool}`)
    return element('details', {}, summary, jsonBlock(`the record ${key}`, record))
  })
  return element(
    'div',
    {},
    latest.length === 0 ? element('p', {}, 'The table has no payments yet.') : facts(counts),
    hasMore
      ? element('p', { class: 'quiet' }, 'The table has more than was read here.')
      : undefined,
    ...records,
  )
}
