import { widthOf } from './table-text.js'

/** Flags of a command, as a shell takes them. Those without a value have an empty one. */
export function flagsOf(given: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined) return []
    return [value === '' ? `--${name}` : `--${name} ${shellText(value)}`]
  })
}

/**
 * A command that can be copied into a shell. In a terminal it is cut into lines that fit.
 *
 * @param columns the width of the terminal. `undefined`: there is none.
 */
export function commandLines(
  command: string,
  flags: readonly string[],
  columns: number | undefined,
): string[] {
  const lines = [`  agentcore-x402 payments ${command}`]
  for (const flag of flags) {
    const last = lines.at(-1) ?? ''
    const fits = columns === undefined || widthOf(`${last} ${flag} \\`) <= columns
    if (fits) lines[lines.length - 1] = `${last} ${flag}`
    else lines.push(`    ${flag}`)
  }
  return lines.map((line, at) => (at < lines.length - 1 ? `${line} \\` : line))
}

/** A text as one word of a shell. */
export function shellText(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
