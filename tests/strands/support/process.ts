import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { run } from '../../support/built.js'

/** What the other process gets in its environment, as JSON. */
export interface Handover {
  /**
   * The settings of the plugin. A function cannot be sent. `onPaymentError: 'retry'` makes one that always
   * says so.
   */
  settings: Record<string, unknown>
  /** The result of `agent.takeSnapshot`. */
  snapshot: unknown
  /** The argument of `agent.invoke`. */
  args: unknown
}

/** What happened to the agent in that process. */
export interface Outcome {
  stopReason: string
  interrupts: { name: string; id: string; reason: Record<string, unknown> }[]
  messages: unknown[]
  snapshot: unknown
}

const PROGRAM = `
import { Agent } from '@strands-agents/sdk'
import { AgentCorePaymentsPlugin } from './src/strands/index.ts'
import { ScriptedModel } from './tests/strands/support/model.ts'
const { settings, snapshot, args } = JSON.parse(process.env.HANDOVER)
if (settings.onPaymentError === 'retry') settings.onPaymentError = () => 'retry'
const plugin = new AgentCorePaymentsPlugin(settings)
const agent = new Agent({ model: new ScriptedModel(), plugins: [plugin], printer: false })
agent.loadSnapshot(snapshot)
const { stopReason, interrupts = [] } = await agent.invoke(args)
const after = agent.takeSnapshot({ preset: 'session' })
console.log(JSON.stringify({ stopReason, interrupts, messages: agent.messages, snapshot: after }))
`

/** Continues an agent in another process. */
export async function goOnElsewhere(handover: Handover): Promise<Outcome> {
  const folder = '.cache/alone'
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, `${randomUUID()}.mjs`)
  await build({
    stdin: { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    packages: 'external',
    tsconfigRaw: {},
    outfile: file,
    logLevel: 'error',
  })
  const env = { HANDOVER: JSON.stringify(handover), NODE_NO_WARNINGS: '1' }
  try {
    const { stdout } = await run(process.execPath, [file], { env, timeout: 30_000 })
    return JSON.parse(stdout) as Outcome
  } finally {
    await rm(file, { force: true })
  }
}
