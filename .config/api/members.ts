import ts from 'typescript'

/** What has members of its own. */
export type WithMembers = ts.InterfaceDeclaration | ts.ClassDeclaration

/** Whether a declaration has members of its own. */
export function isWithMembers(node: ts.Node): node is WithMembers {
  return ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)
}

/** Whether a node is out of reach for consumers: `#name`, `private name`. */
export function isPrivate(node: ts.Node): boolean {
  if (ts.isPrivateIdentifier(node)) return true
  const { name } = node as { name?: ts.Node }
  if (name !== undefined && ts.isPrivateIdentifier(name)) return true
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) ?? false
}
