import { isRecord } from '../../wire/json.js'
import { sameId, toAmount } from '../../wire/amounts.js'
import { PAYMENT_REQUIRED_HEADER } from '../../wire/x402.js'
import type { Finding, Thing } from './thing.js'

/** Compares the things of one paste. @returns what is wrong, by the number of the thing */
export function compare(
  things: readonly Thing[],
  status: number | undefined,
): Map<number, Finding[]> {
  const wrong = new Map<number, Finding[]>()
  const ways = things.flatMap((thing) => waysOf(thing))
  for (const [at, thing] of things.entries()) {
    const findings = [
      ...(ways.length > 0 && thing.kind === 'payment' ? otherTerms(thing.value, ways) : []),
      ...(status === 402 ? withoutHeader(thing, things) : []),
    ]
    if (findings.length > 0) wrong.set(at, findings)
  }
  return wrong
}

type Terms = Readonly<Record<string, unknown>>

function waysOf({ kind, value }: Thing): Terms[] {
  if (kind === 'requirement') return [value]
  if (kind !== 'challenge' || !Array.isArray(value['accepts'])) return []
  return value['accepts'].filter(isRecord)
}

/** A payment repeats the way to pay that it accepts, as the challenge has it. */
function otherTerms({ accepted }: Terms, ways: readonly Terms[]): Finding[] {
  if (!isRecord(accepted) || ways.some((way) => differing(accepted, way) === undefined)) return []
  const near =
    ways.find((way) => SAME.every((name) => isSame(accepted[name], way[name]))) ?? ways[0]
  const name = near && differing(accepted, near)
  if (name === undefined || near === undefined) return []
  const [has, asked] = [toAmount(accepted[name]), toAmount(near[name])]
  const isLess = name === 'amount' && has !== undefined && asked !== undefined && has < asked
  const message = isLess
    ? `The payment accepts ${has}, less than the challenge asks for: ${asked}.`
    : `The payment accepts none of the ways to pay of the challenge: ${name} differs.`
  return [
    {
      level: 'fail',
      path: `accepted.${name}`,
      message,
      cure: 'Pay the newest challenge, and repeat its entry unchanged.',
    },
  ]
}

const SAME = ['scheme', 'network']
const COMPARED = [...SAME, 'asset', 'payTo', 'planId', 'amount'] as const

function differing(accepted: Terms, way: Terms): string | undefined {
  return COMPARED.find((name) => name in way && !isSame(accepted[name], way[name]))
}

function isSame(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string' ? sameId(a, b) : a === b
}

/** Over HTTP, clients of version 2 look for the challenge in a header. */
function withoutHeader({ kind, value, header }: Thing, things: readonly Thing[]): Finding[] {
  if (kind !== 'challenge' || value['x402Version'] !== 2 || header !== undefined) return []
  if (things.some((one) => one.header === PAYMENT_REQUIRED_HEADER)) return []
  const message = 'The challenge of v2 is in the body only, where most clients of v2 do not look.'
  return [
    { level: 'warn', path: '', message, cure: 'Send it in the header PAYMENT-REQUIRED, too.' },
  ]
}
