import { readFile, realpath, rename, writeFile } from 'node:fs/promises'

/** Between these lines, everything is ours. */
const BEGIN = '# agentcore-x402 local: written at every start'
const END = '# end of agentcore-x402 local'

/** AWS's programs take these from one place only. Any will do here, so those of the user stay. */
const OF_THE_USER = [
  ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'],
  ['AWS_REGION', 'AWS_DEFAULT_REGION'],
]

/**
 * Writes variables into a file that `node --env-file`, dotenv and shells read. Lines that are not ours stay. Only
 * its owner may read the file.
 *
 * @returns the variables that another line sets, too.
 * @throws Error if the file cannot be written.
 */
export async function writeEnvFile(
  name: string,
  variables: Readonly<Record<string, string>>,
): Promise<{ twice: string[] }> {
  const file = await realpath(name).catch(() => name)
  const [before, after] = partsOf(await readFile(file, 'utf8').catch(unlessMissing))
  const others = namesIn(before + after)
  const theirs = OF_THE_USER.filter((names) => names.some((one) => others.has(one))).flat()
  const ours = Object.keys(variables).filter((one) => !theirs.includes(one))
  const lines = ours.map((one) => `${one}=${quoted(variables[one] ?? '')}`)
  const draft = `${file}.agentcore-x402`
  const text = [BEGIN, ...lines, END, ''].join('\n')
  await writeFile(draft, before + text + after, { mode: 0o600 })
  await rename(draft, file)
  return { twice: ours.filter((one) => others.has(one)) }
}

/** What stands before our lines, and what stands after them. New lines of ours come last. */
function partsOf(text: string): [before: string, after: string] {
  const begin = lineOf(text, BEGIN)
  if (begin === undefined) return [text === '' || text.endsWith('\n') ? text : `${text}\n`, '']
  const end = lineOf(text, END)
  if (end !== undefined && end.start > begin.start) {
    return [text.slice(0, begin.start), text.slice(end.end)]
  }
  throw new Error(`it has the line "${BEGIN}", and no "${END}" after it. Delete these lines`)
}

function lineOf(text: string, line: string): { start: number; end: number } | undefined {
  const start = `\n${text}`.indexOf(`\n${line}`)
  if (start < 0) return undefined
  const end = text.indexOf('\n', start)
  return { start, end: end < 0 ? text.length : end + 1 }
}

function namesIn(text: string): Set<string> {
  const names = text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)
  return new Set([...names].map(([, name = '']) => name))
}

function quoted(value: string): string {
  return /^[\w.:/+=@%~-]*$/.test(value) ? value : `'${value}'`
}

function unlessMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
