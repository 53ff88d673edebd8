import { blocks, code, table } from '../markdown.js'
import { cellOf, noteOf } from './prose.js'
import type { Area, Section } from './section.js'
import { AREAS } from './sections.js'
import { OptionsReader, type OptionDoc } from './read.js'
import { refusalOf } from './wrong-values.js'

/** A section with the options that it lists. */
export interface ReadSection {
  readonly section: Section
  readonly options: readonly OptionDoc[]
}

/** Every section, with its options as the source has them now. */
export function readSections(): ReadSection[] {
  const sections = AREAS.flatMap((area) => area.sections)
  const reader = new OptionsReader(sections.map(({ place }) => place.file))
  return sections.map((section) => ({ section, options: listed(section, reader) }))
}

function listed(section: Section, reader: OptionsReader): OptionDoc[] {
  const { names, without = [] } = section
  const all = reader.optionsOf(section.place)
  if (names === undefined) return all.filter(({ name }) => !without.includes(name))
  return names.map((name) => {
    const option = all.find((one) => one.name === name)
    if (option === undefined) throw new Error(`${section.place.type} has no ${name}`)
    return option
  })
}

const START = `# Options

Every option of this package: what it means, its default, its unit and its type. If you know the name, search this page
for it. If you know the call that takes it, follow this list. The page is made from the comments in the source, so
your editor shows the same text.`

const WRONG = `A wrong or unknown option throws an \`OptionsError\` (code \`invalid_options\`) when the object is made, before any call.
Its \`option\` names the option. Its \`expected\` says what it should be: the last table of a section shows what it says.
An option that is left out, or \`undefined\`, has its default.`

/** The page docs/options.md. */
export async function optionsPage(): Promise<string> {
  const read = readSections()
  const parts: string[] = []
  for (const area of AREAS) parts.push(await areaOf(area, read))
  return `${blocks([START, contents(), WRONG, ...parts])}\n`
}

function contents(): string {
  const link = (heading: string) => `[${heading}](#${anchorOf(heading)})`
  const lines = AREAS.flatMap(({ heading, sections }) => [
    `- ${link(heading)}`,
    ...sections.map((one) => `  - ${link(one.heading)}`),
  ])
  return lines.join('\n')
}

/** As GitHub names a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}

async function areaOf(area: Area, read: readonly ReadSection[]): Promise<string> {
  const sections = read.filter(({ section }) => area.sections.includes(section))
  const texts: string[] = []
  for (const one of sections) texts.push(await sectionOf(one))
  return blocks([`## ${area.heading}`, area.about, ...texts])
}

async function sectionOf({ section, options }: ReadSection): Promise<string> {
  const notes = options.flatMap(({ name, parts }) => {
    const { rest } = cellOf(parts)
    return rest.length === 0 ? [] : [noteOf(name, rest)]
  })
  return blocks([
    `### ${section.heading}`,
    section.about,
    optionTable(options),
    notes.length === 0 ? undefined : `More about these:\n\n${notes.join('\n')}`,
    await wrongValues(section, options),
  ])
}

function optionTable(options: readonly OptionDoc[]): string {
  const hasUnits = options.some(({ unit }) => unit !== undefined)
  const rows = options.map(({ name, parts, type, need, default: standard, unit = '' }) => {
    const without = standard ?? (need === 'optional' ? '' : need)
    return [code(name), cellOf(parts).cell, without, ...(hasUnits ? [unit] : []), type]
  })
  return table({
    head: ['option', 'meaning', 'default', ...(hasUnits ? ['unit'] : []), 'type'],
    rows,
  })
}

async function wrongValues(section: Section, options: readonly OptionDoc[]) {
  const { give, path = '' } = section
  if (give === undefined) return undefined
  const refused = new Map<string, string[]>()
  for (const { name } of options) {
    const expected = await refusalOf(give, path, name)
    if (expected === undefined) continue
    refused.set(expected, [...(refused.get(expected) ?? []), code(path + name)])
  }
  const rows = [...refused].map(([expected, names]) => [names.join(', '), code(expected)])
  return table({ head: ['a wrong value of', 'the error says'], rows })
}
