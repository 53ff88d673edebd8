import { expect, test } from '@jest/globals'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { started } from '../local/support/gateway.js'
import { createLibrary } from '../local/support/library.js'
import { startMcpServer } from '../local/support/mcp-server.js'
import { startModernServer } from './servers/modern-server.js'

/** A client of the SDK's second generation, in the stateless version of MCP. */
async function modern(url: string): Promise<Client> {
  const versionNegotiation = { mode: { pin: '2026-07-28' } }
  const client = new Client({ name: 'buyer', version: '1.0.0' }, { versionNegotiation })
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return started.add(client)
}

test('a stateless client gets prompts and reads resources of servers of both generations', async () => {
  const old = started.add(await startMcpServer({ create: () => createLibrary('old') }))
  const stateless = started.add(await startModernServer('reject'))
  const { url } = await started.gateway({
    targets: [
      { name: 'old', mcp: old.url },
      { name: 'new', mcp: stateless.url },
    ],
  })
  const client = await modern(url)
  const { prompts } = await client.listPrompts()
  expect(prompts.map(({ name }) => name)).toEqual(['old___greet', 'new___greet'])
  const { resources } = await client.listResources()
  expect(resources.map(({ uri }) => uri)).toContain('note://one')
  expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(1)
  for (const [name, text] of [
    ['old___greet', 'old greets Ada'],
    ['new___greet', 'hello Ada'],
  ] as const) {
    const { messages } = await client.getPrompt({ name, arguments: { who: 'Ada' } })
    expect(messages[0]?.content).toMatchObject({ text })
  }
  for (const [uri, text] of [
    ['doc://old', 'doc://old of old'],
    ['note://one', 'a note'],
  ] as const) {
    expect((await client.readResource({ uri })).contents[0]).toMatchObject({ text })
  }
  const named = stateless.requests.map(({ headers }) => [
    headers['mcp-method'],
    headers['mcp-name'],
  ])
  expect(named).toContainEqual(['prompts/get', 'greet'])
  expect(named).toContainEqual(['resources/read', 'note://one'])
})

test('a client with a session gets prompts and reads resources of a stateless server', async () => {
  const server = started.add(await startModernServer('reject'))
  const { url } = await started.gateway({ targets: [{ name: 'srv', mcp: server.url }] })
  const client = await started.client(url)
  const { messages } = await client.getPrompt({ name: 'srv___greet', arguments: { who: 'Ada' } })
  expect(messages[0]?.content).toMatchObject({ text: 'hello Ada' })
  const { contents } = await client.readResource({ uri: 'note://one' })
  expect(contents[0]).toMatchObject({ text: 'a note' })
})
