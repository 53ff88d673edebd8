import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** A code in the source. If the class of the error is seen there, it is named, too. */
export interface ThrownCode {
  readonly file: string
  readonly error: string | undefined
  readonly code: string
}

/** The form of a code: `payment_required`, `timeout`. Sentences and names in capitals have another form. */
const CODE = /^[a-z]+(_[a-z0-9]+)*$/

/**
 * Finds every code in a file of `src/`: in `new SomeError('code')`, in `super('code')` and in
 * `{ code: 'code' }`.
 */
export function codesThrown(file: string): ThrownCode[] {
  const text = readFileSync(path.join('src', file), 'utf8')
  const found: ThrownCode[] = []
  const add = (error: string | undefined, node: ts.Expression | undefined): void => {
    if (node === undefined || !ts.isStringLiteral(node) || !CODE.test(node.text)) return
    found.push({ file, error, code: node.text })
  }
  const visit = (node: ts.Node, within: string | undefined): void => {
    const inside = ts.isClassDeclaration(node) ? node.name?.text : within
    if (ts.isNewExpression(node) && isPaymentError(node))
      add(node.expression.getText(), node.arguments?.[0])
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
      if (/Error\b/.test(text)) add(inside, node.arguments[0])
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'code')
      add(undefined, node.initializer)
    ts.forEachChild(node, (child) => visit(child, inside))
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), undefined)
  return found
}

/** Whether an error takes its code as the first argument. */
function isPaymentError({ expression }: ts.NewExpression): boolean {
  return /^(Payment(Required|Refused|Unavailable)?|Refund)Error$/.test(expression.getText())
}

/** Every text in a piece of source. For templates it is the part before the first expression. */
export function literalsIn(node: ts.Node): string[] {
  if (ts.isStringLiteral(node) || ts.isTemplateHead(node)) return [node.text]
  const found: string[] = []
  ts.forEachChild(node, (child) => void found.push(...literalsIn(child)))
  return found
}
