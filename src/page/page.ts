import type { PageCall, PageState } from '../local/page/messages.js'
import { BuyView } from './buy-view.js'
import { CallList } from './call-list.js'
import { callView } from './call-view.js'
import { byId, element } from './dom.js'
import { FaultsView } from './faults-view.js'
import { GatewayView } from './gateway-view.js'
import { paymentsView } from './payments-view.js'
import { drawPlots } from './plots.js'
import { Stack } from './stack.js'
import { Tabs } from './tabs.js'
import { walletsView } from './wallets-view.js'

/** How often the plots are drawn. Unit: ms. */
const PLOT_PAUSE_MS = 1_000

const stack = new Stack()
const tabs = new Tabs()
const buy = new BuyView(stack)
const faults = new FaultsView(stack)
const gateway = new GatewayView(stack)
const call = element('div', {}, element('p', { class: 'quiet' }, 'Choose a call to see it whole.'))
const wallets = element('div')
const payments = element('div')
let decimals = 6

const list = new CallList((chosen: PageCall) => {
  call.replaceChildren(callView(chosen))
  tabs.show('Call')
  // In a narrow window the details are above the list.
  call.scrollIntoView({ block: 'nearest' })
})

tabs.add('Buy', buy.element, () => void buy.load())
tabs.add('Call', call)
tabs.add('Wallets', wallets)
tabs.add('Payments', payments, () => void showPayments())
tabs.add('Faults', faults.element)
tabs.add('Gateway', gateway.element)
tabs.show('Buy')

async function showPayments(): Promise<void> {
  try {
    payments.replaceChildren(paymentsView(await stack.payments()))
  } catch (error) {
    payments.replaceChildren(element('p', { class: 'bad' }, (error as Error).message))
  }
}

function showState(state: PageState): void {
  decimals = state.decimals
  byId('about', HTMLElement).textContent = `${state.url}, version ${state.version}`
  wallets.replaceChildren(walletsView(state))
  faults.show(state)
  gateway.show(state)
  if (!payments.closest<HTMLElement>('[role="tabpanel"]')?.hidden) void showPayments()
}

function showConnection(isOpen: boolean): void {
  const status = byId('connection', HTMLElement)
  status.textContent = isOpen ? 'connected' : 'the stack has ended; waiting for it …'
  status.classList.toggle('lost', !isOpen)
}

setInterval(() => drawPlots(list.calls, decimals), PLOT_PAUSE_MS)
drawPlots(list.calls, decimals)
void stack.listen({
  onCalls: (calls) => list.add(calls),
  onState: showState,
  onConnection: showConnection,
})
