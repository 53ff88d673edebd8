import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { LambdaHandler } from '../../src/local/index.js'
import { started } from '../local/support/gateway.js'
import { startMcpServer } from '../local/support/mcp-server.js'
import { createEverythingServer } from './servers/everything-server.js'

const SUITE = path.resolve(
  'tests/peers/node_modules/@modelcontextprotocol/conformance/dist/index.js',
)
const BASELINE = path.resolve('tests/peers/servers/conformance-expected-failures.yml')

/** The suite uses what Node has since version 22. */
function findNode(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  const others = ['n24', 'n22'].map((name) => `tests/nodes/node_modules/${name}/bin/node`)
  return others.map((file) => path.resolve(file)).find((file) => existsSync(file))
}

const node = findNode()
const reason =
  node === undefined ? ' (skipped: needs Node 22, see `npm ci --prefix tests/nodes`)' : ''
const testIf = node === undefined ? test.skip : test

interface Named {
  name: string
}

interface Message {
  method: string
  params?: Partial<Named>
  result?: { tools?: Named[]; prompts?: Named[] }
}

/** The suite uses the bare names of tools and prompts, so the interceptors give and take the target's. */
const rename: LambdaHandler = (event) => {
  const { gatewayRequest, gatewayResponse } = (
    event as { mcp: Record<'gatewayRequest' | 'gatewayResponse', { body: Message } | null> }
  ).mcp
  if (gatewayResponse !== null) {
    const { result, ...rest } = gatewayResponse.body
    const bare = (list: Named[]) =>
      list.map((one) => ({ ...one, name: one.name.replace(/^.*___/, '') }))
    const renamed = {
      ...(result?.tools && { tools: bare(result.tools) }),
      ...(result?.prompts && { prompts: bare(result.prompts) }),
    }
    const body = { ...rest, ...(result && { result: { ...result, ...renamed } }) }
    return output({ transformedGatewayResponse: { body } })
  }
  const { params, ...rest } = gatewayRequest?.body ?? { method: '' }
  if (!['tools/call', 'prompts/get'].includes(rest.method)) return output({})
  const body = { ...rest, params: { ...params, name: `everything___${params?.name}` } }
  return output({ transformedGatewayRequest: { body } })
}

function output(mcp: object): unknown {
  return { interceptorOutputVersion: '1.0', mcp }
}

testIf(
  `the official conformance suite finds nothing but what its baseline explains${reason}`,
  async () => {
    const server = started.add(
      await startMcpServer({ create: createEverythingServer, resumable: true }),
    )
    const { url } = await started.gateway({
      targets: [{ name: 'everything', mcp: server.url }],
      requestInterceptor: { lambda: rename },
      responseInterceptor: { lambda: rename },
      streaming: true,
      sessions: true,
    })
    const folder = await mkdtemp(path.join(os.tmpdir(), 'conformance-'))
    const options = ['--url', url, '--suite', 'all', '--expected-failures', BASELINE]
    const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) => {
      execFile(
        node ?? '',
        [SUITE, 'server', ...options],
        { cwd: folder, timeout: 100_000 },
        (error, stdout, stderr) =>
          resolve({ code: error?.code ?? 0, said: `${stdout}\n${stderr}` }),
      )
    })
    await rm(folder, { recursive: true })
    if (code !== 0) throw new Error(said)
    expect(said).toContain('Baseline check passed')
  },
  120_000,
)
