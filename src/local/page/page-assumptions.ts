import { DEFAULT_ASSUMPTIONS, type Assumptions } from '../gateway/protocol/assumptions.js'
import type { PageAssumption } from './messages.js'

type Choices = {
  readonly [Name in keyof Assumptions]: readonly Assumptions[Name][]
}

/** What can be chosen on the page, for each assumption. */
const CHOICES: Choices = {
  responseSees: ['original', 'transformed'],
  nullFields: ['live', 'documented'],
  headerCase: ['lower', 'title'],
  sessionHeader: [true, false],
  mcpClientContext: ['none', 'as-http'],
  httpGatewayRequest: ['null', 'present'],
  httpResponseHeaders: ['null', 'present'],
  interceptorFailure: ['closed', 'open'],
  interceptorRetries: [0, 1, 2],
  interceptorHeaders: ['merge', 'replace'],
  responseHeaders: ['all', []],
  shortCircuitStatus: ['passed', 'failure'],
  shortCircuitShown: ['whole', 'no body', 'status'],
  lambdaResult: ['stringified', 'unwrapped'],
  lambdaHeaders: ['allow-listed', 'echoed'],
  lineSeparators: ['kept', 'fatal'],
  batch: ['refused', 'served'],
}

/** Those that differ between an MCP gateway and one with HTTP targets, which the stack does not have at `/mcp`. */
const OF_HTTP_TARGETS: ReadonlySet<string> = new Set(['httpGatewayRequest', 'httpResponseHeaders'])

/** What the Gateway of a stack assumes of AWS, as the page has changed it. */
export class PageAssumptions {
  readonly #apply: (assume: Partial<Assumptions>) => void
  #changed: Partial<Assumptions> = {}

  /** @param apply makes the Gateway behave so from its next call on */
  constructor(apply: (assume: Partial<Assumptions>) => void) {
    this.#apply = apply
  }

  list(): PageAssumption[] {
    const now: Assumptions = { ...DEFAULT_ASSUMPTIONS, ...this.#changed }
    return Object.entries(CHOICES)
      .filter(([name]) => !OF_HTTP_TARGETS.has(name))
      .map(([name, values]) => ({
        name,
        value: textOf(now[name as keyof Assumptions]),
        values: (values as readonly unknown[]).map(textOf),
      }))
  }

  /** @returns why it was refused. */
  set(name: string, value: string): string | undefined {
    if (!Object.hasOwn(CHOICES, name)) return 'name: expected the name of an assumption'
    const values: readonly unknown[] = CHOICES[name as keyof Assumptions]
    const found = values.find((one) => textOf(one) === value)
    if (found === undefined) return `value: expected ${values.map(textOf).join(', ')}`
    this.#changed = { ...this.#changed, [name]: found }
    this.#apply(this.#changed)
    return undefined
  }
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? 'none' : String(value)
}
