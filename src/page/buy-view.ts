import type { PageTool, WantedCall } from '../local/page/messages.js'
import { choice, element, jsonBlock, labelled, setChoices } from './dom.js'
import type { Stack } from './stack.js'

const WAYS: readonly [WantedCall['pay'], string][] = [
  ['nothing', 'Call unpaid'],
  ['credits', 'Pay with credits'],
  ['money', 'Pay with USDC'],
]

/** A form that calls any tool, and pays for it. */
export class BuyView {
  readonly element: HTMLElement
  readonly #stack: Stack
  readonly #tool = choice([])
  readonly #about = element('p', { class: 'quiet' })
  readonly #args = element('textarea', { spellcheck: 'false' })
  readonly #result = element('div', { 'aria-live': 'polite' })
  readonly #buttons: HTMLButtonElement[]
  #tools: readonly PageTool[] = []

  constructor(stack: Stack) {
    this.#stack = stack
    this.#tool.addEventListener('change', () => this.#choose())
    this.#buttons = WAYS.map(([pay, text]) => {
      const button = element('button', { type: 'button' }, text)
      button.addEventListener('click', () => void this.#call(pay))
      return button
    })
    this.element = element(
      'form',
      { 'aria-label': 'Call a tool' },
      labelled('Tool', this.#tool),
      this.#about,
      labelled('Arguments, as JSON', this.#args),
      element('div', { class: 'buttons' }, ...this.#buttons),
      this.#result,
    )
    this.element.addEventListener('submit', (event) => event.preventDefault())
  }

  /** Lists the tools again, since a handler may have been loaded anew. */
  async load(): Promise<void> {
    const { tools, problem } = await this.#stack.tools()
    const chosen = this.#tool.value
    this.#tools = tools
    const names = tools.map(({ name }) => name)
    setChoices(this.#tool, names)
    if (!names.includes(chosen)) this.#choose()
    if (problem !== undefined) this.#about.textContent = `${problem}.`
  }

  #choose(): void {
    const tool = this.#tools.find(({ name }) => name === this.#tool.value)
    this.#about.textContent = tool?.description ?? ''
    this.#args.value = JSON.stringify(tool?.example ?? {}, null, 2)
  }

  async #call(pay: WantedCall['pay']): Promise<void> {
    const args = this.#arguments()
    if (args === undefined) return
    for (const button of this.#buttons) button.disabled = true
    try {
      const made = await this.#stack.call({ tool: this.#tool.value, arguments: args, pay })
      this.#result.replaceChildren(
        ...(made.problem === undefined ? [] : [element('p', { class: 'bad' }, made.problem)]),
        element('p', {}, `HTTP ${made.status}`),
        jsonBlock('the answer', made.answer),
      )
    } catch (error) {
      this.#say((error as Error).message)
    } finally {
      for (const button of this.#buttons) button.disabled = false
    }
  }

  #arguments(): Record<string, unknown> | undefined {
    try {
      const value: unknown = JSON.parse(this.#args.value)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        return value as Record<string, unknown>
      }
      this.#say('The arguments are no JSON object.')
    } catch (error) {
      this.#say(`The arguments are no JSON: ${(error as Error).message}`)
    }
    return undefined
  }

  #say(problem: string): void {
    this.#result.replaceChildren(element('p', { class: 'bad' }, problem))
  }
}
