import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import ts from 'typescript'
import { files } from './support/imports-of.js'

/** What two places once wrote each in its own way, and the one file that may write it now. */
const ONCE: [what: string, literal: RegExp, where: string[]][] = [
  ['the marker of a challenge in a text', /^PAYMENT_REQUIRED: /, ['wire/marker.ts']],
  ['where the name of a target ends', /^_{3}/, ['wire/tool-names.ts']],
  ["the Gateway's own search", /x_amz_bedrock_agentcore_search/, ['wire/tool-names.ts']],
  ['what no other origin gets', /^x-api-key$/, ['wire/own-headers.ts']],
  ['what speaks of a body', /^content-location$/, ['wire/own-headers.ts']],
  ['a name that is this machine', /^localhost$|localhost\$/, ['wire/loopback.ts']],
  ['a connection that did not come about', /^(ECONNREFUSED|EAI_AGAIN)$/, ['errors/never-sent.ts']],
  ['an event of a stream', /^\^\(\[\^:\]\*\)|^data:$/, ['wire/sse.ts']],
]

const literals = new Map(files.map((file) => [file, literalsOf(file)]))

test.each(ONCE)('%s is written once', (_, literal, where) => {
  expect(
    [...literals]
      .filter(([, texts]) => texts.some((text) => literal.test(text)))
      .map(([file]) => file),
  ).toEqual(where)
})

test.each(['4096', '4_096'])('the limit of AgentCore Gateway for header values: %s', (number) => {
  const users = files.filter((file) => new RegExp(`\\b${number}\\b`).test(codeOf(file)))
  const others = users.filter((file) => file !== 'local/agentcore/control/control-plane-shapes.ts')
  expect(others).toEqual(number === '4_096' ? ['wire/gateway-events.ts'] : [])
})

function codeOf(file: string): string {
  return readFileSync(path.join('src', file), 'utf8')
}

/** Texts, parts of templates, and regular expressions without their slashes. */
function literalsOf(file: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text.replace(/^\/|\/\w*$/g, ''))
    else if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) found.push(node.text)
    else if (ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, codeOf(file), ts.ScriptTarget.Latest))
  return found
}
