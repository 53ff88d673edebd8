import type { PageCall } from '../local/page/messages.js'
import { byId, drawn, element } from './dom.js'
import { type Tone, toneOf } from './tone.js'

const BARS = 60
/** The shortest time that is plotted. Unit: ms. */
const LEAST_MS = 60_000
const WIDTH = 240
const HEIGHT = 56

type Bar = Readonly<Partial<Record<Tone, number>>>

/** Draws calls and revenue over time. @param decimals those of the asset */
export function drawPlots(calls: readonly PageCall[], decimals: number): void {
  const endMs = Date.now()
  const spanMs = Math.max(LEAST_MS, endMs - (calls[0]?.at ?? endMs))
  const startMs = endMs - spanMs
  const barOf = ({ at }: PageCall): number =>
    Math.min(BARS - 1, Math.max(0, Math.floor(((at - startMs) / spanMs) * BARS)))
  const counted = emptyBars()
  const credits = emptyBars()
  const money = emptyBars()
  for (const call of calls) {
    const at = barOf(call)
    add(counted, at, toneOf(call.outcome), 1)
    add(credits, at, 'good', Number(call.credits ?? 0))
    add(money, at, 'good', Number(call.units ?? 0) / 10 ** decimals)
  }
  const since = `in ${spanText(spanMs)}`
  byId('plots', HTMLElement).replaceChildren(
    plot(counted, `${countText(calls.length, 'call')} ${since}`),
    plot(credits, `${countText(total(credits), 'credit')} ${since}`),
    plot(money, `$${total(money).toFixed(2)} ${since}`),
  )
}

function emptyBars(): Bar[] {
  return Array.from({ length: BARS }, () => ({}))
}

function add(bars: Bar[], at: number, tone: Tone, value: number): void {
  if (value > 0) bars[at] = { ...bars[at], [tone]: (bars[at]?.[tone] ?? 0) + value }
}

function sumOf(bar: Bar): number {
  return Object.values(bar).reduce((sum, one) => sum + one, 0)
}

function total(bars: readonly Bar[]): number {
  return bars.reduce((sum, bar) => sum + sumOf(bar), 0)
}

function plot(bars: readonly Bar[], caption: string): HTMLElement {
  const most = Math.max(...bars.map(sumOf), Number.MIN_VALUE)
  const width = WIDTH / BARS
  const boxes = bars.flatMap((bar, at) => {
    let top = HEIGHT
    return (['good', 'open', 'bad'] as const).flatMap((tone) => {
      const height = ((bar[tone] ?? 0) / most) * (HEIGHT - 4)
      top -= height
      const box = { x: at * width + 0.4, y: top, width: width - 0.8, height, class: tone }
      return height === 0 ? [] : [drawn('rect', box)]
    })
  })
  const view = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' }
  const svg = drawn('svg', { ...view, role: 'img', 'aria-label': caption }, ...boxes)
  return element('figure', {}, svg, element('figcaption', {}, caption))
}

function countText(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return minutes === 1 ? 'a minute' : `${minutes} minutes`
  return `${Math.round(minutes / 60)} hours`
}
