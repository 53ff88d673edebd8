import { constants } from 'node:fs'
import { access, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Receipt } from '../../client/buying/receipt.js'
import { Ended, UsageError } from '../ended.js'
import { PerhapsPaid } from './outcome.js'

/** Looks before anything is paid whether a file can be written. It is not touched. @throws UsageError */
export async function checkWritable(file: string): Promise<void> {
  try {
    const found = await stat(file).catch(() => undefined)
    if (found?.isDirectory() === true) throw new Error('it is a folder')
    await access(found === undefined ? path.dirname(file) : file, constants.W_OK)
  } catch (error) {
    throw new UsageError(`cannot write ${file}, given for --output: ${(error as Error).message}`)
  }
}

/** Writes an answer into a file, if there is to be one. @returns what to say if that fails. */
export async function keep(
  bytes: Buffer,
  file: string | undefined,
  receipt: Receipt | undefined,
): Promise<Ended | undefined> {
  if (file === undefined) return undefined
  try {
    await writeFile(file, bytes)
    return undefined
  } catch (error) {
    const why = `cannot write ${file}: ${(error as Error).message}`
    if (receipt === undefined) return new Ended(`${why}. Nothing was paid`)
    return new PerhapsPaid(
      `${why}. The answer is on the standard output. Do not pay again`,
      receipt,
    )
  }
}
