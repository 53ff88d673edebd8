import { EXIT } from './ended.js'
import { type Progress, grouped, wipeLine } from './output/progress.js'

/** A command at work. */
export interface Work {
  /** Says how far the command has come and what it changed. It is printed if something ends the command early. */
  soFar: () => string
  /** The exit code of a command that is interrupted, or whose output cannot be written. Default: 130 and 1. */
  exitCode?: number
  /** The exit code if the reader of the output has had enough. Default: 0. */
  pipeCode?: number
}

/** Holds for commands that only read, and for every other command before it writes. */
export const NOTHING_CHANGED = 'Nothing was changed.'

/** Holds while a command writes. */
export const UNKNOWN_CHANGE =
  'The change may have been written, or not: look at the payment with payments show.'

/** What a command says that reads items, and changes nothing. */
export function readSoFar(progress: Progress): () => string {
  return () => `${grouped(progress.count)} items were read. ${NOTHING_CHANGED}`
}

/**
 * Runs a command that may end early. Ctrl+C ends it at once, and it says how far it came. A reader that has enough, such
 * as `head`, ends it without a word.
 */
export async function interruptible<T>(run: (work: Work) => Promise<T>): Promise<T> {
  const work: Work = { soFar: () => NOTHING_CHANGED }
  const end = (why: string): void => {
    wipeLine(process.stderr)
    process.stderr.write(`agentcore-x402: ${why}. ${work.soFar()}\n`)
  }
  const interrupted = (): void => {
    end('interrupted')
    process.exit(work.exitCode ?? EXIT.interrupted)
  }
  const unwritable = ({ code = 'unknown error' }: NodeJS.ErrnoException): void => {
    if (code !== 'EPIPE') end(`the output cannot be written (${code})`)
    wipeLine(process.stderr)
    process.exit(code === 'EPIPE' ? (work.pipeCode ?? EXIT.done) : (work.exitCode ?? EXIT.failed))
  }
  process.once('SIGINT', interrupted)
  // It stays: the last text may be written when the command has ended.
  process.stdout.once('error', unwritable)
  // Nobody can be told that nobody reads stderr.
  process.stderr.on('error', () => undefined)
  try {
    return await run(work)
  } finally {
    process.removeListener('SIGINT', interrupted)
  }
}
