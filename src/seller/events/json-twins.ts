import { endOfString } from '../answer/rewritten-json.js'

/**
 * Whether an object anywhere in a JSON text has two members with one name. Parsers differ in which one they
 * take.
 *
 * @param text valid JSON
 */
export function hasTwins(text: string): boolean {
  /** The names so far in each open object; `undefined` for a list. */
  const open: (Members | undefined)[] = []
  let isKey = false
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at)
        if (isKey && open.at(-1)?.add(keyIn(text.slice(at, end + 1))) === false) return true
        isKey = false
        at = end
        break
      }
      case OPEN_OBJECT:
        open.push(membersOf())
        isKey = true
        break
      case OPEN_LIST:
        open.push(undefined)
        isKey = false
        break
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        open.pop()
        break
      case COMMA:
        isKey = open.at(-1) !== undefined
    }
  }
  return false
}

const [QUOTE, COMMA] = [0x22, 0x2c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d]

interface Members {
  /** @returns whether the name is new. */
  add(name: string): boolean
}

/** Most objects in a deep text have one member, and need no set. */
function membersOf(): Members {
  let first: string | undefined
  let all: Set<string> | undefined
  return {
    add(name) {
      if (first === undefined) {
        first = name
        return true
      }
      all ??= new Set([first])
      return all.size !== all.add(name).size
    },
  }
}

function keyIn(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
}
