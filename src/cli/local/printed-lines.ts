import { Console } from 'node:console'
import type { Command } from 'commander'

/** What is printed of the calls that the local stack serves. */
export interface LinesOptions {
  quiet?: true
  json?: true
  verbose?: true
}

export function withLines(command: Command): Command {
  return command
    .option('--quiet', 'print no lines about calls')
    .option('--json', 'print a JSON object for each call, and nothing else on the standard output')
    .option('--verbose', 'print also calls that are never sold, and whole stacks of errors')
}

/** Prepares the process, before the user's module loads. */
export function prepareLines({ json }: LinesOptions): void {
  // Stacks name the developer's own files, also those that were compiled.
  process.setSourceMapsEnabled(true)
  // Programs read the standard output then. What the handler prints goes to the other one.
  if (json === true) globalThis.console = new Console(process.stderr)
}

/** Prints a line for every call from now on. */
export async function printLines({ quiet, json, verbose }: LinesOptions): Promise<void> {
  if (quiet === true) return
  const { printCalls } = await import('../lines/print-calls.js')
  printCalls({ isJson: json === true, isVerbose: verbose === true })
}
