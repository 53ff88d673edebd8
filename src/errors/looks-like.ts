/** What people give in place of a value that they wanted to give. */
const KINDS: readonly (readonly [form: RegExp, kind: string])[] = [
  [/^(undefined|null)$/, 'a variable that is not set'],
  [/^(\$\{|\{\{|<|%\w+%$)/, 'a placeholder that was not replaced'],
  [/^arn:aws/, 'an ARN, not the value that it names'],
  [/^\s*[[{]/, 'JSON'],
  [/^bearer\s/i, "a header's value, with Bearer before it"],
]

/**
 * What a text looks like that was given as a value, e.g. `an ARN, not the value that it names`.
 *
 * @returns `undefined` if it looks like nothing that is known here.
 */
export function looksLike(text: string): string | undefined {
  return KINDS.find(([form]) => form.test(text))?.[1]
}
