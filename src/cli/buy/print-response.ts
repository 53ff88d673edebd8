import { plainText } from '../output/plain-text.js'

/** Prints an answer: its bytes as they came, or for a terminal a text that cannot steer it. */
export async function printResponse(
  { status, statusText, headers }: Response,
  bytes: Buffer,
  { include, output }: { readonly include?: true; readonly output?: string },
): Promise<void> {
  if (include) {
    const lines = [
      `HTTP ${status} ${statusText}`.trim(),
      ...[...headers].map(([name, value]) => `${name}: ${value}`),
    ]
    await write(`${lines.map(plainText).join('\n')}\n\n`)
  }
  if (output !== undefined) return
  if (!process.stdout.isTTY) return write(bytes)
  const text = bytes.toString().split('\n').map(plainText).join('\n')
  await write(text.endsWith('\n') ? text : `${text}\n`)
}

function write(text: string | Buffer): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}
