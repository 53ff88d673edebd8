import { code, sentences } from '../markdown.js'

/** A comment in parts: paragraphs, and the items of lists. */
export type Part = { readonly text: string } | { readonly items: readonly string[] }

export interface Comment {
  readonly parts: readonly Part[]
  /** What the sentence `Unit: …` says. */
  readonly unit: string | undefined
}

/** Reads a comment as it stands in the source, broken into lines. */
export function commentIn(text: string): Comment {
  const parts: ({ text: string } | { items: string[] })[] = []
  for (const block of text.split(/\n\s*\n|\n(?=- )/)) {
    const line = block.replace(/\s*\n\s*/g, ' ').trim()
    const last = parts.at(-1)
    if (line === '') continue
    if (!line.startsWith('- ')) parts.push({ text: line })
    else if (last !== undefined && 'items' in last) last.items.push(line.slice(2))
    else parts.push({ items: [line.slice(2)] })
  }
  let unit: string | undefined
  const kept = parts.flatMap((part): Part[] => {
    if (!('text' in part)) return [part]
    const all = sentences(part.text)
    unit ??= all.find(isUnit)?.replace(/^Unit: |\.$/g, '')
    const others = all.filter((one) => !isUnit(one)).join(' ')
    return others === '' ? [] : [{ text: others }]
  })
  return { parts: kept, unit }
}

function isUnit(sentence: string): boolean {
  return sentence.startsWith('Unit: ')
}

/** A value as code writes it, at the start of what `@default` says. */
const VALUE = /^('[^']*'|\[[^\]]*\]|-?\d[\d_.]*n?|true|false|\w+\.\w+)(?=$|[\s,;:])/

/** What `@default` says, in Markdown. */
export function defaultIn(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  const line = text.replace(/\s*\n\s*/g, ' ')
  const [value = ''] = VALUE.exec(line) ?? []
  return value === '' ? line : code(value) + line.slice(value.length)
}

/** The longest text of a cell, if it has more than one sentence. Unit: characters. */
const MAX_CELL_CHARS = 130

/** What a comment says in a cell of a table, and what is left for below the table. */
export function cellOf(parts: readonly Part[]): { cell: string; rest: readonly Part[] } {
  const [first, ...others] = parts
  if (first === undefined || !('text' in first)) return { cell: '', rest: parts }
  const [start = '', ...more] = sentences(first.text)
  const cell = [start]
  while (more[0] !== undefined && [...cell, more[0]].join(' ').length <= MAX_CELL_CHARS) {
    cell.push(more.shift() ?? '')
  }
  const left = more.length === 0 ? [] : [{ text: more.join(' ') }]
  return { cell: cell.join(' '), rest: [...left, ...others] }
}

/** An item of a list: what is left to say of an option. */
export function noteOf(name: string, [first, ...others]: readonly Part[]): string {
  const start = first !== undefined && 'text' in first ? `: ${lines(first.text)}` : ':'
  const rest = first === undefined || 'text' in first ? others : [first, ...others]
  const below = rest.map((part) =>
    'text' in part ? `\n  ${lines(part.text)}` : part.items.map((item) => `  - ${item}`).join('\n'),
  )
  return [`- ${code(name)}${start}`, ...below].join('\n')
}

/** One sentence a line, inside an item of a list. */
function lines(text: string): string {
  return sentences(text).join('\n  ')
}
