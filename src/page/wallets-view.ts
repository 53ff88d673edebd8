import type { PageState } from '../local/page/messages.js'
import { element } from './dom.js'

/** Who holds what. */
export function walletsView({ wallets, planId, network, settlesOn }: PageState): HTMLElement {
  const rows = wallets.map(({ name, address, credits, money }) =>
    element(
      'tr',
      {},
      element('td', {}, name, element('div', { class: 'quiet' }, address)),
      element('td', {}, [credits, money].filter((one) => one !== undefined).join(', ')),
    ),
  )
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'Wallet'),
    element('th', { scope: 'col' }, 'Holds'),
  )
  const where = settlesOn === 'chain' ? 'a chain of this machine' : 'a ledger in memory'
  return element(
    'div',
    {},
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)),
    element('p', { class: 'quiet' }, `Plan ${planId}. Money settles on ${where}, as ${network}.`),
  )
}
