import { UsageError } from '../ended.js'

/** Longer texts are refused. Unit: bytes. */
const MAX_BYTES = 1_048_576

/** A stream that people may type into. */
export interface Source extends AsyncIterable<Buffer | string> {
  readonly isTTY?: boolean | undefined
}

/**
 * What is to be looked at: the arguments, or stdin.
 *
 * @throws UsageError if it is longer than 1 MiB.
 */
export async function readPaste(
  words: readonly string[],
  source: Source = process.stdin,
): Promise<string> {
  const given = words.join(' ')
  if (given !== '' && given !== '-') return checked(Buffer.from(given))
  if (source.isTTY === true) process.stderr.write('Paste it, then press Ctrl+D.\n')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of source) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > MAX_BYTES) throw tooLong()
    chunks.push(piece)
  }
  return checked(Buffer.concat(chunks))
}

function checked(bytes: Buffer): string {
  if (bytes.length > MAX_BYTES) throw tooLong()
  // A pipe of PowerShell begins with a mark.
  return bytes.toString().replace(/^\ufeff/, '')
}

function tooLong(): UsageError {
  return new UsageError('the text is longer than 1 MiB; give only what is to be looked at')
}
