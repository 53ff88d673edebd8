import { setTimeout as sleep } from 'node:timers/promises'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  ListToolsRequestSchema,
  type ElicitRequestFormParams,
} from '@modelcontextprotocol/sdk/types.js'
import * as z from 'zod'
import { WAV, embedded, image, text } from './everything-content.js'
import { addReads } from './everything-reads.js'

/**
 * The tools, prompts and resources that the official conformance suite uses.
 *
 * @see https://github.com/modelcontextprotocol/conformance
 */
export function createEverythingServer(): McpServer {
  const server = new McpServer(
    { name: 'everything', version: '1.0.0' },
    { capabilities: { logging: {} } },
  )
  addContent(server)
  addNotifications(server)
  addQuestions(server)
  addReads(server)
  server.registerTool(MODERN.name, {}, () => ({ content: [text('ok')] }))
  server.server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [MODERN, ...PLAIN] }))
  return server
}

/** A schema the SDK cannot be made to write. */
const MODERN = {
  name: 'json_schema_2020_12_tool',
  description: 'Has a schema with newer keywords',
  inputSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object' as const,
    $defs: { address: { type: 'object', properties: { city: { type: 'string' } } } },
    properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
    additionalProperties: false,
  },
}

const PLAIN = [
  'test_simple_text',
  'test_image_content',
  'test_audio_content',
  'test_embedded_resource',
  'test_multiple_content_types',
  'test_error_handling',
  'test_tool_with_logging',
  'test_tool_with_progress',
  'test_reconnection',
  'test_sampling',
  'test_elicitation',
  'test_elicitation_sep1034_defaults',
  'test_elicitation_sep1330_enums',
].map((name) => ({ name, description: name, inputSchema: { type: 'object' as const } }))

function addContent(server: McpServer): void {
  const contents = {
    test_simple_text: [text('A simple text')],
    test_image_content: [image],
    test_audio_content: [{ type: 'audio' as const, data: WAV, mimeType: 'audio/wav' }],
    test_embedded_resource: [embedded('test://embedded-resource', 'text/plain', 'embedded')],
    test_multiple_content_types: [
      text('Several types'),
      image,
      embedded('test://mixed-content-resource', 'application/json', '{}'),
    ],
  }
  for (const [name, content] of Object.entries(contents)) {
    server.registerTool(name, {}, () => ({ content }))
  }
  server.registerTool('test_error_handling', {}, () => {
    throw new Error('This tool always fails')
  })
}

function addNotifications(server: McpServer): void {
  server.registerTool('test_tool_with_logging', {}, async (extra) => {
    for (const data of ['started', 'processing', 'completed']) {
      await extra.sendNotification({
        method: 'notifications/message',
        params: { level: 'info', data },
      })
    }
    return { content: [text('logged')] }
  })
  server.registerTool('test_tool_with_progress', {}, async (extra) => {
    const progressToken = extra._meta?.progressToken ?? 0
    for (const progress of [0, 50, 100]) {
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100 },
      })
    }
    return { content: [text('done')] }
  })
  server.registerTool('test_reconnection', {}, async (extra) => {
    extra.closeSSEStream?.()
    await sleep(20)
    return { content: [text('resumed')] }
  })
}

function addQuestions(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { inputSchema: { prompt: z.string() } },
    async ({ prompt }, { requestId }) => {
      const messages = [{ role: 'user' as const, content: text(prompt) }]
      const params = { messages, maxTokens: 100 }
      const answer = await server.server.createMessage(params, { relatedRequestId: requestId })
      return { content: [text(`LLM response: ${JSON.stringify(answer.content)}`)] }
    },
  )
  const ask = async (
    message: string,
    properties: ElicitRequestFormParams['requestedSchema']['properties'],
    relatedRequestId: string | number,
  ) => {
    const requestedSchema = { type: 'object' as const, properties }
    const answer = await server.server.elicitInput(
      { message, requestedSchema },
      { relatedRequestId },
    )
    return { content: [text(`User response: ${JSON.stringify(answer)}`)] }
  }
  server.registerTool(
    'test_elicitation',
    { inputSchema: { message: z.string() } },
    ({ message }, { requestId }) =>
      ask(message, { username: { type: 'string' }, email: { type: 'string' } }, requestId),
  )
  server.registerTool('test_elicitation_sep1034_defaults', {}, ({ requestId }) =>
    ask('Defaults', DEFAULTS, requestId),
  )
  server.registerTool('test_elicitation_sep1330_enums', {}, ({ requestId }) =>
    ask('Choices', CHOICES, requestId),
  )
}

const DEFAULTS: ElicitRequestFormParams['requestedSchema']['properties'] = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
}

const options = ['option1', 'option2', 'option3']
const titled = [1, 2, 3].map((n) => ({ const: `value${n}`, title: `Choice ${n}` }))
const CHOICES: ElicitRequestFormParams['requestedSchema']['properties'] = {
  untitledSingle: { type: 'string', enum: options },
  titledSingle: { type: 'string', oneOf: titled },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['One', 'Two', 'Three'],
  },
  untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
  titledMulti: { type: 'array', items: { anyOf: titled } },
}
