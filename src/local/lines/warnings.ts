import { isRecord } from '../../wire/json.js'
import type { Served } from '../http/journal.js'
import { isGood, type Known } from './known.js'
import { readThrown } from './thrown.js'

/** What the call shows to be set up wrongly, in words, with the cure. */
export function warningsOf({ door }: Served, known: Known): string[] {
  const advice = [unsold(door, known), letThrough(known), unreachable(known)]
  const said = known.lines.filter((line) => isAside(line, known)).map(wordsOf)
  return [...said, ...advice.filter((one) => one !== undefined)]
}

type Line = Known['lines'][number]

/**
 * Whether a line says more than the line of the call does: it is about the set-up, or about something that failed although
 * the call was answered.
 */
function isAside({ level, details }: Line, { answer }: Known): boolean {
  if (details.code !== undefined) return false
  return level === 'warn' || (level === 'error' && isGood(answer))
}

function wordsOf({ message, details: { error } }: Line): string {
  return error === undefined ? message : `${message}: ${readThrown(error).message}`
}

/** Nothing of this package saw a call that a function answered, or failed to answer. */
function unsold(
  door: Served['door'],
  { called, lines, failures, answer }: Known,
): string | undefined {
  const isCall = called !== undefined && (door === 'http' || called.tool !== undefined)
  if (!isCall || lines.length > 0) return undefined
  const isHttp = failures.some(({ output }) => isRecord(output) && 'statusCode' in output)
  if (door === 'gateway' && isHttp) return FUNCTION_URL
  const isFunctions = failures.every(({ part }) => part !== 'TARGET') && answer.status !== 0
  return isFunctions ? NOT_WRAPPED : undefined
}

function letThrough({ failures }: Known): string | undefined {
  return failures.some(({ error }) => /stub target/.test(String(error))) ? ONE_PHASE : undefined
}

function unreachable({ failures }: Known): string | undefined {
  const one = failures.find(({ error }) => /cannot be reached$/.test(String(error)))
  return one && NOT_REACHED
}

const NOT_WRAPPED =
  'The handler takes no payment: it is not made by requiresPayment. Write: export const handler = ' +
  'requiresPayment(yourHandler, { payments, planId, credits: 1 }).'
const FUNCTION_URL =
  'The handler answered as behind a Function URL, and it is not made by requiresPayment. A Gateway calls it here: read ' +
  'event.mcp, return an MCP result, and wrap it with requiresPayment. With --http it is called as behind a Function URL.'
const ONE_PHASE =
  'The handler let a paid call through to its target, and there is none. If it is made by createInterceptor or ' +
  'createLambdaHandler, give it with --interceptor: it needs the RESPONSE phase too.'
const NOT_REACHED =
  'The target cannot be reached. Is the MCP server running, and is the address of --target right? Calls are answered as ' +
  'soon as it is there.'
