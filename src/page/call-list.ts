import type { PageCall } from '../local/page/messages.js'
import { byId, element } from './dom.js'
import { toneOf } from './tone.js'

/** The most calls that are shown at once. A search finds the others. */
const MAX_SHOWN = 200
/** The most calls that the page remembers. */
const MAX_KEPT = 5_000

/** The calls, the newest first. */
export class CallList {
  /** In the order in which they came. */
  readonly calls: PageCall[] = []
  readonly #list = byId('calls', HTMLElement)
  readonly #find = byId('find', HTMLInputElement)
  readonly #outcomes = byId('outcomes', HTMLSelectElement)
  readonly #onOpen: (call: PageCall) => void
  #openId = 0
  /** What came since the last drawing. */
  #fresh: PageCall[] = []

  constructor(onOpen: (call: PageCall) => void) {
    this.#onOpen = onOpen
    this.#find.addEventListener('input', () => this.#drawAll())
    this.#outcomes.addEventListener('change', () => this.#drawAll())
    this.#list.addEventListener('keydown', (event) => this.#move(event))
  }

  add(calls: readonly PageCall[]): void {
    this.calls.push(...calls)
    if (this.calls.length > MAX_KEPT) this.calls.splice(0, this.calls.length - MAX_KEPT)
    if (this.#fresh.length === 0) requestAnimationFrame(() => this.#drawFresh())
    this.#fresh.push(...calls)
  }

  #drawFresh(): void {
    const wanted = this.#fresh.filter((call) => this.#isWanted(call)).slice(-MAX_SHOWN)
    this.#fresh = []
    this.#list.prepend(...wanted.reverse().map((call) => this.#row(call)))
    while (this.#list.childElementCount > MAX_SHOWN) this.#list.lastElementChild?.remove()
    this.#say()
  }

  #drawAll(): void {
    const wanted = this.calls.filter((call) => this.#isWanted(call)).slice(-MAX_SHOWN)
    this.#list.replaceChildren(...wanted.reverse().map((call) => this.#row(call)))
    this.#say()
  }

  #say(): void {
    byId('no-calls', HTMLElement).hidden = this.calls.length > 0
    const older = byId('older', HTMLElement)
    older.hidden = this.calls.length <= MAX_SHOWN
    older.textContent = `The newest ${MAX_SHOWN} are shown. Find looks through ${this.calls.length}.`
  }

  #isWanted({ tool, text, outcome }: PageCall): boolean {
    const { value } = this.#outcomes
    if (value !== 'all' && toneOf(outcome) !== value) return false
    const sought = this.#find.value.toLowerCase()
    return sought === '' || `${tool} ${text}`.toLowerCase().includes(sought)
  }

  #row(call: PageCall): HTMLElement {
    const { id, at, tool, text, ms, outcome } = call
    const time = element('time', {}, new Date(at).toTimeString().slice(0, 8))
    const button = element(
      'button',
      { class: 'call', type: 'button', 'aria-current': String(id === this.#openId) },
      ...[time, element('span', {}, tool)],
      ...[element('span', { class: `text ${toneOf(outcome)}` }, text)],
      element('span', { class: 'ms' }, `${ms} ms`),
    )
    button.addEventListener('click', () => this.#open(call, button))
    return element('li', {}, button)
  }

  #open(call: PageCall, button: HTMLElement): void {
    this.#list.querySelector('[aria-current="true"]')?.setAttribute('aria-current', 'false')
    button.setAttribute('aria-current', 'true')
    this.#openId = call.id
    this.#onOpen(call)
  }

  /** The arrow keys move from call to call. */
  #move(event: KeyboardEvent): void {
    const item = event.target instanceof Element ? event.target.closest('li') : null
    const next = event.key === 'ArrowDown' ? item?.nextElementSibling : item?.previousElementSibling
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    next?.querySelector('button')?.focus()
  }
}
