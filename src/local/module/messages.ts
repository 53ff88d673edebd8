import type { LoadedFile } from './loaded-files.js'
import type { SentError } from './sent-error.js'

/** What goes between the local stack and the process that runs a module of the user. */

/** A call of the handler, or a question about its prices. */
export interface CallMessage {
  id: number
  /**
   * - `answer`: what the handler answers.
   * - `prices`: what it sells. `null` if it is not made by this package.
   * - `price`: what the call in the event costs. `null` if it is not sold.
   */
  wants: 'answer' | 'prices' | 'price'
  /** The event, as JSON. */
  event: string
  /** The context. Its functions do not arrive. */
  context: Record<string, unknown>
  /** How long the handler may take. Unit: ms. */
  remainingMs: number
}

export type ModuleMessage =
  /** The module is loaded. `tools` is what it exports under this name. */
  | { kind: 'loaded'; tools: unknown }
  | { kind: 'failed'; error: SentError }
  /** A file that the module, or what it imports, was loaded from. Files of packages are left out. */
  | ({ kind: 'file' } & LoadedFile)
  /** The answer of a call, as JSON. */
  | { kind: 'answered'; id: number; json: string }
  | { kind: 'threw'; id: number; error: SentError }
  /** What was published on a channel of Node's `diagnostics_channel` during a call. */
  | { kind: 'published'; id: number; channel: string; json: string }
  /** The handler has sent a request with this id during a call. */
  | { kind: 'asked'; id: number; requestId: string }
