import type { CallTransport } from '../call.js'
import type { Reply } from '../event-shape.js'
import { isRecord } from '../../../wire/json.js'

type Fields = Readonly<Record<string, unknown>>

/**
 * The members of an answer beside its status and body. What the handler gave stays in the form it was given in. What
 * we add goes into `headers`, or into lists where the handler, or its load balancer, uses nothing else.
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
  // Such a load balancer reads no others.
  const isMust = multiValueHeaders === 'must'
  const all = { ...textsIn(kept(single)), ...ours }
  if (isMust) return { ...others, multiValueHeaders: { ...listsIn(all), ...kept(lists) } }
  if (!isRecord(lists)) return { ...others, headers: all }
  // Who uses lists alone finds ours there, where the platform reads them.
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
