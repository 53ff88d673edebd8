import type { FaultPlace, PageFault, PageState } from '../local/page/messages.js'
import { choice, element, labelled, setChoices } from './dom.js'
import type { Stack } from './stack.js'

/** What can be set where. The stack checks it again. */
const PLACES: Readonly<
  Record<FaultPlace, { title: string; kinds: readonly string[]; routes: readonly string[] }>
> = {
  plans: {
    title: 'facilitator for plans',
    kinds: ['error', 'refuse', 'delay', 'reset', 'lost-answer', 'garbage', 'html', 'empty'],
    routes: ['verify', 'settle', 'permissions', 'plan', 'balance', 'order'],
  },
  money: {
    title: 'facilitator for money',
    kinds: ['error', 'refuse', 'pending', 'delay', 'reset', 'lost-answer', 'garbage', 'html'],
    routes: ['verify', 'settle', 'supported', 'status'],
  },
  wallets: {
    title: 'AgentCore payments',
    kinds: ['error', 'fail', 'delay', 'reset', 'lost-answer', 'garbage'],
    routes: ['ProcessPayment', 'GetPaymentSession', 'CreatePaymentSession'],
  },
}
const EVERY = 'every route'
const ALWAYS = 1_000_000

/** Sets what goes wrong, and shows what is set. */
export class FaultsView {
  readonly element: HTMLElement
  readonly #stack: Stack
  readonly #place = element('select')
  readonly #kind = element('select')
  readonly #route = element('select')
  readonly #times = choice(['once', '3 times', 'always'])
  readonly #problem = element('p', { class: 'bad', role: 'alert' })
  readonly #set = element('ul')

  constructor(stack: Stack) {
    this.#stack = stack
    const places = Object.entries(PLACES).map(([value, { title }]) =>
      element('option', { value }, title),
    )
    this.#place.append(...places)
    this.#place.addEventListener('change', () => this.#fill())
    this.#fill()
    const button = element('button', {}, 'Set the fault')
    const form = element(
      'form',
      { 'aria-label': 'Set a fault' },
      element(
        'div',
        { class: 'row' },
        labelled('Where', this.#place),
        labelled('What', this.#kind),
        labelled('On', this.#route),
        labelled('How often', this.#times),
      ),
      button,
    )
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#send()
    })
    this.element = element('div', {}, form, this.#problem, this.#set)
  }

  show({ faults }: PageState): void {
    const items = faults.map((fault) => this.#item(fault))
    this.#set.replaceChildren(...items)
    this.#set.hidden = items.length === 0
  }

  #fill(): void {
    const { kinds, routes } = PLACES[this.#place.value as FaultPlace]
    setChoices(this.#kind, kinds)
    setChoices(this.#route, [EVERY, ...routes])
  }

  async #send(): Promise<void> {
    const route = this.#route.value
    const times = { once: 1, '3 times': 3 }[this.#times.value] ?? ALWAYS
    try {
      await this.#stack.setFault({
        place: this.#place.value as FaultPlace,
        kind: this.#kind.value,
        times,
        ...(route !== EVERY && { route }),
      })
      this.#problem.textContent = ''
    } catch (error) {
      this.#problem.textContent = (error as Error).message
    }
  }

  #item({ id, place, kind, route = EVERY, left }: PageFault): HTMLElement {
    const often = left > 1_000 ? 'always' : `${left} more ${left === 1 ? 'time' : 'times'}`
    const text = `${PLACES[place].title}: ${kind} on ${route}, ${often}`
    const button = element('button', { type: 'button', 'aria-label': `Remove: ${text}` }, 'Remove')
    button.addEventListener('click', () => void this.#stack.removeFault(id))
    return element('li', {}, text, ' ', button)
  }
}
