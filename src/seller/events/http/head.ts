import type { CallTransport } from '../call.js'
import type { Reply } from '../event-shape.js'
import { isRecord } from '../../../wire/json.js'

type Fields = Readonly<Record<string, unknown>>

/**
 * The members of an answer besides its status and body. What the handler gave keeps its form. Our own headers
 * go into `headers`. They go into lists if the handler or its load balancer uses lists only.
 */
export function headOf({ shape, multiValueHeaders }: CallTransport, reply: Reply): Fields {
  const { headers, original } = reply
  const own = original?.shape === shape ? original : undefined
  const before = own?.headers ?? {}
  const { headers: single, multiValueHeaders: lists, ...others } = own?.head ?? {}
  const isKept = (name: string): boolean =>
    Object.hasOwn(before, name) && before[name] === headers[name]
  const kept = (given: unknown): Fields =>
    Object.fromEntries(
      Object.entries(isRecord(given) ? given : {}).filter(([name]) => isKept(name)),
    )
  const ours = Object.fromEntries(Object.entries(headers).filter(([name]) => !isKept(name)))
  // A load balancer that is set to lists reads nothing else.
  const isMust = multiValueHeaders === 'must'
  const all = { ...textsIn(kept(single)), ...ours }
  if (isMust) return { ...others, multiValueHeaders: { ...listsIn(all), ...kept(lists) } }
  if (!isRecord(lists)) return { ...others, headers: all }
  // If the handler uses lists only, ours go there too: the platform reads them there.
  return multiValueHeaders === 'may' && !isRecord(single)
    ? { ...others, multiValueHeaders: { ...kept(lists), ...listsIn(ours) } }
    : { ...others, headers: all, multiValueHeaders: kept(lists) }
}

function listsIn(headers: Fields): Fields {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
}

function textsIn(headers: Fields): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
