/**
 * One form for all spellings of a name. Case, Unicode forms (`ſ` and `s`, full width and plain) and characters that
 * nobody sees make no difference. Every pair of names that Go's JSON takes for one (simple case folding) has one form.
 */
export function folded(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return name.toLowerCase()
  const seen = name.normalize('NFKC').replace(UNSEEN, '')
  // Down, up and down again: some letters meet only in the upper case (`ß` and `ẞ`), others only in the lower.
  const inOneCase = seen.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC')
  // The dot of a Turkish `İ`.
  return inOneCase.replaceAll('i\u0307', 'i')
}

const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu

/** Whether a key is one of these names, which are in lower case, in another spelling. */
export function isOtherSpelling(key: string, names: readonly string[]): boolean {
  return !names.includes(key) && names.includes(folded(key))
}
