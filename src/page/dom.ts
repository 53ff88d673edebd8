type Child = Node | string | undefined

/** Makes an element. Texts are never read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...children.filter((child) => child !== undefined))
  return made
}

/** Makes an element of a drawing. */
export function drawn(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: Node[]
): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, String(value))
  }
  made.append(...children)
  return made
}

/** @throws if the page has no such element. */
export function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id)
  if (found instanceof type) return found
  throw new Error(`the page has no ${id}`)
}

/** A list of names and values. Values that are not known are left out. */
export function facts(values: Readonly<Record<string, string | undefined>>): HTMLElement {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  return element(
    'dl',
    {},
    ...known.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  )
}

/** A JSON value that can be read and scrolled. */
export function jsonBlock(label: string, value: unknown): HTMLElement {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return element('pre', { tabindex: '0', role: 'region', 'aria-label': label }, text)
}

/** The same, closed until one wants to see it. */
export function jsonDetails(label: string, value: unknown, isOpen = false): HTMLElement {
  const summary = element('summary', {}, label)
  return element('details', isOpen ? { open: '' } : {}, summary, jsonBlock(label, value))
}

/** Gives a choice other values. The one that was chosen stays, if it is among them. */
export function setChoices(field: HTMLSelectElement, values: readonly string[]): void {
  const chosen = field.value
  field.replaceChildren(...values.map((value) => element('option', { value }, value)))
  field.value = values.includes(chosen) ? chosen : (values[0] ?? '')
}

/** A choice among values. */
export function choice(values: readonly string[]): HTMLSelectElement {
  const made = element('select')
  setChoices(made, values)
  return made
}

export function labelled(text: string, field: HTMLElement): HTMLLabelElement {
  return element('label', {}, text, field)
}
