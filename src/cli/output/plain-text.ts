/**
 * Characters that move the cursor, change colours, or turn the direction of a text. Buyers choose some of the texts that
 * are printed, so none of these characters goes to a terminal.
 */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** A text that can be printed as it is: each control character becomes `�`. */
export function plainText(text: string): string {
  return text.replace(CONTROLS, '\ufffd')
}
