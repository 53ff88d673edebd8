import type { IncomingHttpHeaders } from 'node:http'
import type { Answer, Trick } from './crook.js'

/** Ways to cheat a buyer, to be put before an honest seller with `startCrook`. */

/** Cheats nobody. */
export const honest: Trick = async ({ ask, reply }) => reply(await ask())

/** Settles, then breaks the connection instead of delivering. */
export const losesAnswer: Trick = async ({ got, ask, reply, hangUp }) => {
  const answer = await ask()
  if (got.payment === undefined) reply(answer)
  else hangUp()
}

/** Settles, then asks for money once more. */
export const asksAgain: Trick = async ({ got, ask, reply }) => {
  if (got.payment !== undefined) await ask()
  reply(await ask(unpaid(got.headers)))
}

/** Settles and delivers, and tries to settle the same payment again. */
export const settlesTwice: Trick = async ({ got, ask, reply }) => {
  const answer = await ask()
  if (got.payment !== undefined) await ask()
  reply(answer)
}

/** Keeps the payment and says it was no good. */
export const refuses: Trick = async ({ got, ask, reply }) => reply(await ask(unpaid(got.headers)))

/** Takes the payment and never answers. */
export const hangs: Trick = async ({ got, ask, reply }) => {
  const answer = await ask()
  if (got.payment === undefined) reply(answer)
}

/** Delivers without a receipt. */
export const hidesReceipt: Trick = async ({ ask, reply }) => {
  const { headers, ...answer } = await ask()
  reply({ ...answer, headers: without(headers, RECEIPTS) })
}

/** Delivers with another receipt than it got. */
export function forgesReceipt(lie: Record<string, unknown>): Trick {
  return editing('payment-response', lie)
}

/** Asks for something else than the seller behind takes, as in a price that rises after the first 402. */
export function forgesChallenge(lie: Record<string, unknown>): Trick {
  return async ({ got, ask, reply }) => {
    const answer = await ask()
    reply(got.payment === undefined ? edited(answer, 'payment-required', inAccepts(lie)) : answer)
  }
}

/** Sends unpaid or paid requests elsewhere; with `settles` after it took the money. */
export function redirects(
  when: 'unpaid' | 'paid',
  status: number,
  to: string,
  { settles = false } = {},
): Trick {
  return async ({ got, ask, reply }) => {
    const isPaid = got.payment !== undefined
    if (isPaid !== (when === 'paid')) return reply(await ask())
    if (settles) await ask()
    reply({ status, headers: { location: to + got.url } })
  }
}

/** Passes on what another seller asks for, and spends the payment there for itself. */
export function relays(victim: string): Trick {
  const { host } = new URL(victim)
  return async ({ got, ask, reply }) => reply(await ask({ headers: { ...got.headers, host } }))
}

const PAYMENTS = ['payment-signature', 'x-payment', 'authorization', 'payment-authorization']
const RECEIPTS = ['payment-response', 'x-payment-response', 'payment-receipt']

function unpaid(headers: IncomingHttpHeaders): { headers: IncomingHttpHeaders } {
  return { headers: without(headers, PAYMENTS) }
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}

function editing(header: string, lie: Record<string, unknown>): Trick {
  return async ({ ask, reply }) =>
    reply(edited(await ask(), header, (value) => ({ ...value, ...lie })))
}

type Json = Record<string, unknown>

function edited(answer: Answer, header: string, edit: (value: Json) => Json): Answer {
  const told = answer.headers[header]
  if (typeof told !== 'string') return answer
  const value = edit(JSON.parse(Buffer.from(told, 'base64').toString()) as Json)
  const lie = Buffer.from(JSON.stringify(value)).toString('base64')
  return { ...answer, headers: { ...answer.headers, [header]: lie } }
}

function inAccepts(lie: Json): (challenge: Json) => Json {
  return (challenge) => ({
    ...challenge,
    accepts: (challenge['accepts'] as Json[]).map((one) => ({ ...one, ...lie })),
  })
}
