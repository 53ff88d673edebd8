import { fullToolName } from '../../../wire/tool-names.js'
import { type Finding, findingsOf } from '../finding.js'
import type { Sold } from '../sold.js'
import type { ReadGateway, Target } from './read-gateway.js'

const { ok, warn, fail } = findingsOf('target')

/** A tool that a target lists in the Gateway's configuration. */
interface Tool {
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** Checks that the targets are there, that payments get through to them, and that their tools are those which are sold. */
export function checkTargets({ gateway, targets }: ReadGateway, sold: Sold | undefined): Finding[] {
  if (targets.length === 0) {
    return [
      fail(
        'the Gateway has no target, so it lists no tool',
        'Add a target: see docs/deploying.md.',
      ),
    ]
  }
  const isIntercepted = (gateway.interceptorConfigurations ?? []).length > 0
  const each = targets.flatMap((target) => checkTarget(target, isIntercepted))
  return [...each, ...(isIntercepted && sold ? checkRows(targets, sold) : [])]
}

function checkTarget(target: Target, isIntercepted: boolean): Finding[] {
  const { name = '', status = '', statusReasons = [] } = target
  if (status !== 'READY') {
    const why = statusReasons.length === 0 ? '' : `: ${statusReasons.join('; ')}`
    return [
      fail(`${name} is ${status}${why}`, 'Mend the reason, and update or synchronize the target.'),
    ]
  }
  const found = [...checkSchema(target), ...(isIntercepted ? [] : checkHeaders(target))]
  return found.length > 0 ? found : [ok(`${name} is READY`)]
}

/** Agents with AgentCore payments send the payment as the argument `headers`. They leave out what a schema does not have. */
function checkSchema(target: Target): Finding[] {
  const lacking = toolsOf(target).filter(({ properties }) => !('headers' in properties))
  if (lacking.length === 0) return []
  const names = shortList(lacking.map(({ name }) => name))
  const what = `${target.name ?? ''}: the input schema of ${names} has no "headers", where agents with AgentCore payments put the payment`
  const cure =
    'Add { "headers": { "type": "object" } } to the properties of its inputSchema. It stays optional.'
  return [warn(what, cure)]
}

/** Without an interceptor, the Gateway drops every header that is not named. */
function checkHeaders({ name = '', metadataConfiguration }: Target): Finding[] {
  const allowed = (metadataConfiguration?.allowedRequestHeaders ?? []).map((one) =>
    one.toLowerCase(),
  )
  if (allowed.includes('payment-signature')) return []
  const what = `${name}: the header payment-signature does not reach the target`
  return [
    fail(
      what,
      'Add payment-signature to metadataConfiguration.allowedRequestHeaders, or sell with an interceptor.',
    ),
  ]
}

function toolsOf({ targetConfiguration }: Target): Tool[] {
  const listed = targetConfiguration?.mcp?.lambda?.toolSchema?.inlinePayload ?? []
  return listed.map(({ name = '', inputSchema }) => ({
    name,
    properties: inputSchema?.properties ?? {},
  }))
}

/** Compares the tools that targets list with the rows of the option `tools`. */
function checkRows(targets: readonly Target[], { rows, hasOtherTools }: Sold): Finding[] {
  const isWhole = targets.every((target) => toolsOf(target).length > 0)
  const listed = targets.flatMap((target) =>
    toolsOf(target).map((tool) => ({
      bare: tool.name,
      full: fullToolName(target.name ?? '', tool.name),
    })),
  )
  const lost = isWhole
    ? rows.filter((row) => !listed.some(({ bare, full }) => row === bare || row === full))
    : []
  const unsold = hasOtherTools
    ? []
    : listed.filter(({ bare, full }) => !rows.includes(bare) && !rows.includes(full))
  return [
    ...lost.map((row) =>
      warn(
        `the option tools has ${row}, and no target lists it`,
        'Check the spelling. Names are written as <target>___<tool>, or without the target.',
      ),
    ),
    ...(unsold.length === 0
      ? []
      : [
          fail(
            `${shortList(unsold.map(({ full }) => full))} is listed and not sold: callers are told that it is unknown`,
            'Add it to the option tools, with a price or as free.',
          ),
        ]),
  ]
}

/** How many names are shown. */
const MAX_NAMES = 5

function shortList(names: readonly string[]): string {
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ''
  return names.slice(0, MAX_NAMES).join(', ') + more
}
