import type { FaultChoices, FaultPlace, PageFault, PageState } from '../local/page/messages.js'
import { choice, element, labelled, setChoices } from './dom.js'
import type { Stack } from './stack.js'

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
  #choices: Readonly<Partial<Record<string, FaultChoices>>> = {}

  constructor(stack: Stack) {
    this.#stack = stack
    this.#place.addEventListener('change', () => this.#fill())
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

  show({ faults, faultChoices }: PageState): void {
    if (this.#place.childElementCount === 0) this.#offer(faultChoices)
    const items = faults.map((fault) => this.#item(fault))
    this.#set.replaceChildren(...items)
    this.#set.hidden = items.length === 0
  }

  #offer(choices: PageState['faultChoices']): void {
    this.#choices = choices
    const places = Object.entries(choices).map(([value, { title }]) =>
      element('option', { value }, title),
    )
    this.#place.append(...places)
    this.#fill()
  }

  #fill(): void {
    const { kinds = [], routes = [] } = this.#choices[this.#place.value] ?? {}
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
    const text = `${this.#choices[place]?.title ?? place}: ${kind} on ${route}, ${often}`
    const button = element('button', { type: 'button', 'aria-label': `Remove: ${text}` }, 'Remove')
    button.addEventListener('click', () => void this.#stack.removeFault(id))
    return element('li', {}, text, ' ', button)
  }
}
