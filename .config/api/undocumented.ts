import ts from 'typescript'
import type { Declarations } from './entries.js'
import { isPrivate, isWithMembers } from './members.js'

/**
 * Exports without a summary, and members of exported interfaces and classes without one. A member of a class may have
 * its summary in an interface that the class implements, since editors show it from there. A constructor is told of by
 * its class.
 *
 * @returns `Name` or `Name.member`, sorted
 */
export function undocumented({ checker, entries }: Declarations): string[] {
  const all = new Set(entries.flatMap(({ exported }) => [...exported.values()]))
  const names = [...all].flatMap((symbol) => {
    const declarations = symbol.declarations ?? []
    const own = declarations.some(hasSummary) ? [] : [symbol.name]
    const members = declarations.flatMap((declaration) => membersWithout(declaration, checker))
    return [...own, ...members.map((name) => `${symbol.name}.${name}`)]
  })
  return [...new Set(names)].sort()
}

function membersWithout(declaration: ts.Declaration, checker: ts.TypeChecker): string[] {
  if (!isWithMembers(declaration)) return []
  const members: readonly (ts.TypeElement | ts.ClassElement)[] = declaration.members
  const told = members.filter(isTold)
  const names = new Set(told.map(nameOf))
  // One comment is enough for all forms of a method.
  return [...names].filter(
    (name) =>
      !told.some((one) => nameOf(one) === name && (hasSummary(one) || inherits(one, checker))),
  )
}

/** Whether a member has the summary of a member that it implements or overrides. */
function inherits({ name }: ts.TypeElement | ts.ClassElement, checker: ts.TypeChecker): boolean {
  const comment = name && checker.getSymbolAtLocation(name)?.getDocumentationComment(checker)
  return comment?.some(({ text }) => text.trim() !== '') ?? false
}

function nameOf({ name }: ts.TypeElement | ts.ClassElement): string {
  return name?.getText() ?? '()'
}

/** What errors are called, and constructors, need no words of their own. */
function isTold(member: ts.TypeElement | ts.ClassElement): boolean {
  if (isPrivate(member) || ts.isConstructorDeclaration(member)) return false
  return !(ts.isPropertyDeclaration(member) && member.name.getText() === 'name')
}

/** Whether there is a text before the tags of the comment. */
function hasSummary(node: ts.Node): boolean {
  const documented = ts.isVariableDeclaration(node) ? node.parent.parent : node
  return ts
    .getJSDocCommentsAndTags(documented)
    .some((one) => ts.isJSDoc(one) && (ts.getTextOfJSDocComment(one.comment) ?? '').trim() !== '')
}
