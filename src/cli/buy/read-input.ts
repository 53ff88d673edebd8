import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { UsageError } from '../ended.js'

/**
 * Reads a file, or the standard input if its name is `-`.
 *
 * @param what where the name was given. It is named in the error.
 * @throws UsageError
 */
export async function readInput(file: string, what: string): Promise<Buffer> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file)
  } catch (error) {
    throw new UsageError(`cannot read what ${what} names: ${(error as Error).message}`)
  }
}
