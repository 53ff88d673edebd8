import { fullToolName } from '../../../wire/tool-names.js'
import { OptionsError } from '../../../errors/payment-error.js'
import { isRecord } from '../../../wire/json.js'
import type { ToolDefinition } from './options.js'

const TYPES = ['string', 'number', 'object', 'array', 'boolean', 'integer']
const KEYS = ['type', 'properties', 'required', 'items', 'description']
const MAX_TOOL_NAME_CHARS = 256

/**
 * Checks the tools of a target.
 *
 * @throws OptionsError if AWS's control plane would refuse a schema, e.g. one with `enum`.
 */
export function checkTools(option: string, target: string, tools: readonly ToolDefinition[]): void {
  if (tools.length === 0) {
    throw new OptionsError(option, 'expected at least one tool')
  }
  const names = new Set(tools.map(({ name }) => name))
  if (names.size < tools.length) throw new OptionsError(option, 'expected different names')
  tools.forEach((tool, i) => checkTool(`${option}[${i}]`, target, tool))
}

function checkTool(option: string, target: string, tool: ToolDefinition): void {
  const { name, description, inputSchema, outputSchema } = tool
  if (!/^[\w.-]+$/.test(name) || fullToolName(target, name).length > MAX_TOOL_NAME_CHARS) {
    throw new OptionsError(`${option}.name`, 'expected letters, digits, hyphens and underscores')
  }
  if (typeof description !== 'string') {
    throw new OptionsError(`${option}.description`, 'expected a string')
  }
  checkSchema(`${option}.inputSchema`, inputSchema)
  if (outputSchema !== undefined) checkSchema(`${option}.outputSchema`, outputSchema)
}

function checkSchema(option: string, schema: unknown): void {
  if (!isRecord(schema)) throw new OptionsError(option, 'expected an object')
  const unknown = Object.keys(schema).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) {
    throw new OptionsError(
      `${option}.${unknown}`,
      `AgentCore's schemas have only ${KEYS.join(', ')}`,
    )
  }
  if (!TYPES.includes(schema['type'] as string)) {
    throw new OptionsError(`${option}.type`, `expected one of ${TYPES.join(', ')}`)
  }
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  for (const [name, property] of Object.entries(properties)) {
    checkSchema(`${option}.properties.${name}`, property)
  }
  if (schema['items'] !== undefined) checkSchema(`${option}.items`, schema['items'])
}
