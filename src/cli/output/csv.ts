/**
 * One line of comma-separated values. A text that a spreadsheet would run as a formula begins with `'`, since buyers
 * choose some of the texts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvLine(values: readonly (string | number | boolean | undefined)[]): string {
  return values.map((value) => quoted(value === undefined ? '' : safe(value))).join(',') + '\r\n'
}

function safe(value: string | number | boolean): string {
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
