import { byId, element } from './dom.js'

/** Panels of which one is shown. The arrow keys move between their tabs. */
export class Tabs {
  readonly #tabs = new Map<string, { tab: HTMLElement; panel: HTMLElement }>()

  add(name: string, content: HTMLElement, onShow?: () => void): void {
    const id = name.toLowerCase()
    const tab = element(
      'button',
      { role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}` },
      name,
    )
    const panel = element(
      'div',
      { role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}` },
      content,
    )
    tab.addEventListener('click', () => this.show(name))
    tab.addEventListener('keydown', ({ key }) => this.#move(name, key))
    if (onShow !== undefined) tab.addEventListener('shown', onShow)
    byId('tabs', HTMLElement).append(tab)
    byId('panels', HTMLElement).append(panel)
    this.#tabs.set(name, { tab, panel })
  }

  show(name: string): void {
    for (const [other, { tab, panel }] of this.#tabs) {
      const isShown = other === name
      tab.setAttribute('aria-selected', String(isShown))
      tab.tabIndex = isShown ? 0 : -1
      panel.hidden = !isShown
      if (isShown) tab.dispatchEvent(new Event('shown'))
    }
  }

  #move(name: string, key: string): void {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[key]
    if (by === undefined) return
    const names = [...this.#tabs.keys()]
    const next = names.at((names.indexOf(name) + by) % names.length) ?? name
    this.show(next)
    this.#tabs.get(next)?.tab.focus()
  }
}
