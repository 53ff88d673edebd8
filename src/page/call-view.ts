import type { PageCall, PageStep } from '../local/page/messages.js'
import { drawn, element, facts, jsonBlock, jsonDetails } from './dom.js'
import { toneOf } from './tone.js'

/** Everything that is known of one call. */
export function callView(call: PageCall): HTMLElement {
  const { tool, text, outcome, failure, warnings, documents } = call
  return element(
    'div',
    {},
    element('h2', {}, tool),
    element('p', { class: toneOf(outcome) }, text),
    ...warnings.map((warning) => element('p', { class: 'open' }, `Warning: ${warning}`)),
    facts({
      came: new Date(call.at).toLocaleString(),
      through: call.door,
      method: call.method,
      payer: call.payer,
      transaction: call.transaction,
    }),
    stepsView(call),
    ...(failure === undefined
      ? []
      : [
          element('h3', {}, 'What was thrown'),
          jsonBlock('what was thrown', [failure.message, ...failure.frames].join('\n    at ')),
        ]),
    ...(documents.length === 0 ? [] : [element('h3', {}, 'What was said')]),
    ...documents.map(({ title, json }) => jsonDetails(title, json, title === 'challenge')),
  )
}

/** When each step began, and how long it took. */
function stepsView({ steps, ms }: PageCall): HTMLElement | undefined {
  if (steps.length === 0) return undefined
  const whole = Math.max(ms, ...steps.map((step) => step.startMs + step.ms), 1)
  const all: PageStep = { name: 'whole call', startMs: 0, ms, isGood: true }
  return element('ol', { class: 'steps' }, ...[all, ...steps].map((step) => stepRow(step, whole)))
}

function stepRow({ name, startMs, ms, isGood }: PageStep, whole: number): HTMLElement {
  const x = (startMs / whole) * 100
  const width = Math.max(0.5, (ms / whole) * 100)
  const bar = drawn('rect', { x, y: 2, width, height: 8, class: isGood ? 'good' : 'bad' })
  const svg = drawn(
    'svg',
    { viewBox: '0 0 100 12', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    bar,
  )
  const took = `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`
  return element('li', {}, element('span', {}, name), svg, element('span', { class: 'ms' }, took))
}
