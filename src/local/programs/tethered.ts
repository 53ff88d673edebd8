import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program of others that runs beside this process. */
export interface Tethered {
  /** What it said, as far as the pattern has it. */
  readonly said: string
  close: () => Promise<void>
}

/**
 * Ends the program when its starter ends, however that ended: the pipe that `cat` reads from is closed then.
 * The script waits for both processes, so that nothing is left of them.
 */
const TOGETHER = `umask 077; exec 3<&0
"$@" </dev/null 2>&1 3<&- & program=$!
{ cat <&3 >/dev/null; kill $program; } & watch=$!
wait $program; kill $watch; wait`

/** What is looked at of the program's first words. Unit: characters. */
const MAX_SAID = 65_536
/** A program that is not ready by then is ended. Unit: ms. */
const MAX_START_MS = 30_000

/**
 * Starts a program that ends with this process, and waits until it says that it is ready.
 *
 * @param ready its first group is what is returned as `said`
 * @returns `undefined` if it does not start in time, e.g. on a system without a shell
 */
export async function startTethered(
  command: readonly string[],
  ready: RegExp,
  maxStartMs = MAX_START_MS,
): Promise<Tethered | undefined> {
  const child = spawn('sh', ['-c', TOGETHER, 'sh', ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: process.env,
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve()).once('error', () => resolve())
  })
  const late = new AbortController()
  const timeUp = sleep(maxStartMs, undefined, { signal: late.signal }).catch(() => undefined)
  const said = await Promise.race([firstWords(child, ready), ended, timeUp])
  late.abort()
  if (said === undefined) {
    child.stdin.end()
    return undefined
  }
  // It does not keep its starter alive.
  child.unref()
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref()
  const close = (): Promise<void> => {
    child.ref()
    child.stdin.end()
    return ended
  }
  return { said, close }
}

/** Goes on reading for as long as the program lives, since a full pipe would stop it. */
function firstWords({ stdout }: ChildProcess, ready: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const listen = (chunk: Buffer): void => {
      text += chunk.toString()
      const said = ready.exec(text)?.[1]
      if (said !== undefined) resolve(said)
      if (said === undefined && text.length < MAX_SAID) return
      stdout?.off('data', listen).resume()
    }
    stdout?.on('data', listen)
  })
}
