/** The cells of a table, in Markdown. */
export interface Cells {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A table of Markdown. Its columns are as wide as their texts: padded ones change with every row. */
export function table({ head, rows }: Cells): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(inCell))]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** Blocks of Markdown with one empty line between two of them. */
export function blocks(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n')
}

export function code(text: string): string {
  return `\`${text}\``
}

/** `a`, `b` or `c`. */
export function either(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

/** The sentences of one line of prose. A dot within code, or in "e.g.", ends none. */
export function sentences(line: string): string[] {
  const plain = line.replace(/`[^`]*`/g, (span) => '`'.repeat(span.length))
  const found: string[] = []
  let from = 0
  for (const { index, 0: end } of plain.matchAll(/(?<!\b(?:e\.g|i\.e))[.!?](?=\s|$)\s*/g)) {
    found.push(line.slice(from, index + 1))
    from = index + end.length
  }
  return from < line.length ? [...found, line.slice(from)] : found
}
