import type { PageAssumption, PageState } from '../local/page/messages.js'
import { choice, element, labelled } from './dom.js'
import type { Stack } from './stack.js'

/** What AWS does not document: how the Gateway of the stack behaves. */
export class GatewayView {
  readonly element = element('div', { class: 'choices' })
  readonly #stack: Stack
  readonly #choices = new Map<string, HTMLSelectElement>()

  constructor(stack: Stack) {
    this.#stack = stack
    this.element.append(
      element(
        'p',
        { class: 'quiet' },
        'AWS does not document these. Test your function under each value that it depends on.',
      ),
    )
  }

  show({ assumptions }: PageState): void {
    for (const one of assumptions) this.#choiceOf(one).value = one.value
  }

  #choiceOf({ name, values }: PageAssumption): HTMLSelectElement {
    const known = this.#choices.get(name)
    if (known !== undefined) return known
    const made = choice(values)
    made.addEventListener('change', () => void this.#stack.assume(name, made.value))
    this.#choices.set(name, made)
    this.element.append(labelled(name, made))
    return made
  }
}
