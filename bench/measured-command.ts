import { spawn } from 'node:child_process'
import { once } from 'node:events'

const MIB = 1024

/** Runs in the process that is measured. `VmHWM` is the most memory that it ever had. */
const TELL_PEAK = `
  import { readFileSync, writeFileSync } from 'node:fs'
  process.on('exit', () => writeFileSync(3, readFileSync('/proc/self/status')))`

/** A command that has ended. */
export interface Measured {
  readonly code: number
  /** The most memory that the process had: heap, buffers and code. Unit: MiB. */
  readonly peakMib: number
  /** From its start to its end. Unit: ms. */
  readonly ms: number
  readonly stderr: string
}

/** How a command is started. */
export interface Started {
  /** Options of Node. */
  readonly node?: readonly string[]
  readonly args: readonly string[]
  /** Gets what the command prints, piece by piece. */
  readonly onText: (text: string) => void
}

/** Runs `agentcore-x402 payments` in a process of its own, and measures it. Linux only. */
export async function measuredCommand({ node = [], args, onText }: Started): Promise<Measured> {
  const startedAt = performance.now()
  const tellPeak = `data:text/javascript,${encodeURIComponent(TELL_PEAK)}`
  const child = spawn(
    process.execPath,
    [...node, '--import', tellPeak, 'dist/cli.js', 'payments', ...args],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  )
  let status = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', onText)
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdio[3]?.on('data', (chunk: Buffer) => (status += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  const [, peakKib = 'NaN'] = /VmHWM:\s+(\d+)/.exec(status) ?? []
  return { code, peakMib: Number(peakKib) / MIB, ms: performance.now() - startedAt, stderr }
}
