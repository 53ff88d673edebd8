import type { Prices } from '../../seller/prices.js'
import type { PaymentRequired } from '../../wire/x402.js'
import { exampleOf, type Example } from './example-value.js'
import type { TrialRequest } from './curl.js'
import type { ListedTool } from './find-tools.js'

/** A call that could be tried, and what it costs. */
export interface Candidate {
  readonly name: string
  readonly request: TrialRequest
  /** `unknown`: nobody here can say. */
  readonly price: PaymentRequired | 'free' | 'unsold' | 'unknown'
}

/** Why a call cannot be tried. */
export interface Unfit {
  readonly name: string
  readonly problem: string
}

/** More tools are not looked at. */
const MAX_TOOLS = 50

/** @returns each tool with arguments that it takes, or why there are none. */
export async function candidatesOf(
  tools: readonly ListedTool[],
  requestOf: (name: string, args: unknown) => TrialRequest,
  prices: Prices | undefined,
  eventOf: (request: TrialRequest) => unknown,
): Promise<(Candidate | Unfit)[]> {
  const looked = tools.slice(0, MAX_TOOLS).map(async ({ name, inputSchema }) => {
    const example = exampleOf(inputSchema)
    if ('problem' in example) return { name, problem: problemOf(example) }
    const request = requestOf(name, example.value)
    return priced({ name, request }, prices, eventOf)
  })
  return Promise.all(looked)
}

/** Asks what a call costs. */
export async function priced(
  call: Omit<Candidate, 'price'>,
  prices: Prices | undefined,
  eventOf: (request: TrialRequest) => unknown,
): Promise<Candidate | Unfit> {
  if (prices === undefined) return { ...call, price: 'unknown' }
  try {
    return { ...call, price: (await prices.priceOf(eventOf(call.request))) ?? 'unsold' }
  } catch (error) {
    return { name: call.name, problem: `Its price cannot be said: ${whyOf(error)}` }
  }
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = (error.cause ?? {}) as { code?: unknown }
  return typeof code === 'string' ? `${error.message} (${code})` : error.message
}

function problemOf({ problem, path }: Extract<Example, { problem: string }>): string {
  const what = path.length === 0 ? 'Its input' : `Its argument ${path.join('.')}`
  return `${what} ${problem}, so no example can be made. Its schema may have "examples" or "default"`
}
