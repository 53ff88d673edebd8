/** Rows of `tools` whose names are written with escapes, by the names that calls have. The first of two alike counts. */
export function escapedRows<Row>(tools: ReadonlyMap<string, Row>): ReadonlyMap<string, Row> {
  const escaped = [...tools].filter(([name]) => name.includes('%')).reverse()
  return new Map(escaped.map(([name, row]) => [decodedRow(name), row]))
}

/** The name of a row as its calls have it. An escape that hides a part of a path stays: no call has it. */
export function decodedRow(name: string): string {
  return /%(?:2f|5c|3f|23|3b)/i.test(name) ? name : decodedPath(name)
}

/** The path without escapes, or as it is where they are no UTF-8. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
