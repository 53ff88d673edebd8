/**
 * Rows of `tools` whose names have escapes, by the decoded names that calls have. Of two rows with one
 * decoded name, the first counts.
 */
export function escapedRows<Row>(tools: ReadonlyMap<string, Row>): ReadonlyMap<string, Row> {
  const escaped = [...tools].filter(([name]) => name.includes('%')).reverse()
  return new Map(escaped.map(([name, row]) => [decodedRow(name), row]))
}

/** The decoded name of a row. An escape that hides a part of a path stays: no call has such a name. */
export function decodedRow(name: string): string {
  return /%(?:2f|5c|3f|23|3b)/i.test(name) ? name : decodedPath(name)
}

/** The path without escapes. A path whose escapes are no UTF-8 is returned as it is. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
