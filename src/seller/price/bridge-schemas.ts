import { rewrittenJson } from '../answer/rewritten-json.js'
import type { SoldCall } from '../events/call.js'
import type { Settings } from '../options/settings.js'
import { isRecord, parseJson } from '../../wire/json.js'
import { findPrice } from './quote.js'

type Fields = Record<string, unknown>

/**
 * Makes the output schemas of priced tools fit a challenge too, in the result of `tools/list`. Clients of the
 * MCP SDK 1.x check the `structuredContent` of error results against the schema of the tool. A challenge has
 * such content. Without this they report a broken answer, and never see what to pay.
 *
 * @returns the same result, if it lists no priced tool with such a schema.
 */
export function bridgeResult(result: unknown, call: SoldCall, settings: Settings): unknown {
  if (!isRecord(result) || !Array.isArray(result['tools'])) return result
  const tools: unknown[] = result['tools']
  const bridged = tools.map((tool) => bridgeTool(tool, call, settings))
  return bridged.every((tool, i) => tool === tools[i]) ? result : { ...result, tools: bridged }
}

/** Does the same to a JSON-RPC message. */
export function bridgeMessage(message: unknown, call: SoldCall, settings: Settings): unknown {
  if (!isRecord(message)) return message
  const result = bridgeResult(message['result'], call, settings)
  return result === message['result'] ? message : { ...message, result }
}

/** Does the same to the text of a body: JSON, or an event stream whose messages are one line each. */
export function bridgeText(text: string, call: SoldCall, settings: Settings): string {
  const message = parseJson(text)
  if (message !== undefined) {
    const bridged = bridgeMessage(message, call, settings)
    return bridged === message ? text : rewrittenJson(text, message, bridged)
  }
  return text.replaceAll(/^(data: ?)(\{.*\})$/gm, (line, field: string, data: string) => {
    const bridged = bridgeText(data, call, settings)
    return bridged === data ? line : field + bridged
  })
}

function bridgeTool(tool: unknown, call: SoldCall, settings: Settings): unknown {
  if (!isRecord(tool) || !isRecord(tool['outputSchema'])) return tool
  const { name, outputSchema } = tool
  if (typeof name !== 'string' || isBridged(outputSchema)) return tool
  const price = findPrice({ ...call, method: 'tools/call', tool: name }, settings)
  // If a challenge has no structured content, clients check nothing of it.
  const isAsked = typeof price === 'object' && price.structuredChallenge
  return isAsked ? { ...tool, outputSchema: bridge(outputSchema) } : tool
}

const CHALLENGE = { required: ['x402Version', 'accepts'] }

function bridge(schema: Fields): Fields {
  const { $schema, ...original } = schema
  return {
    ...($schema !== undefined && { $schema }),
    ...(schema['type'] === 'object' && { type: 'object' }),
    anyOf: [original['$id'] === undefined ? moved(original) : original, CHALLENGE],
  }
}

/** Whether an interceptor before this one has changed the schema already. */
function isBridged({ anyOf }: Fields): boolean {
  const [, challenge] = Array.isArray(anyOf) ? (anyOf as unknown[]) : []
  return JSON.stringify(challenge) === JSON.stringify(CHALLENGE)
}

/** A schema that is now nested in another one. Its references to itself are changed accordingly. */
function moved(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(moved)
  if (!isRecord(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (VALUES.has(key)) return [key, value]
      if (REFERENCES.has(key) && typeof value === 'string') return [key, movedReference(value)]
      return [key, moved(value)]
    }),
  )
}

/** Keywords whose value is data and no schema. */
const VALUES = new Set(['const', 'enum', 'default', 'examples'])
const REFERENCES = new Set(['$ref', '$recursiveRef'])

function movedReference(reference: string): string {
  return reference === '#' || reference.startsWith('#/')
    ? `#/anyOf/0${reference.slice(1)}`
    : reference
}
