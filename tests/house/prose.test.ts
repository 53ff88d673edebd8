import { beforeAll, expect, test } from '@jest/globals'
import { run } from '../support/built.js'

// Lint finds sentences that are too long to be read at once. Here faults are planted for it to find.

const CODE = 'export const planted = 1'
const OF = 'A comment may not begin with "Of". Name the subject first.'

interface Case {
  /** What is planted. */
  what: string
  /** Where it is planted. The file itself is not read. */
  file: string
  text: string
  /** What lint says, as `line: message`. */
  problems?: string[]
}

const CASES: Case[] = [
  ...inComments('a long sentence', [`/** ${words(31)}. */`], [tooLong(1, 31)]),
  ...inComments('a sentence of 30 words', [`/** ${words(30)}. */`]),
  ...inComments(
    'a sentence over two lines',
    ['/**', ' * Short.', ` * ${words(20)}`, ` * ${words(11)}.`, ' */'],
    [tooLong(3, 31)],
  ),
  ...inComments('one of two sentences', [`/** ${words(9)}. ${words(31)}! */`], [tooLong(1, 31)]),
  ...inComments('a tag', ['/**', ` * @throws ${words(31)}.`, ' */'], [tooLong(2, 31)]),
  ...inComments('line comments', [`// ${words(16)}`, `// ${words(16)}.`], [tooLong(1, 32)]),
  ...inComments('a comment beside code', [`${CODE} // ${words(16)}`, `// ${words(16)}.`]),
  ...inComments('a list', ['/**', ` * - ${words(20)}`, ` * - ${words(20)}`, ' */']),
  ...inComments('an example', ['/**', ' * @example', ` * ${words(40)}`, ' * @returns it', ' */']),
  ...inComments('code in a sentence', [`/** ${words(29)} \`${words(9)}\`. */`]),
  ...inComments('a directive', [`// prettier-ignore ${words(40)}`]),
  ...inComments('"Of" first', [CODE, '/** Of money. */'], [`2: ${OF}`]),
  ...inComments('"Of" in a later line', ['// It is one', '// Of two.']),
  ...[
    'tests/house/prose.test.ts',
    'bench/run.ts',
    'bench/delay-proxy.mjs',
    'examples/minimal.ts',
    'examples/deploy/cdk/app.ts',
    '.config/check.mjs',
    '.config/jest-esbuild.cjs',
  ].map((file) => ({ what: 'a comment', file, text: '// Of all.\n', problems: [`1: ${OF}`] })),

  ...inPage('a long sentence', ['# Title', '', words(20), `${words(6)}.`], [tooLong(3, 26, 25)]),
  ...inPage('a cell', ['| a | b |', '|---|---|', `| a | ${words(26)} |`], [tooLong(3, 26, 25)]),
  ...inPage('a list', [`- ${words(20)}`, `- ${words(20)}`]),
  ...inPage('a block of code', ['```ts', words(40), '```']),
  ...inPage('the address of a link', [`${words(24)} [word](https://x.example/a).`]),
  ...(
    [
      ['README.md', 25],
      ['examples/README.md', 25],
      ['CHANGELOG.md', 30],
      ['docs/options.md', 30],
      ['docs/errors.md', 30],
    ] as const
  ).map(([file, max]) => ({
    what: 'the limit',
    file,
    text: `${words(max)}.\n\n${words(max + 1)}.\n`,
    problems: [tooLong(3, max + 1, max)],
  })),
]

function inComments(what: string, lines: string[], problems?: string[]): Case[] {
  const text = `${lines.join('\n')}\nexport const last = 1\n`
  return [{ what, file: 'src/version.ts', text, ...(problems && { problems }) }]
}

function inPage(what: string, lines: string[], problems?: string[]): Case[] {
  const text = `${lines.join('\n')}\n`
  return [{ what, file: 'docs/selling.md', text, ...(problems && { problems }) }]
}

/** `word word … word` */
function words(count: number): string {
  return Array.from({ length: count }, () => 'word').join(' ')
}

function tooLong(line: number, count: number, max = 30): string {
  return `${line}: A sentence of ${count} words, at most ${max} are allowed: ${words(8)} …`
}

/** What our ESLint configuration says of each case. Rules that need types are off. */
let found: string[][]
beforeAll(async () => {
  const script = `
    import { ESLint } from 'eslint'
    import tseslint from 'typescript-eslint'
    const eslint = new ESLint({
      overrideConfigFile: '.config/eslint.config.js',
      overrideConfig: tseslint.configs.disableTypeChecked,
    })
    const found = []
    for (const { file, text } of JSON.parse(process.argv[1])) {
      const [result] = await eslint.lintText(text, { filePath: file, warnIgnored: true })
      found.push(result.messages.map(({ line, message }) => line + ': ' + message))
    }
    process.stdout.write(JSON.stringify(found))`
  const args = ['--input-type=module', '--eval', script, JSON.stringify(CASES)]
  const { stdout } = await run(process.execPath, args)
  found = JSON.parse(stdout) as string[][]
}, 60_000)

test.each(CASES.map((one, i) => ({ ...one, i })))('$what in $file', ({ i, problems = [] }) => {
  expect(found[i]).toEqual(problems)
})
