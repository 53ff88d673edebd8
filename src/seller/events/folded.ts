/**
 * One form for all spellings of a name. Case, Unicode forms (`ſ` and `s`, full width and plain) and invisible
 * characters make no difference. If Go's JSON (simple case folding) takes two names for one, both have the
 * same form.
 */
export function folded(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return name.toLowerCase()
  const seen = name.normalize('NFKC').replace(UNSEEN, '')
  // Lower, upper and lower case again: some letters meet only in upper case (`ß` and `ẞ`), others only in
  // lower case.
  const inOneCase = seen.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC')
  // Removes the dot of a Turkish `İ`.
  return inOneCase.replaceAll('i\u0307', 'i')
}

const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu

/** Whether a key is another spelling of one of these names. The names are in lower case. */
export function isOtherSpelling(key: string, names: readonly string[]): boolean {
  return !names.includes(key) && names.includes(folded(key))
}
