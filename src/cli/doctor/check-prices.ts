import { gatewayEvent } from '../../local/gateway-event.js'
import { priceIn } from '../../local/lines/prices.js'
import { exampleOf } from '../../local/trial/example-value.js'
import { bareToolName } from '../../wire/tool-names.js'
import { type Finding, findingsOf, mistakeIn } from './finding.js'
import type { LoadedHandler } from './load-handler.js'

const { ok, warn, fail } = findingsOf('price')

/** More tools are not looked at. */
const MAX_TOOLS = 50

/** Asks what each listed tool costs, with example arguments. The handler is not run. */
export async function checkPrices({ tools, prices }: LoadedHandler): Promise<Finding[]> {
  if (prices.isHttp) return []
  const listed = tools
    .slice(0, MAX_TOOLS)
    .map(({ name, inputSchema }) => priceOf(name, inputSchema, prices))
  const found = await Promise.all(listed)
  return [
    ...found,
    ...unlisted(
      tools.map(({ name }) => name),
      prices.rows,
    ),
  ]
}

async function priceOf(
  name: string,
  inputSchema: object,
  prices: LoadedHandler['prices'],
): Promise<Finding> {
  const example = exampleOf(inputSchema)
  const params = { name, arguments: 'problem' in example ? {} : example.value }
  try {
    const price = await prices.priceOf(
      gatewayEvent({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, {}),
    )
    if (price === undefined) {
      return fail(
        `${name} is listed and not sold: callers are told that it is unknown`,
        `Add ${name} to the option tools.`,
      )
    }
    return ok(`${name} ${price === 'free' ? 'is free' : `costs ${priceIn({ ...price })}`}`)
  } catch (error) {
    // The checks of plans and facilitators say why.
    if (mistakeIn(error) !== undefined)
      return fail(`the price of ${name} cannot be said`, 'Mend what failed above.')
    const { name: kind, message } = error as Error
    // Errors of this package are safe to show. The handler may have a copy of it.
    const why = /^(Payment|Options)\w*Error$/.test(kind) ? message : 'its function failed'
    return fail(
      `the price of ${name} cannot be said: ${why}`,
      'Buyers are answered with an error. Mend the price.',
    )
  }
}

/** Rows of `tools` that no listed tool has. */
function unlisted(names: readonly string[], rows: readonly string[]): Finding[] {
  if (names.length === 0) return []
  const listed = new Set(names.map(bareToolName))
  return rows
    .filter((row) => !listed.has(bareToolName(row)))
    .map((row) =>
      warn(
        `the option tools has ${row}, and the module lists no such tool`,
        'Check the spelling. The row sells nothing.',
      ),
    )
}
