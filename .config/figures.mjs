// Prints the measures of src/ that CONTRIBUTING states, and fails where one is over its limit:
//   node .config/figures.mjs [--list]
// With --list it names the ten longest files and functions.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { ESLint } from 'eslint'
import ts from 'typescript'
import tseslint from 'typescript-eslint'

const LIMITS = {
  'files in one folder': 20,
  'lines of the median file': 100,
  'lines of a function, 90th percentile': 30,
  'lines of the longest function': 60,
  'parameters of a function': 4,
  'cyclomatic complexity of a function': 15,
}

const paths = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.join('src', file))
const files = paths.map(measureFile)
const functions = files.flatMap((file) => file.functions)
const folders = Object.values(countFolders())

const lines = functions.map((one) => one.lines)
const measured = {
  'files in one folder': Math.max(...folders),
  'lines of the median file': percentile(
    files.map((file) => file.lines),
    0.5,
  ),
  'lines of a function, 90th percentile': percentile(lines, 0.9),
  'lines of the longest function': Math.max(...lines),
  'parameters of a function': Math.max(...functions.map((one) => one.parameters)),
  'cyclomatic complexity of a function': Math.max(...(await complexities())),
}

console.log(`src: ${files.length} files, ${functions.length} functions`)
for (const [name, limit] of Object.entries(LIMITS)) {
  const isOver = measured[name] > limit
  console.log(`${name}: ${measured[name]} (at most ${limit})${isOver ? ' TOO MUCH' : ''}`)
  if (isOver) process.exitCode = 1
}
if (process.argv.includes('--list')) {
  list('longest files', files)
  list('longest functions', functions)
}

function measureFile(file) {
  const text = readFileSync(file, 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found = []
  visit(source)
  return { name: file, lines: text.trimEnd().split('\n').length, functions: found }

  function visit(node) {
    if (ts.isFunctionLike(node)) found.push(measureFunction(node, source))
    ts.forEachChild(node, visit)
  }
}

/** Signatures without a body count for their parameters alone. */
function measureFunction(node, source) {
  const line = (position) => source.getLineAndCharacterOfPosition(position).line
  const [start, end] = [line(node.getStart()), line(node.end)]
  const hasBlock = node.body !== undefined && ts.isBlock(node.body)
  return {
    name: `${source.fileName}:${start + 1} ${node.name?.getText() ?? ''}`,
    lines: hasBlock ? end - start + 1 : 1,
    // `this` is typed, not passed.
    parameters: node.parameters.filter(({ name }) => name.getText() !== 'this').length,
  }
}

/** As ESLint counts it: with a limit of 0 its rule reports every function. */
async function complexities() {
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      rules: { complexity: ['error', 0] },
    },
  })
  const results = await eslint.lintFiles(['src'])
  return results.flatMap(({ messages }) =>
    messages.map(({ message }) => Number(/complexity of (\d+)/.exec(message)?.[1] ?? 0)),
  )
}

function countFolders() {
  const counts = {}
  for (const file of paths) counts[path.dirname(file)] = (counts[path.dirname(file)] ?? 0) + 1
  return counts
}

function percentile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]
}

function list(title, measuredOnes) {
  console.log(`\n${title}:`)
  for (const one of measuredOnes.toSorted((a, b) => b.lines - a.lines).slice(0, 10)) {
    console.log(`${String(one.lines).padStart(5)}  ${one.name}`)
  }
}
