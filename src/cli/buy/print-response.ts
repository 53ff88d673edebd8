import { plainText } from '../output/plain-text.js'

/**
 * Prints an answer: its bytes as they came, or for a terminal a text that cannot steer it.
 *
 * @param bytes the body; `undefined` if it was written into a file
 */
export async function printResponse(
  { status, statusText, headers }: Response,
  bytes: Buffer | undefined,
  { include }: { readonly include?: true },
): Promise<void> {
  if (include) {
    const lines = [
      `HTTP ${status} ${statusText}`.trim(),
      ...[...headers].map(([name, value]) => `${name}: ${value}`),
    ]
    await write(`${lines.map(plainText).join('\n')}\n\n`)
  }
  if (bytes === undefined) return
  if (!process.stdout.isTTY) return write(bytes)
  if (bytes.includes(0)) {
    return write(`(${bytes.length} bytes, which are no text: -o <file> keeps them)\n`)
  }
  const text = inTerminal(bytes.toString())
  await write(text.endsWith('\n') || text === '' ? text : `${text}\n`)
}

/** A text that cannot steer a terminal. Its lines and tabs stay. */
export function inTerminal(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, at) => (at % 2 === 1 ? part : plainText(part)))
    .join('')
}

function write(text: string | Buffer): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}
