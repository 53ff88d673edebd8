// An ESLint plugin of our own: comments and pages are made of sentences that one can read at once.
import path from 'node:path'
import { sentencesOfComment, sentencesOfPage, wordsOf } from './sentences.mjs'

/** Words that a sentence may have. */
const MAX_WORDS = 30
/** Words that a sentence of a page may have that is read from the top. */
const MAX_WORDS_OF_PAGES = 25
/** Pages where things are looked up, by their path from the root. */
const REFERENCES = ['CHANGELOG.md', 'docs/options.md', 'docs/errors.md']

/** What tools read, and people do not. */
const DIRECTIVE = /^\s*(eslint-|@ts-|@jest-|prettier-)/

const comments = {
  meta: { type: 'suggestion', schema: [], messages: { prose: '{{problem}}' } },
  create(context) {
    return {
      Program() {
        for (const block of blocksOf(context.sourceCode)) {
          const sentences = sentencesOfComment(block.text)
          const problems = [...startsWithOf(sentences), ...longOnes(sentences, MAX_WORDS)]
          for (const { line, problem } of problems) {
            const loc = { line: block.line + line - 1, column: 0 }
            context.report({ loc, messageId: 'prose', data: { problem } })
          }
        }
      },
    }
  },
}

/** The text of the page that is being linted. ESLint gives it to `preprocess` alone. */
let page = ''

/** A page has no code that other rules could check: all that ESLint hears of it are the long sentences. */
const pages = {
  meta: { name: 'prose/pages' },
  preprocess(text) {
    page = text
    return []
  },
  postprocess(_, file) {
    const isReference = REFERENCES.includes(path.relative(process.cwd(), file))
    const max = isReference ? MAX_WORDS : MAX_WORDS_OF_PAGES
    return longOnes(sentencesOfPage(page), max).map(({ line, problem }) => ({
      ruleId: 'prose/pages',
      severity: 2,
      message: problem,
      line,
      column: 1,
    }))
  },
}

export default { meta: { name: 'prose' }, rules: { comments }, processors: { pages } }

function startsWithOf([first]) {
  if (first === undefined || !/^Of\b/.test(first.text)) return []
  return [
    { line: first.line, problem: 'A comment may not begin with "Of". Name the subject first.' },
  ]
}

function longOnes(sentences, max) {
  return sentences.flatMap(({ text, line }) => {
    const words = wordsOf(text)
    if (words <= max) return []
    const start = text.split(' ').slice(0, 8).join(' ')
    return [
      { line, problem: `A sentence of ${words} words, at most ${max} are allowed: ${start} …` },
    ]
  })
}

/** The comments of a file without their marks. Line comments below each other are one. */
function blocksOf(sourceCode) {
  const blocks = []
  for (const { type, value, loc } of sourceCode.getAllComments()) {
    if (type === 'Shebang' || DIRECTIVE.test(value.replace(/^\*/, ''))) continue
    const { line, column } = loc.start
    const isAlone = sourceCode.lines[line - 1].slice(0, column).trim() === ''
    const last = blocks.at(-1)
    const goesOn = last?.column === column && last.endLine === line - 1
    if (type === 'Line' && isAlone && goesOn) {
      last.text += `\n${unmarked(value)}`
      last.endLine = line
    } else {
      const text = value.split('\n').map(unmarked).join('\n')
      const joins = type === 'Line' && isAlone
      blocks.push({ text, line, endLine: loc.end.line, column: joins ? column : undefined })
    }
  }
  return blocks
}

/** A line of a comment without its star and the space after it. */
function unmarked(line) {
  return line.replace(/^\s*\* ?|^ /, '')
}
