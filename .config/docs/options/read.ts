import path from 'node:path'
import ts from 'typescript'
import { code, either } from '../markdown.js'
import { commentIn, defaultIn, type Comment, type Part } from './prose.js'

/** One option, as its type and the comment above it say. */
export interface OptionDoc {
  readonly name: string
  /** Where it is declared: `src/payments.ts#now`. */
  readonly origin: string
  /** Markdown: what it may be. */
  readonly type: string
  readonly need: 'required' | 'required for its kind' | 'optional'
  /** The comment, without unit and default. */
  readonly parts: readonly Part[]
  readonly unit: string | undefined
  /** Markdown: what holds where it is left out. */
  readonly default: string | undefined
  /** Whether the type is a number, or has one in it, or an amount. */
  readonly isNumber: boolean
}

/** Where a type of options is declared. */
export interface TypePlace {
  readonly file: string
  readonly type: string
}

/** Reads types of options, and what their comments say. Packages are not read: their members are not ours. */
export class OptionsReader {
  readonly #program: ts.Program
  readonly #checker: ts.TypeChecker

  constructor(files: readonly string[]) {
    this.#program = ts.createProgram([...new Set(files)], OPTIONS, ownFilesOnly())
    this.#checker = this.#program.getTypeChecker()
  }

  /** The comment above the type itself. */
  aboutType(place: TypePlace): readonly Part[] {
    const [node] = this.#symbolAt(place).declarations ?? []
    return node === undefined ? [] : commentOf(node).parts
  }

  /** Every option of a type: its own in the order of the source, then those of the types it extends. */
  optionsOf(place: TypePlace): OptionDoc[] {
    const type = this.#checker.getDeclaredTypeOfSymbol(this.#symbolAt(place))
    const variants = type.isUnion() ? type.types : [type]
    const found = new Map<string, ts.Symbol[]>()
    for (const variant of variants) {
      for (const property of variant.getProperties()) {
        found.set(property.name, [...(found.get(property.name) ?? []), property])
      }
    }
    return [...found].flatMap(([name, symbols]) => {
      const doc = this.#optionOf(name, symbols, symbols.length < variants.length)
      return doc === undefined ? [] : [doc]
    })
  }

  #optionOf(
    name: string,
    symbols: readonly ts.Symbol[],
    isSometimes: boolean,
  ): OptionDoc | undefined {
    const declared = symbols
      .flatMap((symbol) => symbol.declarations ?? [])
      .filter((node) => ts.isPropertySignature(node))
    const given = declared.filter((node) => !isUndefined(node.type))
    const node = given.find((one) => ts.getJSDocCommentsAndTags(one).length > 0) ?? given[0]
    if (node?.type === undefined) return undefined
    const { parts, unit, defaultText } = commentOf(node)
    const isOptional = declared.some((one) => one.questionToken || isUndefined(one.type))
    const required = isSometimes ? 'required for its kind' : 'required'
    return {
      name,
      origin: `${path.relative('', node.getSourceFile().fileName)}#${name}`,
      type: this.#typeOf(node.type),
      need: isOptional ? 'optional' : required,
      parts,
      unit,
      default: defaultIn(defaultText),
      isNumber: this.#isNumber(node.type),
    }
  }

  #symbolAt({ file, type }: TypePlace): ts.Symbol {
    const source = this.#program.getSourceFile(path.resolve(file))
    const found = source?.statements.find(
      (node): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
        (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) &&
        node.name.text === type,
    )
    const symbol = found && this.#checker.getSymbolAtLocation(found.name)
    if (symbol === undefined) throw new Error(`${file}: there is no type ${type}`)
    return symbol
  }

  /** What a value may be, in Markdown. */
  #typeOf(node: ts.TypeNode): string {
    return either([...new Set(this.#partsOf(node))])
  }

  #partsOf(node: ts.TypeNode): string[] {
    if (ts.isParenthesizedTypeNode(node)) return this.#partsOf(node.type)
    if (ts.isUnionTypeNode(node)) return node.types.flatMap((one) => this.#partsOf(one))
    if (isUndefined(node)) return []
    if (ts.isFunctionTypeNode(node)) return [functionText(node)]
    // `string & {}` is any other text beside the names that an editor offers.
    if (ts.isIntersectionTypeNode(node) && node.getText() === 'string & {}') return ['`string`']
    const items = itemsOf(node)
    if (items !== undefined) return [this.#listOf(items)]
    const alias = this.#aliasOf(node)
    if (alias !== undefined && isSpelledOut(alias)) return this.#partsOf(alias)
    return [this.#isOfCaller(node) ? 'object' : code(this.#signatureOf(node) ?? plainText(node))]
  }

  /** A function that another type has: `Clock['sleep']`. */
  #signatureOf(node: ts.TypeNode): string | undefined {
    if (!ts.isIndexedAccessTypeNode(node)) return undefined
    const [signature] = this.#checker.getTypeFromTypeNode(node).getCallSignatures()
    return signature && this.#checker.signatureToString(signature).replace(/: (?=[^:]*$)/, ' => ')
  }

  #listOf(items: ts.TypeNode): string {
    const parts = this.#partsOf(items)
    return parts.length === 1 ? code(`${plainText(items)}[]`) : `list of ${either(parts)}`
  }

  /** A type that the caller chooses. */
  #isOfCaller(node: ts.TypeNode): boolean {
    if (!ts.isTypeReferenceNode(node)) return false
    const symbol = this.#checker.getSymbolAtLocation(node.typeName)
    return symbol !== undefined && (symbol.flags & ts.SymbolFlags.TypeParameter) !== 0
  }

  /** What a name stands for, where that is a type of ours. */
  #aliasOf(node: ts.TypeNode): ts.TypeNode | undefined {
    if (!ts.isTypeReferenceNode(node) || node.typeArguments !== undefined) return undefined
    const symbol = this.#checker.getSymbolAtLocation(node.typeName)
    const known = symbol && symbol.flags & ts.SymbolFlags.Alias ? this.#aliased(symbol) : symbol
    const declared = known?.declarations?.find((one) => ts.isTypeAliasDeclaration(one))
    return declared?.type
  }

  #aliased(symbol: ts.Symbol): ts.Symbol {
    return this.#checker.getAliasedSymbol(symbol)
  }

  #isNumber(node: ts.TypeNode): boolean {
    if (ts.isParenthesizedTypeNode(node)) return this.#isNumber(node.type)
    if (ts.isUnionTypeNode(node)) return node.types.some((one) => this.#isNumber(one))
    if (node.kind === ts.SyntaxKind.NumberKeyword || node.kind === ts.SyntaxKind.BigIntKeyword) {
      return true
    }
    const alias = this.#aliasOf(node)
    return alias !== undefined && this.#isNumber(alias)
  }
}

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
}

