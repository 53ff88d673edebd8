import type { Mistake } from '../../errors/mistake.js'
import { isRecord } from '../../wire/json.js'
import { decodeHeader } from '../../wire/x402.js'
import { open } from '../events/recognise.js'
import type { Sale } from '../options/sale.js'
import { SENT_BACK_CURE, kindOfObject } from './unreadable-payment.js'

/** A place in a call, and what was found there. */
interface Seen {
  readonly place: string
  readonly kind: string
}

/**
 * The mistake of a buyer who sends a payment where nobody looks for one.
 *
 * @returns `undefined` if the call holds no payment.
 */
export async function misplacedPayment(
  { settings, context }: Sale,
  event: unknown,
): Promise<Mistake | undefined> {
  const opened = await open(event, context, settings)
  if (opened === undefined) return undefined
  const { headers = {}, message } = opened
  const params = isRecord(message) ? message['params'] : message
  const seen = [...search(headers, 'the header '), ...search(params, 'params.')]
  const first = seen.find(({ kind }) => kind === 'a payment') ?? seen[0]
  return first === undefined ? undefined : misplaced(first, settings.tokenHeaders)
}

function misplaced({ place, kind }: Seen, tokenHeaders: readonly string[]): Mistake {
  const places = [
    ...tokenHeaders.map((name) => `the header ${name}`),
    'params._meta["x402/payment"]',
    'params.arguments.headers',
  ]
  if (kind !== 'a payment') {
    return {
      code: 'challenge_sent_back',
      field: 'payment',
      problem: `a buyer sent no payment, and ${kind} in ${place}`,
      expected: 'a payment that is made for the challenge',
      cure: SENT_BACK_CURE,
    }
  }
  return {
    code: 'payment_in_wrong_place',
    field: 'payment',
    problem: `a buyer sent a payment in ${place}, where it is not read`,
    expected: `it in ${places.join(', or in ')}`,
    cure: place.startsWith('the header ')
      ? 'Let the buyer change the header, or add its name to the option tokenHeader.'
      : 'Let the buyer send it in one of these places.',
  }
}

/** A call may be as large as an event of Lambda. Payments are near its top. */
const MAX_VALUES = 300
const MAX_LEVELS = 5

/** Every payment, challenge and receipt in a value, with its place. The nearest ones come first. */
function search(value: unknown, path: string): Seen[] {
  const found: Seen[] = []
  let level: { value: unknown; place: string }[] = [{ value, place: path }]
  let left = MAX_VALUES
  for (let depth = 0; depth < MAX_LEVELS && level.length > 0 && left > 0; depth++) {
    const next: typeof level = []
    for (const { value: outer, place } of level) {
      if (!isRecord(outer)) continue
      for (const [name, inner] of Object.entries(outer).slice(0, left)) {
        left -= 1
        const at = place + shownName(name)
        const kind = kindAt(inner)
        if (kind !== undefined) found.push({ place: at, kind })
        else next.push({ value: inner, place: `${at}.` })
      }
    }
    level = next
  }
  return found
}

/** A name of the buyer's. A long or odd one is not shown. */
function shownName(name: string): string {
  return /^[\w./-]{1,40}$/.test(name) ? name : '…'
}

function kindAt(value: unknown): string | undefined {
  const payload = typeof value === 'string' ? textAt(value) : value
  if (!isRecord(payload) || !('x402Version' in payload)) return undefined
  const kind = kindOfObject(payload)
  return kind === 'a payment' || kind === 'a challenge' ? kind : undefined
}

/** Payments begin with `{"`, in base64 or as they are. Most other texts are not decoded. */
function textAt(value: string): unknown {
  const text = value.trim().replace(/^bearer\s+/i, '')
  return /^eyJ[\w+/-]+={0,2}$/.test(text) ? decodeHeader(text) : undefined
}
