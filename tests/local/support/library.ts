import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import * as z from 'zod'

/**
 * A server with prompts and resources, and no tools. It has a prompt `greet`, its own document `doc://<name>`,
 * a template `<name>://pages/{page}/text`, and the document `doc://shared`. `broken://` cannot be read.
 */
export function createLibrary(name: string): McpServer {
  const server = new McpServer({ name, version: '1.0.0' })
  server.registerPrompt(
    'greet',
    { description: 'Greets', argsSchema: { who: z.string() } },
    ({ who }, { _meta }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `${name} greets ${who}` } }],
      _meta: { got: _meta ?? null },
    }),
  )
  for (const uri of [`doc://${name}`, 'doc://shared']) {
    server.registerResource(uri, uri, { description: `At ${name}` }, () => ({
      contents: [
        { uri, mimeType: 'text/plain', text: `${uri} of ${name}` },
        { uri, mimeType: 'image/png', blob: 'AAEC' },
      ],
    }))
  }
  const template = new ResourceTemplate(`${name}://pages/{page}/text`, { list: undefined })
  server.registerResource('page', template, {}, ({ href }, { page }) => ({
    contents: [{ uri: href, text: `page ${String(page)} of ${name}` }],
  }))
  server.registerResource('broken', 'broken://', {}, () => {
    throw new Error('the disk is gone')
  })
  return server
}
