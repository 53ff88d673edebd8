import { didYouMean } from '../../errors/did-you-mean.js'
import { bareToolName } from '../../wire/tool-names.js'
import { NothingFound } from '../ended.js'
import { Output } from '../output/output.js'
import { plainText } from '../output/plain-text.js'
import { shortened, widthOf } from '../output/table-text.js'
import type { ListedTool } from './mcp-session.js'

/** How many names an error has. */
const MAX_NAMES = 10

/** The full name of a tool. The name may leave out that of its target. @throws NothingFound */
export function toolNamed(name: string, tools: readonly ListedTool[]): string {
  const names = tools.map((tool) => tool.name)
  if (names.includes(name)) return name
  const bare = names.filter((one) => bareToolName(one) === name)
  if (bare.length === 1 && bare[0] !== undefined) return bare[0]
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ''
  const listed = names.length === 0 ? 'none' : `${names.slice(0, MAX_NAMES).join(', ')}${more}`
  const hint = didYouMean(name, [...names, ...names.map(bareToolName)])
  throw new NothingFound(
    plainText(`there is no tool ${name}${hint === '' ? '.' : hint} The server lists: ${listed}`),
  )
}

/** Lists the tools. */
export async function printTools(
  tools: readonly ListedTool[],
  { json }: { readonly json?: true },
): Promise<void> {
  const output = new Output()
  if (json) return output.json({ tools })
  const width = Math.max(0, ...tools.map(({ name }) => widthOf(plainText(name)))) + 2
  const lines = tools.map(({ name, description }) => {
    const shown = plainText(name)
    const about = typeof description === 'string' ? (description.split('\n')[0] ?? '') : ''
    const line = shown + ' '.repeat(width - widthOf(shown)) + plainText(about)
    return output.columns === undefined ? line : shortened(line, output.columns)
  })
  await output.lines(lines)
}