/** Files of this repository only: the packages would take ten times as long. */
function ownFilesOnly(): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS)
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      if (!text.startsWith('.')) return { resolvedModule: undefined }
      const resolvedFileName = path.resolve(path.dirname(from), text.replace(/\.js$/, '.ts'))
      return { resolvedModule: { resolvedFileName, extension: ts.Extension.Ts } }
    })
  return host
}

function isUndefined(node: ts.TypeNode | undefined): boolean {
  return node === undefined || node.kind === ts.SyntaxKind.UndefinedKeyword
}

/** What a list has, or a list that nobody changes. */
function itemsOf(node: ts.TypeNode): ts.TypeNode | undefined {
  if (ts.isTypeOperatorNode(node)) return itemsOf(node.type)
  return ts.isArrayTypeNode(node) ? node.elementType : undefined
}

/** A type as it is written, less what says that nobody changes the value. */
function plainText(node: ts.TypeNode): string {
  const text = node.getText().replace(/\s+/g, ' ').replaceAll('readonly ', '')
  return text.replace(/^Readonly<(.+)>$/, '$1')
}

/** Words, numbers and functions, which say more than their name does. */
function isSpelledOut(node: ts.TypeNode): boolean {
  if (ts.isParenthesizedTypeNode(node)) return isSpelledOut(node.type)
  if (ts.isUnionTypeNode(node)) return node.types.every(isSpelledOut)
  if (ts.isTypeReferenceNode(node)) return node.typeArguments === undefined
  return (
    ts.isLiteralTypeNode(node) ||
    ts.isFunctionTypeNode(node) ||
    ts.isTemplateLiteralTypeNode(node) ||
    [
      ts.SyntaxKind.StringKeyword,
      ts.SyntaxKind.NumberKeyword,
      ts.SyntaxKind.BigIntKeyword,
      ts.SyntaxKind.BooleanKeyword,
    ].includes(node.kind)
  )
}

/** The longest answer of a function that is written out. Unit: characters. */
const MAX_ANSWER_CHARS = 30

/** `(event, context) => string`: the names of what it gets, and what it gives if that is short. */
function functionText({ parameters, type }: ts.FunctionTypeNode): string {
  const names = parameters.map(({ name }) => name.getText()).join(', ')
  const answer = type.getText().replace(/\s+/g, ' ')
  return `\`(${names}) => ${answer.length > MAX_ANSWER_CHARS ? '…' : answer}\``
}

/** The comment above a declaration, and what its tag `@default` says. */
function commentOf(node: ts.Node): Comment & { defaultText: string | undefined } {
  const comment = ts
    .getJSDocCommentsAndTags(node)
    .filter((one) => ts.isJSDoc(one))
    .at(-1)
  const tag = comment?.tags?.find(({ tagName }) => tagName.text === 'default')
  return { ...commentIn(textOf(comment?.comment)), defaultText: tag && textOf(tag.comment) }
}

/** `{@link x}` as code. */
function textOf(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  const text = typeof comment === 'string' ? comment : ts.getTextOfJSDocComment(comment)
  return (text ?? '').replace(/\{@link ([^}\s]+)[^}]*\}/g, '`$1`').trim()
}
