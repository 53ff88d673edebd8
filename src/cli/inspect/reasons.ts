import { FACILITATOR_REASONS } from '../reasons/facilitator-reasons.js'
import { NEVERMINED_CODES } from '../reasons/nevermined-codes.js'
import { MISMATCH, OWN_REASONS } from '../reasons/own-reasons.js'
import type { Text } from '../reasons/text.js'

const OWN: Readonly<Record<string, Text>> = OWN_REASONS

/** What a reason of a refusal means; `undefined` if no table has it. */
export function meaningOfReason(reason: string): Text | undefined {
  const found = lookUp(reason.trim())
  return found && { cause: plain(found.cause), cure: plain(found.cure) }
}

function lookUp(reason: string): Text | undefined {
  if (Object.hasOwn(OWN, reason)) return OWN[reason]
  const row = FACILITATOR_REASONS.find(({ reasons }) => reasons.includes(reason))
  if (row !== undefined) return row
  // Some write a sentence around the code.
  const [code = ''] = /BCK\.[A-Z\d]{1,20}\.\d{4}/.exec(reason) ?? []
  const nevermined = code === '' ? undefined : neverminedText(code)
  if (nevermined !== undefined) return nevermined
  const [, term = ''] = /^([a-z_]{2,30})_mismatch$/.exec(reason) ?? []
  return MISMATCH.terms.includes(term) ? MISMATCH : undefined
}

/** The table names some codes as a range: `first to last`. */
function neverminedText(code: string): Text | undefined {
  const range = Object.keys(NEVERMINED_CODES).find((names) => {
    const [first = '', last = first] = names.split(' to ')
    return code.length === first.length && first <= code && code <= last
  })
  return range === undefined ? undefined : NEVERMINED_CODES[range]
}

/** The tables are Markdown. */
function plain(markdown: string): string {
  return markdown.replace(/`([^`]*)`/g, '$1').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
}
