import { kindOfText } from './kind-of-text.js'
import { publicReason } from '../errors/redact.js'

/** An id of a plan or an agent, if it is one. What could be a key or a token is not shown, but described. */
export function shownId(id: string): string {
  if (/^(\d{1,78}|did:[\w:.-]{1,80})$/.test(id)) return `'${id}'`
  const kind = kindOfText(id)
  const isShort = id.length <= 60 && publicReason(id) !== undefined
  if (kind === undefined) return isShort ? `'${id}'` : `(a text of ${id.length} characters)`
  return `(what was given looks like ${kind})`
}
