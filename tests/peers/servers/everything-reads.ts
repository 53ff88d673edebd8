import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import * as z from 'zod'
import { PNG, embedded, image, text } from './everything-content.js'

/**
 * Adds the resources and prompts that the official conformance suite reads.
 *
 * @see https://github.com/modelcontextprotocol/conformance
 */
export function addReads(server: McpServer): void {
  addResources(server)
  addPrompts(server)
}

function addResources(server: McpServer): void {
  const contents = {
    'test://static-text': { mimeType: 'text/plain', text: 'A static text' },
    'test://static-binary': { mimeType: 'image/png', blob: PNG },
  }
  for (const [uri, content] of Object.entries(contents)) {
    server.registerResource(uri, uri, { description: uri }, () => ({
      contents: [{ uri, ...content }],
    }))
  }
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined })
  server.registerResource('template', template, {}, ({ href }, { id }) => ({
    contents: [{ uri: href, mimeType: 'application/json', text: JSON.stringify({ id }) }],
  }))
}

function addPrompts(server: McpServer): void {
  const say = (...contents: (ReturnType<typeof text | typeof embedded> | typeof image)[]) => ({
    messages: contents.map((content) => ({ role: 'user' as const, content })),
  })
  const description = 'A prompt of the suite'
  server.registerPrompt('test_simple_prompt', { description }, () => say(text('A simple prompt')))
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description, argsSchema: { arg1: z.string(), arg2: z.string() } },
    ({ arg1, arg2 }) => say(text(`arg1='${arg1}', arg2='${arg2}'`)),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description, argsSchema: { resourceUri: z.string() } },
    ({ resourceUri }) => say(embedded(resourceUri, 'text/plain', 'embedded'), text('Look above.')),
  )
  server.registerPrompt('test_prompt_with_image', { description }, () =>
    say(image, text('Look above.')),
  )
}
