import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'

/** Processes that run the same file. */
export interface Processes {
  /**
   * Starts one.
   *
   * @returns it when it has sent its first message
   */
  start: () => Promise<ChildProcess>
  close: () => Promise<void>
}

/**
 * Prepares processes of a file.
 *
 * @param entry a TypeScript file
 */
export async function startProcesses(entry: string): Promise<Processes> {
  await mkdir('.cache', { recursive: true })
  const outdir = await mkdtemp(path.resolve('.cache/containers-'))
  await build({
    entryPoints: [path.resolve(entry)],
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outdir,
    outExtension: { '.js': '.mjs' },
  })
  const file = path.join(outdir, `${path.basename(entry, '.ts')}.mjs`)
  const children: ChildProcess[] = []
  const endOurs = (): void => children.forEach((child) => void child.kill('SIGKILL'))
  process.once('exit', endOurs)
  return {
    async start() {
      const child = await started(file)
      children.push(child)
      return child
    },
    async close() {
      process.removeListener('exit', endOurs)
      await Promise.all(children.map(ended))
      await rm(outdir, { recursive: true, force: true })
    },
  }
}

async function started(file: string): Promise<ChildProcess> {
  const child = fork(file, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`a container ended with ${String(code)}`)
  })
  await Promise.race([once(child, 'message'), died])
  died.catch(() => undefined)
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
