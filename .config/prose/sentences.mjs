/** @typedef {{ text: string, line: number }} Part a piece of a text, and the line where it begins, from 1. */

const CODE_BLOCK = /^ *```[\s\S]*?^ *```$/gm
/** An example in a comment, up to the next tag. */
const EXAMPLE = /^\s*@example[\s\S]*?(?=^\s*@|(?![\s\S]))/gm
/** A line of a comment that is indented: a command, a drawing. */
const INDENTED = /^ {2,}\S.*$/gm
/** An empty line, or what begins an item of a list, a heading, a row of a table or a tag. */
const BLOCK_END = /\n\s*\n|\n(?=\s*(?:[-*#|>@]|\d+\.) ?)/g
const SENTENCE_END = /(?<=(?<!e\.g|i\.e)[.!?]["'”*_)]*)\s+/g

/**
 * The sentences of a page in Markdown. A cell of a table and an item of a list are sentences, too.
 * Blocks of code are left out. Code within a sentence counts as one word.
 *
 * @param {string} markdown
 * @returns {Part[]}
 */
export function sentencesOfPage(markdown) {
  return sentencesIn(markdown.replace(CODE_BLOCK, emptied))
}

/**
 * The sentences of a comment, given without its marks (`//`, `*`). What follows a tag such as `@param` is one, too.
 * Examples, blocks of code and indented lines are left out.
 *
 * @param {string} comment
 * @returns {Part[]}
 */
export function sentencesOfComment(comment) {
  return sentencesIn(
    comment
      .replace(CODE_BLOCK, emptied)
      .replace(EXAMPLE, emptied)
      .replace(INDENTED, emptied)
      .replace(/\{@link[^}]*\}/g, (link) => `code${emptied(link)}`),
  )
}

/** @param {string} sentence */
export function wordsOf(sentence) {
  return sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
}

function sentencesIn(prose) {
  const plain = prose
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/`[^`]*`/g, (code) => `code${emptied(code)}`)
  return cut({ text: plain, line: 1 }, BLOCK_END)
    .flatMap((part) => (part.text.startsWith('|') ? cut(part, /\|/g) : [part]))
    .flatMap((part) => cut(part, SENTENCE_END))
    .map(({ text, line }) => ({ text: text.replace(/^@\w+\s*/, '').replace(/\s+/g, ' '), line }))
}

/** Cuts a part at each separator. Empty pieces are left out. */
function cut({ text, line }, separator) {
  const pieces = []
  let from = 0
  for (const { index, 0: found } of text.matchAll(separator)) {
    pieces.push({ from, to: index })
    from = index + found.length
  }
  pieces.push({ from, to: text.length })
  return pieces
    .map(({ from, to }) => {
      const piece = text.slice(from, to)
      const begin = from + piece.length - piece.trimStart().length
      return { text: piece.trim(), line: line + linesIn(text.slice(0, begin)) }
    })
    .filter((piece) => piece.text !== '')
}

/** Nothing but the line ends of a text, so that the lines below keep their numbers. */
function emptied(text) {
  return '\n'.repeat(linesIn(text))
}

function linesIn(text) {
  return text.split('\n').length - 1
}
